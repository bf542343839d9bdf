import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, hexLines, remarksOf, sizeOf } from './payload.ts';

describe('a payload', () => {
  it('has its size in the unit a person thinks in', () => {
    expect([1, 999, 1_000, 4_250, 20_000_000].map(sizeOf)).toEqual(['1 byte', '999 bytes', '1.0 kB', '4.3 kB', '20.0 MB']);
  });

  it('that is not as it came says so', () => {
    const body = { size: 2_000, sha256: 'abc', clipped: false, text: 'x' };
    expect(remarksOf(body)).toEqual([]);
    expect(remarksOf({ ...body, clipped: true })).toEqual(['Clipped: head and tail of 2.0 kB were kept, SHA-256 of the whole abc.']);
    expect(remarksOf({ ...body, cut: true, masked: true })).toEqual(['The first 1 byte of 2.0 kB are shown.', 'Sensitive values are masked.']);
    expect(remarksOf({ size: 2_000, sha256: null, clipped: false, dropped: true })).toEqual(['The 2.0 kB of it are no longer kept.']);
  });

  it('in hex is all of its bytes, in printable characters', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const lines = hexLines(bytesOf(btoa(String.fromCharCode(...bytes))), 0, 10);
        expect(lines).toMatch(/^[\x20-\x7e·\n]*$/);
        const pairs = lines.split('\n').flatMap((line) => line.slice(8, 55).trim().split(' ').filter(Boolean));
        expect(pairs.map((pair) => Number.parseInt(pair, 16))).toEqual([...bytes]);
      }),
    );
  });
});
