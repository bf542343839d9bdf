import { createHash, randomBytes } from 'node:crypto';
import { type FilePath } from './file-path.ts';
import { type NamePattern } from './name-pattern.ts';

/*
 * A place is a directory that a legacy system reads from or writes to: on a local disk, behind SFTP, behind FTP. Everything up to a rename
 * is preparation, which harms nobody when it is lost; the rename is the effect. `write` prepares, `rename` takes effect, `settleRename`
 * (settle.ts) finds out what became of a rename whose answer was lost.
 */

export type EntryKind = 'file' | 'directory' | 'link' | 'other';

/** What is at a path; a symbolic link is a link, never what it leads to. */
export interface Entry {
  readonly path: FilePath;
  readonly kind: EntryKind;
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  /** Wall clock of the place, ms, as exact as it tells: SFTP and FTP tell seconds. Null when it does not tell, or only the day or the minute. */
  readonly modifiedMs: number | null;
  /** Tells one file from another that took its name, where the place can: device and inode. Stays the same through a rename. */
  readonly identity?: string;
}

export interface Written {
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** What a place can promise, found out when it connects. The README beside this file says what each server can. */
export interface Promises {
  /** `on disk`: what `write` has written outlives a power cut of the place. `as the server says`: it has confirmed every byte, and nobody knows of its disk. */
  readonly content: 'on disk' | 'as the server says';
  /** `on disk`: a name given by `rename` outlives a power cut too. */
  readonly names: 'on disk' | 'as the server says';
  /** How `ifExists: 'fail'` is kept: in one step, or by looking first, which leaves a moment in which another writer's file could be replaced. */
  readonly fail: 'atomic' | 'looked at first';
  /** How `ifExists: 'replace'` is kept: in one step, or by removing first, which leaves a moment without the file. */
  readonly replace: 'atomic' | 'removed first';
  /** In words, for the trace: `OpenSSH_9.2: fsync, rename without replacing, posix-rename`. */
  readonly told: string;
}

export interface RenameOptions {
  readonly ifExists: 'fail' | 'replace';
  /**
   * The point of no return: called once a connection stands and everything is looked at, right before the request that has the effect.
   * When it rejects, nothing has happened and its error is passed on.
   */
  readonly leave?: () => Promise<void>;
  /**
   * `may come back`: a power cut may leave the old name beside the new one, where it harms nobody, as with a temporary name. Otherwise both
   * are as durable as the place can make them when it resolves.
   */
  readonly oldName?: 'may come back';
  /**
   * A name of the caller's beside `from`, for a place that gives a free name in two steps: the file has it from before anybody can see the
   * new name until that stands alone. So the old name says that nobody has seen the new one, even when the new one has been taken away.
   */
  readonly between?: FilePath;
}

export interface ListOptions {
  /** Only names that match; without it all but those that begin with a dot. */
  readonly pattern?: NamePattern;
  /** Only these kinds; `file` alone when not given. */
  readonly kinds?: readonly EntryKind[];
  /** Nobody asks for sizes and times: where each costs a look of its own, they are 0 and null. */
  readonly namesOnly?: boolean;
}

/**
 * A directory at a legacy system. Nothing outside it is ever touched: names cannot lead out, and a symbolic link on the way is refused.
 * Every operation ends at its signal, whatever the peer does. All failures are classified: of `rename` and `remove`, NO_ANSWER says that the
 * effect may have happened; every other code, and every failure of the other operations, says that nothing has.
 *
 * @throws GatehouseError of every operation: UNREACHABLE no connection, or it was lost · NO_SESSION none was free in time ·
 * CREDENTIALS_REFUSED, HOST_KEY_REJECTED, CERTIFICATE_REJECTED, NO_COMMON_ALGORITHM when connecting · PLACE_UNFIT, PLACE_DENIED,
 * PLACE_FULL about directories · NOT_EXECUTED any other refusal of the place, with its words
 */
export abstract class Place {
  /** For messages: `depot: sftp://gatehouse@files.depot.example:22/in`. */
  abstract readonly name: string;
  /** Where temporary files go, and how they are called. */
  protected abstract readonly temporaries: { readonly directory: FilePath; readonly prefix: string };
  /** What checks may have left behind. */
  readonly #interrupted = new Set<FilePath>();

