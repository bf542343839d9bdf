import { readFileSync } from 'node:fs';
import { type Socket, isIP } from 'node:net';
import { buildConnector } from 'undici';
import { GatehouseError } from '../../contract/errors.ts';
import { type SoapSettings } from './soap.settings.ts';

/** Makes a connection on which requests can be sent. @throws the connector's error, unclassified, or a GatehouseError */
export type Dial = (signal: AbortSignal) => Promise<Socket>;

/** Longest head of a proxy's answer to CONNECT, bytes. */
const maxProxyHead = 16_384;

/** Dials the service itself, or through the proxy: with TLS by a tunnel, without by asking the proxy. */
export function dialing(system: string, settings: SoapSettings): Dial {
  const { url, proxy, connectTimeoutMs } = settings;
  const target = endpointOf(new URL(url));
  const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false, ...tlsOf(system, settings) });
  const dial = (endpoint: Endpoint, signal: AbortSignal, httpSocket?: Socket): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const abort = (): void => reject(new GatehouseError('UNREACHABLE', `${system}: no connection to ${endpoint.host} within the time of the call`));
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      connect({ ...endpoint, ...(httpSocket === undefined ? {} : { httpSocket }) }, (error, connected) => {
        signal.removeEventListener('abort', abort);
        if (error !== null) reject(error);
        else if (signal.aborted) connected.destroy();
        else {
          connected.setNoDelay(true);
          resolve(connected);
        }
      });
    });
  if (proxy === undefined) return (signal) => dial(target, signal);
  const through = endpointOf(new URL(proxy));
  if (target.protocol === 'http:') return (signal) => dial(through, signal);
  return async (signal) => {
    const socket = await dial(through, signal);
    try {
      await tunnel(system, socket, target, proxyHeaders(settings), AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]));
      return await dial(target, signal, socket);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  };
}

/** What the proxy must be shown, if anything. */
export function proxyHeaders({ proxyUser, proxyPassword }: SoapSettings): Record<string, string> {
  return proxyUser === undefined
    ? {}
    : { 'proxy-authorization': `Basic ${Buffer.from(`${proxyUser}:${proxyPassword?.reveal() ?? ''}`).toString('base64')}` };
}

interface Endpoint {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly host: string;
  readonly servername: string;
}

function endpointOf({ protocol, hostname, port, host }: URL): Endpoint {
  const name = hostname.replace(/^\[|\]$/g, '');
  return { protocol, hostname: name, port: port || (protocol === 'https:' ? '443' : '80'), host, servername: isIP(name) === 0 ? name : '' };
}

/** @throws GatehouseError CONFIG_INVALID when a file cannot be read */
function tlsOf(system: string, { caFile, certificateFile, keyFile, keyPassphrase }: SoapSettings): Record<string, string> {
  return {
    ...(caFile === undefined ? {} : { ca: readPem(system, 'caFile', caFile) }),
    ...(certificateFile === undefined ? {} : { cert: readPem(system, 'certificateFile', certificateFile) }),
    ...(keyFile === undefined ? {} : { key: readPem(system, 'keyFile', keyFile) }),
    ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase.reveal() }),
  };
}

/** @throws GatehouseError CONFIG_INVALID */
export function readPem(system: string, name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new GatehouseError('CONFIG_INVALID', `systems.${system}.soap.${name}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
}

/** @see RFC 9110, section 9.3.6 */
async function tunnel(
  system: string,
  socket: Socket,
  { hostname, port }: Endpoint,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${lines.join('')}\r\n`);
  const head = await proxyHead(system, socket, signal);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? Number.NaN);
  if (status === 407)
    throw new GatehouseError('CREDENTIALS_REFUSED', `${system}: the proxy refused proxyUser and proxyPassword (HTTP 407)`, { native: '407' });
  if (!(status >= 200 && status < 300))
    throw new GatehouseError(
      'UNREACHABLE',
      `${system}: the proxy made no connection to ${authority} (HTTP ${Number.isNaN(status) ? 'without status' : status})`,
    );
}

function proxyHead(system: string, socket: Socket, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = '';
    const done = (end: () => void): void => {
      socket.off('data', data).off('error', failed).off('close', closed);
      signal.removeEventListener('abort', late);
      socket.pause();
      end();
    };
    const fail = (why: string): void => done(() => reject(new GatehouseError('UNREACHABLE', `${system}: the proxy ${why}`)));
    const data = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      // What follows the head is the page of a refusal: TLS speaks first from our side.
      const end = head.indexOf('\r\n\r\n');
      if (end >= 0) done(() => resolve(head.slice(0, end)));
      else if (head.length > maxProxyHead) fail('answered with an endless head');
    };
    const failed = (): void => fail('broke the connection');
    const closed = (): void => fail('closed the connection');
    const late = (): void => fail('did not answer in time');
    socket.on('data', data).on('error', failed).on('close', closed);
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();
  });
}
