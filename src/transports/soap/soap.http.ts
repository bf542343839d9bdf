import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { type Dispatcher } from 'undici';
import { GatehouseError } from '../../contract/errors.ts';
import { type Part } from '../../contract/transport.ts';
import { type Connection } from './soap.connections.ts';
import { parameter } from './soap.multipart.ts';
import { decodeXml } from './xml/xml.text.ts';

export interface HttpRequest {
  readonly method: 'POST' | 'GET';
  /** As in the request line: a path, or the whole address for a proxy. */
  readonly target: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Unpacked. */
  readonly body: Buffer;
}

export interface HttpLimits {
  readonly maxAnswerBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends one request on an open connection and reads its answer. `seen` gets the bytes of both as they are, also of an answer that breaks off;
 * the caller takes secrets out of them.
 * @throws GatehouseError NO_ANSWER, or the error of the connection
 */
export async function sendRequest(
  connection: Connection,
  request: HttpRequest,
  limits: HttpLimits,
  seen: (kind: Part['kind'], head: string, body: Uint8Array | string) => void,
): Promise<HttpAnswer> {
  const { method, target, headers, body } = request;
  seen('sent', requestHead(request), body ?? '');
  const response = await connection.client.request({
    method,
    path: target,
    headers,
    body,
    signal: limits.signal,
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
  });
  connection.fresh = false;
  const received: Uint8Array[] = [];
  const head = `HTTP/1.1 ${response.statusCode}\r\n${headerLines(response.headers)}\r\n`;
  let unpackedBody: Buffer | null = null;
  try {
    for await (const chunk of limited(response.body, limits.maxAnswerBytes)) received.push(chunk);
    unpackedBody = unpacked(Buffer.concat(received), textOf(response.headers['content-encoding']), limits.maxAnswerBytes);
    return { status: response.statusCode, headers: response.headers, body: unpackedBody };
  } finally {
    // Unpacked where it was packed: what must not be seen can only be found there.
    seen('received', head, unpackedBody ?? Buffer.concat(received));
  }
}

export const requestHead = ({ method, target, host, headers }: HttpRequest): string =>
  `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${headerLines(headers)}\r\n`;

async function* limited(body: Dispatcher.ResponseData['body'], maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    yield chunk;
    if (size > maxBytes) throw new GatehouseError('NO_ANSWER', `the answer has more than ${maxBytes} bytes (maxAnswerBytes)`);
  }
}

/** Not asked for; some systems pack all the same. @throws GatehouseError NO_ANSWER when it is broken, or too large unpacked */
function unpacked(body: Buffer, encoding: string | undefined, maxOutputLength: number): Buffer {
  const kind = encoding?.trim().toLowerCase() ?? 'identity';
  if (kind === 'identity' || kind === '' || body.length === 0) return body;
  try {
    if (kind === 'gzip' || kind === 'x-gzip') return gunzipSync(body, { maxOutputLength });
    if (kind === 'deflate') return (body[0] ?? 0) % 16 === 8 ? inflateSync(body, { maxOutputLength }) : inflateRawSync(body, { maxOutputLength });
    if (kind === 'br') return brotliDecompressSync(body, { maxOutputLength });
  } catch (error) {
    throw new GatehouseError('NO_ANSWER', `the answer is packed (${kind}) and broken, or larger than ${maxOutputLength} bytes unpacked`, {
      cause: error,
    });
  }
  throw new GatehouseError('NO_ANSWER', `the answer is packed in a way that is not read (${kind.replaceAll(/[^\w-]/g, '?').slice(0, 40)})`);
}

/** The text of an XML body. @throws GatehouseError NO_ANSWER when its bytes are not of its encoding */
export function xmlText(body: Uint8Array, charset: string | undefined): string {
  try {
    return decodeXml(body, charset);
  } catch (error) {
    throw new GatehouseError('NO_ANSWER', 'the bytes of the answer are not of the encoding that it declares', { cause: error });
  }
}

export const charsetOf = (contentType: string): string | undefined => parameter(contentType, 'charset');

export const textOf = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header.join(', ') : header);

function headerLines(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => (value === undefined ? [] : (Array.isArray(value) ? value : [value]).map((each) => `${name}: ${each}\r\n`)))
    .join('');
}