  /** Resolves when a connection stands and the directory is there, and tells what the place can promise. */
  abstract ready(signal: AbortSignal): Promise<Promises>;

  /**
   * Writes a file that nobody is to see yet, and makes it as durable as the place can. Whatever had this name is replaced: give it names
   * from `temporary`. On failure what was written is removed, as far as that is possible; a failure of `content` itself is passed on as it is.
   */
  abstract write(path: FilePath, content: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written>;

  /**
   * Gives a file its name, in the same or another directory of the place, durably where the place can.
   * @throws GatehouseError NAME_TAKEN with `fail` · FILE_MISSING nothing was there to rename · NO_ANSWER it may have happened: settle it by looking
   */
  abstract rename(from: FilePath, to: FilePath, options: RenameOptions, signal: AbortSignal): Promise<void>;

  /** What is there; null when nothing is. */
  abstract look(path: FilePath, signal: AbortSignal): Promise<Entry | null>;

  /** The bytes of a file from `offset` on, as fast as they are taken and no faster. @throws GatehouseError FILE_MISSING, FILE_DENIED */
  abstract read(path: FilePath, signal: AbortSignal, offset?: number): AsyncIterable<Uint8Array>;

  /** What is in a directory, in no order, a batch at a time: memory does not grow with the directory. */
  abstract list(directory: FilePath, signal: AbortSignal, options?: ListOptions): AsyncIterable<Entry>;

  /** Removes a file. @throws GatehouseError FILE_MISSING · NO_ANSWER it may have happened */
  abstract remove(path: FilePath, signal: AbortSignal): Promise<void>;

  /** Makes a directory whose parent is there; true when it was not there before. */
  abstract makeDirectory(path: FilePath, signal: AbortSignal): Promise<boolean>;

  /** Ends what is open. */
  abstract close(): Promise<void>;

  /** A name for `write` that is the same for the same token, so that a second try replaces the leftover of the first. */
  temporary(token: string): FilePath {
    const { directory, prefix } = this.temporaries;
    return directory.listed(Buffer.from(`${prefix}${createHash('sha256').update(token).digest('hex').slice(0, 32)}`));
  }

  /** Size and SHA-256 of a file, read through as a stream. @throws GatehouseError FILE_MISSING, FILE_DENIED */
  async hash(path: FilePath, signal: AbortSignal): Promise<Written> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const bytes of this.read(path, signal)) {
      hash.update(bytes);
      size += bytes.byteLength;
    }
    return { size, sha256: hash.digest('hex') };
  }

  /** Connects, and writes and removes a small temporary file; those that an interrupted check had to leave behind go first. */
  async check(signal: AbortSignal): Promise<Promises> {
    const promises = await this.ready(signal);
    for (const left of this.#interrupted) {
      if ((await this.look(left, signal)) !== null) await this.remove(left, signal);
      this.#interrupted.delete(left);
    }
    const probe = this.temporary(`check ${randomBytes(16).toString('hex')}`);
    try {
      await this.write(probe, Buffer.from('gatehouse check\n'), signal);
      await this.remove(probe, signal);
    } catch (error) {
      this.#interrupted.add(probe);
      throw error;
    }
    return promises;
  }
}

/** Whether an entry is wanted by `options`. */
export function isListed(name: Buffer, kind: EntryKind, { pattern, kinds = ['file'] }: ListOptions): boolean {
  return kinds.includes(kind) && (pattern === undefined ? name[0] !== 0x2e : pattern.matches(name));
}
