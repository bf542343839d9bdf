import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { codePage } from './code-page.ts';
import { codePageNames } from './tables.ts';

const glibc: Readonly<Record<string, string>> = {
  '037': 'IBM037',
  '273': 'IBM273',
  '500': 'IBM500',
  '1047': 'IBM1047',
  '1140': 'IBM1140',
  '1141': 'IBM1141',
  '1148': 'IBM1148',
  ascii: 'ASCII',
  'iso-8859-1': 'ISO-8859-1',
  'iso-8859-15': 'ISO-8859-15',
  'windows-1252': 'CP1252',
};

describe('code pages, against glibc iconv', () => {
  it.each(Object.entries(glibc))('%s: every byte has the character that %s gives it, or none', (name, charset) => {
    const page = codePage(name);
    const wrong: string[] = [];
    for (const byte of Array.from({ length: 256 }, (_, each) => each)) {
      const mine = page.decode(Uint8Array.of(byte), 0, 1);
      const outside = byte >= 0x80 && (name === 'ascii' || name === 'windows-1252');
      const theirs = outside ? fromIconv(charset, Buffer.of(byte)) : null;
      if (outside && mine !== (theirs ?? 0)) wrong.push(`byte ${byte}`);
    }
    const defined = Buffer.from(
      Array.from({ length: 256 }, (_, each) => each).filter((byte) => typeof page.decode(Uint8Array.of(byte), 0, 1) === 'string'),
    );
    expect(page.decode(defined, 0, defined.length)).toBe(fromIconv(charset, defined));
    expect(defined.length).toBe({ ascii: 128, 'windows-1252': 251 }[name] ?? 256);
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(glibc))('%s: every character up to U+FFFF becomes the byte that %s gives it, or is refused', (name, charset) => {
    const page = codePage(name);
    const target = new Uint8Array(1);
    const has: string[] = [];
    for (let code = 0; code < 0x10000; code += 1) if (page.write(String.fromCharCode(code), target, 0) === -1) has.push(String.fromCharCode(code));
    const bytes = new Uint8Array(has.length);
    expect(page.write(has.join(''), bytes, 0)).toBe(-1);
    expect(Buffer.from(bytes)).toEqual(spawnSync('iconv', ['-f', 'UTF-8', '-t', charset], { input: has.join('') }).stdout);
    expect(has.length).toBe({ ascii: 128, 'windows-1252': 251 }[name] ?? 256);
  });
});

function fromIconv(charset: string, input: Buffer): string | null {
  const { status, stdout } = spawnSync('iconv', ['-f', charset, '-t', 'UTF-8'], { input });
  return status === 0 ? stdout.toString('utf8') : null;
}

describe('code pages', () => {
  it('a character outside the page is told by its index, half a surrogate pair too', () => {
    const target = new Uint8Array(8);
    expect(codePage('1047').write('AB€', target, 0)).toBe(2);
    expect(codePage('1140').write('AB€', target, 0)).toBe(-1);
    expect(codePage('iso-8859-1').write('a\u{1f600}', target, 0)).toBe(1);
    expect(codePage('utf-8').write('a\ud800', target, 0)).toBe(1);
  });

  it('a byte without a character is told by its offset', () => {
    expect(codePage('windows-1252').decode(Uint8Array.of(0x41, 0x81), 0, 2)).toBe(1);
    expect(codePage('utf-8').decode(Uint8Array.of(0x41, 0xc3, 0xa4, 0xc3, 0x28), 0, 5)).toBe(4);
    expect(codePage('utf-8').decode(Uint8Array.of(0x41, 0xc0, 0x80), 0, 3)).toBe(1);
    expect(codePage('utf-8').decode(Uint8Array.of(0x41, 0xe2, 0x82), 0, 3)).toBe(2);
  });

  it('a wide character does not disturb the narrow ones beside it', () => {
    expect(codePage('1140').characters(Uint8Array.of(0xc1, 0x9f, 0xc2))).toBe('A€B');
    expect(codePage('utf-8').characters(Buffer.from('aä'))).toBeNull();
  });

  it('an unknown name is refused with the known ones', () => {
    expect(() => codePage('437')).toThrow(`known are ${codePageNames.join(', ')}`);
  });
});
