import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Ebcdic } from './ebcdic.ts';

const printable = Uint8Array.from({ length: 0xbf }, (_, n) => 0x40 + n);

describe('EBCDIC', () => {
  it.each([
    [37, 'IBM037'],
    [1140, 'IBM1140'],
  ] as const)('code page %i is what iconv calls %s', (codePage, name) => {
    const judged = execFileSync('iconv', ['-f', name, '-t', 'UTF-8'], { input: printable }).toString('utf8');
    const ebcdic = new Ebcdic(codePage);
    expect(ebcdic.decode(printable)).toBe(judged);
    expect(Buffer.from(ebcdic.encode(judged))).toEqual(Buffer.from(printable));
  });

  it('leaves NUL out, and shows a question mark for what it does not have', () => {
    const ebcdic = new Ebcdic(37);
    expect(ebcdic.decode(Uint8Array.of(0xc1, 0x00, 0x0d, 0xc2))).toBe('A?B');
    expect(ebcdic.decode(ebcdic.encode('€日'))).toBe('??');
  });
});
