import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masking, mask } from './masking.ts';

describe('masking', () => {
  it.each([
    ['as it is', 'Anna Meier', 'Anna Meier'],
    ['in other letters, as hosts show them', 'ANNA MEIER', 'ANNA MEIER'],
    ['broken into lines', 'Anna\n   Meier', 'Anna\n   Meier'],
  ])('a value is found in a text %s', (_how, stands, found) => {
    const text = `before ${stands} after`;
    expect(new Masking(['Anna Meier']).in(text).map(([from, to]) => text.slice(from, to))).toEqual([found]);
  });

  it.each([
    ['XML', `<a>${'Meier &amp; Söhne &lt;KG&gt;'}</a>`],
    ['JSON', JSON.stringify({ a: 'Meier & Söhne <KG>' })],
    ['an address', `?q=${encodeURIComponent('Meier & Söhne <KG>')}&x=1`],
  ])('a value is found as %s writes it', (_format, text) => {
    const shown = new Masking(['Meier & Söhne <KG>']).text(text);
    expect(shown).toContain(mask);
    expect(shown).not.toContain('Söhne');
  });

  it('a value alone is told by its meaning: blanks, letters, digits of a number, its begin where a field was short', () => {
    const masking = new Masking(['Hauptstraße 12', '1250.00', '7']);
    expect(['  HAUPTSTRASSE 12', '1,250.00'].map((value) => masking.hides(value))).toEqual([false, false]);
    expect(['hauptstraße 12 ', 'Hauptstr', 'aße 12', '0001250.0', 1250, '7', 7].every((value) => masking.hides(value))).toBe(true);
    expect(['17', 'Hau', '', null, true, 125].some((value) => masking.hides(value))).toBe(false);
  });

  it('short values are left where they stand in longer texts, and masked alone', () => {
    const masking = new Masking(['42']);
    expect(masking.text('item 42 of 142')).toBe('item 42 of 142');
    expect(masking.text('42')).toBe(mask);
  });

  it('without values nothing is touched', () => {
    const value = { a: ['x', 1, null, { b: true }] };
    expect(Masking.none.json(value)).toBe(value);
    expect(new Masking(['', '  ']).isNone).toBe(true);
  });

  it('no value of 4 characters or more stands in what was masked, whatever value and text are', () => {
    const value = fc.string({ unit: 'binary', minLength: 4, maxLength: 12 }).filter((text) => text.trim().length >= 4);
    fc.assert(
      fc.property(value, fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (secret, before, after) => {
        const shown = new Masking([secret]).text(before + secret + after);
        expect(shown.replaceAll(mask, '')).not.toContain(secret);
      }),
      { numRuns: 500 },
    );
  });
});
