import { decodeAddress } from './address.ts';

const sba = 0x11;
const graphicEscape = 0x08;
const aids: ReadonlyMap<number, string> = new Map([
  [0x7d, 'Enter'],
  ...Array.from({ length: 9 }, (_, n): [number, string] => [0xf1 + n, `PF${1 + n}`]),
  ...Array.from({ length: 3 }, (_, n): [number, string] => [0x7a + n, `PF${10 + n}`]),
  ...Array.from({ length: 9 }, (_, n): [number, string] => [0xc1 + n, `PF${13 + n}`]),
  ...Array.from({ length: 3 }, (_, n): [number, string] => [0x4a + n, `PF${22 + n}`]),
  [0x6c, 'PA1'],
  [0x6e, 'PA2'],
  [0x6b, 'PA3'],
  [0x6d, 'Clear'],
]);
const structuredField = 0x88;
const queryReply = 0x81;
const usableArea = 0x81;

export interface InboundField {
  /** Of the field's first character; null on a screen without fields. */
  readonly at: number | null;
  readonly bytes: Uint8Array;
}

export type Inbound =
  | { readonly is: 'key'; readonly aid: string; readonly cursor: number; readonly fields: readonly InboundField[] }
  /** PA keys and Clear send no data. */
  | { readonly is: 'short'; readonly aid: string }
  | { readonly is: 'query-reply'; readonly rows: number | null; readonly columns: number | null };

/** One inbound record, as Read Modified gives it; null for anything that is none. */
export function readInbound(record: Uint8Array): Inbound | null {
  const code = record[0];
  if (code === undefined) return null;
  if (code === structuredField) return readQueryReply(record.subarray(1));
  const aid = aids.get(code);
  if (aid === undefined) return null;
  if (aid === 'Clear' || aid.startsWith('PA')) return record.length <= 3 ? { is: 'short', aid } : null;
  const [high, low] = [record[1], record[2]];
  if (high === undefined || low === undefined) return null;
  const cursor = decodeAddress(high, low);
  const fields = readFields(record.subarray(3));
  return cursor === null || fields === null ? null : { is: 'key', aid, cursor, fields };
}

function readFields(bytes: Uint8Array): InboundField[] | null {
  const fields: { at: number | null; bytes: number[] }[] = [];
  for (let n = 0; n < bytes.length; n += 1) {
    const byte = bytes[n] as number;
    if (byte === sba) {
      const [high, low] = [bytes[n + 1], bytes[n + 2]];
      const at = high === undefined || low === undefined ? null : decodeAddress(high, low);
      if (at === null) return null;
      fields.push({ at, bytes: [] });
      n += 2;
    } else if (byte !== graphicEscape) {
      if (fields.length === 0) fields.push({ at: null, bytes: [] });
      fields.at(-1)?.bytes.push(byte);
    }
  }
  return fields.map(({ at, bytes: data }) => ({ at, bytes: Uint8Array.from(data) }));
}

/** Structured fields one after the other, each led by its length; of the query replies only the usable area matters here. */
function readQueryReply(bytes: Uint8Array): Inbound {
  let size: { rows: number; columns: number } | null = null;
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = pair(bytes, at);
    if (length < 4 || at + length > bytes.length) break;
    if (bytes[at + 2] === queryReply && bytes[at + 3] === usableArea && length >= 10)
      size = { columns: pair(bytes, at + 6), rows: pair(bytes, at + 8) };
    at += length;
  }
  return { is: 'query-reply', rows: size?.rows ?? null, columns: size?.columns ?? null };
}

const pair = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
