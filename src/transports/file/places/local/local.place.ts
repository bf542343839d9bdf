import { type Dir } from 'node:fs';
import { mkdir, opendir, rename, statfs, unlink } from 'node:fs/promises';
import { ContentFailure, Outgoing } from '../content.ts';
import { Effect, unlessAborted } from '../effect.ts';
import { type Attempt, Lost } from '../faults.ts';
import { FilePath } from '../file-path.ts';
import { type Entry, type ListOptions, Place, type Promises, type RenameOptions, type Written, isListed } from '../place.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { created, entryOf, kindOf, nameOnce, nameOnceBetween, openedFile } from './calls.ts';
import { InTurn } from './in-turn.ts';
import { type Directory, Directories } from './directories.ts';

const chunkBytes = 256 * 1_024;
const batchEntries = 256;

/** A directory of this machine, or one that is mounted here. */
export class LocalPlace extends Place {
  readonly name: string;
  protected readonly temporaries: { readonly directory: FilePath; readonly prefix: string };
  readonly #directories: Directories;
  readonly #inTurn = new InTurn();
  #promised: { readonly directory: Directory; readonly promises: Promises } | null = null;

  constructor(system: string, settings: PlaceSettings) {
    super();
    this.name = `${system}: ${settings.directory}`;
    this.temporaries = { directory: FilePath.parse(settings.temporaryDirectory), prefix: settings.temporaryPrefix };
    this.#directories = new Directories(settings.directory);
  }

  ready(signal: AbortSignal): Promise<Promises> {
    return this.#attempt('use the directory', FilePath.root, signal, () =>
      this.#directories.use(this.temporaries.directory, (directory) => this.#promisesOf(directory)),
    );
  }

  async #promisesOf(directory: Directory): Promise<Promises> {
    if (this.#promised?.directory === directory) return this.#promised.promises;
    const { type } = await statfs(directory.path);
    const promises: Promises = {
      content: 'on disk',
      names: directory.readable ? 'on disk' : 'as the server says',
      fail: 'atomic',
      replace: 'atomic',
      told: `local file system of type 0x${type.toString(16)}: fsync, link, rename`,
    };
    this.#promised = { directory, promises };
    return promises;
  }

  async write(path: FilePath, content: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written> {
    return this.#attempt('write', path, signal, () =>
      this.#directories.use(path.directory, (directory) => this.#inTurn.run(path, signal, () => written(directory.at(path.name), content, signal))),
    );
  }

  async rename(from: FilePath, to: FilePath, { ifExists, leave, between, oldName }: RenameOptions, signal: AbortSignal): Promise<void> {
    await this.#attempt('rename', to, signal, (effect) =>
      this.#directories.useBoth(from.directory, to.directory, async (source, target) => {
        const [old, name] = [source.at(from.name), target.at(to.name)];
        await leave?.();
        effect.begins();
        await this.#inTurn.run(from, signal, async () => {
          if (ifExists === 'replace') await rename(old, name);
          else await (between === undefined ? nameOnce(old, name) : nameOnceBetween(old, source.at(between.name), name));
        });
        // The new name first: what a power cut leaves is both names, never none.
        await synced(target);
        if (source === target) return;
        if (oldName === undefined) await synced(source);
        else void source.sync().catch(() => undefined);
      }),
    );
  }

  async look(path: FilePath, signal: AbortSignal): Promise<Entry | null> {
    return this.#attempt('look at', path, signal, async () => {
      if (path.segments.length === 0) return this.#directories.use(path, async (directory) => entryOf(path, directory.path, true));
      return this.#directories.use(path.directory, (directory) =>
        this.#inTurn.run(path, signal, () => entryOf(path, directory.at(path.name), false)),
      );
    });
  }

  async *read(path: FilePath, signal: AbortSignal, offset = 0): AsyncIterable<Uint8Array> {
    const file = await this.#taken(
      'read',
      path,
      signal,
      (opened) => opened.close(),
      () => this.#directories.use(path.directory, (directory) => openedFile(directory.at(path.name))),
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
    const held = await this.#taken(
      'list',
      directory,
      signal,
      async (late) => late.giveBack(),
      () => this.#directories.take(directory),
    );
    try {
      // The encoding 'buffer' is taken and not in the types of opendir.
      const entries = await this.#taken(
        'list',
        directory,
        signal,
        (late) => late.close(),
        () => opendir(held.path, { encoding: 'buffer' as never, bufferSize: batchEntries }),
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
    const looks: (Entry | Promise<Entry | null>)[] = [];
    let read = 0;
    for (let found = await entries.read(); found !== null; found = await entries.read()) {
      read += 1;
      const name = found.name as unknown as Buffer;
      const kind = kindOf(found);
      // Some file systems tell no kinds: then the look decides.
      if (options.namesOnly === true && kind !== 'other') {
        if (isListed(name, kind, options)) looks.push({ path: path.listed(name), kind, size: 0, modifiedMs: null });
      } else if (isListed(name, kind, options) || (kind === 'other' && isListed(name, 'other', { ...options, kinds: ['other'] })))
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
        await this.#inTurn.run(path, signal, () => unlink(directory.at(path.name)));
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

  /** What is opened for the caller, and released when it comes after the caller was let go. */
  #taken<T>(doing: Attempt['doing'], path: FilePath, signal: AbortSignal, release: (late: T) => Promise<void>, open: () => Promise<T>): Promise<T> {
    return this.#attempt(doing, path, signal, async () => {
      const opened = await open();
      if (signal.aborted) await release(opened).catch(() => undefined);
      return opened;
    });
  }

  /**
   * A call of the system cannot be taken back: a mount that hangs lets the caller go, and an effect that was asked for may yet happen. What
   * changes a name, or looks at it, is therefore done in turn: a second try never meets the rest of the first, and who looks what became of it
   * sees the end of it.
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

/** The whole content in a new file, on disk when it resolves; no file when it rejects. */
async function written(at: Buffer, content: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written> {
  const file = await created(at);
  try {
    const outgoing = new Outgoing(content, signal);
    for await (const bytes of outgoing.chunks(chunkBytes))
      for (let from = 0; from < bytes.byteLength;) from += (await file.write(bytes, from, bytes.byteLength - from)).bytesWritten;
    // The size and where the bytes are belong to what fdatasync makes durable; the times of the file do not. @see fdatasync(2)
    await file.datasync();
    await file.close();
    return outgoing.written;
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(at).catch(() => undefined);
    throw error;
  }
}

/** The effect stands; that it outlives a power cut is what cannot be said when this fails. */
async function synced(directory: Directory): Promise<void> {
  await directory.sync().catch((cause: unknown) => {
    throw new Lost('the directory could not be synced', true, { cause });
  });
}
