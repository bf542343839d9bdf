import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codePageNames } from '../../../../transports/file/code-pages/tables.ts';
import { bytesOf, charactersOf, textIn } from './hex.ts';

describe('bytes as characters', () => {
  it.each([
    ['utf-8', 'Aä€😀', ['A', 'ä', '', '€', '', '', '😀', '', '', '']],
    ['utf-8', '\u202e\u0000\t', ['·', '', '', '·', '·']],
  ] as const)('of %s have a place for each byte', (page, text, expected) => {
    expect(charactersOf(Buffer.from(text), page)).toEqual(expected);
  });

  it('of EBCDIC are those of its page', () => {
    expect(charactersOf(Buffer.from('c1e9f14a', 'hex'), '273')).toEqual(['A', 'Z', '1', 'Ä']);
    expect(textIn(Buffer.from('c1e9f115', 'hex'), '1047')).toBe('AZ1\u0085');
  });

  it('are as many as there are bytes, and none of them turns, hides or joins, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
        ),
        fc.constantFrom(...codePageNames),
        (bytes, page) => {
          const shown = charactersOf(bytes, page);
          expect(shown).toHaveLength(bytes.length);
          expect(shown.join('')).not.toMatch(/[\p{C}\p{M}\n\r\t]/u);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('masked ones are none', () => {
    expect(bytesOf('41xx0a')).toEqual([0x41, null, 0x0a]);
  });
});
