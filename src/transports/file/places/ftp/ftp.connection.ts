import { Client, FTPError, type FTPResponse } from 'basic-ftp';
import { readFile } from 'node:fs/promises';
import { type Socket, isIP } from 'node:net';
import { type SecureVersion, TLSSocket } from 'node:tls';
import { GatehouseError } from '../../../../contract/errors.ts';
import { ContentFailure } from '../content.ts';
import { unlessAborted } from '../effect.ts';
import { Lost, Refused, Unfit, connectFailure, credentialsRefused, failure, printable } from '../faults.ts';
import { type FilePath } from '../file-path.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { type Pooled } from '../pool.ts';

/** How long a directory that was found to lie inside the place is not asked for again, ms. */
const verifiedForMs = 10_000;

/**
 * A logged-in control connection, one command at a time. Names go over it byte for byte: text on it is Latin-1, and UTF-8 is put into that.
 * An operation that is given up closes it, as nobody could say which command the next answer belongs to.
 */
export class FtpConnection implements Pooled {
  readonly root: Buffer;
  readonly features: ReadonlySet<string>;
  readonly #client: Client;
  readonly #answerTimeoutMs: number;
  readonly #verified = new Map<string, number>();

  private constructor(client: Client, root: Buffer, features: ReadonlySet<string>, answerTimeoutMs: number) {
    this.#client = client;
    this.root = root;
    this.features = features;
    this.#answerTimeoutMs = answerTimeoutMs;
  }

