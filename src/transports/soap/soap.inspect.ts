import { type Json } from '../../contract/json.ts';
import { type Masking, mask } from '../../contract/masking.ts';
import { type RecordedExchange } from '../../contract/transport.ts';
import { type SoapAttachment, type SoapEnvelope, type SoapFault, type SoapInspection, type SoapMessage, type XmlLine } from './inspection.ts';
import { charsetOf } from './soap.http.ts';
import { readMultipart } from './soap.multipart.ts';
import { linesOf } from './xml/xml.lines.ts';
import { decodeXml } from './xml/xml.text.ts';

type RecordedPart = RecordedExchange['parts'][number];

/** Bytes of one body that are read: an envelope of more is for tools, not for eyes. */
const mostRead = 2_000_000;
const mostLines = 5_000;
const mostRaw = 400_000;
const mostMessages = 50;
const mostHeaders = 200;

/** The messages of a call as HTTP and XML say them. Pure. */
export function inspectMessages({ parts, masking }: RecordedExchange): SoapInspection {
  const messages = parts.flatMap((part, index) => (part.bytes === null ? [] : [messageOf(part, part.bytes, index, masking)]));
  return { view: 'soap', messages: messages.slice(0, mostMessages) };
}

interface Body {
  readonly text: string;
  readonly left: number;
  readonly attachments: readonly SoapAttachment[];
  readonly remarks: readonly string[];
}

function messageOf(part: RecordedPart, bytes: Uint8Array, index: number, masking: Masking): SoapMessage {
  const { kind, atMs, media, size } = part;
  const about = { part: index, kind, atMs, size };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, part.clipped ? Math.ceil(bytes.byteLength / 2) : bytes.byteLength);
  const clipped = part.clipped ? [`only the first ${buffer.byteLength} and the last of its ${size} bytes are kept`] : [];
  const none = { startLine: '', status: null, headers: [], envelope: null, fault: null, attachments: [] };
  if (media !== 'message/http') {
    const raw = masking.text(buffer.toString('utf8', 0, mostRead)).slice(0, mostRaw);
    return { ...about, ...none, raw, rawLeft: Math.max(0, buffer.byteLength - mostRaw), remarks: clipped };
  }
  const { startLine, headers, body } = headOf(buffer);
  const { text, left, attachments, remarks } = bodyOf(body, headerIn(headers, 'content-type'));
  const { envelope, fault, broken } = envelopeOf(text, left > 0 || part.clipped, masking);
  const raw = rawOf(text, masking);
  return {
    ...about,
    startLine: masking.text(startLine),
    status: Number(/^HTTP\/\S+ (\d{3})/.exec(startLine)?.[1]) || null,
    headers: headers.map(([name, value]) => [name, masking.text(value)]),
    envelope,
    fault,
    attachments,
    raw,
    rawLeft: left + Math.max(0, text.length - mostRaw),
    remarks: [...clipped, ...remarks, ...(broken === null ? [] : [masking.text(broken)])],
  };
}

function headOf(bytes: Buffer): { startLine: string; headers: (readonly [string, string])[]; body: Buffer } {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('utf8', 0, Math.min(end < 0 ? bytes.byteLength : end, 65_536));
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers = lines.slice(0, mostHeaders).map((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? ([line, ''] as const) : ([line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const);
  });
  return { startLine: startLine.slice(0, 2_000), headers, body: end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4) };
}

const headerIn = (headers: readonly (readonly [string, string])[], wanted: string): string =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '';

