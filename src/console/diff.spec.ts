import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Edit, diffLines } from './diff.ts';

const of = (edits: readonly Edit[], ...kinds: Edit['kind'][]): string =>
  edits
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ text }) => text)
    .join('');
const brief = (a: string, b: string): string[] => diffLines(a, b).map(({ kind, text }) => `${kind[0]} ${JSON.stringify(text)}`);

/** Few different lines, so that many are equal; with and without a line end at the end. */
const texts = fc
  .tuple(fc.array(fc.constantFrom('', 'a', 'b', 'c', 'd', '\r', 'ab'), { maxLength: 40 }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends ? '\n' : ''));

describe('diffLines', () => {
  it('what is same and removed is the first text, what is same and added the second; pieces are whole lines', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const edits = diffLines(a, b);
        expect([of(edits, 'same', 'removed'), of(edits, 'same', 'added')]).toEqual([a, b]);
        for (const { text, lines } of edits) {
          expect(text).not.toBe('');
          expect(lines).toBe(text.split('\n').length - (text.endsWith('\n') ? 1 : 0));
        }
        const old = edits.filter(({ kind }) => kind !== 'added');
        for (const { text } of old.slice(0, -1)) expect(text.endsWith('\n')).toBe(true);
        const made = edits.filter(({ kind }) => kind !== 'removed');
        for (const { text } of made.slice(0, -1)) expect(text.endsWith('\n')).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('it is as short as it can be where the texts are small', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b'), { maxLength: 12 }), fc.array(fc.constantFrom('a', 'b'), { maxLength: 12 }), (a, b) => {
        // Lines that stand several times only: none of them divides the texts.
        const [twiceA, twiceB] = [
          [...a, ...a],
          [...b, ...b],
        ];
        const same = of(diffLines(`${twiceA.join('\n')}\n`, `${twiceB.join('\n')}\n`), 'same').split('\n').length - 1;
        const most = longest(twiceA, twiceB);
        expect(same).toBeGreaterThanOrEqual(new Set(twiceA).size === 2 && new Set(twiceB).size === 2 ? most : 0);
      }),
      { numRuns: 500 },
    );
  });

  it('a line that was changed is removed and added in its place', () => {
    expect(brief('one\ntwo\nthree\n', 'one\n2\nthree\n')).toEqual(['s "one\\n"', 'r "two\\n"', 'a "2\\n"', 's "three\\n"']);
    expect(brief('', '')).toEqual([]);
    expect(brief('same', 'same')).toEqual(['s "same"']);
    expect(brief('a\nb', 'a\nb\n')).toEqual(['s "a\\n"', 'r "b"', 'a "b\\n"']);
    expect(brief('x', 'a\nx')).toEqual(['a "a\\n"', 's "x"']);
    expect(brief('a\nx', 'bx')).toEqual(['r "a\\nx"', 'a "bx"']);
  });

  const mb20 = 20_000_000;
  const lines = (n: number, line: (n: number) => string): string => Array.from({ length: n }, (_, at) => line(at)).join('\n');
  it.each<[string, () => [string, string]]>([
    ['one line of 20 MB against another', () => ['a'.repeat(mb20), `${'a'.repeat(mb20 - 1)}b`]],
    ['20 MB of line ends against 20 MB of others', () => ['\n'.repeat(mb20), '\r\n'.repeat(mb20 / 2)]],
    ['200,000 lines, all different', () => [lines(200_000, (n) => `a${n}`), lines(200_000, (n) => `b${n}`)]],
    ['200,000 lines the other way round', () => [lines(200_000, (n) => `${n}`), lines(200_000, (n) => `${200_000 - n}`)]],
    ['two lines in another order, 100,000 times', () => ['a\nb\n'.repeat(100_000), `${'b\nb\na\n'.repeat(66_000)}c`]],
    [
      'many pieces that nothing divides',
      () => [
        lines(199_000, (n) => (n % 700 === 0 ? `mark ${n}` : `${(n * 7) % 11}`)),
        lines(199_000, (n) => (n % 700 === 0 ? `mark ${n}` : `${(n * 5) % 13}`)),
      ],
    ],
    ['lines that divide late, again and again', () => [lines(199_000, (n) => `${n % 447}`), lines(199_000, (n) => `${(n * 7) % 449}`)]],
  ])('hostile texts end, and are told whole: %s', (_name, make) => {
    const [a, b] = make();
    const edits = diffLines(a, b);
    expect(of(edits, 'same', 'removed') === a && of(edits, 'same', 'added') === b).toBe(true);
  });
});

/** Length of the longest common subsequence, the slow way. */
function longest(a: readonly string[], b: readonly string[]): number {
  const rows = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1)
      (rows[i] as number[])[j] = a[i - 1] === b[j - 1] ? (rows[i - 1]?.[j - 1] ?? 0) + 1 : Math.max(rows[i - 1]?.[j] ?? 0, rows[i]?.[j - 1] ?? 0);
  return rows[a.length]?.[b.length] ?? 0;
}
