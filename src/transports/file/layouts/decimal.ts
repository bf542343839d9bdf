import { type Json } from '../../../contract/json.ts';
import { Misfit, shown } from './misfit.ts';
import { type FieldLayout, type NumberShape } from './record-layout.ts';

/**
 * Exact decimals. A number whose digits fit 15 places goes through a JavaScript integer, which is exact there and several times as fast;
 * everything longer goes digit by digit.
 */
const fastDigits = 15;

export const powersOfTen: readonly number[] = Array.from({ length: 19 }, (_, power) => Number(`1e${power}`));
const fractions: readonly (readonly string[])[] = [0, 1, 2, 3].map((scale) =>
  Array.from({ length: scale === 0 ? 0 : (powersOfTen[scale] as number) }, (_, n) => `.${String(n).padStart(scale, '0')}`),
);

export const isFast = ({ digits, scale }: NumberShape): boolean => digits + Math.max(0, -scale) <= fastDigits && scale <= fastDigits;

/** The value of an unscaled integer of at most 15 digits: a JSON number or text with exactly `scale` places, by `asNumber`. */
export function decimalOf(unscaled: number, scale: number, asNumber: boolean): Json {
  if (scale <= 0) {
    // −0 is no JSON.
    const whole = scale === 0 ? unscaled : unscaled * (powersOfTen[-scale] as number);
    return asNumber ? whole + 0 : String(whole);
  }
  const magnitude = Math.abs(unscaled);
  const power = powersOfTen[scale] as number;
  const rest = magnitude % power;
  const whole = (magnitude - rest) / power;
  const fraction = scale <= 3 ? (fractions[scale] as readonly string[])[rest] : `.${String(rest).padStart(scale, '0')}`;
  return unscaled < 0 ? `-${whole}${fraction}` : `${whole}${fraction}`;
}

/** The same of any length: `digits` is text of digits. Always text. */
export function decimalOfDigits(digits: string, negative: boolean, scale: number): string {
  const all = scale < 0 ? digits + '0'.repeat(-scale) : digits.padStart(scale + 1, '0');
  const point = all.length - Math.max(0, scale);
  const whole = all.slice(0, point).replace(/^0+(?=\d)/, '');
  const text = scale > 0 ? `${whole}.${all.slice(point)}` : whole;
  return negative && /[1-9]/.test(digits) ? `-${text}` : text;
}

const syntax = /^-?\d{1,100}(?:\.\d{1,100})?$/;

function notANumber(field: FieldLayout, value: Json): Misfit {
  if (typeof value === 'number') return new Misfit(field, `${shown(value)} is no safe whole number: write decimals as text, '12.50'`);
  return new Misfit(field, `${shown(value)} is no decimal number like '-12.50'`);
}

function tooLong(field: FieldLayout, { digits, scale }: NumberShape, value: Json): Misfit {
  const before = digits - scale;
  return new Misfit(field, `${shown(value)} has more than ${Math.max(0, before)} digit${before === 1 ? '' : 's'} before the point`);
}

function tooFine(field: FieldLayout, { scale }: NumberShape, value: Json): Misfit {
  if (scale < 0) return new Misfit(field, `${shown(value)} is no multiple of ${powersOfTen[-scale] ?? `1e${-scale}`}`);
  return new Misfit(field, `${shown(value)} has more than ${scale} decimal place${scale === 1 ? '' : 's'}`);
}

const negativeUnsigned = (field: FieldLayout, value: Json): Misfit => new Misfit(field, `${shown(value)} is negative and the field has no sign`);

/** The unscaled integer of a value for a shape that is fast. @throws Misfit when any digit would be lost */
export function unscaledOf(field: FieldLayout, shape: NumberShape, value: Json): number {
  const { digits, scale, signed } = shape;
  let unscaled: number;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw notANumber(field, value);
    unscaled = value;
    if (scale > 0) unscaled *= powersOfTen[scale] as number;
  } else if (typeof value === 'string') unscaled = unscaledOfText(field, shape, value);
  else throw notANumber(field, value);
  if (scale < 0) {
    const power = powersOfTen[-scale] as number;
    if (unscaled % power !== 0) throw tooFine(field, shape, value);
    unscaled /= power;
  }
  if (unscaled >= (powersOfTen[digits] as number) || unscaled <= -(powersOfTen[digits] as number)) throw tooLong(field, shape, value);
  if (unscaled < 0 && !signed) throw negativeUnsigned(field, value);
  return unscaled;
}

function unscaledOfText(field: FieldLayout, shape: NumberShape, text: string): number {
  const negative = text.charCodeAt(0) === 45;
  const scale = Math.max(0, shape.scale);
  let unscaled = 0;
  let places = -1;
  let count = 0;
  for (let i = negative ? 1 : 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === -2 && places < 0 && count > 0) {
      places = 0;
      continue;
    }
    if (digit < 0 || digit > 9 || count > 200) throw notANumber(field, text);
    count += 1;
    if (places >= 0) places += 1;
    if (places > scale) {
      if (digit !== 0) throw tooFine(field, shape, text);
      continue;
    }
    unscaled = unscaled * 10 + digit;
  }
  if (count === 0 || places === 0) throw notANumber(field, text);
  const missing = scale - Math.min(scale, Math.max(0, places));
  if (missing > 0) unscaled *= powersOfTen[missing] as number;
  return negative ? -unscaled : unscaled;
}

/** The digits of a value, most significant first, into `out`; whether it is negative. For any length. @throws Misfit when any digit would be lost */
export function digitsOf(field: FieldLayout, shape: NumberShape, value: Json, out: Uint8Array): boolean {
  if (typeof value === 'number' ? !Number.isSafeInteger(value) : typeof value !== 'string' || !syntax.test(value)) throw notANumber(field, value);
  const text = String(value);
  const negative = text.startsWith('-');
  const point = text.indexOf('.');
  const start = negative ? 1 : 0;
  const wholeEnd = point < 0 ? text.length : point;
  out.fill(0);
  let zero = true;
  for (let i = start; i < text.length; i += 1) {
    if (i === point) continue;
    const digit = text.charCodeAt(i) - 48;
    if (digit === 0) continue;
    zero = false;
    const power = i < wholeEnd ? wholeEnd - 1 - i : wholeEnd - i;
    const index = shape.digits - 1 - (power + shape.scale);
    if (index < 0) throw tooLong(field, shape, value);
    if (index >= shape.digits) throw tooFine(field, shape, value);
    out[index] = digit;
  }
  if (negative && !zero && !shape.signed) throw negativeUnsigned(field, value);
  return negative && !zero;
}
