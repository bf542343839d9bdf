import { type Client, FTPError, type FTPResponse } from 'basic-ftp';
import { setTimeout as pause } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { GatehouseError } from '../../../../contract/errors.ts';
import { ContentFailure } from '../content.ts';
import { unlessAborted } from '../effect.ts';
import { Lost, Refused, Unfit } from '../faults.ts';
import { type FilePath } from '../file-path.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { type Pooled } from '../pool.ts';
import { dialFtp } from './ftp.login.ts';
import { type Transfer, happened, own, refusalOf, unlessOver } from './ftp.transfer.ts';
import { lostOrRefused, pathIn, sendable } from './ftp.wire.ts';

/** How long a server that broke the data connection is waited for to say why, ms. */
const refusalWithinMs = 1_000;
const emptyAfterMs = 100;
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
    const { client, root, features } = await dialFtp(place, settings, signal);
    return new FtpConnection(client, root, features, settings.answerTimeoutMs);
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
  async #ended(reason: unknown, confirmed: Promise<unknown>): Promise<unknown> {
    const ours = reason instanceof Lost || reason instanceof ContentFailure || reason instanceof GatehouseError;
    const said = ours ? null : await Promise.race([refusalOf(confirmed), pause(refusalWithinMs, null, { ref: false })]);
    if (said instanceof FTPError) {
      this.#client.ftp.dataSocket = undefined;
      return lostOrRefused(said);
    }
    this.end();
    return lostOrRefused(reason);
  }
}

const joined = (directory: Buffer, name: Buffer): Buffer =>
  Buffer.concat(directory.at(-1) === 0x2f ? [directory, name] : [directory, Buffer.from('/'), name]);
