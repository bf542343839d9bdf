import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepeatBounds } from './vt.bounds.ts';
import { VtDisplay } from './vt.display.ts';

const bound = (...pieces: (string | Uint8Array)[]): string => {
  const bounds = new RepeatBounds();
  return Buffer.concat(pieces.map((piece) => bounds.bound(Buffer.from(piece as string), 132))).toString();
};

describe('sequences that repeat', () => {
  it.each([
    ['\x1b[99999999L', '\x1b[132L'],
    ['a\x1b[5;999999999Mb', 'a\x1b[5;132Mb'],
    ['x\x1b[2147483647b', 'x\x1b[132b'],
    ["\x1b[99999999'}\x1b[7'~", "\x1b[132'}\x1b[7'~"],
    ['\u009b99999S', '\u009b132S'],
    ['\x1b]0;title\x07\x1b[1000T', '\x1b]0;title\x07\x1b[132T'],
    ['\x1b]0;title\x1b[1000T', '\x1b]0;title\x1b[132T'],
    ['\x1b[12\x1b[99999@', '\x1b[12\x1b[132@'],
    ['\x1b[99\n999L', '\x1b[99\n132L'],
  ])('%j is done as often as can be seen', (said, done) => {
    expect(bound(said)).toBe(done);
    expect(
      bound(
        ...Buffer.from(said)
          .toString('latin1')
          .split('')
          .map((byte) => Buffer.from(byte, 'latin1')),
      ),
    ).toBe(done);
  });

  it.each([
    '\x1b[24L\x1b[132b',
    '\x1b[38;2;200;250;255m',
    '\x1b[?1049h\x1b[?2004l',
    '\x1b[999;999H\x1b[6n',
    '日本 Â é',
    '\x1b(0lqk\x1b(B',
    '\x1b]8;;http://x/12345L\x07',
  ])('%j is left as it is', (said) => expect(bound(said)).toBe(said));

  it('a sequence without end is not kept', () => {
    const bounds = new RepeatBounds();
    const digits = Buffer.from('1'.repeat(1_000));
    let out = Buffer.from(bounds.bound(Buffer.from('A\x1b['), 80)).toString();
    for (let times = 0; times < 1_000; times += 1) out += Buffer.from(bounds.bound(digits, 80)).toString();
    out += Buffer.from(bounds.bound(Buffer.from('LB'), 80)).toString();
    expect(out).toBe('AB');
  });

  it('whatever comes apart anywhere comes out the same', async () => {
    const piece = fc.constantFrom(
      '\x1b[',
      '\x1b]',
      '\u009b',
      '\x9b',
      '99',
      '7',
      ';',
      'L',
      'm',
      'H',
      '\x07',
      '\x1b',
      'é',
      '日',
      'text',
      '\n',
      '\x18',
      "'}",
      '\x1b\\',
      '\u009c',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat({ max: 40 }), { maxLength: 4 }), async (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted((a, b) => a - b);
        const parts = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(bound(...parts)).toBe(bound(bytes));
      }),
    );
  });

  it('thirteen bytes do not stop the display', async () => {
    const display = new VtDisplay(24, 80, () => undefined);
    for (const bomb of [
      '\x1b[99999999L',
      '\x1b[99999999M',
      '\x1b[99999999S',
      '\x1b[99999999T',
      'x\x1b[2147483647b',
      "\x1b[99999999'}",
      '\x1b[99999999 A',
    ])
      await new Promise<void>((resolve) => display.feed(bomb, resolve));
    await new Promise<void>((resolve) => display.feed('\x1b[2J\x1b[HSTILL HERE', resolve));
    expect(display.snapshot().text().trimEnd()).toBe('STILL HERE');
    display.dispose();
  });
});
