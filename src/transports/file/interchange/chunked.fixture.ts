import { type Decoded, isBad, type RecordCodec } from '../codecs/record-codec.ts';

/** What the specs of this folder share: a file decoded in chunks, and written again. */
export function decodeIn(codec: RecordCodec, file: Uint8Array | string, cuts: readonly number[] = []): Decoded[] {
  const bytes = typeof file === 'string' ? Buffer.from(file) : Buffer.from(file);
  const decoder = codec.decoder();
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const found: Decoded[] = [];
  for (const [index, from] of edges.slice(0, -1).entries()) {
    // A chunk of its own, overwritten afterwards: nothing decoded may be a view of it.
    const chunk = Buffer.from(bytes.subarray(from, edges[index + 1]));
    found.push(...decoder.push(chunk));
    chunk.fill(0);
  }
  found.push(...decoder.end());
  return found;
}

export function encodeAll(codec: RecordCodec, records: readonly Decoded[]): Buffer {
  const encoder = codec.encoder();
  const parts = [encoder.begin()];
  for (const record of records) {
    if (isBad(record)) throw record.error;
    parts.push(encoder.record(record.type, record.value));
  }
  return Buffer.concat([...parts, encoder.end()]);
}

/** Comparable: numbers, places, bytes, values and messages. */
export const plainly = (records: readonly Decoded[]): unknown[] =>
  records.map((record) => {
    const { number, offset, length, bytes } = record;
    const place = { number, offset, length, bytes: Buffer.from(bytes).toString('latin1') };
    return isBad(record) ? { ...place, bad: record.error.message } : { ...place, type: record.type, value: JSON.parse(JSON.stringify(record.value)) };
  });

export const values = (records: readonly Decoded[]): unknown[] => records.map((record) => (isBad(record) ? record.error.message : record.value));
