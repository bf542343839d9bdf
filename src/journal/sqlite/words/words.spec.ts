import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf } from './content.ts';
import { WordCodec } from './word-codec.ts';
import { addWords, askedWords } from './words.ts';

const wordsOf = (text: string): string[] => {
  const found = new Set<string>();
  addWords(text, found, 1_000);
  return [...found];
};
const finds = (question: string, text: string): boolean => {
  const found = new Set(wordsOf(text));
  return askedWords(question).length > 0 && askedWords(question).every((word) => found.has(word));
};

describe('words that a text is found by', () => {
  it.each([
    ['4711', 'order 4711.'],
    ['4711', 'PO-004711X'],
    ['004711', 'no=004711'],
    ['4711', '{"n":"0000000004711"}'],
    ['ord-2026/4711', 'ref ORD 2026 4711'],
    ['MÜLLER', 'Frau Müller-Lüdenscheidt'],
    ['muller', 'MÜLLER'],
    ['Strasse', 'Hauptstraße'.replace('Haupt', '')],
    ['Łódź', 'from LODZ'],
    ['anna.schmidt@acme.com', '<mail>Anna.Schmidt@ACME.com</mail>'],
    ['東京', '注文は東京へ'],
    ['مرحبا', 'قال مرحبا بكم'],
    ['Ａ４７１１', 'a4711'],
  ])('%s is found in %s', (question, text) => expect(finds(question, text)).toBe(true));

  it.each([
    ['711', 'order 4711'],
    ['order', 'orders'],
    ['4711', '47 11'],
    ['🦊', 'fox 🦊'],
    ['""', 'text'],
  ])('%s is not found in %s', (question, text) => expect(finds(question, text)).toBe(false));

  it('any text is found by each of its own words, and none makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const found = new Set(wordsOf(text));
        for (const word of askedWords(text)) expect(found.has(word)).toBe(true);
        for (const word of found) expect(word).toMatch(/^[\p{L}\p{N}\ud800-\udfff]{1,64}$/u);
      }),
    );
  });

  it('there are no more of them than are asked for', () => {
    const found = new Set<string>();
    addWords(Array.from({ length: 100 }, (_, n) => `w${n}`).join(' '), found, 10);
    expect(found.size).toBe(10);
  });
});

describe('what is read of a document', () => {
  it.each([
    ['{"a":{"b":["x\\ny",17]},"\\u00e9":"\\u00e9t\\u00e9"}', ['x', 'y', '17', 'été'], ['a', 'b']],
    [
      '<?xml version="1.0"?><s:Order id="4711"><s:Name>M&#252;ller &amp; S&#xf6;hne</s:Name></s:Order>',
      ['4711', 'Müller', 'Söhne'],
      ['Order', 'amp'],
    ],
    ['POST /crm HTTP/1.1\r\nSOAPAction: "urn:Create"\r\n\r\n<e><n>9</n></e>', ['POST', 'Create', '9'], []],
    ['{"cut":"M\\u00fcller', ['Müller'], []],
    ['plain words', ['plain', 'words'], []],
    ['<<<>>>&#x110000;&#99999999; still', ['still'], []],
  ])('%s', (document, there, missing) => {
    for (const word of there) expect(finds(word, contentOf(document))).toBe(true);
    for (const word of missing) expect(finds(word, contentOf(document))).toBe(false);
  });

  it('however deep it is, it is read', () => {
    const deep = `${'['.repeat(100_000)}"bottom"${']'.repeat(100_000)}`;
    expect(finds('bottom', contentOf(deep))).toBe(true);
  });
});

describe('words as they stand in the index', () => {
  const key = (n: number): Map<number, Uint8Array> => new Map([[1, new Uint8Array(32).fill(n)]]);

  it('are themselves in a plain journal', () => expect(new WordCodec().encode('müller')).toBe('müller'));

  it('are 16 digits of a keyed hash in an encrypted one: the same for the same key, and for no other', () => {
    const [one, same, other] = [new WordCodec(key(1)), new WordCodec(key(1)), new WordCodec(key(2))];
    expect(one.encode('müller')).toMatch(/^[0-9a-f]{16}$/);
    expect(one.encode('müller')).toBe(same.encode('müller'));
    expect(one.encode('müller')).not.toBe(other.encode('müller'));
    expect(one.encode('müller')).not.toBe(one.encode('muller'));
    expect([one.check === same.check, one.check === other.check, new WordCodec().check]).toEqual([true, false, 'plain']);
  });
});
