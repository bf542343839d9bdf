import { readFile } from 'node:fs/promises';
import { type Code, GatehouseError } from '../../../contract/errors.ts';

/*
 * What went wrong at a place, classified once. An operation names itself and what it works on; this file decides what that means.
 * One phase matters more than the rest: a request with an effect that was sent and not answered is NO_ANSWER, all else is not.
 */

/** What was attempted, for the message and for what a refusal means. */
export interface Attempt {
  /** `place.name`. */
  readonly place: string;
  readonly doing: 'look at' | 'read' | 'write' | 'rename' | 'remove' | 'list' | 'make the directory' | 'use the directory';
  /** The printable path. */
  readonly path: string;
}

/** A connection that is gone, as the operations of a connection throw it. `sent`: the request may have reached the server. */
export class Lost extends Error {
  readonly sent: boolean;
  constructor(why: string, sent: boolean, options?: { cause?: unknown }) {
    super(why, options);
    this.name = 'Lost';
    this.sent = sent;
  }
}

/** A refusal in the protocol's own words: an errno, a status of SFTP, a reply code of FTP. */
export class Refused extends Error {
  readonly native: string;
  constructor(native: string, words: string) {
    super(words);
    this.name = 'Refused';
    this.native = native;
  }
}

/** A directory on the way to what an operation works on cannot be used; the cause says why. */
export class Unfit extends Error {
  readonly path: string;
  constructor(path: string, cause: unknown) {
    super('a directory cannot be used', { cause });
    this.name = 'Unfit';
    this.path = path;
  }
}

const describe = ({ place, doing, path }: Attempt): string => `${place}: could not ${doing} '${path}'`;

/** The failure of an operation without effect, or whose effect is certain not to have happened. */
export function failure(attempt: Attempt, thrown: unknown): GatehouseError {
  if (thrown instanceof GatehouseError) return thrown;
  if (thrown instanceof Unfit) return failure({ place: attempt.place, doing: 'use the directory', path: thrown.path }, thrown.cause);
  if (thrown instanceof Lost)
    return new GatehouseError('UNREACHABLE', `${describe(attempt)}: ${thrown.message}`, { cause: thrown, native: errnoOf(thrown.cause) });
  const native = thrown instanceof Refused ? thrown.native : errnoOf(thrown);
  if (native === undefined) return new GatehouseError('DEFECT', `${describe(attempt)}: ${String(thrown)}`, { cause: thrown });
  const code = meaning(native, thrown instanceof Refused ? thrown.message : '', attempt.doing);
  const words = thrown instanceof Refused && thrown.message !== '' ? `${native}, '${printable(thrown.message)}'` : native;
  return new GatehouseError(code, `${describe(attempt)} (${words})${advice[code] ?? ''}`, { cause: thrown, native });
}

/** The failure of a request with an effect: ambiguous when it may have reached the place. */
export function effectFailure(attempt: Attempt, thrown: unknown): GatehouseError {
  if (!(thrown instanceof Lost) || !thrown.sent) return failure(attempt, thrown);
  const { place, doing, path } = attempt;
  return new GatehouseError('NO_ANSWER', `${place}: asked to ${doing} '${path}', and ${thrown.message}; it may have happened`, {
    cause: thrown,
    native: errnoOf(thrown.cause),
  });
}

const advice: Partial<Record<Code, string>> = {
  PLACE_UNFIT: '; see that the directory exists, is on one file system with the rest and is no symbolic link',
  PLACE_DENIED: '; give the user of the place the right',
  PLACE_FULL: '; make room there',
};

