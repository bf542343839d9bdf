import { ContentFailure, Outgoing } from '../content.ts';
import { Effect } from '../effect.ts';
import { type Attempt, Lost, Refused, failure } from '../faults.ts';
import { FilePath } from '../file-path.ts';
import { type Entry, type ListOptions, Place, type Promises, type RenameOptions, type Written, isListed } from '../place.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { Pool } from '../pool.ts';
import { FtpConnection } from './ftp.connection.ts';
import { type ListedName, linesOf, momentOf, parseFacts, parseLine } from './ftp.listing.ts';

const chunkBytes = 64 * 1_024;

/** A directory behind an FTP server. Looks and effects are commands; FTP has no durable write, no rename that refuses to replace and no links. */
export class FtpPlace extends Place {
  readonly name: string;
  protected readonly temporaries: { readonly directory: FilePath; readonly prefix: string };
  readonly #pool: Pool<FtpConnection>;
  readonly #tls: boolean;

  constructor(system: string, settings: PlaceSettings) {
    super();
    this.#tls = settings.tls === 'explicit';
    this.name = `${system}: ${this.#tls ? 'ftpes' : 'ftp'}://${settings.host ?? ''}:${settings.port || 21}/${settings.directory.replace(/^\//, '')}`;
    this.temporaries = { directory: FilePath.parse(settings.temporaryDirectory), prefix: settings.temporaryPrefix };
    this.#pool = new Pool({
      name: this.name,
      connections: settings.connections,
      each: 1,
      idleMs: settings.idleMs,
      connectTimeoutMs: settings.connectTimeoutMs,
      dial: (signal) => FtpConnection.dial(this.name, settings, signal),
    });
  }

  ready(signal: AbortSignal): Promise<Promises> {
    return this.#attempt('use the directory', FilePath.root, signal, async (connection) => {
      await connection.directory(this.temporaries.directory, signal);
      const listing = connection.features.has('MLST') ? 'MLSD' : 'LIST';
      return {
        content: 'as the server says',
        names: 'as the server says',
        fail: 'looked at first',
        replace: 'removed first',
        told: `FTP ${this.#tls ? 'with TLS' : 'in the clear'}: STOR and SIZE, look and RNTO, ${listing}`,
      };
    });
  }

  write(path: FilePath, content: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written> {
    return this.#attempt('write', path, signal, async (connection) => {
      const at = await connection.at(path, signal);
      const outgoing = new Outgoing(content, signal);
      const chunks = outgoing.chunks(chunkBytes);
      try {
        await connection.upload(signal, 'STOR', at, chunks);
      } catch (error) {
        // Nothing of the content is taken before the server is ready for it, so a refusal of the name leaves it whole.
        const begun = outgoing.written.size > 0;
        if (begun || !(error instanceof Refused) || (await this.#found(connection, path, at, signal)) === null) {
          if (error instanceof Refused) await connection.ask(signal, 'DELE', at).catch(() => undefined);
          throw error;
        }
        await connection.ask(signal, 'DELE', at);
        await connection.upload(signal, 'STOR', at, chunks);
      }
      const { size } = outgoing.written;
      const stored = (await this.#found(connection, path, at, signal))?.size;
      if (stored !== size) throw new Refused('226', `confirmed, and then ${stored ?? 'none'} of ${size} bytes were there`);
      return outgoing.written;
    });
  }

  rename(from: FilePath, to: FilePath, { ifExists, leave }: RenameOptions, signal: AbortSignal): Promise<void> {
    return this.#attempt('rename', to, signal, async (connection, effect) => {
      const [old, name] = [await connection.at(from, signal), await connection.at(to, signal)];
      const there = await this.#found(connection, to, name, signal);
      if (there !== null && ifExists === 'fail') throw new Refused('550', 'a file of this name exists');
      await connection.ask(signal, 'RNFR', old);
      try {
        await leave?.();
        effect.begins();
      } catch (error) {
        // The server awaits the new name and refuses every other command. @see RFC 959, section 4.1.3
        connection.end();
        throw error;
      }
      try {
        await connection.ask(signal, 'RNTO', name);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        // "No such file" is about the directory when that, seen a while ago, is gone: the file was there a command ago.
        await connection.directory(to.directory, signal, { enter: true });
        if (there === null) throw error;
        // Servers on Windows replace nothing.
        await connection.ask(signal, 'DELE', name);
        try {
          await connection.ask(signal, 'RNFR', old);
          await connection.ask(signal, 'RNTO', name);
        } catch (second) {
          throw second instanceof Refused
            ? new Lost(`the old file was removed and the server then refused the name (${second.native})`, true, { cause: second })
            : second;
        }
      }
    });
  }

  look(path: FilePath, signal: AbortSignal): Promise<Entry | null> {
    return this.#attempt('look at', path, signal, async (connection) => {
      if (path.segments.length === 0) {
        await connection.directory(path, signal, { enter: true });
        return { path, kind: 'directory', size: 0, modifiedMs: null };
      }
      return this.#found(connection, path, await connection.at(path, signal), signal);
    });
  }

  async *read(path: FilePath, signal: AbortSignal, offset = 0): AsyncIterable<Uint8Array> {
    const attempt: Attempt = { place: this.name, doing: 'read', path: path.toString() };
    const { connection, release } = await this.#lease(attempt, signal);
    try {
      const at = await connection.at(path, signal);
      const there = await this.#found(connection, path, at, signal);
      if (there === null) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      if (there.kind !== 'file') throw Object.assign(new Error('no plain file'), { code: 'EISDIR' });
      // REST at or behind the end is refused by some servers and waited on by others.
      if (offset < there.size || offset === 0) yield* connection.download(signal, 'RETR', at, offset);
    } catch (thrown) {
      throw failure(attempt, thrown);
    } finally {
      release();
    }
  }

  async *list(directory: FilePath, signal: AbortSignal, options: ListOptions = {}): AsyncIterable<Entry> {
    const attempt: Attempt = { place: this.name, doing: 'list', path: directory.toString() };
    const { connection, release } = await this.#lease(attempt, signal);
    try {
      // A path behind LIST would be read as options or a pattern by some servers: what is listed is the directory that was gone to.
      await connection.directory(directory, signal, { enter: true });
      const facts = connection.features.has('MLST');
      for await (const lines of linesOf(connection.download(signal, facts ? 'MLSD' : 'LIST')))
        for (const line of lines) {
          const found = line === '' ? null : facts ? parseFacts(line) : parseLine(line);
          if (found !== null && isListed(found.name, found.kind, options)) yield entryOf(directory.listed(found.name), found);
        }
    } catch (thrown) {
      throw failure(attempt, thrown);
    } finally {
      release();
    }
  }

  remove(path: FilePath, signal: AbortSignal): Promise<void> {
    return this.#attempt('remove', path, signal, async (connection, effect) => {
      const at = await connection.at(path, signal);
      effect.begins();
      try {
        await connection.ask(signal, 'DELE', at);
      } catch (error) {
        if (!(error instanceof Refused) || error.native !== '550') throw error;
        // 550 is everything: that the file is not there is worth a look.
        const there = await this.#found(connection, path, at, signal).catch(() => undefined);
        throw there === null ? new Refused('550', 'no such file') : error;
      }
    });
  }

  makeDirectory(path: FilePath, signal: AbortSignal): Promise<boolean> {
    return this.#attempt('make the directory', path, signal, async (connection) => {
      const at = await connection.at(path, signal);
      try {
        await connection.ask(signal, 'MKD', at);
        return true;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const there = await this.#found(connection, path, at, signal);
        if (there === null) throw error;
        if (there.kind !== 'directory') throw Object.assign(new Error('no directory'), { code: 'ENOTDIR' });
        return false;
      }
    });
  }

  async close(): Promise<void> {
    this.#pool.close();
  }

  /** MLST where it is offered. Otherwise SIZE tells a file, CWD a directory, and what is neither is taken to be absent. */
  async #found(connection: FtpConnection, path: FilePath, at: Buffer, signal: AbortSignal): Promise<Entry | null> {
    if (connection.features.has('MLST')) {
      const { message } = (await notThere(connection.ask(signal, 'MLST', at))) ?? { message: '' };
      const line = message.split(/\r?\n/).find((each) => each.startsWith(' '));
      const found = line === undefined ? null : parseFacts(line.slice(1));
      return found === null ? null : entryOf(path, found);
    }
    const size = await notThere(connection.ask(signal, 'SIZE', at));
    if (size !== null) {
      const bytes = Number(/^213[ -](\d+)/.exec(size.message)?.[1]);
      if (!Number.isSafeInteger(bytes)) throw new Refused('213', 'the answer to SIZE is no number');
      const modified = connection.features.has('MDTM') ? await notThere(connection.ask(signal, 'MDTM', at)) : null;
      return { path, kind: 'file', size: bytes, modifiedMs: momentOf(/^213[ -](\S+)/.exec(modified?.message ?? '')?.[1] ?? '') };
    }
    return (await notThere(connection.ask(signal, 'CWD', at))) === null ? null : { path, kind: 'directory', size: 0, modifiedMs: null };
  }

  async #lease(attempt: Attempt, signal: AbortSignal): Promise<{ connection: FtpConnection; release: () => void }> {
    try {
      return await this.#pool.lease(signal);
    } catch (thrown) {
      throw failure(attempt, thrown);
    }
  }

  /** @throws GatehouseError, classified */
  async #attempt<T>(
    doing: Attempt['doing'],
    path: FilePath,
    signal: AbortSignal,
    work: (connection: FtpConnection, effect: Effect) => Promise<T>,
  ): Promise<T> {
    const effect = new Effect(signal);
    try {
      return await this.#pool.use(signal, (connection) => work(connection, effect));
    } catch (thrown) {
      if (thrown instanceof ContentFailure) throw thrown.cause;
      throw effect.failure({ place: this.name, doing, path: path.toString() }, thrown);
    }
  }
}

const entryOf = (path: FilePath, { kind, size, modifiedMs }: ListedName): Entry => ({ path, kind, size: kind === 'file' ? size : 0, modifiedMs });

/** Null for 550, unless its words speak of rights. @see RFC 959, section 4.2.2 */
async function notThere<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused && /^(?:450|550)$/.test(error.native) && !/denied|permi/i.test(error.message)) return null;
    throw error;
  }
}
