import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CharacterSetName, characterSet } from './character-set.ts';

const names: readonly CharacterSetName[] = [
  'ascii',
  'latin-1',
  'windows-1252',
  ...([2, 3, 4, 5, 6, 7, 8, 9, 15] as const).map((part) => `iso-8859-${part}` as const),
];

/** Every byte as glibc reads it; null where it has none. The labels of glibc say latin1. */
function oracle(name: CharacterSetName): (string | null)[] {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const label = name === 'latin-1' ? 'ISO-8859-1' : name === 'ascii' ? 'US-ASCII' : name;
  const read = (bytes: Buffer): string | null => {
    try {
      return execFileSync('iconv', ['-f', label, '-t', 'UTF-8'], { input: bytes, stdio: ['pipe', 'pipe', 'ignore'] }).toString();
    } catch {
      return null;
    }
  };
  const whole = read(all);
  if (whole !== null) return [...whole];
  return Array.from(all, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : read(Buffer.of(byte))));
}

const read = (name: CharacterSetName, byte: number): string | null => {
  try {
    return characterSet(name).decode(Buffer.of(byte));
  } catch {
    return null;
  }
};

/** Places that glibc leaves empty and the encoding standard does not, or that were filled later: they come back the same, which is what counts. */
const filled: Readonly<Record<string, readonly number[]>> = { 'windows-1252': [0x81, 0x8d, 0x8f, 0x90, 0x9d] };

describe('character sets', () => {
  it.each(names)('%s is the one of glibc', (name) => {
    const given = oracle(name);
    expect(given).toHaveLength(256);
    for (const [byte, character] of given.entries())
      if (filled[name]?.includes(byte) !== true) expect([byte, read(name, byte)]).toEqual([byte, character]);
  });

  it.each([...names, 'utf-8' as const])('%s: what is read is written in the same bytes', (name) => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const set = characterSet(name);
        let text: string;
        try {
          text = set.decode(Buffer.from(bytes));
        } catch {
          return;
        }
        expect(set.encode(text)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('what does not belong to a set is named with its place', () => {
    expect(() => characterSet('utf-8').decode(Buffer.from('\xef\xbf\xbdé\xff', 'latin1'))).toThrow('byte 4 begins no UTF-8 character');
    expect(() => characterSet('ascii').encode('a€')).toThrow('character 2 (U+20AC) is not in ascii');
    expect(() => characterSet('windows-1252').encode('😀')).toThrow('character 1 (U+1F600) is not in windows-1252');
    expect(() => characterSet('iso-8859-7').decode(Buffer.of(0x41, 0xff))).toThrow('byte 2 (0xff) is not in iso-8859-7');
    expect(() => characterSet('utf-8').encode('\ud800')).toThrow('half of a surrogate pair');
  });
});
