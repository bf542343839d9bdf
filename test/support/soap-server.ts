import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, createServer } from 'node:http';
import { type ServerOptions, createServer as createTlsServer } from 'node:https';
import { type AddressInfo, type Socket } from 'node:net';

export interface SoapSeen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly envelope: string;
  /** Number of its connection, from 1. */
  readonly connection: number;
}

export interface SoapReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

/** An HTTP server that answers what the test says and keeps what it saw. It knows nothing of SOAP. */
export interface SoapServer {
  readonly url: string;
  readonly seen: SoapSeen[];
  stop(): Promise<void>;
}

export async function soapServer(answer: (seen: SoapSeen) => SoapReply, tls?: ServerOptions): Promise<SoapServer> {
  const seen: SoapSeen[] = [];
  const connections = new Map<Socket, number>();
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        envelope: Buffer.concat(chunks).toString(),
        connection: connections.get(request.socket) ?? 0,
      };
      seen.push(one);
      const { status = 200, headers = {}, body } = answer(one);
      response.writeHead(status, { 'content-type': 'text/xml; charset=utf-8', ...headers }).end(body);
    });
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => connections.set(socket, connections.size + 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/service`,
    seen,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An answer's envelope, SOAP 1.1. */
export const envelopeOf = (body: string, header = ''): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${header === '' ? '' : `<s:Header>${header}</s:Header>`}<s:Body>${body}</s:Body></s:Envelope>`;

export const faultOf = (code: string, text: string): string =>
  envelopeOf(`<s:Fault><faultcode>s:${code}</faultcode><faultstring>${text}</faultstring></s:Fault>`);
