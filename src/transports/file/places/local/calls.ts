import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { type FilePath } from '../file-path.ts';
import { type Entry, type EntryKind } from '../place.ts';

/* Calls of the system, each with the care that hostile names and other writers ask for. */

/** A file that was not there before: a name prepared by somebody else, a link or a file with two names, is removed and not written through. */
export async function created(at: Buffer): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    return await open(at, flags, 0o666);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await unlink(at);
    return open(at, flags, 0o666);
  }
}

/** Opened without waiting, so that a pipe cannot hold a thread. @throws GatehouseError FILE_DENIED when it is no plain file */
export async function openedFile(at: Buffer): Promise<FileHandle> {
  const file = await open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if ((await file.stat()).isFile()) return file;
    throw Object.assign(new Error('no plain file'), { code: 'EISDIR' });
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

/** link(2) never replaces; rename(2) does, and Node has no RENAME_NOREPLACE. */
export async function nameOnce(old: Buffer, name: Buffer): Promise<void> {
  try {
    await link(old, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A directory, or a file system without hard links (FAT, some network ones). @see link(2)
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'EMLINK' && code !== 'ENOSYS') throw error;
    await refuseTaken(name);
    return rename(old, name);
  }
  await unlink(old).catch(() => undefined);
}

/** Out of sight under the old name first: a receiver that is quick may have taken the new name away again before the second step. */
export async function nameOnceBetween(old: Buffer, between: Buffer, name: Buffer): Promise<void> {
  await rename(old, between);
  try {
    await nameOnce(between, name);
  } catch (error) {
    await rename(between, old).catch(() => undefined);
    throw error;
  }
}

async function refuseTaken(name: Buffer): Promise<void> {
  const taken = await lstat(name).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  if (taken) throw Object.assign(new Error('the name is taken'), { code: 'EEXIST' });
}

export async function entryOf(path: FilePath, at: Buffer | string, itself: boolean): Promise<Entry | null> {
  try {
    const stats = await lstat(itself ? `${String(at)}/.` : at, { bigint: true });
    const kind = kindOf(stats);
    return {
      path,
      kind,
      size: kind === 'file' ? Number(stats.size) : 0,
      modifiedMs: Number(stats.mtimeNs / 1_000n) / 1_000,
      identity: `${stats.dev}:${stats.ino}`,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'link' : 'other';
}
