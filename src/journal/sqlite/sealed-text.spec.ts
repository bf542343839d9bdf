import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyCodec } from './bodies.ts';
import { seal, unseal } from './sealed-text.ts';

const keyed = new BodyCodec(new Map([[7, new Uint8Array(32).fill(7)]]));
const plain = new BodyCodec();
/** Texts that look like sealed ones among them. */
const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string().map((text) => `\u00017:${Buffer.from(text).toString('base64')}`),
);

describe('a text that people write', () => {
  it('comes back as it was, with a key and without, whatever it looks like', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(unseal(keyed, seal(keyed, text))).toBe(text);
        expect(unseal(plain, seal(plain, text))).toBe(text);
        expect(unseal(keyed, seal(plain, text))).toBe(text);
      }),
    );
  });

  it('stands as it is without a key, and not at all with one', () => {
    expect(seal(plain, 'Ann knows')).toBe('Ann knows');
    expect(seal(keyed, 'Ann knows').slice(1)).toMatch(/^7:[\w+/=]+$/);
  });

  it('is refused without its key, and when it was changed', () => {
    const stored = seal(keyed, 'Ann knows');
    expect(() => unseal(plain, stored)).toThrow(/key 7/);
    expect(() => unseal(keyed, `${stored.slice(0, 4)}${stored[4] === 'A' ? 'B' : 'A'}${stored.slice(5)}`)).toThrow(/cannot be decrypted/);
  });
});
