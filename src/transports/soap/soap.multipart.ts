import { type Attachment } from './plan/output.ts';
import { type SoapVersion } from './wsdl/namespaces.ts';

/**
 * The body of an MTOM message: the envelope first, then the bytes it refers to. The boundary is random, so that no payload can hold it.
 * @see https://www.w3.org/TR/soap12-mtom/, RFC 2387
 */
export function multipartBody(
  xml: string,
  attachments: readonly Attachment[],
  { version, action, boundary }: { version: SoapVersion; action: string; boundary: string },
): { body: Uint8Array; contentType: string } {
  const type = version === '1.1' ? 'text/xml' : 'application/soap+xml';
  const head = (fields: string): Buffer => Buffer.from(`--${boundary}\r\n${fields}\r\n\r\n`);
  const root = head(
    `Content-Type: application/xop+xml; charset=UTF-8; type="${type}"\r\nContent-Transfer-Encoding: 8bit\r\nContent-ID: <envelope@gatehouse>`,
  );
  const parts = attachments.flatMap(({ contentId, bytes }) => [
    head(`Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <${contentId}>`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ]);
  return {
    body: Buffer.concat([root, Buffer.from(xml), Buffer.from('\r\n'), ...parts, Buffer.from(`--${boundary}--\r\n`)]),
    contentType: `multipart/related; type="application/xop+xml"; start="<envelope@gatehouse>"; start-info="${type}"; boundary="${boundary}"${version === '1.1' || action === '' ? '' : `; action="${action}"`}`,
  };
}

export interface MultipartAnswer {
  readonly envelope: Uint8Array;
  readonly charset: string | undefined;
  /** By content id, without its angle brackets. */
  readonly attachments: ReadonlyMap<string, Uint8Array>;
}

const mostParts = 1_000;

/**
 * Takes a `multipart/related` answer apart.
 * @throws RangeError that says what is missing
 */
export function readMultipart(body: Buffer, contentType: string): MultipartAnswer {
  const boundary = parameter(contentType, 'boundary');
  if (boundary === undefined || boundary === '') throw new RangeError('a multipart answer without boundary');
  const start = parameter(contentType, 'start')?.replaceAll(/^<|>$/g, '');
  const mark = Buffer.from(`--${boundary}`);
  const parts: { fields: ReadonlyMap<string, string>; bytes: Buffer }[] = [];
  let at = body.indexOf(mark);
  if (at < 0) throw new RangeError('a multipart answer without its boundary');
  for (;;) {
    at += mark.length;
    if (body.subarray(at, at + 2).toString() === '--') break;
    const next = body.indexOf(mark, at);
    if (next < 0) throw new RangeError('a multipart answer that breaks off');
    const headEnd = body.indexOf('\r\n\r\n', at);
    if (headEnd < 0 || headEnd > next) throw new RangeError('a part of a multipart answer without header');
    parts.push({ fields: fieldsOf(body.subarray(at, headEnd).toString('latin1')), bytes: body.subarray(headEnd + 4, next - 2) });
    if (parts.length > mostParts) throw new RangeError(`a multipart answer of more than ${mostParts} parts`);
    at = next;
  }
  const idOf = (part: { fields: ReadonlyMap<string, string> }): string => (part.fields.get('content-id') ?? '').trim().replaceAll(/^<|>$/g, '');
  const root = parts.find((part) => start !== undefined && idOf(part) === start) ?? parts[0];
  if (root === undefined) throw new RangeError('a multipart answer without parts');
  const attachments = new Map<string, Uint8Array>();
  for (const part of parts) if (part !== root) attachments.set(idOf(part), decoded(part));
  return { envelope: decoded(root), charset: parameter(root.fields.get('content-type') ?? '', 'charset'), attachments };
}

function decoded({ fields, bytes }: { fields: ReadonlyMap<string, string>; bytes: Buffer }): Uint8Array {
  const encoding = fields.get('content-transfer-encoding')?.trim().toLowerCase();
  if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64');
  if (encoding === 'quoted-printable')
    return Buffer.from(
      bytes
        .toString('latin1')
        .replaceAll(/=\r?\n/g, '')
        .replaceAll(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    );
  return bytes;
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  const unfolded = text.replaceAll(/\r\n[ \t]+/g, ' ');
  return new Map(
    unfolded.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const];
    }),
  );
}

/** A parameter of a media type, quoted or not. @see RFC 2045, section 5.1 */
export function parameter(contentType: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(contentType);
  return match?.[1]?.replaceAll(/\\(.)/g, '$1') ?? match?.[2];
}
