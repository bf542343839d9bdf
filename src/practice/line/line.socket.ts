import { type Socket, connect } from 'node:net';

/** A connection that speaks lines. One reader at a time. */
export class LineSocket {
  readonly #socket: Socket;
  #buffer = '';
  readonly #lines: string[] = [];
  #waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | null = null;
  #ended: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#received(text));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  static async open(host: string, port: number, signal: AbortSignal): Promise<LineSocket> {
    const socket = connect({ host, port, noDelay: true });
    const opened = new LineSocket(socket);
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        socket.destroy();
        reject(new Error('the time to connect was over'));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      socket.once('connect', () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      socket.once('error', reject);
    });
    return opened;
  }

  get usable(): boolean {
    return this.#ended === null && this.#lines.length === 0 && this.#buffer === '' && this.#socket.writable;
  }

  send(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  /** @throws Error when the connection ends or `signal` aborts first; the connection is of no more use then */
  async receive(signal?: AbortSignal): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return line;
    if (this.#ended !== null) throw this.#ended;
    if (signal?.aborted === true) {
      this.close();
      throw new Error('the time was over');
    }
    return new Promise<string>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting = null;
        this.close();
        reject(new Error('the time was over'));
      };
      signal?.addEventListener('abort', abort, { once: true });
      const settled = (): void => signal?.removeEventListener('abort', abort);
      this.#waiting = {
        resolve: (text) => {
          settled();
          resolve(text);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(text: string): void {
    this.#buffer += text;
    if (this.#buffer.length > 65_536) {
      this.#end(new Error('a line of more than 64 kB'));
      this.close();
      return;
    }
    const lines = this.#buffer.split(/\r?\n/);
    this.#buffer = lines.pop() ?? '';
    for (const line of lines) {
      const waiting = this.#waiting;
      this.#waiting = null;
      if (waiting === null) this.#lines.push(line);
      else waiting.resolve(line);
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiting?.reject(this.#ended);
    this.#waiting = null;
  }
}
