import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { GatehouseError } from '../../../contract/errors.ts';
import { type TerminalSettings } from '../terminal.settings.ts';

/** What is known of a host's keys: nothing is trusted that was not put here by a person. */
export interface HostKeys {
  /** The kinds of key that are known, so that the host is asked for one of these. Empty: only fingerprints are known. */
  readonly kinds: readonly string[];
  /** @throws GatehouseError HOST_KEY_REJECTED, which says the fingerprint seen and where it belongs */
  check(key: Buffer): void;
}

/** The fingerprint as `ssh-keygen -l` prints it. */
export const fingerprintOf = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** @throws GatehouseError CONFIG_INVALID when the file of known hosts cannot be read */
export function hostKeysOf(system: string, settings: TerminalSettings, port: number): HostKeys {
  const { host, hostKeys, knownHostsFile } = settings;
  const prints = new Set(hostKeys.map((print) => print.replace(/=+$/, '')));
  const lines = knownHostsFile === undefined ? [] : knownHosts(system, knownHostsFile).filter((line) => line.concerns(host, port));
  const known = lines.filter(({ marker }) => marker === null);
  const name = port === 22 ? host : `[${host}]:${port}`;
  return {
    kinds: prints.size > 0 ? [] : [...new Set(known.map(({ key }) => kindOf(key)))],
    check: (key) => {
      const print = fingerprintOf(key);
      const seen = `${system}: ${name} shows the ${kindOf(key)} key ${print}`;
      if (lines.some((line) => line.marker === '@revoked' && line.key.equals(key)))
        throw new GatehouseError('HOST_KEY_REJECTED', `${seen}, which the file of knownHostsFile revokes`, { native: print });
      if (prints.has(print) || known.some((line) => line.key.equals(key))) return;
      const nothing = prints.size === 0 && known.length === 0;
      throw new GatehouseError(
        'HOST_KEY_REJECTED',
        `${seen}, ${nothing ? 'and no key of it is known' : 'and another one is known'}; if its owner confirms it, put it into terminal.hostKeys`,
        { native: print },
      );
    },
  };
}

interface KnownHost {
  readonly marker: '@revoked' | null;
  readonly key: Buffer;
  concerns(host: string, port: number): boolean;
}

/** Lines of other kinds, certificate authorities among them, are left out. @see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT */
function knownHosts(system: string, file: string): KnownHost[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    throw new GatehouseError('CONFIG_INVALID', `systems.${system}.terminal.knownHostsFile: ${file} cannot be read (${errno})`, { cause: error });
  }
  return text.split('\n').flatMap((line): KnownHost[] => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : null;
    const [hosts, , base64] = words;
    if (hosts === undefined || base64 === undefined || hosts.startsWith('#') || (marker !== null && marker !== '@revoked')) return [];
    return [{ marker: marker ?? null, key: Buffer.from(base64, 'base64'), concerns: (host, port) => names(hosts, host, port) }];
  });
}

function names(hosts: string, host: string, port: number): boolean {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  if (hosts.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = hosts.split('|');
    const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
    const theirs = Buffer.from(hash, 'base64');
    return own.length === theirs.length && timingSafeEqual(own, theirs);
  }
  const patterns = hosts.toLowerCase().split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => fits(pattern, name));
}

function fits(pattern: string, name: string): boolean {
  const source = [...pattern].map((sign) => (sign === '*' ? '.*' : sign === '?' ? '.' : sign.replace(/[\\^$.*+?()[\]{}|]/, '\\$&')));
  return new RegExp(`^${source.join('')}$`).test(name);
}

/** The name at the head of every public key. @see RFC 4253, section 6.6 */
function kindOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const kind = key.subarray(4, 4 + Math.min(length, 64)).toString('latin1');
  return /^[\x21-\x7e]+$/.test(kind) ? kind : 'unnamed';
}
