import { type Json } from '../../contract/json.ts';
import { type Masking, mask } from '../../contract/masking.ts';
import { type RecordCodec, type RecordPiece, type RecordValue } from './codecs/record-codec.ts';
import { codePage } from './code-pages/code-page.ts';
import { type FileField, type FileRecord } from './inspection.ts';

const mostBytes = 8_192;
const mostFields = 2_000;
const longestValue = 2_000;
const longestJson = 50_000;

interface Placed {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** Draws records of one format for people: their bytes and what stands in them, masked values taken out of both. */
export class RecordSketch {
  readonly #codec: RecordCodec;
  readonly #masking: Masking;

  constructor(codec: RecordCodec, masking: Masking) {
    this.#codec = codec;
    this.#masking = masking;
  }

  record({ number, offset, length, bytes }: Placed, value: RecordValue | null, error: string | null): FileRecord {
    const anatomy = this.#codec.anatomy?.(bytes, value) ?? null;
    const pieces = anatomy?.pieces ?? [];
    const wrong = error ?? anatomy?.misfit ?? null;
    const covers = this.#covers(bytes, pieces, wrong !== null);
    const fields = pieces.slice(0, mostFields).map((piece) => this.#field(piece, covers));
    return {
      number,
      type: anatomy?.type ?? null,
      offset,
      length,
      hex: hexOf(bytes.subarray(0, mostBytes), covers),
      left: Math.max(0, bytes.byteLength - mostBytes),
      error: wrong === null ? null : this.#message(wrong),
      fields,
      value: anatomy === null && value !== null ? this.#whole(value) : null,
    };
  }

  /** 1 for each byte that may not be seen. */
  #covers(bytes: Uint8Array, pieces: readonly RecordPiece[], damaged: boolean): Uint8Array | null {
    if (this.#masking.isNone) return null;
    const covers = new Uint8Array(bytes.byteLength);
    let read = 0;
    for (const { offset, length, value } of pieces) {
      if (value === null) continue;
      read = Math.max(read, offset + length);
      if (this.#anyHidden(value)) covers.fill(1, offset, offset + length);
    }
    for (const [from, to] of this.#inText(bytes)) covers.fill(1, from, to);
    // What cannot be read may hold a number in any form.
    if (damaged || (pieces.length === 0 && this.#codec.anatomy !== undefined)) covers.fill(1, read);
    return covers;
  }

  #anyHidden(value: Json): boolean {
    if (Array.isArray(value)) return value.some((each) => this.#anyHidden(each));
    if (typeof value === 'object' && value !== null) return Object.values(value).some((each) => this.#anyHidden(each));
    return this.#masking.hides(value) || (typeof value === 'string' && this.#masking.in(value).length > 0);
  }

  /** Places of masked text in the bytes. */
  #inText(bytes: Uint8Array): (readonly [number, number])[] {
    const characters = pageOf(this.#codec.codePage)?.characters(bytes) ?? null;
    if (characters !== null) return this.#masking.in(characters);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    const spans = this.#masking.in(text);
    if (spans.length === 0) return [];
    // Characters that are no UTF-8 have changed the places: then all of it.
    if (Buffer.byteLength(text) !== bytes.byteLength) return [[0, bytes.byteLength]];
    return spans.map(([from, to]) => [Buffer.byteLength(text.slice(0, from)), Buffer.byteLength(text.slice(0, to))]);
  }

  #field({ name, level, offset, length, picture, value }: RecordPiece, covers: Uint8Array | null): FileField {
    const place = { name, level, offset, length, picture };
    if (value !== null && covers !== null && covers.subarray(offset, offset + length).includes(1)) return { ...place, value: mask, masked: true };
    return { ...place, value: typeof value === 'string' && value.length > longestValue ? `${value.slice(0, longestValue)}…` : value };
  }

  #whole(value: RecordValue): Json {
    const text = JSON.stringify(this.#masking.json({ ...value }));
    return text.length > longestJson ? `${text.slice(0, longestJson)}…` : (JSON.parse(text) as Json);
  }

  /** Messages of codecs quote bytes. */
  #message(text: string): string {
    return this.#masking.isNone ? text : this.#masking.text(text.replaceAll(/[\da-f]+…? \(hexadecimal\)/gi, `${mask} (hexadecimal)`));
  }
}

function pageOf(name: string | undefined): ReturnType<typeof codePage> | null {
  try {
    return name === undefined ? null : codePage(name === 'latin-1' ? 'iso-8859-1' : name);
  } catch {
    return null;
  }
}

function hexOf(bytes: Uint8Array, covers: Uint8Array | null): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  if (covers?.includes(1) !== true) return hex;
  let shown = '';
  for (let at = 0; at < bytes.byteLength; at += 1) shown += covers[at] === 1 ? 'xx' : hex.slice(2 * at, 2 * at + 2);
  return shown;
}
