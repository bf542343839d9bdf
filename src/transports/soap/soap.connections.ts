import { type Socket } from 'node:net';
import { Client } from 'undici';
import { GatehouseError } from '../../contract/errors.ts';
import { type Dial } from './soap.dial.ts';

/**
 * Longest idle time of a connection that is used again. Common servers close at 5 s (Node, Apache): a request that meets the close on its
 * way would be ambiguous.
 */
const maxIdleMs = 2_000;

/** An open connection with room for one request. */
export interface Connection {
  readonly client: Client;
  readonly socket: Socket;
  /** Monotonic clock, ms: since when nobody has used it. */
  idleSinceMs: number;
  /** It has carried no answer yet: with TLS 1.3 the other side may still refuse our certificate. */
  fresh: boolean;
  /** What the socket said when it broke: undici tells only that it is closed. */
  broken: Error | null;
  /** Its user has been accepted (NTLM authenticates connections, not requests). */
  authenticated: boolean;
}

/**
 * Connections that stand before a request is let go: the point of no return comes after connecting, so a refused connection is never
 * ambiguous. Each carries one request at a time and never connects again by itself.
 */
export class Connections {
  readonly #origin: string;
  readonly #max: number;
  readonly #dial: Dial;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  #closed = false;

  constructor(url: URL, max: number, dial: Dial) {
    this.#origin = url.origin;
    this.#max = max;
    this.#dial = dial;
  }

  /** @throws the connector's error, unclassified */
  async take(signal: AbortSignal): Promise<Connection> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      const fresh = performance.now() - idle.idleSinceMs < maxIdleMs;
      if (fresh && !idle.socket.destroyed && idle.socket.writable && !idle.socket.readableEnded) return idle;
      this.drop(idle);
    }
    return this.#connect(signal);
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    const socket = await this.#dial(signal);
    if (this.#closed) {
      socket.destroy();
      throw new GatehouseError('STOPPING', `the link to ${this.#origin} is closed`);
    }
    let used = false;
    const client = new Client(this.#origin, {
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      connect: (_options, done) => {
        // The first request finds the socket that stands; a second dial would be a request that left unnoticed.
        const spent = used || socket.destroyed;
        used = true;
        // Not in this turn: undici ignores a connector that answers while it asks.
        queueMicrotask(() => (spent ? done(new Error('the connection was closed'), null) : done(null, socket)));
      },
    });
    const connection: Connection = { client, socket, idleSinceMs: performance.now(), fresh: true, broken: null, authenticated: false };
    passOverInterim(socket);
    socket.on('error', (error) => (connection.broken ??= error));
    this.#open.add(connection);
    return connection;
  }

  giveBack(connection: Connection): void {
    connection.idleSinceMs = performance.now();
    connection.fresh = false;
    if (this.#idle.length < this.#max && !connection.socket.destroyed && !this.#closed) this.#idle.push(connection);
    else this.drop(connection);
  }

  drop(connection: Connection): void {
    this.#open.delete(connection);
    connection.socket.destroy();
    void connection.client.destroy().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#open) this.drop(connection);
  }
}

const interim = /^HTTP\/1\.[01] 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/;

/**
 * Passes over `100 Continue` that nobody asked for, as old web servers send it with every POST: undici takes it for a broken answer, after
 * the request has been carried out. An answer begins a chunk, since a connection carries one request at a time. @see RFC 9110, section 15.2
 */
function passOverInterim(socket: Socket): void {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size);
    if (chunk === null || chunk[0] !== 0x48 || chunk[9] !== 0x31) return chunk;
    const head = interim.exec(chunk.subarray(0, 4_096).toString('latin1'));
    if (head === null) return chunk;
    return head[0].length === chunk.length ? (socket.read(size) as Buffer | null) : chunk.subarray(head[0].length);
  };
}
