import { type Dir, constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, opendir, rename, statfs, unlink } from 'node:fs/promises';
import { ContentFailure, Outgoing } from '../content.ts';
import { Effect, unlessAborted } from '../effect.ts';
import { type Attempt, Lost } from '../faults.ts';
import { FilePath } from '../file-path.ts';
import { type Entry, type EntryKind, type ListOptions, Place, type Promises, type RenameOptions, type Written, isListed } from '../place.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { type Directory, Directories } from './directories.ts';

const chunkBytes = 256 * 1_024;
const batchEntries = 256;

/** A directory of this machine, or one that is mounted here. */
export class LocalPlace extends Place {
  readonly name: string;
  protected readonly temporaries: { readonly directory: FilePath; readonly prefix: string };
  readonly #directories: Directories;

  constructor(system: string, settings: PlaceSettings) {
    super();
    this.name = `${system}: ${settings.directory}`;
    this.temporaries = { directory: FilePath.parse(settings.temporaryDirectory), prefix: settings.temporaryPrefix };
    this.#directories = new Directories(settings.directory);
  }

  ready(signal: AbortSignal): Promise<Promises> {
    return this.#attempt('use the directory', FilePath.root, signal, async () => {
      const names = await this.#directories.use(this.temporaries.directory, async ({ readable, path }) => {
        const { type } = await statfs(path);
        return { readable, type };
      });
      return {
        content: 'on disk',
        names: names.readable ? 'on disk' : 'as the server says',
        fail: 'atomic',
        replace: 'atomic',
        told: `local file system of type 0x${names.type.toString(16)}: fsync, link, rename`,
      };
    });
  }

  async write(path: FilePath, content: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written> {
    return this.#attempt('write', path, signal, () =>
      this.#directories.use(path.directory, async (directory) => {
        const at = directory.at(path.name);
        const file = await created(at);
        try {
          const outgoing = new Outgoing(content, signal);
          for await (const bytes of outgoing.chunks(chunkBytes))
            for (let at = 0; at < bytes.byteLength;) at += (await file.write(bytes, at, bytes.byteLength - at)).bytesWritten;
          // The size and where the bytes are belong to what fdatasync makes durable; the times of the file do not. @see fdatasync(2)
          await file.datasync();
          await file.close();
          return outgoing.written;
        } catch (error) {
          await file.close().catch(() => undefined);
          await unlink(at).catch(() => undefined);
          throw error;
        }
      }),
    );
  }

  async rename(from: FilePath, to: FilePath, { ifExists, leave, between }: RenameOptions, signal: AbortSignal): Promise<void> {
    await this.#attempt('rename', to, signal, (effect) =>
      this.#directories.useBoth(from.directory, to.directory, async (source, target) => {
        const [old, name] = [source.at(from.name), target.at(to.name)];
        await leave?.();
        effect.begins();
        if (ifExists === 'fail') await (between === undefined ? nameOnce(old, name) : nameOnceBetween(old, source.at(between.name), name));
        else await rename(old, name);
        // The new name first: what a power cut leaves is both names, never none.
        await synced(target);
        if (source !== target) await synced(source);
      }),
    );
  }

  async look(path: FilePath, signal: AbortSignal): Promise<Entry | null> {
    return this.#attempt('look at', path, signal, async () => {
      if (path.segments.length === 0) return this.#directories.use(path, async (directory) => entryOf(path, directory.path, true));
      return this.#directories.use(path.directory, async (directory) => entryOf(path, directory.at(path.name), false));
    });
  }

  async *read(path: FilePath, signal: AbortSignal, offset = 0): AsyncIterable<Uint8Array> {
    const file = await this.#attempt('read', path, signal, () =>
      this.#directories.use(path.directory, (directory) => openedFile(directory.at(path.name), signal)),
    );
    try {
      for (let at = offset; ;) {
        const bytes = await this.#attempt('read', path, signal, async () => {
          const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at);
          return buffer.subarray(0, bytesRead);
        });
        if (bytes.length === 0) return;
        at += bytes.length;
        yield bytes;
      }
    } finally {
      await file.close();
    }
  }

  async *list(directory: FilePath, signal: AbortSignal, options: ListOptions = {}): AsyncIterable<Entry> {
    const held = await this.#attempt('list', directory, signal, () => this.#directories.take(directory));
    try {
      // The encoding 'buffer' is taken and not in the types of opendir.
      const entries = await this.#attempt('list', directory, signal, () =>
        opendir(held.path, { encoding: 'buffer' as never, bufferSize: batchEntries }),
      );
      try {
        for (;;) {
          const batch = await this.#attempt('list', directory, signal, () => this.#batch(directory, held, entries, options));
          if (batch === null) return;
          yield* batch;
        }
      } finally {
        await entries.close().catch(() => undefined);
      }
    } finally {
      held.giveBack();
    }
  }

  /** Null at the end. */
  async #batch(path: FilePath, held: Directory, entries: Dir, options: ListOptions): Promise<Entry[] | null> {
    const looks: Promise<Entry | null>[] = [];
    let read = 0;
    for (let found = await entries.read(); found !== null; found = await entries.read()) {
      read += 1;
      const name = found.name as unknown as Buffer;
      const kind = kindOf(found);
      // Some file systems tell no kinds: then the look decides.
      if (isListed(name, kind, options) || (kind === 'other' && isListed(name, 'other', { ...options, kinds: ['other'] })))
        looks.push(entryOf(path.listed(name), held.at(name), false));
      if (read === batchEntries) break;
    }
    if (read === 0) return null;
    const seen = await Promise.all(looks);
    return seen.filter((entry): entry is Entry => entry !== null && (options.kinds ?? ['file']).includes(entry.kind));
  }

  async remove(path: FilePath, signal: AbortSignal): Promise<void> {
    await this.#attempt('remove', path, signal, (effect) =>
      this.#directories.use(path.directory, async (directory) => {
        effect.begins();
        await unlink(directory.at(path.name));
        await synced(directory);
      }),
    );
  }

  async makeDirectory(path: FilePath, signal: AbortSignal): Promise<boolean> {
    return this.#attempt('make the directory', path, signal, () =>
      this.#directories.use(path.directory, async (directory) => {
        try {
          await mkdir(directory.at(path.name));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
          (await this.#directories.take(path)).giveBack();
          return false;
        }
        await synced(directory);
        return true;
      }),
    );
  }

  async close(): Promise<void> {
    this.#directories.close();
  }

  /**
   * A call of the system cannot be taken back: a mount that hangs lets the caller go, and an effect that was asked for may yet happen.
   * @throws GatehouseError, classified
   */
  async #attempt<T>(doing: Attempt['doing'], path: FilePath, signal: AbortSignal, work: (effect: Effect) => Promise<T>): Promise<T> {
    const effect = new Effect(signal);
    try {
      return await unlessAborted(
        signal,
        () => effect.begun,
        () => work(effect),
      );
    } catch (thrown) {
      if (thrown instanceof ContentFailure) throw thrown.cause;
      throw effect.failure({ place: this.name, doing, path: path.toString() }, thrown);
    }
  }
}

/** A file that was not there before: a name prepared by somebody else, a link or a file with two names, is removed and not written through. */
async function created(at: Buffer): Promise<FileHandle> {
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
async function openedFile(at: Buffer, signal: AbortSignal): Promise<FileHandle> {
  const file = await open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const plain = await file.stat().then((stats) => stats.isFile());
  // Whoever has been let go takes no file any more.
  if (plain && !signal.aborted) return file;
  await file.close();
  throw Object.assign(new Error('no plain file'), { code: 'EISDIR' });
}

/** link(2) never replaces; rename(2) does, and Node has no RENAME_NOREPLACE. */
async function nameOnce(old: Buffer, name: Buffer): Promise<void> {
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
async function nameOnceBetween(old: Buffer, between: Buffer, name: Buffer): Promise<void> {
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

/** The effect stands; that it outlives a power cut is what cannot be said when this fails. */
async function synced(directory: Directory): Promise<void> {
  await directory.sync().catch((cause: unknown) => {
    throw new Lost('the directory could not be synced', true, { cause });
  });
}

async function entryOf(path: FilePath, at: Buffer | string, itself: boolean): Promise<Entry | null> {
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

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'link' : 'other';
}
