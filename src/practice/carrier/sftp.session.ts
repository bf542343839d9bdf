import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { type Stats, constants } from 'node:fs';
import { type Socket } from 'node:net';
import { join, posix } from 'node:path';
import { type ServerChannel } from 'ssh2';
import { type CarrierFaults, ofMarker } from './carrier.faults.ts';
import {
  type FileAttributes,
  RequestReader,
  type SftpRequest,
  type Status,
  attributesAnswer,
  dataAnswer,
  handleAnswer,
  namesAnswer,
  openBits,
  statusAnswer,
  versionAnswer,
} from './sftp.wire.ts';

export interface ServedFolder {
  readonly folder: string;
  readonly faults: CarrierFaults;
  /** A file has been given this name in the directory of the manifests. */
  named(name: string): void;
  /** The carrier takes it away whether it is complete or not. */
  takeAtOnce(name: string): void;
}

type Opened = { readonly file: FileHandle } | { readonly directory: string; names: readonly string[] };

const maxHandles = 100;
const maxReadBytes = 128 * 1_024;
const manifestsDirectory = '/manifests';

/** One SFTP channel over a folder that it cannot leave: requests are worked off one after the other. Faults are met here. */
export class SftpSession {
  readonly #served: ServedFolder;
  readonly #channel: ServerChannel;
  readonly #socket: Socket;
  readonly #handles = new Map<string, Opened>();
  #next = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(served: ServedFolder, channel: ServerChannel, socket: Socket) {
    this.#served = served;
    this.#channel = channel;
    this.#socket = socket;
    const reader = new RequestReader();
    channel.on('data', (bytes: Buffer) => {
      try {
        for (const request of reader.push(bytes)) this.#work = this.#work.then(() => this.#serve(request));
      } catch {
        socket.destroy();
      }
    });
    channel.on('error', () => undefined);
    // A connection that is cut ends its channels without saying so.
    for (const end of [channel, socket]) end.once('close', () => (this.#work = this.#work.then(() => this.#closeAll())));
  }

  async #serve(request: SftpRequest): Promise<void> {
    if (this.#socket.destroyed) return;
    const slow = this.#served.faults.meet('request', '');
    if (slow !== undefined) await new Promise((resolve) => setTimeout(resolve, slow.ms ?? 100));
    let answer: Buffer | null;
    try {
      answer = request.kind === 'init' ? versionAnswer() : await this.#answer(request);
    } catch (error) {
      answer = request.kind === 'init' ? null : statusAnswer(request.id, statusOf(error));
    }
    if (answer === null) this.#socket.destroy();
    else if (this.#channel.writable) this.#channel.write(answer);
  }

  /** Null when the connection is to be cut instead. */
  async #answer(request: Exclude<SftpRequest, { kind: 'init' }>): Promise<Buffer | null> {
    const { id } = request;
    if ('path' in request && this.#isMissing(request)) return statusAnswer(id, 'noSuchFile');
    switch (request.kind) {
      case 'realpath': {
        const path = absolute(request.path);
        return namesAnswer(id, [{ name: path, attributes: null }]);
      }
      case 'lstat':
      case 'stat':
        return attributesAnswer(id, attributesOf(await lstat(this.#at(request.path))));
      case 'open':
        return handleAnswer(id, this.#opened({ file: await open(this.#at(request.path), flagsOf(request.flags), 0o640) }));
      case 'opendir': {
        const directory = this.#at(request.path);
        return handleAnswer(id, this.#opened({ directory, names: await readdir(directory) }));
      }
      case 'readdir':
        return this.#listed(id, request.handle);
      case 'read': {
        const { buffer, bytesRead } = await this.#file(request.handle).read(
          Buffer.alloc(Math.min(request.length, maxReadBytes)),
          0,
          null,
          request.offset,
        );
        return bytesRead === 0 ? statusAnswer(id, 'eof') : dataAnswer(id, buffer.subarray(0, bytesRead));
      }
      case 'write':
        return this.#written(request);
      case 'fstat':
        return attributesAnswer(id, attributesOf(await this.#file(request.handle).stat()));
      case 'fsync':
        await this.#file(request.handle).sync();
        return statusAnswer(id, 'ok');
      case 'close': {
        const handle = this.#handles.get(request.handle);
        if (handle === undefined) return statusAnswer(id, 'failure');
        this.#handles.delete(request.handle);
        if ('file' in handle) await handle.file.close();
        return statusAnswer(id, 'ok');
      }
      case 'rename':
      case 'posix-rename':
        return this.#renamed(request);
      case 'remove':
        await unlink(this.#at(request.path));
        return statusAnswer(id, 'ok');
      case 'mkdir':
        await mkdir(this.#at(request.path));
        return statusAnswer(id, 'ok');
      case 'rmdir':
        await rmdir(this.#at(request.path));
        return statusAnswer(id, 'ok');
      case 'setstat':
      case 'fsetstat':
        return statusAnswer(id, 'ok');
      case 'unknown':
        return statusAnswer(id, 'unsupported');
    }
  }

  #isMissing(request: { readonly path: string; readonly to?: string }): boolean {
    const inside = [request.path, request.to ?? ''].some((path) => absolute(path).startsWith(manifestsDirectory));
    return inside && this.#served.faults.meet('directory', '') !== undefined;
  }

  async #written({ id, handle, offset, bytes }: Extract<SftpRequest, { kind: 'write' }>): Promise<Buffer | null> {
    const file = this.#file(handle);
    const fault = this.#served.faults.meet('write', bytes.toString('latin1'));
    if (fault?.kind === 'full') return statusAnswer(id, 'failure', 'Failure');
    if (fault?.kind === 'no-space') return statusAnswer(id, 'noSpace', 'No space left');
    await file.write(fault === undefined ? bytes : bytes.subarray(0, bytes.length / 2), 0, null, offset);
    return fault === undefined ? statusAnswer(id, 'ok') : null;
  }

  async #renamed({ kind, id, path, to }: Extract<SftpRequest, { kind: 'rename' | 'posix-rename' }>): Promise<Buffer | null> {
    const target = absolute(to);
    const name = posix.dirname(target) === manifestsDirectory ? posix.basename(target) : null;
    const fault = name === null ? undefined : this.#served.faults.meet('rename', name.endsWith('.done') ? `${ofMarker}${name}` : name);
    if (fault?.kind === 'denied') return statusAnswer(id, 'denied', 'Permission denied');
    if (fault?.kind === 'cut-before-rename') return null;
    if (kind === 'posix-rename') await rename(this.#at(path), this.#at(to));
    else {
      // As OpenSSH does it, so that a plain rename never replaces.
      await link(this.#at(path), this.#at(to));
      await unlink(this.#at(path));
    }
    if (name !== null && fault?.kind === 'taken-at-once') this.#served.takeAtOnce(name);
    else if (name !== null) this.#served.named(name);
    return fault === undefined ? statusAnswer(id, 'ok') : null;
  }

  async #listed(id: number, handle: string): Promise<Buffer> {
    const opened = this.#handles.get(handle);
    if (opened === undefined || !('directory' in opened)) return statusAnswer(id, 'failure');
    const some = opened.names.slice(0, 100);
    if (some.length === 0) return statusAnswer(id, 'eof');
    opened.names = opened.names.slice(100);
    // What has gone meanwhile is left out.
    const all = await Promise.all(some.map(async (name) => ({ name, stats: await lstat(join(opened.directory, name)).catch(() => null) })));
    return namesAnswer(
      id,
      all.flatMap(({ name, stats }) => (stats === null ? [] : [{ name, attributes: attributesOf(stats) }])),
    );
  }

  #opened(opened: Opened): string {
    if (this.#handles.size >= maxHandles) {
      if ('file' in opened) void opened.file.close();
      throw new Error('too many files are open');
    }
    const handle = String((this.#next += 1));
    this.#handles.set(handle, opened);
    return handle;
  }

  #file(handle: string): FileHandle {
    const opened = this.#handles.get(handle);
    if (opened === undefined || !('file' in opened)) throw new Error('there is no such file open');
    return opened.file;
  }

  async #closeAll(): Promise<void> {
    for (const opened of this.#handles.values()) if ('file' in opened) await opened.file.close().catch(() => undefined);
    this.#handles.clear();
  }

  #at(path: string): string {
    return join(this.#served.folder, absolute(path));
  }
}

/** No `..` leads above the root, and a link cannot be made here. */
const absolute = (path: string): string => posix.normalize(`/${path.replaceAll('\0', '')}`).replace(/(?<=.)\/$/, '');

const attributesOf = ({ size, mode, mtimeMs }: Stats): FileAttributes => ({ size, mode, modifiedMs: mtimeMs });

function flagsOf(bits: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW } = constants;
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const access = has(openBits.write) ? (has(openBits.read) ? O_RDWR : O_WRONLY) : O_RDONLY;
  return (
    access |
    (has(openBits.create) ? O_CREAT : 0) |
    (has(openBits.exclusive) ? O_EXCL : 0) |
    (has(openBits.truncate) ? O_TRUNC : 0) |
    (O_NOFOLLOW ?? 0)
  );
}

function statusOf(error: unknown): Status {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOENT' ? 'noSuchFile' : code === 'EACCES' || code === 'EPERM' ? 'denied' : code === 'ENOSPC' ? 'noSpace' : 'failure';
}
