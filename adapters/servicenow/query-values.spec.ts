import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQueryValue } from './query-values.ts';

describe('a value in a query by example', () => {
  it.each(['^NE^3', 'ann^ORactive=true', '^', 'javascript:gs.getUserID()', '  JavaScript:x', 'two\nlines', 'nul\0', '', 'tail\u007f'])(
    '%j is refused',
    (value) => expect(isQueryValue(value)).toBe(false),
  );

  it.each(['ann.lee', 'a=b', 'A==', 'x!=y', '141bd7c887f4aabaf020476223bff445', "O'Brien & Söhne <1>", 'on javascript: the book'])(
    '%j is taken',
    (value) => expect(isQueryValue(value)).toBe(true),
  );

  it('nothing with an operator sign, a control character or a script in front is ever taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('^', '\n', '\r', '\0', '\u0085'), fc.string(), (before, sign, after) => {
        expect(isQueryValue(before + sign + after)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (after) => {
        expect(isQueryValue(`javascript:${after}`)).toBe(false);
      }),
    );
  });
});
