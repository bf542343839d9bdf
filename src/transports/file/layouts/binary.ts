import { type Json } from '../../../contract/json.ts';
import { decimalOf, decimalOfDigits, digitsOf, powersOfTen, unscaledOf } from './decimal.ts';
import { type Leaf } from './leaf.ts';
import { Misfit, shown } from './misfit.ts';
import { type FieldLayout, type FieldType, isJsonNumber, type NumberShape } from './record-layout.ts';

/** Two's complement of 1 to 8 bytes (BINARY, COMP, COMP-5). */
export function binaryLeaf(field: FieldLayout, type: FieldType & { kind: 'binary' }): Leaf {
  const { scale, signed, littleEndian, fullRange } = type;
  const { length } = field;
  const asNumber = isJsonNumber(type);
  const bits = BigInt(8 * length);
  const [least, most] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  const shape: NumberShape = fullRange ? { digits: String(most).length, scale, signed } : type;
  const fast = shape.digits <= 15 && scale >= -3 && scale <= 15 && shape.digits + Math.max(0, -scale) <= 15;
  const scratch = new Uint8Array(shape.digits);
  const pictureMost = shape.digits <= 15 ? (powersOfTen[shape.digits] as number) - 1 : Number.POSITIVE_INFINITY;
  const signBit = 2 ** (8 * length - 1);

  const readLarge = (bytes: Uint8Array, at: number): bigint => {
    const copy = Buffer.from(bytes.subarray(at, at + length));
    if (littleEndian) copy.reverse();
    const unsigned = BigInt(`0x${copy.toString('hex')}`);
    return signed && unsigned > most ? unsigned - (1n << bits) : unsigned;
  };
  const writeLarge = (target: Buffer, at: number, value: bigint): void => {
    const hex = (value < 0n ? value + (1n << bits) : value).toString(16).padStart(2 * length, '0');
    const bytes = Buffer.from(hex, 'hex');
    if (littleEndian) bytes.reverse();
    bytes.copy(target, at);
  };

  return {
    read: (reading, at) => {
      const { bytes } = reading;
      if (length <= 6) {
        let value = 0;
        if (littleEndian) for (let i = at + length - 1; i >= at; i -= 1) value = value * 256 + (bytes[i] as number);
        else for (let i = at; i < at + length; i += 1) value = value * 256 + (bytes[i] as number);
        if (signed && value >= signBit) value -= 2 * signBit;
        if (value > pictureMost || value < -pictureMost) reading.odd = true;
        return decimalOf(value, scale, asNumber);
      }
      const value = readLarge(bytes, at);
      const magnitude = value < 0n ? -value : value;
      const digits = String(magnitude);
      if (!fullRange && digits.length > type.digits) reading.odd = true;
      return decimalOfDigits(digits, value < 0n, scale);
    },
    write: (target, at, value: Json) => {
      if (value === null) throw new Misfit(field, 'null is no number, and binary numbers have no blank');
      if (fast && length <= 6) {
        let unscaled = unscaledOf(field, shape, value);
        if (fullRange && (unscaled > Number(most) || unscaled < Number(least)))
          throw new Misfit(field, `${shown(value)} is not between ${least} and ${most}`);
        if (unscaled < 0) unscaled += 2 * signBit;
        for (let i = 0; i < length; i += 1) {
          const next = Math.floor(unscaled / 256);
          target[littleEndian ? at + i : at + length - 1 - i] = unscaled - next * 256;
          unscaled = next;
        }
        return;
      }
      const below = digitsOf(field, shape, value, scratch);
      const magnitude = BigInt(scratch.join(''));
      const exact = below ? -magnitude : magnitude;
      if (exact > most || exact < least) throw new Misfit(field, `${shown(value)} is not between ${least} and ${most}`);
      writeLarge(target, at, exact);
    },
  };
}
