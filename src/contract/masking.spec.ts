import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../test/support/cpu-time.ts';
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

  it.each([
    ['named characters, as Java writes them', '<a>O&apos;Brien &quot;Anna&quot;</a>'],
    ['numbered characters', '<a>O&#39;Brien &#x22;Anna&#34;</a>'],
    ['escaped JSON', 'HTTP/1.1 200\r\n\r\n' + JSON.stringify({ a: 'x' }).replace('x', String.raw`\u004f'Brien \"Anna\"`)],
    ['a form', 'q=O%27Brien+%22Anna%22'],
    ['units of two bytes', [...`O'Brien "Anna"`].join('\0')],
  ])('a document is not shown where a value stands in it as %s', (_how, text) => {
    expect(new Masking([`O'Brien "Anna"`]).document(text)).toBeNull();
    expect(new Masking(['somebody else']).document('<a>O&apos;Brien</a>')).toBe('<a>O&apos;Brien</a>');
  });

  it('a short value and a number are masked in a JSON document, which stays as it came where there is none', () => {
    const masking = new Masking(['42', '7.50']);
    expect(masking.document('{ "pin": "42", "price": 7.5, "item": "no 42" }')).toBe(`{"pin":"${mask}","price":"${mask}","item":"no 42"}`);
    expect(masking.document('{ "item": 43 }')).toBe('{ "item": 43 }');
  });

  it('very many values are looked for in a long text in little more time than one', () => {
    const values = Array.from({ length: 20_000 }, (_, n) => `Patient ${(n * 7_919).toString(36)} of ward ${n}`);
    const text = values.map((value) => `{"name":"${value}","of":"${'x'.repeat(100)}"}`).join(',\n');
    const beganMs = cpuMs();
    const shown = new Masking(values).text(text);
    expect(cpuMs() - beganMs).toBeLessThan(20_000);
    expect(shown).not.toContain('Patient');
    expect((new Masking(values).json(values) as string[]).every((each) => each === mask)).toBe(true);
  });

  it('a text that would take too long to search is masked whole', () => {
    const values = Array.from({ length: 3_000 }, (_, n) => 'a'.repeat(n + 5) + 'b');
    expect(new Masking(values).text('a'.repeat(500_000))).toBe(mask);
  });

  it('of a document that was clipped no part of a value stands at the gap, however it is written and wherever it was cut', () => {
    const secret = fc
      .string({ unit: fc.constantFrom(...'QXZ &<"ÖÜ'), minLength: 4, maxLength: 20 })
      .filter((text) => text.trim().replaceAll(/ +/g, ' ').length >= 4);
    const around = fc.string({ unit: fc.constantFrom(...'klmn <>"{}') });
    const spelled = fc.constantFrom(
      (value: string) => value,
      (value: string) => JSON.stringify(value).slice(1, -1),
      (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
      (value: string) => value.replaceAll(/[^A-Z]/g, (letter) => `&#x${letter.codePointAt(0)?.toString(16)};`),
      (value: string) => value.replaceAll(/[ÖÜ]/g, (letter) => `\\u00${letter.codePointAt(0)?.toString(16)}`),
      encodeURIComponent,
    );
    let shown = 0;
    fc.assert(
      fc.property(secret, spelled, around, around, fc.nat(), fc.nat(), (value, spell, before, after, one, other) => {
        const text = before + spell(value) + after;
        const [from, to] = [one % (text.length + 1), other % (text.length + 1)].sort((a, b) => a - b);
        const seen = new Masking([value]).clipped(text.slice(0, from), text.slice(to));
        if (seen !== null) shown += 1;
        expect(seen ?? '').not.toMatch(/[QXZÖÜ]/);
      }),
      { numRuns: 3_000 },
    );
    expect(shown).toBeGreaterThan(1_000);
  });

  it('what was clipped where no value stands is shown as it is', () => {
    const masking = new Masking(['Anna Meier']);
    expect(masking.clipped('the begin of ', ' a letter to somebody')).toBe('the begin of  a letter to somebody');
    expect(masking.clipped('to An', 'na Meier, Hamburg')).toBe(`to ${mask}, Hamburg`);
    expect(new Masking(['ÜQ<&']).clipped('', '&#xdc;Q&#x3c;&#x26; of the rest')).toBeNull();
    expect(Masking.none.clipped('to An', 'na Meier')).toBe('to Anna Meier');
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
