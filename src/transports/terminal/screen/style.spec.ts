import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plain, sameStyle, type Style, styleKey } from './style.ts';

const colour = fc.constantFrom<Style['foreground']>(null, 0, 7, '#00ff00');
const style = fc.record<Style>({
  intensity: fc.constantFrom<Style['intensity']>('dim', 'normal', 'bright'),
  reverse: fc.boolean(),
  underline: fc.boolean(),
  blink: fc.boolean(),
  hidden: fc.boolean(),
  protected: fc.boolean(),
  foreground: colour,
  background: colour,
});

it('styles are the same when their words are', () => {
  fc.assert(
    fc.property(style, style, (one, other) => {
      expect(sameStyle(one, other)).toBe(styleKey(one) === styleKey(other));
    }),
  );
});

it('a style that differs in one thing is another', () => {
  for (const [name, value] of Object.entries({ ...plain, intensity: 'dim', foreground: 1, background: 1 }))
    expect([name, sameStyle(plain, { ...plain, [name]: typeof value === 'boolean' ? !value : value })]).toEqual([name, false]);
  expect(sameStyle(plain, { ...plain })).toBe(true);
});
