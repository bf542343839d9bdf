import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { Refused, Unfit } from '../faults.ts';
import { type FilePath } from '../file-path.ts';

/** `O_PATH`, which Node does not name: the directory as a place to start from, without the right to list it. @see open(2) */
const pathOnly = 0o10_000_000;
const linux = process.platform === 'linux';
/** Directories held open; the one opened first makes room. */
const maxCached = 64;

/** An open directory: what is done through it is done in this directory, whatever takes its name meanwhile. */
export class Directory {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly device: bigint;
  readonly inode: bigint;
  /** False where the user may write but not list, which also means that it cannot be synced. */
  readonly readable: boolean;
  #looking: Promise<boolean> | null = null;
  #syncing: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #users = 0;
  #discarded = false;

  constructor(handle: FileHandle, path: string, readable: boolean, { dev, ino }: { dev: bigint; ino: bigint }) {
    this.#handle = handle;
    this.#path = path;
    this.readable = readable;
    this.device = dev;
    this.inode = ino;
  }

  /**
   * The path of a name in it, for a call of the system. Linux resolves it from the open directory, so no link put in its way can lead out.
   * @see proc(5), /proc/pid/fd
   */
  at(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.path}/`), name]);
  }

  get path(): string {
    return linux ? `/proc/self/fd/${this.#handle.fd}` : this.#path;
  }

  /** Whether its name still leads to it. Callers that come while a look runs share it: what it sees may change right after it, too. */
  isAt(path: Buffer): Promise<boolean> {
    this.#looking ??= lstat(path, { bigint: true })
      .then(
        ({ dev, ino }) => dev === this.device && ino === this.inode,
        () => false,
      )
      .finally(() => (this.#looking = null));
    return this.#looking;
  }

  /**
   * Makes the names in it durable. Callers that come while a sync runs share the next one: what they have done is before its start.
   * @see fsync(2): "calling fsync() does not necessarily ensure that the entry in the directory … has also reached disk"
   */
  sync(): Promise<void> {
    if (!this.readable) return Promise.resolve();
    this.#next ??= (this.#syncing ?? Promise.resolve())
      // How the one before ended is told to those who waited for that one.
      .catch(() => undefined)
      .then(() => {
        this.#syncing = this.#next;
        this.#next = null;
        return this.#handle.sync();
      });
    return this.#next;
  }

  take(): this {
    this.#users += 1;
    return this;
  }

  giveBack(): void {
    this.#users -= 1;
    this.#closeWhenDone();
  }

  /** Closed when the last user is done. */
  discard(): void {
    this.#discarded = true;
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#discarded && this.#users === 0) void this.#handle.close().catch(() => undefined);
  }
}

/** The directories of a place, held open. A directory whose name has come to mean another one, a mount or a link is opened anew, step by step. */
export class Directories {
  readonly #configured: string;
  readonly #open = new Map<string, Directory>();
  readonly #opening = new Map<string, Promise<Directory>>();
  #root: string | null = null;
  #closed = false;

  constructor(configured: string) {
    this.#configured = configured;
  }

  async use<T>(path: FilePath, work: (directory: Directory) => Promise<T>): Promise<T> {
    const directory = await this.take(path);
    try {
      return await work(directory);
    } finally {
      directory.giveBack();
    }
  }

  /** Two directories, looked at once when they are one. */
  useBoth<T>(from: FilePath, to: FilePath, work: (from: Directory, to: Directory) => Promise<T>): Promise<T> {
    return this.use(from, (first) => (from.equals(to) ? work(first, first) : this.use(to, (second) => work(first, second))));
  }

  /** Give it back. @throws Unfit when it is missing, no directory, denied, or a link is in the way */
  async take(path: FilePath): Promise<Directory> {
    try {
      return await this.#take(path);
    } catch (error) {
      throw new Unfit(path.toString(), error);
    }
  }

  async #take(path: FilePath): Promise<Directory> {
    // The configured directory may be a link of the administrator's; from there on none is followed, also not one that takes its place later.
    this.#root ??= await realpath(this.#configured);
    const key = path.toString();
    const known = this.#open.get(key);
    if (known !== undefined) {
      known.take();
      if (await known.isAt(this.#join(path))) return known;
      known.giveBack();
      if (this.#open.get(key) === known) this.#open.delete(key);
      known.discard();
    }
    return (await this.#opened(key, path)).take();
  }

  /** Those who ask side by side for a directory that is not open yet share one, and so its syncs. */
  #opened(key: string, path: FilePath): Promise<Directory> {
    const known = this.#opening.get(key);
    if (known !== undefined) return known;
    const opening = this.#walk(path)
      .then((directory) => {
        // Held until all who wait have taken it.
        this.#keep(key, directory.take());
        setImmediate(() => directory.giveBack());
        return directory;
      })
      .finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  close(): void {
    this.#closed = true;
    for (const directory of this.#open.values()) directory.discard();
    this.#open.clear();
  }

  #join(path: FilePath): Buffer {
    return Buffer.concat([Buffer.from(this.#root ?? ''), ...path.segments.flatMap((segment) => [Buffer.from('/'), segment])]);
  }

  async #walk(path: FilePath): Promise<Directory> {
    let directory = await opened(Buffer.from(this.#root ?? ''), this.#root ?? '');
    const walked: Buffer[] = [];
    for (const segment of path.segments) {
      const parent = directory.take();
      walked.push(segment);
      try {
        const plain = Buffer.concat([Buffer.from(this.#root ?? ''), ...walked.flatMap((each) => [Buffer.from('/'), each])]);
        directory = await opened(parent.at(segment), plain.toString());
      } finally {
        parent.discard();
        parent.giveBack();
      }
    }
    return directory;
  }

  #keep(key: string, directory: Directory): void {
    // An operation that was given up may still open one after the end.
    if (this.#closed) return directory.discard();
    this.#open.get(key)?.discard();
    this.#open.set(key, directory);
    const [oldest] = this.#open;
    if (this.#open.size <= maxCached || oldest === undefined) return undefined;
    this.#open.delete(oldest[0]);
    oldest[1].discard();
    return undefined;
  }
}

async function opened(path: Buffer, plain: string): Promise<Directory> {
  const flags = constants.O_DIRECTORY | constants.O_NOFOLLOW;
  let readable = true;
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | flags).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES' || !linux) throw error;
      readable = false;
      return open(path, pathOnly | flags);
    });
  } catch (error) {
    // With O_DIRECTORY a link is "no directory". @see open(2)
    const link = await lstat(path)
      .then((stats) => stats.isSymbolicLink())
      .catch(() => false);
    throw link ? new Refused('ELOOP', 'a symbolic link is in the place of the directory') : error;
  }
  try {
    return new Directory(handle, plain, readable, await handle.stat({ bigint: true }));
  } catch (error) {
    // A network file system whose directory is gone at the server says so only now.
    await handle.close().catch(() => undefined);
    throw error;
  }
}
