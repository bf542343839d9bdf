import { type Json } from '../../../../contract/json.ts';
import { type Anatomy, type RecordPiece, type RecordValue } from '../../codecs/record-codec.ts';
import { clipped } from '../record-fault.ts';
import { typeOf } from './hl7.message.ts';
import { bringsSeparators, type Segment } from './hl7.text.ts';

/** Neither line ends nor the bytes of a frame. */
// oxlint-disable-next-line no-control-regex
const lines = /[^\r\n\v\x1c]+/g;

/** Segments and their fields where they stand; what a field means is taken from the value. */
export function hl7Anatomy(bytes: Uint8Array, value: RecordValue | null): Anatomy {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const segments = Array.isArray(value?.['segments']) ? (value['segments'] as Segment[]) : [];
  const pieces: RecordPiece[] = [];
  // Segments after the header have the separator of the header.
  let separator = '|';
  let index = 0;
  for (const { 0: line, index: start } of text.matchAll(lines)) {
    const brings = bringsSeparators(line.slice(0, 3));
    if (brings) separator = line.charAt(3);
    const name = clipped(line.split(separator, 1)[0] ?? '').slice(0, 10);
    pieces.push({ name, level: 0, offset: start, length: line.length, picture: '', value: null });
    pieces.push(...fieldsOf(line, { name, start, separator, brings }, segments[index]));
    index += 1;
  }
  return { type: named(segments[0]), pieces, misfit: null };
}

function fieldsOf(
  line: string,
  { name, start, separator, brings }: { name: string; start: number; separator: string; brings: boolean },
  segment: Segment | undefined,
): RecordPiece[] {
  let at = start;
  return line.split(separator).flatMap((field, place) => {
    const offset = at;
    at += field.length + separator.length;
    if (place === 0 || field === '') return [];
    // Field 1 of a header is the separator itself.
    const number = brings ? place + 1 : place;
    const value = (segment?.[number] ?? field) as Json;
    return [{ name: `${name}-${number}`, level: 1, offset, length: field.length, picture: '', value }];
  });
}

function named(first: Segment | undefined): string | null {
  try {
    return first === undefined ? null : typeOf(first);
  } catch {
    return null;
  }
}