  /** @throws GatehouseError, classified */
  static async dial(place: string, settings: PlaceSettings, signal: AbortSignal): Promise<FtpConnection> {
    const { host = '', user = '' } = settings;
    const address = `${host}:${settings.port || 21}`;
    const client = new Client(settings.answerTimeoutMs, { allowSeparateTransferHost: settings.otherDataHost });
    client.ftp.encoding = 'latin1';
    const close = (): void => client.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      await unlessAborted(signal, false, () => client.connect(host, settings.port || 21));
      client.ftp.socket.setNoDelay(true);
      if (settings.tls === 'explicit') await unlessAborted(signal, false, async () => secured(client, place, address, await tlsOptions(settings, host)));
      await unlessAborted(signal, false, () => loggedIn(client, place, user, settings));
      const features = new Set((await client.features()).keys());
      await unlessAborted(signal, false, () => client.useDefaultSettings());
      const root = await unlessAborted(signal, false, () => changed(client, place, Buffer.from(settings.directory)));
      return new FtpConnection(client, root, features, settings.answerTimeoutMs);
    } catch (error) {
      client.close();
      throw connectFailure(place, address, error);
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  get usable(): boolean {
    return !this.#client.closed;
  }

  end(): void {
    this.#client.close();
  }

  /** One command and its answer. @throws Refused with the reply code · Lost */
  async ask(signal: AbortSignal, command: string, argument?: Buffer): Promise<FTPResponse> {
    const { ftp } = this.#client;
    const line = argument === undefined ? command : `${command} ${sendable(argument)}`;
    if (!this.usable) throw new Lost('the connection was lost', false);
    try {
      return await unlessAborted(signal, true, () => ftp.request(line));
    } catch (error) {
      if (signal.aborted) this.end();
      throw lostOrRefused(error);
    }
  }

  /** The server's path of a file, whose directory is sure to lie inside the place. */
  async at(path: FilePath, signal: AbortSignal): Promise<Buffer> {
    return joined(await this.directory(path.directory, signal), path.name);
  }

  /** Goes to the directory and asks where that is: a server that resolves links tells a link by that. @throws Unfit */
  async directory(path: FilePath, signal: AbortSignal, options: { enter?: boolean } = {}): Promise<Buffer> {
    const at = path.segments.reduce(joined, this.root);
    const key = path.toString();
    const verifiedMs = this.#verified.get(key);
    if (options.enter !== true && verifiedMs !== undefined && performance.now() - verifiedMs < verifiedForMs) return at;
    try {
      await this.ask(signal, 'CWD', at);
      const { message } = await this.ask(signal, 'PWD');
      // Windows gives names back in the case they were made in.
      if (pathIn(message).toLowerCase() !== at.toString('latin1').toLowerCase()) throw new Refused('ELOOP', 'a symbolic link is on the way to it');
    } catch (error) {
      throw error instanceof Refused ? new Unfit(key, error) : error;
    }
    if (this.#verified.size > 1_000) this.#verified.clear();
    this.#verified.set(key, performance.now());
    return at;
  }

  /** Sends what `chunks` has as the data of a command. @throws what `chunks` throws, Refused, Lost */
  async upload(signal: AbortSignal, command: string, argument: Buffer, chunks: AsyncGenerator<Uint8Array>): Promise<void> {
    const transfer = await this.#transfer(signal, command, argument, 0);
    const { data, confirmed } = transfer;
    const until = async (event: 'drain' | 'finish' | 'secureConnect'): Promise<void> => {
      data.setTimeout(this.#answerTimeoutMs);
      try {
        await unlessAborted(signal, true, () => unlessOver(transfer, happened(data, event)));
      } finally {
        data.setTimeout(0);
      }
    };
    try {
      if (data instanceof TLSSocket && data.getCipher() === undefined) await until('secureConnect');
      let empty = true;
      for await (const bytes of chunks) {
        empty = false;
        if (!data.write(bytes)) await until('drain');
      }
      // In TLS 1.3 the client is ready first: ProFTPD takes an end that meets its last handshake message for a failed one, now and then.
      if (empty && data instanceof TLSSocket) await unlessAborted(signal, true, () => pause(emptyAfterMs));
      const finished = until('finish');
      data.end();
      await finished;
      await this.#confirmation(signal, confirmed);
    } catch (error) {
      throw await this.#ended(error, confirmed);
    }
  }

  /** The data of a command, as fast as it is taken. Whoever stops early ends the connection. @throws Refused, Lost */
  async *download(signal: AbortSignal, command: string, argument?: Buffer, offset = 0): AsyncGenerator<Uint8Array> {
    const transfer = await this.#transfer(signal, command, argument, offset);
    const { data, confirmed } = transfer;
    let over = false;
    try {
      const chunks = data[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      for (;;) {
        // Only while bytes are awaited: a slow taker is not the server's silence.
        data.setTimeout(this.#answerTimeoutMs);
        const { done, value } = await unlessAborted(signal, true, () => unlessOver(transfer, chunks.next()));
        data.setTimeout(0);
        if (done === true) break;
        yield value;
      }
      await this.#confirmation(signal, confirmed);
      over = true;
    } catch (error) {
      over = true;
      throw await this.#ended(error, confirmed);
    } finally {
      if (!over) this.end();
    }
  }

  /** Opens the data connection and gives the command; resolves when the server is ready for data. */
  async #transfer(signal: AbortSignal, command: string, argument: Buffer | undefined, offset: number): Promise<Transfer> {
    const { ftp } = this.#client;
    const line = argument === undefined ? command : `${command} ${sendable(argument)}`;
    if (!this.usable) throw new Lost('the connection was lost', false);
    try {
      await unlessAborted(signal, true, () => this.#client.prepareTransfer(ftp));
      const data = ftp.dataSocket;
      if (data === undefined) throw new Error('there is no data connection');
      own(data);
      if (offset > 0) await unlessAborted(signal, true, () => ftp.request(`REST ${offset}`));
      let confirmed: Promise<unknown> = Promise.resolve();
      await unlessAborted(
        signal,
        true,
        () =>
          new Promise<void>((resolve, reject) => {
            confirmed = ftp.handle(line, (answer, task) => {
              if (answer instanceof Error) {
                reject(answer);
                task.reject(answer);
              } else if (answer.code === 150 || answer.code === 125) {
                // From here on it is the data connection that is watched.
                ftp.socket.setTimeout(0);
                resolve();
              } else if (answer.code >= 200) {
                reject(new Error(`the server answered ${answer.code} before the transfer began`));
                task.resolve(answer);
              }
            });
            confirmed.catch(() => undefined);
          }),
      );
      const transfer: Transfer = { data, confirmed, over: null, awaiting: null };
      confirmed.catch((reason: Error) => {
        transfer.over = reason;
        transfer.awaiting?.(reason);
        data.destroy();
      });
      return transfer;
    } catch (error) {
      if (error instanceof FTPError) ftp.dataSocket = undefined;
      else this.end();
      throw lostOrRefused(error);
    }
  }

  async #confirmation(signal: AbortSignal, confirmed: Promise<unknown>): Promise<void> {
    const { ftp } = this.#client;
    ftp.socket.setTimeout(this.#answerTimeoutMs);
    await unlessAborted(signal, true, () => confirmed);
    if (this.usable) {
      ftp.socket.setTimeout(0);
      ftp.dataSocket = undefined;
    }
  }

  /** What ended a transfer. A server that refuses breaks the data connection first and says why a moment later; after anything else the connection is of no use. */
  async #ended(error: unknown, confirmed: Promise<unknown>): Promise<unknown> {
    const ours = error instanceof Lost || error instanceof ContentFailure || error instanceof GatehouseError;
    const said = ours ? null : await Promise.race([confirmed.then(() => null).catch((reason: unknown) => reason), pause(refusalWithinMs)]);
    if (said instanceof FTPError) {
      this.#client.ftp.dataSocket = undefined;
      return lostOrRefused(said);
    }
    this.end();
    return lostOrRefused(error);
  }
}

interface Transfer {
  readonly data: Socket;
  /** Settles when the server says that it has or has given all, or why not. */
  readonly confirmed: Promise<unknown>;
  /** Why the server refused after all, or the control connection ended, and who is to be told. */
  over: Error | null;
  awaiting: ((reason: Error) => void) | null;
}

const refusalWithinMs = 1_000;
const emptyAfterMs = 100;

class DataBroken extends Error {}

/** Takes the data connection out of the hands of the client, which would end the control connection before the server can say why. */
function own(data: Socket): void {
  for (const event of ['error', 'close', 'timeout']) data.removeAllListeners(event);
  data.on('error', () => undefined);
  data.on('timeout', () => data.destroy(new DataBroken('nothing moved on the data connection in time')));
}

/**
 * The work on the data connection, or why the transfer is over: the client takes a lost data connection down without a word to its listeners.
 * No race with a promise of the whole transfer, which would keep every chunk until its end.
 */
function unlessOver<T>(transfer: Transfer, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (transfer.over !== null) return reject(transfer.over);
    transfer.awaiting = reject;
    work.then(resolve, reject).finally(() => (transfer.awaiting = null));
    return undefined;
  });
}

/** The event, or the end of the connection. Nothing is left behind on it: a large file has many of these. @throws DataBroken */
function happened(data: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      data.removeListener('close', ended);
      resolve();
    };
    const ended = (): void => {
      data.removeListener(event, done);
      reject(data.errored ?? new DataBroken('the data connection was closed'));
    };
    if (data.destroyed) return ended();
    data.once(event, done).once('close', ended);
    return undefined;
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());

async function tlsOptions({ caFile, serverName, certificateFile, certificateKey, algorithms }: PlaceSettings, host: string): Promise<object> {
  const name = serverName ?? host;
  const old = (['TLSv1', 'TLSv1.1'] as const).find((version) => algorithms.includes(version));
  return {
    host: name,
    // @see RFC 6066, section 3: an address is no server name.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    minVersion: (old ?? 'TLSv1.2') satisfies SecureVersion,
    ...(caFile === undefined ? {} : { ca: await readFile(caFile) }),
    ...(certificateFile === undefined ? {} : { cert: await readFile(certificateFile), key: certificateKey?.reveal() }),
  };
}

async function secured(client: Client, place: string, address: string, options: object): Promise<void> {
  try {
    await client.useTLS(options);
  } catch (cause) {
    if (!(cause instanceof FTPError)) throw cause;
    throw new GatehouseError('NO_COMMON_ALGORITHM', `${place}: ${address} has no TLS (${cause.code}); have it switched on there`, { cause, native: String(cause.code) });
  }
}

async function loggedIn(client: Client, place: string, user: string, { password }: PlaceSettings): Promise<void> {
  try {
    // Text on the connection is Latin-1 here, in the mind of the server UTF-8.
    const bytes = (text: string): string => Buffer.from(text).toString('latin1');
    await client.login(bytes(user), bytes(password?.reveal() ?? ''));
  } catch (cause) {
    if (!(cause instanceof FTPError)) throw cause;
    if (cause.code === 421) throw new GatehouseError('UNREACHABLE', `${place}: the server takes no more logins (421)`, { cause, native: '421' });
    // Its words may repeat what was sent.
    throw credentialsRefused(place, user, `password tried, answer ${cause.code}`, { native: String(cause.code) });
  }
}

async function changed(client: Client, place: string, directory: Buffer): Promise<Buffer> {
  try {
    await client.ftp.request(`CWD ${sendable(directory)}`);
    return Buffer.from(pathIn((await client.ftp.request('PWD')).message), 'latin1');
  } catch (error) {
    throw error instanceof FTPError ? failure({ place, doing: 'use the directory', path: '' }, lostOrRefused(error)) : error;
  }
}

/** `257 "/a ""quoted"" path" is the current directory`. @see RFC 959, appendix II */
function pathIn(message: string): string {
  const quoted = /"((?:[^"]|"")*)"/.exec(message)?.[1];
  if (quoted === undefined) throw new Refused('257', 'the answer to PWD has no path');
  return quoted.replaceAll('""', '"');
}

/** @throws GatehouseError CALL_REFUSED_ARGUMENTS when the bytes would end or change the command: a line end, a NUL, or the 255 of telnet */
function sendable(argument: Buffer): string {
  if (argument.some((byte) => byte === 0x0a || byte === 0x0d || byte === 0 || byte === 0xff))
    throw new GatehouseError('CALL_REFUSED_ARGUMENTS', 'a name with a line end, a NUL or the byte FF cannot be sent over FTP');
  return argument.toString('latin1');
}

/** Everything else that comes out of the client is about its connection. */
function lostOrRefused(error: unknown): unknown {
  if (error instanceof FTPError) return new Refused(String(error.code), error.message.replace(/^\d{3}[ -]/, ''));
  if (error instanceof Refused || error instanceof Lost || error instanceof GatehouseError || error instanceof ContentFailure) return error;
  const said = error instanceof Error ? printable(error.message) : 'the connection broke';
  return new Lost(/timeout/i.test(said) ? 'no answer came in time' : said, true, { cause: error });
}

const joined = (directory: Buffer, name: Buffer): Buffer =>
  Buffer.concat(directory.at(-1) === 0x2f ? [directory, name] : [directory, Buffer.from('/'), name]);
