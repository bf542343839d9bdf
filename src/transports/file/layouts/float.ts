import { type Json } from '../../../contract/json.ts';
import { type Leaf } from './leaf.ts';
import { Misfit, shown, shownBytes } from './misfit.ts';
import { type FieldLayout, type FieldType } from './record-layout.ts';

/**
 * IBM hexadecimal floating point: sign, exponent of 16 plus 64, and a fraction of 6 or 14 hexadecimal digits, big-endian.
 * @see IBM z/Architecture Principles of Operation, hexadecimal-floating-point data format
 */
function readHexadecimal(bytes: Buffer): number {
  const head = bytes[0] as number;
  let fraction = 0;
  let weight = 1 / 256;
  for (const byte of bytes.subarray(1)) {
    fraction += byte * weight;
    weight /= 256;
  }
  const value = fraction * 16 ** ((head & 0x7f) - 64);
  return (head & 0x80) === 0 ? value : -value;
}

/** The nearest normalised one; false when the number is beyond its range. */
function writeHexadecimal(bytes: Buffer, value: number): boolean {
  bytes.fill(0);
  if (value === 0) return true;
  let magnitude = Math.abs(value);
  let exponent = 64;
  // Powers of 16 are exact in a double: no digit is lost by scaling.
  while (magnitude >= 1) {
    magnitude /= 16;
    exponent += 1;
  }
  while (magnitude < 1 / 16) {
    magnitude *= 16;
    exponent -= 1;
  }
  const hexDigits = 2 * (bytes.length - 1);
  let fraction = BigInt(magnitude * 2 ** 56);
  if (hexDigits === 6) fraction = (fraction + (1n << 31n)) >> 32n;
  if (fraction === 1n << BigInt(4 * hexDigits)) {
    fraction >>= 4n;
    exponent += 1;
  }
  if (exponent > 127 || exponent < 0) return false;
  bytes.write(fraction.toString(16).padStart(hexDigits, '0'), 1, 'hex');
  bytes[0] = exponent | (value < 0 ? 0x80 : 0);
  return true;
}

/** Floating point, 4 or 8 bytes (COMP-1, COMP-2): a JSON number. By its nature rounded: what is written is the nearest that the field can hold. */
export function floatLeaf(field: FieldLayout, { format, littleEndian }: FieldType & { kind: 'float' }): Leaf {
  const { length } = field;
  const own = Buffer.alloc(length);
  const again = Buffer.alloc(length);

  const put = (bytes: Buffer, value: number): boolean => {
    if (format === 'ibm') return writeHexadecimal(bytes, value);
    if (length === 8) bytes.writeDoubleBE(value);
    else bytes.writeFloatBE(value);
    return length === 8 || (Number.isFinite(Math.fround(value)) && (value === 0) === (Math.fround(value) === 0));
  };
  return {
    read: (reading, at) => {
      own.set(reading.bytes.subarray(at, at + length));
      if (littleEndian) own.reverse();
      const value = format === 'ibm' ? readHexadecimal(own) : length === 8 ? own.readDoubleBE() : own.readFloatBE();
      if (!Number.isFinite(value)) throw new Misfit(field, `${shownBytes(reading.bytes.subarray(at, at + length))} is no finite number`);
      // −0 is no JSON; fractions of 56 bits are more than a double has; unnormalised ones have several forms.
      put(again, value + 0);
      if (!again.equals(own)) reading.odd = true;
      return value + 0;
    },
    write: (target, at, value: Json) => {
      if (typeof value !== 'number' || !Number.isFinite(value)) throw new Misfit(field, `${shown(value)} is no finite JSON number`);
      if (!put(own, value + 0)) throw new Misfit(field, `${shown(value)} is beyond the range of the field`);
      if (littleEndian) own.reverse();
      own.copy(target, at);
    },
  };
}
