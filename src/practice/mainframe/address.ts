/**
 * The 64 graphic codes that stand for six bits each, in addresses, attributes and the write control character.
 * @see GA23-0059, "Code table for 12-bit addresses"
 */
const sixBits = Uint8Array.from({ length: 64 }, (_, n) => {
  if (n === 0x21) return 0x61;
  if (n === 0x30) return 0xf0;
  const digit = n & 0x0f;
  return digit >= 1 && digit <= 9 ? 0xc0 + n : 0x40 + n;
});

export const graphicOf = (bits: number): number => sixBits[bits & 0x3f] as number;

export type Addressing = 12 | 14;

/** A buffer address, two bytes. 14 bits are binary and have their top two bits clear; 12 bits are two graphic codes. */
export function encodeAddress(at: number, addressing: Addressing): readonly [number, number] {
  return addressing === 14 ? [(at >> 8) & 0x3f, at & 0xff] : [graphicOf(at >> 6), graphicOf(at)];
}

/** Either form, told apart by the top two bits: 00 is 14-bit, 01 and 11 are 12-bit, 10 is reserved. */
export function decodeAddress(high: number, low: number): number | null {
  const form = high >> 6;
  if (form === 2) return null;
  return form === 0 ? ((high & 0x3f) << 8) | low : ((high & 0x3f) << 6) | (low & 0x3f);
}
