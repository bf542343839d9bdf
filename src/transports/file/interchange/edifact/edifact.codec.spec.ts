import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../../../contract/errors.ts';
import { isBad } from '../../codecs/record-codec.ts';
import { decodeIn, encodeAll, plainly, values } from '../chunked.fixture.ts';
import { edifact } from './edifact.codec.ts';

const order = (reference: string): string =>
  `UNH+${reference}+ORDERS:D:96A:UN'BGM+220+PO-7781+9'DTM+137:20240131:102'FTX+AAI+++WHAT??:A ?'PLUS?+ SIGN'NAD+BY+5412345000013::9'UNS+S'UNT+7+${reference}'`;
const interchange = `UNB+UNOA:3+SUPPLIER:14+BUYER:14+240131:1253+ICR77'${order('1')}${order('2')}UNZ+2+ICR77'`;

describe('EDIFACT, read', () => {
  it('a message is a record: released characters are plain, components are lists, places are exact', () => {
    const file = Buffer.from(`UNA:+.? '\r\n${interchange.replaceAll("'UN", "'\r\nUN")}`);
    const found = decodeIn(edifact(), file);
    expect(found.map(({ number }) => number)).toEqual([2, 3]);
    expect(found[0]).toMatchObject({
      type: 'ORDERS',
      value: {
        interchange: { una: ":+.? '", lineEnd: '\r\n' },
        group: null,
        header: ['UNH', '1', ['ORDERS', 'D', '96A', 'UN']],
        segments: [
          ['BGM', '220', 'PO-7781', '9'],
          ['DTM', ['137', '20240131', '102']],
          ['FTX', 'AAI', '', '', ['WHAT?', "A 'PLUS+ SIGN"]],
          ['NAD', 'BY', ['5412345000013', '', '9']],
          ['UNS', 'S'],
        ],
      },
    });
    for (const { offset, length, bytes } of found) expect(Buffer.from(bytes)).toEqual(file.subarray(offset, offset + length));
  });

  it('syntax 4 has repetitions, and UNA chooses other delimiters', () => {
    expect(values(decodeIn(edifact(), "UNB+UNOC:4+A+B+20240131:1253+7'UNH+1+ORDERS:D:96A:UN'IMD+A*B:C+?*'UNT+3+1'UNZ+1+7'"))).toMatchObject([
      { segments: [['IMD', { repeats: ['A', ['B', 'C']] }, '*']] },
    ]);
    expect(values(decodeIn(edifact(), 'UNA/;,! ~UNB;UNOC/3;A;B;240131/1253;7~UNH;1;ORDERS/D~IMD;A!/B/C:+~UNT;3;1~UNZ;1;7~'))).toMatchObject([
      { segments: [['IMD', ['A/B', 'C:+']]] },
    ]);
  });

  it.each([
    ['UNOC', 'é', 'latin1'],
    ['UNOW', 'é€', 'utf8'],
  ] as const)('%s is its character set', (level, text, encoding) => {
    const file = Buffer.from(`UNB+${level}:3+A+B+240131:1253+7'UNH+1+ORDERS:D'FTX+${text}'UNT+3+1'UNZ+1+7'`, encoding);
    expect(values(decodeIn(edifact(), file))).toMatchObject([{ segments: [['FTX', text]] }]);
    expect(encodeAll(edifact(), decodeIn(edifact(), file))).toEqual(file);
  });

  it('ISO 8859-2 and 8859-5 are theirs too', () => {
    const file = (level: string): Buffer => Buffer.from(`UNB+${level}:3+A+B+240131:1253+7'UNH+1+ORDERS:D'FTX+\xb1'UNT+3+1'UNZ+1+7'`, 'latin1');
    expect(values(decodeIn(edifact(), file('UNOD')))).toMatchObject([{ segments: [['FTX', 'ą']] }]);
    expect(values(decodeIn(edifact(), file('UNOE')))).toMatchObject([{ segments: [['FTX', 'Б']] }]);
  });

  it('UNOA has no small letters, unless any character is taken', () => {
    const file = interchange.replace('PO-7781', 'po');
    expect(values(decodeIn(edifact(), file))[0]).toBe(
      "EDIFACT record 2: segment 2 (BGM): character 9: 'p' is not in the character set that UNB names",
    );
    expect(values(decodeIn(edifact({ characters: 'any' }), file))[0]).toMatchObject({
      segments: expect.arrayContaining([['BGM', '220', 'po', '9']]),
    });
  });

  it.each<[string, (file: string) => string, string[]]>([
    ['a wrong count in UNT', (f) => f.replace('UNT+7+2', 'UNT+8+2'), ["EDIFACT record 3: UNT counts '8', and there are 7"]],
    ['a wrong reference in UNT', (f) => f.replace('UNT+7+2', 'UNT+7+3'), ["EDIFACT record 3: UNT has the reference '3', UNH '2'"]],
    ['a wrong count in UNZ', (f) => f.replace('UNZ+2', 'UNZ+1'), ["EDIFACT record 4: UNZ counts '1', and there are 2"]],
    ['a wrong reference in UNZ', (f) => f.replace('UNZ+2+ICR77', 'UNZ+2+ICR78'), ["EDIFACT record 4: UNZ has the reference 'ICR78', UNB 'ICR77'"]],
    ['a missing UNZ', (f) => f.replace(/UNZ.*/, ''), ['EDIFACT record 4: UNB ICR77 has no UNZ']],
    [
      'an unknown character set',
      (f) => f.replace('UNOA', 'UNOQ'),
      ["EDIFACT record 1: UNB element 1: 'UNOQ' is no syntax identifier that is read", expect.stringContaining('the file ends inside') as never],
    ],
    ['a UNA that contradicts itself', (f) => `UNA++.? '${f}`, [expect.stringContaining('has delimiters that are equal') as never]],
    ['an interchange that never ended', (f) => f.replace(/UNZ.*/, '') + f, ['EDIFACT record 4: UNB ICR77 has no UNZ']],
  ])('%s is said', (_, change, said) => {
    expect(
      decodeIn(edifact(), change(interchange))
        .filter(isBad)
        .map(({ error }) => error.message),
    ).toEqual(said);
  });
});

