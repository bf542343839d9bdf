import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { type Account, type Authenticated, type Challenge, authenticated, challenge } from './ntlm.ts';

/** One AUTHENTICATE_MESSAGE and what became of it. */
export type Attempt = { readonly connection: number } & (Authenticated | { readonly refused: string });

export interface Admitted {
  readonly connection: number;
  readonly body: Buffer;
}

/** An HTTP server behind NTLM as IIS does it: it is the connection that is authenticated, not the request. */
export interface NtlmServer {
  readonly url: string;
  attempts(): readonly Attempt[];
  /** Requests that were let through, with the number of their connection. */
  admitted(): readonly Admitted[];
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export async function startNtlmServer(account: Account, answer: (body: Buffer) => Answer | Promise<Answer>): Promise<NtlmServer> {
  const attempts: Attempt[] = [];
  const admitted: Admitted[] = [];
  const connections = new Map<Socket, Connection>();
  let counted = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    const token = /^NTLM ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined) {
      try {
        const message = Buffer.from(token, 'base64');
        const reply = connection.take(message, account);
        if (Buffer.isBuffer(reply)) return refuse(response, `NTLM ${reply.toString('base64')}`);
        attempts.push({ connection: connection.number, ...reply });
      } catch (error) {
        attempts.push({ connection: connection.number, refused: (error as Error).message });
        return refuse(response, 'NTLM');
      }
    }
    if (!connection.trusted) return refuse(response, 'NTLM');
    admitted.push({ connection: connection.number, body });
    const { status, contentType, body: text } = await answer(body);
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }).end(text);
  };

  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  server.on('connection', (socket: Socket) => {
    connections.set(socket, new Connection((counted += 1)));
    socket.on('close', () => connections.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    attempts: () => attempts,
    admitted: () => admitted,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

class Connection {
  readonly number: number;
  trusted = false;
  #pending: { negotiate: Buffer; challenge: Challenge } | null = null;

  constructor(number: number) {
    this.number = number;
  }

  /** @throws Error when the message is wrong, or belongs to a challenge of another connection */
  take(message: Buffer, account: Account): Buffer | Authenticated {
    const pending = this.#pending;
    this.trusted = false;
    this.#pending = null;
    if (message[8] === 1) {
      this.#pending = { negotiate: message, challenge: challenge(message, account.domain, randomBytes(8), Date.now()) };
      return this.#pending.challenge.message;
    }
    if (pending === null) throw new Error('no challenge was sent on this connection');
    const who = authenticated(pending.negotiate, pending.challenge, message, account);
    this.trusted = true;
    return who;
  }
}

function refuse(response: ServerResponse, authenticate: string): void {
  response.writeHead(401, { 'www-authenticate': authenticate, 'content-length': 0 }).end();
}
