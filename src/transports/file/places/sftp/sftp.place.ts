import { ContentFailure, Outgoing } from '../content.ts';
import { Effect } from '../effect.ts';
import { type Attempt, Lost, Refused, failure } from '../faults.ts';
import { FilePath } from '../file-path.ts';
import { type Entry, type EntryKind, type ListOptions, Place, type Promises, type RenameOptions, type Written, isListed } from '../place.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { Pool } from '../pool.ts';
import { type Attributes, freeBlocks, noAttributes, openFlags } from './sftp.codec.ts';
import { SftpConnection } from './sftp.connection.ts';
import { type SftpSession } from './sftp.session.ts';

/** Below 32 KiB with its header, so that a request is one packet of SSH; the least that every server takes is 34,000 bytes. @see filexfer-02, section 3 */
const chunkBytes = 32_000;
/** Requests of one operation on their way: 2 MB, the window of an OpenSSH channel. */
const window = 64;
const operationsEach = 16;

/** A directory behind an SSH server. */
export class SftpPlace extends Place {
  readonly name: string;
  protected readonly temporaries: { readonly directory: FilePath; readonly prefix: string };
  readonly #pool: Pool<SftpConnection>;

  constructor(system: string, settings: PlaceSettings) {
    super();
    this.name = `${system}: sftp://${settings.host ?? ''}:${settings.port || 22}/${settings.directory.replace(/^\//, '')}`;
    this.temporaries = { directory: FilePath.parse(settings.temporaryDirectory), prefix: settings.temporaryPrefix };
    this.#pool = new Pool({
      name: this.name,
      connections: settings.connections,
      each: operationsEach,
      idleMs: settings.idleMs,
      connectTimeoutMs: settings.connectTimeoutMs,
      dial: (signal) => SftpConnection.dial(this.name, settings, signal),
    });
  }

  ready(signal: AbortSignal): Promise<Promises> {
    return this.#attempt('use the directory', FilePath.root, signal, async (connection) => {
      await connection.at(this.temporaries.directory.listed(Buffer.from('x')), signal);
      return connection.promises;
    });
  }

  write(path: FilePath, content: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written> {
    return this.#attempt('write', path, signal, async (connection) => {
      const { session } = connection;
      const at = await connection.at(path, signal);
      const handle = await this.#created(connection, at, signal);
      const outgoing = new Outgoing(content, signal);
      try {
        const open: Promise<unknown>[] = [];
        let offset = 0n;
        for await (const bytes of outgoing.chunks(chunkBytes)) {
          if (open.length >= window) await session.settled(signal, open.shift() as Promise<unknown>);
          open.push(session.send('status', 'write', handle, offset, bytes));
          offset += BigInt(bytes.byteLength);
        }
        // The server works them off in order: what makes the file durable need not wait for the answers to what fills it.
        if (connection.syncs) open.push(session.send('status', 'extended', 'fsync@openssh.com', handle));
        open.push(session.send('status', 'close', handle));
        for (const answer of open) await session.settled(signal, answer);
        return outgoing.written;
      } catch (error) {
        const told = await this.#fullOr(connection, path, signal, error);
        void session.send('status', 'close', handle).catch(() => undefined);
        // Who was let go may be trying again over another connection: a removal that comes late would take the new file's name.
        if (!signal.aborted) void session.send('status', 'remove', at).catch(() => undefined);
        throw told;
      }
    });
  }

  rename(from: FilePath, to: FilePath, { ifExists, leave }: RenameOptions, signal: AbortSignal): Promise<void> {
    return this.#attempt('rename', to, signal, async (connection, effect) => {
      const { session, promises } = connection;
      const [old, name] = [await connection.at(from, signal), await connection.at(to, signal)];
      const looks = ifExists === 'fail' ? promises.fail !== 'atomic' : promises.replace !== 'atomic';
      const taken = looks && (await this.#lstat(session, name, signal)) !== null;
      if (taken && ifExists === 'fail') throw nameTaken();
      await leave?.();
      effect.begins();
      if (ifExists === 'replace' && promises.replace === 'atomic') {
        await session.request('status', signal, 'extended', 'posix-rename@openssh.com', old, name).catch(async (error: unknown) => {
          await this.#unlessGone(connection, error, [from, to], signal);
          throw error;
        });
        return;
      }
      if (taken) await session.request('status', signal, 'remove', name);
      try {
        await session.request('status', signal, 'rename', old, name);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (taken) throw new Lost(`the old file was removed and the server then refused the name (${error.native})`, true, { cause: error });
        // The status for "exists" of version 3 is the one for everything. @see filexfer-02, section 7
        await this.#unlessGone(connection, error, [from, to], signal);
        if (error.native === 'SSH_FX_FAILURE' && (await this.#lstat(session, name, signal).catch(() => null)) !== null) throw nameTaken();
        throw error;
      }
    });
  }

  /** "No such file" of a rename is about the file only when the directories, seen a while ago, are still there. @throws Unfit */
  async #unlessGone(connection: SftpConnection, error: unknown, paths: readonly FilePath[], signal: AbortSignal): Promise<void> {
    if (!(error instanceof Refused) || !error.native.startsWith('SSH_FX_NO_SUCH_')) return;
    for (const path of paths) {
      connection.forget(path.directory);
      await connection.at(path, signal);
    }
  }

  look(path: FilePath, signal: AbortSignal): Promise<Entry | null> {
    return this.#attempt('look at', path, signal, async (connection) => {
      const at = path.segments.length === 0 ? connection.root : await connection.at(path, signal);
      const attributes = await this.#lstat(connection.session, at, signal);
      return attributes === null ? null : entryOf(path, attributes);
    });
  }

  async *read(path: FilePath, signal: AbortSignal, offset = 0): AsyncIterable<Uint8Array> {
    const { connection, release } = await this.#lease('read', path, signal);
    let handle: Buffer | null = null;
    try {
      const { session } = connection;
      const at = await connection.at(path, signal);
      const attributes = await this.#lstat(session, at, signal);
      // The server would follow a link out of the place.
      if (attributes !== null && kindOf(attributes) !== 'file') throw Object.assign(new Error('no plain file'), { code: 'EISDIR' });
      ({ handle } = await session.request('handle', signal, 'open', at, openFlags.read, noAttributes));
      yield* this.#chunks(session, handle, BigInt(offset), signal);
    } catch (thrown) {
      throw failure({ place: this.name, doing: 'read', path: path.toString() }, thrown);
    } finally {
      if (handle !== null) void connection.session.send('status', 'close', handle).catch(() => undefined);
      release();
    }
  }

  /** Reads ahead, twice as far each time up to the window, so that a small file costs two requests and a large one no waiting. */
  async *#chunks(session: SftpSession, handle: Buffer, offset: bigint, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const ask = (at: bigint, bytes: number): Promise<Buffer | null> => {
      const answer = session
        .send('data', 'read', handle, at, bytes)
        .then((data) => data.bytes)
        .catch((error: unknown) => {
          if (error instanceof Refused && error.native === 'SSH_FX_EOF') return null;
          throw error;
        });
      answer.catch(() => undefined);
      return answer;
    };
    const ahead: { readonly at: bigint; readonly answer: Promise<Buffer | null> }[] = [];
    let next = offset;
    for (let depth = 2; ; depth = Math.min(depth * 2, window)) {
      for (; ahead.length < depth; next += BigInt(chunkBytes)) ahead.push({ at: next, answer: ask(next, chunkBytes) });
      const first = ahead.shift();
      if (first === undefined) return;
      let at = first.at;
      let answer: Promise<Buffer | null> = first.answer;
      // A server may give less than was asked for, without being at the end.
      for (const end = first.at + BigInt(chunkBytes); at < end;) {
        const bytes = await session.settled(signal, answer);
        if (bytes === null) return;
        if (bytes.length === 0 || bytes.length > Number(end - at))
          throw new Refused('SSH_FX_BAD_MESSAGE', `${bytes.length} bytes for ${end - at} asked for`);
        at += BigInt(bytes.length);
        if (at < end) answer = ask(at, Number(end - at));
        yield bytes;
      }
    }
  }

  async *list(directory: FilePath, signal: AbortSignal, options: ListOptions = {}): AsyncIterable<Entry> {
    const { connection, release } = await this.#lease('list', directory, signal);
    let handle: Buffer | null = null;
    try {
      const { session } = connection;
      const at = await connection.directory(directory, signal);
      ({ handle } = await session.request('handle', signal, 'opendir', at));
      const opened = handle;
      const ask = (): ReturnType<typeof session.send<'names'>> => session.send('names', 'readdir', opened);
      const ahead = [ask(), ask()];
      for (;;) {
        ahead.push(ask());
        const { names } = await session.settled(signal, ahead.shift() as ReturnType<typeof ask>);
        for (const { name, attributes } of names) {
          if (name.equals(Buffer.from('.')) || name.equals(Buffer.from('..'))) continue;
          const path = directory.listed(name);
          const entry = attributes.mode === null ? await this.look(path, signal) : entryOf(path, attributes);
          if (entry !== null && isListed(name, entry.kind, options)) yield entry;
        }
      }
    } catch (thrown) {
      if (!(thrown instanceof Refused && thrown.native === 'SSH_FX_EOF'))
        throw failure({ place: this.name, doing: 'list', path: directory.toString() }, thrown);
    } finally {
      if (handle !== null) void connection.session.send('status', 'close', handle).catch(() => undefined);
      release();
    }
  }

  remove(path: FilePath, signal: AbortSignal): Promise<void> {
    return this.#attempt('remove', path, signal, async (connection, effect) => {
      const at = await connection.at(path, signal);
      effect.begins();
      await connection.session.request('status', signal, 'remove', at);
    });
  }

  makeDirectory(path: FilePath, signal: AbortSignal): Promise<boolean> {
    return this.#attempt('make the directory', path, signal, async (connection) => {
      const at = await connection.at(path, signal);
      try {
        await connection.session.request('status', signal, 'mkdir', at, noAttributes);
        return true;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const there = await this.#lstat(connection.session, at, signal);
        if (there === null) throw error;
        if (kindOf(there) !== 'directory') throw Object.assign(new Error('no directory'), { code: 'ENOTDIR' });
        return false;
      }
    });
  }

  async close(): Promise<void> {
    this.#pool.close();
  }

  /** A file that was not there before: a leftover of the same name is removed, a link there is not followed. */
  async #created({ session }: SftpConnection, at: Buffer, signal: AbortSignal): Promise<Buffer> {
    const create = async (): Promise<Buffer> =>
      (await session.request('handle', signal, 'open', at, openFlags.write | openFlags.create | openFlags.exclusive, noAttributes)).handle;
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof Refused) || (error.native !== 'SSH_FX_FAILURE' && error.native !== 'SSH_FX_FILE_ALREADY_EXISTS')) throw error;
      if ((await this.#lstat(session, at, signal)) === null) throw error;
      await session.request('status', signal, 'remove', at);
      return create();
    }
  }

  /** Version 3 has no status for a full disk: a failure with no free block left is one. */
  async #fullOr(connection: SftpConnection, path: FilePath, signal: AbortSignal, error: unknown): Promise<unknown> {
    if (!(error instanceof Refused) || error.native !== 'SSH_FX_FAILURE' || !connection.session.extensions.has('statvfs@openssh.com')) return error;
    try {
      const directory = await connection.directory(path.directory, signal);
      const { bytes } = await connection.session.request('reply', signal, 'extended', 'statvfs@openssh.com', directory);
      return freeBlocks(bytes) === 0n ? new Refused('SSH_FX_NO_SPACE_ON_FILESYSTEM', 'no free block is left') : error;
    } catch {
      return error;
    }
  }

  async #lstat(session: SftpSession, at: Buffer, signal: AbortSignal): Promise<Attributes | null> {
    try {
      return (await session.request('attributes', signal, 'lstat', at)).attributes;
    } catch (error) {
      if (error instanceof Refused && (error.native === 'SSH_FX_NO_SUCH_FILE' || error.native === 'SSH_FX_NO_SUCH_PATH')) return null;
      throw error;
    }
  }

  async #lease(doing: Attempt['doing'], path: FilePath, signal: AbortSignal): Promise<{ connection: SftpConnection; release: () => void }> {
    try {
      return await this.#pool.lease(signal);
    } catch (thrown) {
      throw failure({ place: this.name, doing, path: path.toString() }, thrown);
    }
  }

  /** @throws GatehouseError, classified */
  async #attempt<T>(
    doing: Attempt['doing'],
    path: FilePath,
    signal: AbortSignal,
    work: (connection: SftpConnection, effect: Effect) => Promise<T>,
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

const nameTaken = (): Refused => new Refused('SSH_FX_FILE_ALREADY_EXISTS', 'a file of this name is there');

function kindOf({ mode }: Attributes): EntryKind {
  // S_IFMT and its values. @see inode(7)
  const type = (mode ?? 0) & 0o170_000;
  return type === 0o100_000 ? 'file' : type === 0o040_000 ? 'directory' : type === 0o120_000 ? 'link' : 'other';
}

function entryOf(path: FilePath, attributes: Attributes): Entry {
  const kind = kindOf(attributes);
  return { path, kind, size: kind === 'file' ? (attributes.size ?? 0) : 0, modifiedMs: attributes.modifiedMs };
}
