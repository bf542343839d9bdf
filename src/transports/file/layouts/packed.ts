import { type Json } from '../../../contract/json.ts';
import { decimalOf, decimalOfDigits, digitsOf, isFast, unscaledOf } from './decimal.ts';
import { type Conventions, type Leaf, readBlank, writeBlank } from './leaf.ts';
import { Misfit, shownBytes } from './misfit.ts';
import { type FieldLayout, type FieldType, isJsonNumber } from './record-layout.ts';

/** Two digits a byte, the sign in the last half byte (COMP-3). Written C, D, or F where there is no sign; A, B and E are read too. */
export function packedLeaf(field: FieldLayout, type: FieldType & { kind: 'packed' }, conventions: Conventions): Leaf {
  const { digits, scale, signed } = type;
  const { length } = field;
  const even = digits % 2 === 0;
  const asNumber = isJsonNumber(type);
  const zeroValue = decimalOf(0, scale, asNumber);
  const fast = isFast(type);
  const scratch = new Uint8Array(digits);
  const usual = signed ? 0xc : 0xf;

  return {
    read: (reading, at) => {
      const { bytes } = reading;
      const last = at + length - 1;
      const sign = (bytes[last] as number) & 15;
      if (sign < 10) return readBlank(field, conventions, reading, at, zeroValue);
      if (even && (bytes[at] as number) > 0x0f)
        throw new Misfit(field, `the unused first half byte of ${shownBytes(bytes.subarray(at, last + 1))} is not 0`);
      let unscaled = 0;
      let text = '';
      for (let i = at; i <= last; i += 1) {
        const byte = bytes[i] as number;
        const high = byte >> 4;
        const low = byte & 15;
        if (high > 9 || (low > 9 && i < last)) return readBlank(field, conventions, reading, at, zeroValue);
        if (fast) unscaled = i < last ? unscaled * 100 + high * 10 + low : unscaled * 10 + high;
        else text += i < last ? String.fromCharCode(48 + high, 48 + low) : String.fromCharCode(48 + high);
      }
      const isZero = fast ? unscaled === 0 : !/[1-9]/.test(text);
      const below = sign === 0xd || sign === 0xb;
      if (below && !signed && !isZero) throw new Misfit(field, `${shownBytes(bytes.subarray(at, last + 1))} is negative and the field has no sign`);
      if (isZero ? sign !== usual : sign !== usual && sign !== 0xd) reading.odd = true;
      return fast ? decimalOf(below && !isZero ? -unscaled : unscaled, scale, asNumber) : decimalOfDigits(text, below, scale);
    },
    write: (target, at, value: Json) => {
      if (writeBlank(field, conventions, target, at, value)) return;
      const last = at + length - 1;
      if (fast) {
        const unscaled = unscaledOf(field, type, value);
        let rest = unscaled < 0 ? -unscaled : unscaled;
        let next = Math.floor(rest / 10);
        target[last] = ((rest - next * 10) << 4) | (unscaled < 0 ? 0xd : usual);
        for (let place = last - 1; place >= at; place -= 1) {
          rest = next;
          next = Math.floor(rest / 100);
          const pair = rest - next * 100;
          const high = Math.floor(pair / 10);
          target[place] = (high << 4) | (pair - high * 10);
        }
        return;
      }
      const below = digitsOf(field, type, value, scratch);
      target.fill(0, at, at + length);
      for (let i = 0; i < digits; i += 1) {
        // Half bytes are counted from the right: the sign is number 0.
        const half = digits - i;
        const place = last - (half >> 1);
        target[place] = (target[place] as number) | (half % 2 === 1 ? (scratch[i] as number) << 4 : (scratch[i] as number));
      }
      target[last] = (target[last] as number) | (below ? 0xd : usual);
    },
  };
}
