import { randomBytes } from 'node:crypto';
import { GatehouseError } from '../../../contract/errors.ts';
import { FilePath } from '../places/file-path.ts';

const tokenPattern = /^(\d{8}T\d{6}Z-[0-9a-f]{8})-/;
/** A name with its token in front must still be a name. */
const longestName = 255 - 'yyyymmddThhmmssZ-xxxxxxxx-'.length;

/** A reply file that this gateway has taken for itself: it lies in the gateway's own directory, with a token in front of its name. */
export interface Claim {
  readonly path: FilePath;
  /** Tells this file from another that has had, or will have, its name. */
  readonly token: string;
  /** The name it came with. */
  readonly name: Buffer;
  readonly shownName: string;
}

/** The claim of a file, to be had by renaming it to `path`. @throws GatehouseError FILE_DENIED when its name is too long for a token in front */
export function claimOf(file: FilePath, directory: FilePath, wallMs: number): Claim {
  if (file.name.byteLength > longestName)
    throw new GatehouseError(
      'FILE_DENIED',
      `the file '${file.shownName}' cannot be claimed: its name has ${file.name.byteLength} bytes, and ${longestName} is the most`,
    );
  const at = new Date(wallMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const token = `${at}-${randomBytes(4).toString('hex')}`;
  return { token, name: file.name, shownName: file.shownName, path: directory.listed(Buffer.concat([Buffer.from(`${token}-`), file.name])) };
}

/** A claim from before a restart; null when the file is none. */
export function claimAt(path: FilePath): Claim | null {
  const token = tokenPattern.exec(path.name.subarray(0, 40).toString('latin1'))?.[1];
  if (token === undefined) return null;
  const name = path.name.subarray(token.length + 1);
  return name.byteLength === 0 ? null : { path, token, name, shownName: FilePath.root.listed(name).shownName };
}
