import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesTopic } from './topic.ts';

/** The definition, word by word. */
function oracle(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#') return oracle(rest, words) || (words.length > 0 && oracle(pattern, words.slice(1)));
  return words.length > 0 && (first === '*' || first === words[0]) && oracle(rest, words.slice(1));
}

describe('topic wildcards', () => {
  it.each([
    ['com.acme.order.placed.v1', 'com.acme.order.placed.v1', true],
    ['com.acme.*.placed.v1', 'com.acme.order.placed.v1', true],
    ['com.acme.*', 'com.acme.order.placed', false],
    ['com.acme.#', 'com.acme.order.placed.v1', true],
    ['com.acme.#', 'com.acme', true],
    ['#', 'anything.at.all', true],
    ['#.v1', 'com.acme.v1', true],
    ['*', '', true],
    ['com.#.v1.#.x', 'com.v1.v1.a.x', true],
  ])('%s and %s: %s', (pattern, key, expected) => expect(matchesTopic(pattern, key)).toBe(expected));

  it('agrees with the definition', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    const patterns = fc.array(fc.oneof(word, fc.constantFrom('*', '#')), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(
        patterns,
        fc.array(word, { minLength: 1, maxLength: 7 }),
        (pattern, words) => matchesTopic(pattern.join('.'), words.join('.')) === oracle(pattern, words),
      ),
      { numRuns: 1_000 },
    );
  });

  it('many # take no exponential time', () => {
    expect(matchesTopic(Array.from({ length: 40 }, () => '#.a').join('.'), Array.from({ length: 2_000 }, () => 'b').join('.'))).toBe(false);
  });
});
