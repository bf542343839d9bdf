import { type Duplex } from 'node:stream';
import { unlessAborted } from '../effect.ts';
import { Lost, Refused } from '../faults.ts';
import { type Answer, type Field, Packets, ProtocolError, type RequestType, decodeAnswer, encodeInit, encodeRequest } from './sftp.codec.ts';

interface Pending {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export type AnswerOf<K extends Answer['kind']> = Extract<Answer, { kind: K }>;

/**
 * One SFTP channel: requests leave at once and in order, answers come in any order. Ends when the server is silent for `answerTimeoutMs`
 * while something is awaited, breaks the protocol, or goes.
 */
export class SftpSession {
  readonly extensions: ReadonlyMap<string, string>;
  readonly #channel: Duplex;
  readonly #answerTimeoutMs: number;
  readonly #pending: Map<number, Pending>;
  #id = 0;
  #ended: Error | null = null;
  #suspect = false;
  #silence: NodeJS.Timeout | null = null;
  #answeredAt = 0;

  private constructor(channel: Duplex, extensions: ReadonlyMap<string, string>, pending: Map<number, Pending>, answerTimeoutMs: number) {
    this.#channel = channel;
    this.extensions = extensions;
    this.#pending = pending;
    this.#answerTimeoutMs = answerTimeoutMs;
  }

  /** @throws Lost, ProtocolError */
  static async open(channel: Duplex, answerTimeoutMs: number, signal: AbortSignal): Promise<SftpSession> {
    const packets = new Packets();
    const pending = new Map<number, Pending>();
    let session: SftpSession | null = null;
    const version = new Promise<AnswerOf<'version'>>((resolve, reject) => {
      const end = (error: Error): void => {
        if (session === null) reject(error);
        else session.#end(error);
      };
      channel.on('data', (bytes: Buffer) => {
        try {
          for (const body of packets.push(bytes)) {
            const answer = decodeAnswer(body);
            if (session !== null && answer.kind !== 'version') session.#answered(answer);
            else if (session === null && answer.kind === 'version') resolve(answer);
            else throw new ProtocolError(`the server sent ${answer.kind} out of turn`);
          }
        } catch (error) {
          end(error instanceof Error ? error : new Error(String(error)));
        }
      });
      channel.on('error', (cause: Error) => end(new Error('the connection broke', { cause })));
      channel.on('close', () => end(new Error('the server closed the connection')));
    });
    channel.write(encodeInit());
    const { version: spoken, extensions } = await unlessAborted(signal, false, () => version);
    if (spoken < 3) throw new ProtocolError(`the server speaks version ${spoken} of SFTP; 3 is needed`);
    session = new SftpSession(channel, extensions, pending, answerTimeoutMs);
    return session;
  }

  get usable(): boolean {
    return this.#ended === null && !this.#suspect;
  }

  /**
   * Sends a request and awaits an answer of this kind.
   * @throws Refused in the server's words · Lost, with `sent` when the request has left
   */
  request<K extends Answer['kind']>(kind: K, signal: AbortSignal, type: RequestType, ...fields: Field[]): Promise<AnswerOf<K>> {
    return this.#awaited(signal, this.send(kind, type, ...fields));
  }

  /** The same without a signal, for requests that are sent ahead: await each with `settled`. Never an unhandled rejection. */
  send<K extends Answer['kind']>(kind: K, type: RequestType, ...fields: Field[]): Promise<AnswerOf<K>> {
    const promise = new Promise<Answer>((resolve, reject) => {
      if (this.#ended !== null) return reject(new Lost(this.#ended.message, false, { cause: this.#ended.cause }));
      this.#id = (this.#id + 1) >>> 0;
      if (this.#pending.size === 0) this.#watch();
      this.#pending.set(this.#id, { resolve, reject });
      this.#channel.write(encodeRequest(type, this.#id, fields));
      return undefined;
    }).then((answer) => {
      const refused = answer.kind === 'status' && (kind !== 'status' || answer.status !== 'SSH_FX_OK');
      if (answer.kind === kind && !refused) return answer as AnswerOf<K>;
      if (answer.kind === 'status') throw new Refused(answer.status, answer.words);
      const error = new ProtocolError(`the server answered ${type} with ${answer.kind}`);
      this.#end(error);
      throw new Lost(error.message, true, { cause: error });
    });
    promise.catch(() => undefined);
    return promise;
  }

  /** An answer that was sent for ahead, or the end of the signal. */
  settled<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
    return this.#awaited(signal, answer);
  }

  end(): void {
    this.#end(new Error('the connection was closed'));
  }

  async #awaited<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
    try {
      return await unlessAborted(signal, true, () => answer);
    } catch (error) {
      // What did not answer in time gets no new work; what is still on it may have its answer.
      if (signal.aborted) this.#suspect = true;
      throw error;
    }
  }

  #answered(answer: Exclude<Answer, { kind: 'version' }>): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return this.#end(new ProtocolError(`the server answered the request ${answer.id}, which is not open`));
    this.#pending.delete(answer.id);
    this.#answeredAt = performance.now();
    return pending.resolve(answer);
  }

  /** One timer a session, looked at when it is due: setting one a request would cost more than the request. */
  #watch(): void {
    this.#answeredAt = performance.now();
    this.#silence ??= setTimeout(() => this.#look(), this.#answerTimeoutMs).unref();
  }

  #look(): void {
    this.#silence = null;
    if (this.#ended !== null || this.#pending.size === 0) return;
    const leftMs = this.#answeredAt + this.#answerTimeoutMs - performance.now();
    if (leftMs <= 0) this.#end(new Error(`no answer came for ${this.#answerTimeoutMs} ms`));
    else this.#silence = setTimeout(() => this.#look(), leftMs).unref();
  }

  #end(error: Error): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    if (this.#silence !== null) clearTimeout(this.#silence);
    for (const { reject } of this.#pending.values()) reject(new Lost(error.message, true, { cause: error.cause }));
    this.#pending.clear();
    this.#channel.destroy();
  }
}
