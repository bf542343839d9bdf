import { array, assert, constantFrom, integer, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAddress, encodeAddress } from './address.ts';
import { attributeByte } from './data-stream.ts';
import { readInbound } from './inbound.ts';

describe('3270 addresses and attributes', () => {
  it('come back as they were sent, in 12 and in 14 bits', () => {
    for (let at = 0; at < 4_096; at += 1) expect(decodeAddress(...encodeAddress(at, 12))).toBe(at);
    for (let at = 0; at < 16_384; at += 1) expect(decodeAddress(...encodeAddress(at, 14))).toBe(at);
  });

  it('are the bytes of the reference', () => {
    // The corners of a 24 by 80 screen, and the last cell of the first row.
    expect(encodeAddress(0, 12)).toEqual([0x40, 0x40]);
    expect(encodeAddress(79, 12)).toEqual([0xc1, 0x4f]);
    expect(encodeAddress(1_919, 12)).toEqual([0x5d, 0x7f]);
    expect(attributeByte({ protected: true, numeric: true })).toBe(0xf0);
    expect(attributeByte({ protected: true, numeric: true, bright: true })).toBe(0xf8);
    expect(attributeByte({ hidden: true })).toBe(0x4c);
    expect(attributeByte({ modified: true })).toBe(0xc1);
  });
});

describe('inbound records', () => {
  it('a key brings the cursor and the modified fields', () => {
    expect(readInbound(Uint8Array.of(0x7d, 0x40, 0x40, 0x11, 0xc1, 0x4f, 0xc1, 0xc2, 0x11, 0x5d, 0x7f))).toEqual({
      is: 'key',
      aid: 'Enter',
      cursor: 0,
      fields: [
        { at: 79, bytes: Uint8Array.of(0xc1, 0xc2) },
        { at: 1_919, bytes: new Uint8Array() },
      ],
    });
  });

  it('PA keys and Clear bring nothing but themselves', () => {
    expect(readInbound(Uint8Array.of(0x6d))).toEqual({ is: 'short', aid: 'Clear' });
    expect(readInbound(Uint8Array.of(0x6c, 0x40, 0x40))).toEqual({ is: 'short', aid: 'PA1' });
  });

  it('a query reply tells the usable area, and a broken one tells nothing', () => {
    const area = [0x00, 0x0a, 0x81, 0x81, 0x01, 0x00, 0x00, 0x64, 0x00, 0x32];
    expect(readInbound(Uint8Array.from([0x88, 0x00, 0x04, 0x81, 0x80, ...area]))).toEqual({ is: 'query-reply', rows: 50, columns: 100 });
    expect(readInbound(Uint8Array.from([0x88, 0x00, 0x00, 0x81, 0x81]))).toEqual({ is: 'query-reply', rows: null, columns: null });
  });

  it('any bytes are a record or none', () => {
    const likely = constantFrom(0x7d, 0x88, 0x11, 0x6d, 0x81, 0x40, 0x00);
    let records = 0;
    assert(
      property(array(oneof(likely, integer({ min: 0, max: 255 })), { maxLength: 60 }), (bytes) => {
        if (readInbound(Uint8Array.from(bytes)) !== null) records += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(records).toBeGreaterThan(100);
  });
});