describe('EDIFACT, written', () => {
  it.each([
    ['without UNA', interchange],
    ['with UNA and line ends', `UNA:+.? '\n${interchange.replaceAll(/(?<!\?)'/g, "'\n")}`],
    [
      'with groups',
      `UNB+UNOA:3+A+B+240131:1253+7'UNG+ORDERS+A+B+240131:1253+1+UN+D:96A'${order('1')}UNE+1+1'UNG+ORDERS+A+B+240131:1253+2+UN+D:96A'${order('1')}UNE+1+2'UNZ+2+7'`,
    ],
    ['two interchanges, syntax 4', `${interchange}UNB+UNOC:4+A+B+20240131:1253+8'UNH+1+ORDERS:D'IMD+A*B:C+?*'UNT+3+1'UNZ+1+8'`],
  ])('%s: the same bytes', (_, file) => {
    expect(encodeAll(edifact(), decodeIn(edifact(), file)).toString()).toBe(file);
  });

  it('what the character set cannot carry and what is part of an envelope is refused', () => {
    const say = (segments: unknown): readonly string[] =>
      edifact().violations('ORDERS', { header: ['UNH', '1', ['ORDERS', 'D']], segments } as never);
    expect(say([['FTX', '€']])[0]).toContain('(U+20AC) is not in latin-1');
    expect(say([['UNT', '1']])[0]).toContain("'UNT' is part of an envelope");
    expect(say([['FTX', "it's + : ?"]])).toEqual([]);
    const upper = edifact().encoder({ interchange: { header: ['UNB', ['UNOA', '3'], 'A', 'B', ['240131', '1253'], '1'] } });
    expect(() => upper.record('ORDERS', { header: ['UNH', '1', ['ORDERS', 'D']], segments: [['FTX', 'low']] })).toThrow(
      "'l' is not in the character set",
    );
  });
});

describe('EDIFACT, any', () => {
  const text = fc.string({ unit: fc.constantFrom('A', '7', ' ', '+', ':', "'", '?', '*', 'é'), maxLength: 6 });
  const simple = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 }));
  const element = fc.oneof(
    simple,
    fc.array(simple, { minLength: 2, maxLength: 3 }).map((repeats) => ({ repeats })),
  );
  const segment = fc.array(element, { maxLength: 4 }).map((elements) => ['FTX', ...elements]);

  it('what is written is read back the same, whatever has to be released', () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), fc.array(fc.nat(300), { maxLength: 5 }), (segments, cuts) => {
        const encoder = edifact().encoder({ interchange: { header: ['UNB', ['UNOC', '4'], 'A', 'B', ['20240131', '1253'], '1'], lineEnd: '\n' } });
        const file = Buffer.concat([encoder.record('ORDERS', { header: ['UNH', '1', ['ORDERS', 'D']], segments } as never), encoder.end()]);
        const found = decodeIn(edifact(), file, cuts);
        expect(found.map((record) => (isBad(record) ? record.error.message : record.value['segments']))).toEqual([segments]);
        expect(encodeAll(edifact(), found)).toEqual(file);
      }),
    );
  });

  it('chunks change nothing, and nothing but a GatehouseError is met', () => {
    const piece = fc.constantFrom(
      "UNA:+.? '",
      "UNB+UNOA:3+A+B+1:1+7'",
      "UNZ+1+7'",
      "UNG+1+1+1+1+1'",
      "UNE+1+1'",
      "UNH+1+ORDERS'",
      "UNT+2+1'",
      "FTX+A?'B'",
      '?',
      "'",
      '\n',
      'UN',
      'é',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }),
        fc.array(fc.nat(200), { maxLength: 8 }),
        fc.constantFrom(20, 5_000),
        (pieces, cuts, maxRecordBytes) => {
          const file = Buffer.from(pieces.join(''));
          const codec = edifact({ maxRecordBytes });
          const found = decodeIn(codec, file);
          expect(plainly(decodeIn(codec, file, cuts))).toEqual(plainly(found));
          for (const record of found) if (isBad(record)) expect(record.error).toBeInstanceOf(GatehouseError);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