/** The words that servers of FTP put behind 550, which means nearly everything. @see RFC 959, section 4.2.2 */
const ftpWords: readonly (readonly [RegExp, Words])[] = [
  [/quota|no space|disk full|insufficient|exceeded/i, 'full'],
  [/no such|not found|does ?n.t exist|cannot find|can't find|not exist/i, 'missing'],
  [/exists/i, 'taken'],
  [/denied|permi|not allowed|forbidden|not authorized|read.only/i, 'denied'],
  [/not a (?:plain|regular) file|is a directory/i, 'not a file'],
];
type Words = 'full' | 'missing' | 'taken' | 'denied' | 'not a file';

function meaning(native: string, words: string, doing: Attempt['doing']): Code {
  const aboutOneFile = doing === 'read';
  const missing: Code = doing === 'read' || doing === 'rename' || doing === 'remove' ? 'FILE_MISSING' : 'PLACE_UNFIT';
  const denied: Code = aboutOneFile ? 'FILE_DENIED' : 'PLACE_DENIED';
  switch (native) {
    case 'ENOENT':
    case 'SSH_FX_NO_SUCH_FILE':
    case 'SSH_FX_NO_SUCH_PATH':
      return missing;
    case 'EEXIST':
    case 'SSH_FX_FILE_ALREADY_EXISTS':
      return 'NAME_TAKEN';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'SSH_FX_PERMISSION_DENIED':
    case 'SSH_FX_WRITE_PROTECT':
    case '532':
      return denied;
    // A single file over a limit of its size counts as a quota: what sets it can be raised.
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
    case 'SSH_FX_NO_SPACE_ON_FILESYSTEM':
    case 'SSH_FX_QUOTA_EXCEEDED':
    case '452':
    case '552':
      return 'PLACE_FULL';
    case 'ENOTDIR':
    case 'EXDEV':
    case 'ESTALE':
    case 'ENODEV':
      return 'PLACE_UNFIT';
    case 'ELOOP':
    case 'EISDIR':
    case 'ENXIO':
      return aboutOneFile ? 'FILE_DENIED' : 'PLACE_UNFIT';
    case 'ENAMETOOLONG':
    case 'EILSEQ':
    case 'EINVAL':
    case 'SSH_FX_INVALID_FILENAME':
    case '553':
      return 'CALL_REFUSED_ARGUMENTS';
    case '530':
      return 'CREDENTIALS_REFUSED';
    case '421':
    case '425':
    case '426':
      return 'UNREACHABLE';
  }
  const found = /^[45]\d\d$/.test(native) ? ftpWords.find(([pattern]) => pattern.test(words))?.[1] : undefined;
  if (found === 'full') return 'PLACE_FULL';
  if (found === 'missing') return missing;
  if (found === 'taken') return 'NAME_TAKEN';
  if (found === 'denied') return denied;
  if (found === 'not a file' && aboutOneFile) return 'FILE_DENIED';
  // Of a directory that one is to go to, every other refusal is about the directory.
  return native === '550' && doing === 'use the directory' ? 'PLACE_UNFIT' : 'NOT_EXECUTED';
}

/** No connection could be made ready: nothing has left. `address` is `host:port`. */
export function connectFailure(place: string, address: string, thrown: unknown): GatehouseError {
  if (thrown instanceof GatehouseError) return thrown;
  const native = errnoOf(thrown);
  const options = { cause: thrown, native };
  const said = thrown instanceof Error ? printable(thrown.message) : '';
  // @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
  if (native !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH/.test(native) && !/ALERT/.test(native))
    return new GatehouseError(
      'CERTIFICATE_REJECTED',
      `${place}: the certificate of ${address} is not trusted (${native}); put its CA in caFile, or correct the host`,
      options,
    );
  if (/no matching|no mutual/i.test(said) || (native !== undefined && /UNSUPPORTED_PROTOCOL|VERSION|NO_SHARED|ALERT_HANDSHAKE/.test(native)))
    return new GatehouseError(
      'NO_COMMON_ALGORITHM',
      `${place}: ${address} offers nothing that is allowed (${said}); an old algorithm is allowed by its name in algorithms`,
      options,
    );
  return new GatehouseError('UNREACHABLE', `${place}: no connection to ${address} (${native ?? said})`, options);
}

/** `seen` is `SHA256:…`, the way `ssh-keygen -l` shows it. */
export function hostKeyRejected(place: string, address: string, kind: string, seen: string, why: string): GatehouseError {
  return new GatehouseError(
    'HOST_KEY_REJECTED',
    `${place}: the host key of ${address} ${why}: it shows ${seen} (${kind}); compare that with the owner of the system, then put it in hostKeys or knownHostsFile`,
    { native: seen },
  );
}

export function credentialsRefused(place: string, user: string, tried: string, options: { cause?: unknown; native?: string } = {}): GatehouseError {
  return new GatehouseError('CREDENTIALS_REFUSED', `${place}: the user '${printable(user)}' was refused (${tried})`, options);
}

/** A file that the settings name and that proves who is at the other end. @throws GatehouseError with this code when it cannot be read */
export async function proof(place: string, setting: string, path: string, code: Code): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new GatehouseError(code, `${place}: the ${setting} '${path}' cannot be read (${errnoOf(cause) ?? ''})`, { cause, native: errnoOf(cause) });
  }
}

/** Why an operation ended at its signal, in words that fit behind "and". A reason that is classified already is thrown. */
export function abortWords(signal: AbortSignal): string {
  if (signal.reason instanceof GatehouseError) throw signal.reason;
  return 'no answer came within the time of the call';
}

export function errnoOf(thrown: unknown): string | undefined {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Words of the other side, which may be hostile: one line, ASCII, short. */
export const printable = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 160);
