import { type Json } from '../../../contract/json.ts';
import { decimalOf, decimalOfDigits, digitsOf, isFast, unscaledOf } from './decimal.ts';
import { type Conventions, type Leaf, readBlank, writeBlank } from './leaf.ts';
import { Misfit, shownBytes } from './misfit.ts';
import { type FieldLayout, type FieldType, isJsonNumber } from './record-layout.ts';

type Zoned = FieldType & { kind: 'zoned' };

const negative = 16;
const unusual = 32;
const noDigit = 255;

/** What a byte that carries digit and sign means: the digit, plus 16 when negative, plus 32 when this is not how it is written. */
function signTable(ebcdic: boolean, signed: boolean, translated: boolean): Uint8Array {
  const table = new Uint8Array(256).fill(noDigit);
  const run = (first: number, flags: number): void => {
    for (let digit = 0; digit <= 9; digit += 1) table[first + digit] = digit + flags;
  };
  if (ebcdic) {
    // Zones A, C, E, F are plus, B and D minus. @see IBM z/Architecture Principles of Operation, decimal-operand data format
    for (const zone of [0xa0, 0xe0]) run(zone, unusual);
    run(0xb0, negative + unusual);
    run(0xd0, negative + (signed ? 0 : unusual));
    run(0xc0, signed ? 0 : unusual);
    run(0xf0, signed ? unusual : 0);
    return table;
  }
  run(0x30, signed && translated ? unusual : 0);
  run(0x70, negative + (translated ? unusual : 0));
  // `{ABCDEFGHI` and `}JKLMNOPQR`, what EBCDIC's C0–C9 and D0–D9 are called in ASCII.
  const flags = signed && translated ? 0 : unusual;
  table[0x7b] = flags;
  table[0x7d] = negative + flags;
  for (let digit = 1; digit <= 9; digit += 1) {
    table[0x40 + digit] = digit + flags;
    table[0x49 + digit] = digit + negative + flags;
  }
  return table;
}

/** Where `table` says how a byte is written, the byte of digit + 16 × minus. */
function writtenSigns(table: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(32);
  table.forEach((meaning, byte) => {
    if (meaning < unusual) bytes[meaning] = byte;
  });
  return bytes;
}

/** Digits as characters, the sign in the zone of the first or last, or as a character of its own (DISPLAY). */
export function zonedLeaf(field: FieldLayout, type: Zoned, conventions: Conventions): Leaf {
  const { page, asciiSigns } = conventions;
  const { digits, scale, signed, separate, blankWhenZero } = type;
  const { length } = field;
  const trailing = type.sign === 'trailing';
  const zero = page.ebcdic ? 0xf0 : 0x30;
  const plus = page.ebcdic ? 0x4e : 0x2b;
  const minus = page.ebcdic ? 0x60 : 0x2d;
  const signs = signTable(page.ebcdic, signed, asciiSigns === 'translated');
  const written = writtenSigns(signs);
  const asNumber = isJsonNumber(type);
  const zeroValue = decimalOf(0, scale, asNumber);
  const fast = isFast(type);
  const first = separate && !trailing ? 1 : 0;
  const signAt = separate ? (trailing ? length - 1 : 0) : trailing ? length - 1 : 0;
  const scratch = new Uint8Array(digits);

  /** The digit and flags at the place of the sign; `noDigit` when it is none. */
  const signOf = (byte: number): number => {
    if (!separate) return signs[byte] as number;
    return byte === minus ? negative : byte === plus ? 0 : noDigit;
  };
  const checked = (meaning: number, bytes: Uint8Array, at: number, isZero: boolean): boolean => {
    const below = (meaning & negative) !== 0;
    if (below && !signed && !isZero) throw new Misfit(field, `${shownBytes(bytes.subarray(at, at + length))} is negative and the field has no sign`);
    return below;
  };

  return {
    read: (reading, at) => {
      const { bytes } = reading;
      const meaning = signOf(bytes[at + signAt] as number);
      if (meaning === noDigit) return readBlank(field, conventions, reading, at, zeroValue, blankWhenZero);
      let unscaled = 0;
      let text = '';
      for (let i = 0; i < digits; i += 1) {
        const place = first + i;
        let digit = (bytes[at + place] as number) - zero;
        if (place === signAt && !separate) digit = meaning & 15;
        else if (digit < 0 || digit > 9) return readBlank(field, conventions, reading, at, zeroValue, blankWhenZero);
        if (fast) unscaled = unscaled * 10 + digit;
        else text += String.fromCharCode(48 + digit);
      }
      const isZero = fast ? unscaled === 0 : !/[1-9]/.test(text);
      const below = checked(meaning, bytes, at, isZero);
      if (meaning >= unusual || (isZero && (below || blankWhenZero))) reading.odd = true;
      return fast ? decimalOf(below && !isZero ? -unscaled : unscaled, scale, asNumber) : decimalOfDigits(text, below, scale);
    },
    write: (target, at, value: Json) => {
      if (writeBlank(field, conventions, target, at, value)) return;
      let below: boolean;
      let isZero: boolean;
      if (fast) {
        const unscaled = unscaledOf(field, type, value);
        below = unscaled < 0;
        isZero = unscaled === 0;
        let rest = below ? -unscaled : unscaled;
        for (let place = at + first + digits - 1; place >= at + first; place -= 1) {
          const next = Math.floor(rest / 10);
          target[place] = zero + (rest - next * 10);
          rest = next;
        }
      } else {
        below = digitsOf(field, type, value, scratch);
        isZero = scratch.every((digit) => digit === 0);
        for (let i = 0; i < digits; i += 1) target[at + first + i] = zero + (scratch[i] as number);
      }
      if (isZero && blankWhenZero) target.fill(page.space, at, at + length);
      else if (separate) target[at + signAt] = below ? minus : plus;
      else if (signed) target[at + signAt] = written[(target[at + signAt] as number) - zero + (below ? negative : 0)] as number;
    },
  };
}