function bodyOf(body: Buffer, contentType: string): Body {
  const remarks: string[] = [];
  let envelope: Uint8Array = body;
  let charset = charsetOf(contentType);
  let attachments: SoapAttachment[] = [];
  if (/^\s*multipart\//i.test(contentType)) {
    try {
      const read = readMultipart(body, contentType);
      envelope = read.envelope;
      charset = read.charset;
      attachments = [...read.attachments].map(([name, bytes]) => ({ name, media: 'application/octet-stream', size: bytes.byteLength }));
    } catch (error) {
      remarks.push(`its parts cannot be told apart: ${(error as Error).message}`);
    }
  }
  const left = Math.max(0, envelope.byteLength - mostRead);
  if (left > 0) remarks.push(`the first ${mostRead} of ${envelope.byteLength} bytes of the envelope are shown; download the part for all of it`);
  const kept = envelope.subarray(0, mostRead);
  let text: string;
  try {
    text = decodeXml(left > 0 ? whole(kept) : kept, charset);
  } catch {
    remarks.push('its bytes are not of the encoding that it declares: what is no character stands as U+FFFD');
    text = Buffer.from(kept).toString('utf8');
  }
  return { text, left, attachments, remarks };
}

/** Without the bytes of a UTF-8 character that was cut. */
function whole(bytes: Uint8Array): Uint8Array {
  let end = bytes.byteLength;
  while (end > bytes.byteLength - 4 && end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return (bytes[end - 1] ?? 0) >= 0xc0 ? bytes.subarray(0, end - 1) : bytes;
}

function envelopeOf(text: string, cut: boolean, masking: Masking): { envelope: SoapEnvelope | null; fault: SoapFault | null; broken: string | null } {
  if (text.trim() === '') return { envelope: null, fault: null, broken: null };
  const { lines, more, namespaces, broken } = linesOf(text, mostLines);
  if (lines.length === 0) return { envelope: null, fault: null, broken: broken === null ? null : `it is no XML: ${broken}` };
  const shown = masking.isNone ? lines : lines.map((line) => maskedLine(line, masking));
  return {
    envelope: { lines: shown, left: more || cut ? null : 0, namespaces },
    fault: faultIn(shown),
    broken: broken === null || cut ? null : `it is no well-formed XML from there on: ${broken}`,
  };
}

const maskedLine = (line: XmlLine, masking: Masking): XmlLine => ({
  ...line,
  text: masking.text(line.text),
  attributes: line.attributes.map(([name, value]) => [name, masking.text(value)] as const),
});

/** What SOAP 1.1 and 1.2 call code, reason and detail. */
function faultIn(lines: readonly XmlLine[]): SoapFault | null {
  const fault = lines.filter((line) => line.fault === true);
  const [first] = fault;
  if (first === undefined) return null;
  const textOf = (...names: readonly string[]): string =>
    fault.find(({ name, text }) => names.includes(localOf(name)) && text.trim() !== '')?.text.trim() ?? '';
  const begin = fault.findIndex(({ name }) => ['detail', 'Detail'].includes(localOf(name)));
  const end = fault.findIndex(({ name, is }, at) => at > begin && is === 'end' && name === fault[begin]?.name);
  const within = begin < 0 ? [] : fault.slice(begin, end < 0 ? undefined : end);
  const detail = within.flatMap(({ name, text }) => (text.trim() === '' ? [] : [name === '' ? text.trim() : `${localOf(name)}: ${text.trim()}`]));
  return { code: textOf('faultcode', 'Value'), reason: textOf('faultstring', 'Text'), detail: detail.join('\n').slice(0, 10_000) };
}

const localOf = (name: string): string => name.slice(name.indexOf(':') + 1);

/** As it went. Where a value could stand in it in a spelling that is not looked for, there is no raw text. */
function rawOf(text: string, masking: Masking): string {
  // Cut when it is masked: half a value is no value that would be found.
  const shown = masking.text(text).slice(0, mostRaw);
  if (masking.isNone) return shown;
  const rest = linesOf(shown, mostLines).lines;
  const hides = (value: string): boolean => value !== '' && (masking.hides(value) || masking.in(value).length > 0);
  return rest.some((line) => hides(line.text) || line.attributes.some(([, value]) => hides(value))) ? mask : shown;
}

/** For the port, whose answers are plain JSON. */
export const inspectionOf = (exchange: RecordedExchange): Json => inspectMessages(exchange) as unknown as Json;
