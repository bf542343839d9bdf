import { type Json } from '../../../contract/json.ts';
import { type CodePage } from '../code-pages/code-page.ts';
import { Misfit } from './misfit.ts';
import { type FieldLayout } from './record-layout.ts';

/** What a layout leaves open and the file decides. */
export interface Conventions {
  readonly page: CodePage;
  /**
   * Spaces or low-values where a number should be: refused; null; or zero, the bytes being kept. Writing a null writes spaces.
   */
  readonly blankNumbers: 'refuse' | 'null' | 'zero';
  /**
   * How ASCII writes the sign into the last digit: `0`–`9` and `p`–`y` (GnuCOBOL, Micro Focus), or `{A`–`I` and `}J`–`R` (EBCDIC translated).
   * Both are read; this one is written.
   */
  readonly asciiSigns: 'digits' | 'translated';
}

/** A record that is being read: its bytes, and the same as characters where one byte is one character. */
export interface Reading {
  readonly bytes: Uint8Array;
  readonly text: string | null;
  /** Set by a leaf whose bytes are not those that `write` would give for the value: an unusual sign, a negative zero. */
  odd: boolean;
}

/** One elementary field: bytes ⇄ value. `read` then `write` gives the same bytes unless `odd` was set. */
export interface Leaf {
  /** @throws Misfit */
  read(reading: Reading, at: number): Json;
  /** Writes exactly `field.length` bytes. @throws Misfit */
  write(target: Buffer, at: number, value: Json): void;
}

/** 1 when every byte is a space, 2 when every byte is 00, otherwise 0. */
function blankness(bytes: Uint8Array, at: number, length: number, space: number): 0 | 1 | 2 {
  const first = bytes[at];
  if (first !== space && first !== 0) return 0;
  for (let i = at + 1; i < at + length; i += 1) if (bytes[i] !== first) return 0;
  return first === 0 ? 2 : 1;
}

/** What bytes mean that are no number, by the file's conventions. @throws Misfit */
export function readBlank(field: FieldLayout, conventions: Conventions, reading: Reading, at: number, zero: Json, blankWhenZero = false): Json {
  const { bytes } = reading;
  const blank = blankness(bytes, at, field.length, conventions.page.space);
  if (blank === 0) {
    const hex = Buffer.from(bytes.subarray(at, at + Math.min(field.length, 20))).toString('hex');
    throw new Misfit(field, `${hex}${field.length > 20 ? '…' : ''} (hexadecimal) is no number`);
  }
  if (blankWhenZero && blank === 1) return zero;
  switch (conventions.blankNumbers) {
    case 'null':
      reading.odd = blank === 2;
      return null;
    case 'zero':
      reading.odd = true;
      return zero;
    case 'refuse':
      throw new Misfit(field, `holds ${blank === 1 ? 'spaces' : 'low-values'} instead of a number; blankNumbers says what they mean`);
  }
}

/** Writes null where the conventions give it a meaning; false when the value is to be written as a number. @throws Misfit */
export function writeBlank(field: FieldLayout, conventions: Conventions, target: Buffer, at: number, value: Json): boolean {
  if (value !== null) return false;
  if (conventions.blankNumbers !== 'null') throw new Misfit(field, 'null is no number; blankNumbers: null would write spaces');
  target.fill(conventions.page.space, at, at + field.length);
  return true;
}
