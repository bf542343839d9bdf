import { readFileSync } from 'node:fs';
import { type Socket } from 'node:net';
import { Client, type Dispatcher, buildConnector } from 'undici';
import { GatehouseError } from '../../contract/errors.ts';
import { type SoapSettings } from './soap.settings.ts';

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
}

/**
 * Connections that stand before a request is let go: the point of no return comes after connecting, so a refused connection is never
 * ambiguous. Each carries one request at a time and never connects again by itself.
 */
export class Connections {
  readonly #origin: URL;
  readonly #max: number;
  readonly #connect: buildConnector.connector;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  #closed = false;

  constructor({ url, connectTimeoutMs, connections, caFile }: SoapSettings) {
    this.#origin = new URL(url);
    this.#max = connections;
    this.#connect = buildConnector({ timeout: connectTimeoutMs, ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }) });
  }

  /** @throws the connector's error, unclassified */
  async take(signal: AbortSignal): Promise<Connection> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      const fresh = performance.now() - idle.idleSinceMs < maxIdleMs;
      if (fresh && !idle.socket.destroyed && idle.socket.writable && !idle.socket.readableEnded) return idle;
      this.drop(idle);
    }
    return this.#dial(signal);
  }

  async #dial(signal: AbortSignal): Promise<Connection> {
    const { protocol, hostname, port } = this.#origin;
    const socket = await new Promise<Socket>((resolve, reject) => {
      const abort = (): void => reject(new GatehouseError('UNREACHABLE', `no connection to ${this.#origin.host} within the time of the call`));
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#connect(
        {
          protocol,
          hostname: hostname.replace(/^\[|\]$/g, ''),
          port: port || (protocol === 'https:' ? '443' : '80'),
          host: this.#origin.host,
          servername: hostname,
        },
        (error, connected) => {
          signal.removeEventListener('abort', abort);
          if (error !== null) reject(error);
          else if (signal.aborted) connected.destroy();
          else resolve(connected);
        },
      );
    });
    if (this.#closed) {
      socket.destroy();
      throw new GatehouseError('STOPPING', `the link to ${this.#origin.host} is closed`);
    }
    socket.setNoDelay(true);
    let used = false;
    const client = new Client(this.#origin.origin, {
      pipelining: 1,
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
    const connection = { client, socket, idleSinceMs: performance.now() };
    this.#open.add(connection);
    return connection;
  }

  giveBack(connection: Connection): void {
    connection.idleSinceMs = performance.now();
    if (this.#idle.length < this.#max && !connection.socket.destroyed) this.#idle.push(connection);
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

/** The body of an answer as text, at most `maxBytes`. @throws GatehouseError NO_ANSWER beyond */
export async function readBody(body: Dispatcher.ResponseData['body'], maxBytes: number, seen: (bytes: Uint8Array) => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    seen(chunk);
    if (size > maxBytes) throw new GatehouseError('NO_ANSWER', `the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
