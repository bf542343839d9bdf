import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folded, sideBySide } from './side-by-side.ts';

describe('two exchanges beside each other', () => {
  it('have a changed line in one row, and what is only in one alone', () => {
    expect(sideBySide(['a', 'b', 'c', 'x'], ['a', 'B', 'c'])).toEqual([
      { kind: 'same', a: 'a', b: 'a' },
      { kind: 'changed', a: 'b', b: 'B' },
      { kind: 'same', a: 'c', b: 'c' },
      { kind: 'removed', a: 'x', b: null },
    ]);
  });

  it('each side is its own text in order, whatever the lines are', () => {
    const lines = fc.array(fc.constantFrom('', 'a', 'b', 'c\nd', '\r'), { maxLength: 20 });
    const flat = (line: string): string => line.replaceAll(/[\r\n]/g, '␤');
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const rows = sideBySide(a, b);
        expect(rows.flatMap((row) => row.a ?? [])).toEqual(a.map(flat));
        expect(rows.flatMap((row) => row.b ?? [])).toEqual(b.map(flat));
        for (const { kind, a: left, b: right } of rows) expect(kind === 'same').toBe(left === right);
      }),
    );
  });

  it('fold what is the same far from a difference', () => {
    const rows = sideBySide(['1', '2', '3', '4', '5', '6'], ['1', '2', '3', '4', 'five', '6']);
    expect(folded(rows, 1)).toEqual([null, 3, 4, 5]);
    expect(folded(sideBySide(['1'], ['1']), 1)).toEqual([null]);
  });
});
