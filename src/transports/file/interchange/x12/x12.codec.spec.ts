import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../../../contract/errors.ts';
import { type Decoded, isBad } from '../../codecs/record-codec.ts';
import { decodeIn, encodeAll, plainly, values } from '../chunked.fixture.ts';
import { x12 } from './x12.codec.ts';

const isa = (number = '000000905', [element, component, repetition, segment] = ['*', ':', '^', '~']): string =>
  [
    'ISA',
    '00',
    ' '.repeat(10),
    '00',
    ' '.repeat(10),
    'ZZ',
    'NORTHMILL      ',
    '01',
    '0048123760001  ',
    '240131',
    '1253',
    repetition,
    '00501',
    number,
    '0',
    'T',
    component,
  ].join(element) + segment;

const order = (number: string): string => `ST*850*${number}~BEG*00*SA*PO-7781**20240131~PO1*1*12*EA*9.50**VP*A-1:X^B-2*~CTT*1~SE*5*${number}~`;
const interchange = `${isa()}GS*PO*NORTHMILL*0048123760001*20240131*1253*17*X*005010~${order('0001')}${order('0002')}GE*2*17~IEA*1*000000905~`;

describe('X12, read', () => {
  it('a transaction set is a record: elements have their numbers, components and repetitions are lists', () => {
    const file = Buffer.from(interchange);
    const found = decodeIn(x12(), file);
    expect(found.map(({ number }) => number)).toEqual([3, 4]);
    expect(found[0]).toMatchObject({
      type: '850',
      value: {
        group: ['GS', 'PO', 'NORTHMILL', '0048123760001', '20240131', '1253', '17', 'X', '005010'],
        header: ['ST', '850', '0001'],
        segments: [
          ['BEG', '00', 'SA', 'PO-7781', '', '20240131'],
          ['PO1', '1', '12', 'EA', '9.50', '', 'VP', { repeats: [['A-1', 'X'], 'B-2'] }, ''],
          ['CTT', '1'],
        ],
      },
    });
    for (const { offset, length, bytes } of found) expect(Buffer.from(bytes)).toEqual(file.subarray(offset, offset + length));
    expect(Buffer.from(found[1]?.bytes ?? []).toString()).toBe(order('0002'));
  });

  it.each<[string, (file: string) => string, string[]]>([
    ['a wrong count in SE', (f) => f.replace('SE*5*0002', 'SE*6*0002'), ["X12 record 4: SE counts '6', and there are 5"]],
    ['a wrong control number in SE', (f) => f.replace('SE*5*0002', 'SE*5*0009'), ["X12 record 4: SE has the reference '0009', ST '0002'"]],
    ['a wrong count in GE', (f) => f.replace('GE*2', 'GE*3'), ["X12 record 5: GE counts '3', and there are 2"]],
    ['a wrong control number in GE', (f) => f.replace('GE*2*17', 'GE*2*18'), ["X12 record 5: GE has the reference '18', GS '17'"]],
    ['a wrong count in IEA', (f) => f.replace('IEA*1', 'IEA*2'), ["X12 record 6: IEA counts '2', and there are 1"]],
    [
      'a wrong control number in IEA',
      (f) => f.replace('IEA*1*000000905', 'IEA*1*000000904'),
      ["X12 record 6: IEA has the reference '000000904', ISA '000000905'"],
    ],
    ['more than two elements in SE', (f) => f.replace('SE*5*0002', 'SE*5*0002*7'), ['X12 record 4: SE has more than two elements']],
    ['a set without SE', (f) => f.replace('SE*5*0001~', ''), ['X12 record 3: ST 0001 has no SE']],
    ['a segment outside a set', (f) => f.replace('GE*2', 'N1*ST~GE*2'), ['X12 record 5: segment N1 stands in no message']],
    ['a segment without a tag', (f) => f.replace('CTT*1~SE*5*0002', '*1~SE*5*0002'), ["X12 record 4: segment 4 (): '' is no tag of a segment"]],
    [
      'the end in the middle',
      (f) => f.slice(0, -60),
      ['X12 record 4: ST 0002 has no SE', 'X12 record 5: GS 17 has no GE', 'X12 record 6: ISA 000000905 has no IEA'],
    ],
    [
      'a group trailer without header',
      (f) => f.replace(/GS[^~]*~/, ''),
      [
        'X12 record 2: segment 1 (ST): stands in no group',
        'X12 record 3: segment 1 (ST): stands in no group',
        'X12 record 4: GE without GS',
        "X12 record 5: IEA counts '1', and there are 2",
      ],
    ],
  ])('%s is said, and the rest is read', (_, change, said) => {
    const found = decodeIn(x12(), change(interchange));
    expect(found.filter(isBad).map(({ error }) => error.message)).toEqual(said);
    for (const record of found) expect(record.bytes.byteLength).toBe(record.length);
  });

  it('two interchanges with other delimiters, line ends after terminators and a byte order mark are read', () => {
    const second = interchange
      .replace(isa(), isa('000000906', ['|', '>', '!', '\n']))
      .replaceAll('*', '|')
      .replaceAll(':', '>')
      .replaceAll('^', '!')
      .replaceAll('~', '\n')
      .replace('|000000905', '|000000906');
    const found = decodeIn(x12(), `\uFEFF${interchange.replaceAll('~', '~\r\n')}\r\n${second}`);
    const segments = (records: readonly Decoded[]): unknown[] =>
      records.map((record) => (isBad(record) ? record.error.message : record.value['segments']));
    const [first] = segments(decodeIn(x12(), interchange));
    expect(segments(found)).toEqual([first, first, first, first]);
  });

  it('what is no interchange is a bad record a line, and the next interchange is found', () => {
    const found = decodeIn(x12(), `hello\nISA*00*short~\n${interchange}`);
    expect(isBad(found[0] as Decoded)).toBe(true);
    expect(values(decodeIn(x12(), `hello\n${interchange}`))).toEqual([
      expect.stringContaining('X12 record 1: ISA: has 6 bytes, not 106'),
      ...values(decodeIn(x12(), interchange)),
    ]);
  });

  it('a set over maxRecordBytes is a bad record of its first bytes', () => {
    const found = decodeIn(x12({ maxRecordBytes: 110 }), interchange.replace('BEG*00', `${'N1*ST*ABCDEFGHIJ~'.repeat(20)}BEG*00`));
    expect(values(found)[0]).toMatch(/^X12 record 3: segment 7 \(N1\): 114 bytes are more than maxRecordBytes/);
    expect(found[0]?.bytes.byteLength).toBe(110);
    expect(found[0]?.length).toBe(order('0001').length + 340);
    expect(isBad(found[1] as Decoded)).toBe(false);
  });
});

describe('X12, written', () => {
  it.each([
    ['on one line', interchange],
    ['with line ends', interchange.replaceAll('~', '~\r\n')],
    ['two groups', interchange.replace('IEA*1', `GS*IN*A*B*20240131*1253*18*X*005010~ST*810*0001~BIG*20240131*7~SE*3*0001~GE*1*18~IEA*2`)],
    ['two interchanges', interchange + interchange.replaceAll('000000905', '000000906')],
  ])('%s: the same bytes', (_, file) => {
    expect(encodeAll(x12(), decodeIn(x12(), file)).toString()).toBe(file);
  });

  it('control gives the envelope, and a control number that is not given is counted', () => {
    const encoder = x12().encoder({
      interchange: {
        header: ['ISA', '00', '', '00', '', 'ZZ', 'US', 'ZZ', 'THEM', '240131', '1253', '^', '00501', '000000001', '0', 'P', '>'],
        lineEnd: '\n',
      },
      group: ['GS', 'IN', 'US', 'THEM', '20240131', '1253', '1', 'X', '005010'],
    });
    const one = encoder.record('810', { header: ['ST', '810'], segments: [['BIG', '20240131', 'F-1']] });
    expect(Buffer.concat([one, encoder.end()]).toString()).toBe(
      'ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *240131*1253*^*00501*000000001*0*P*>~\nGS*IN*US*THEM*20240131*1253*1*X*005010~\nST*810*0001~\nBIG*20240131*F-1~\nSE*3*0001~\nGE*1*1~\nIEA*1*000000001~\n',
    );
  });

  it('a delimiter in a value, an envelope segment in a set and a wrong type are refused, and the set before stands', () => {
    const codec = x12();
    const say = (segments: unknown, type = '850'): readonly string[] => codec.violations(type, { header: ['ST', '850', '1'], segments } as never);
    expect(say([['N1', 'ST', 'A*B']])).toEqual([
      "X12 record '850': segment 2 (N1), element 2: 'A*B' has the delimiter '*', which cannot be written here",
    ]);
    expect(say([['N1', 'A~SE*1*1']])[0]).toContain("has the delimiter '~'");
    expect(say([['SE', '2', '1']])[0]).toContain("segment 2: 'SE' is part of an envelope");
    expect(say([['N1~SE', '2', '1']])[0]).toContain('has no tag');
    expect(say([['N1', 5]])[0]).toContain("'5' is no text");
    expect(say([], '810')[0]).toContain("header: '850' is not of the type 810");
    expect(say([['N1', 'x']])).toEqual([]);
  });
});

describe('X12, any', () => {
  const text = fc.string({ unit: fc.constantFrom('A', '7', ' ', 'é', '.'), maxLength: 5 });
  const simple = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 }));
  const element = fc.oneof(
    simple,
    fc.array(simple, { minLength: 2, maxLength: 3 }).map((repeats) => ({ repeats })),
  );
  const segment = fc.tuple(fc.constantFrom('N1', 'PO1', 'REF'), fc.array(element, { maxLength: 4 })).map(([tag, elements]) => [tag, ...elements]);

  it('what is written is read back the same', () => {
    const [model] = decodeIn(x12(), interchange);
    if (model === undefined || isBad(model)) throw new Error('the model is bad');
    fc.assert(
      fc.property(fc.array(fc.array(segment, { maxLength: 4 }), { minLength: 1, maxLength: 4 }), (sets) => {
        const encoder = x12().encoder();
        const records = sets.map((segments, index) => ({ ...model.value, header: ['ST', '850', `000${index}`], segments }));
        const file = Buffer.concat([...records.map((record) => encoder.record('850', record as never)), encoder.end()]);
        expect(values(decodeIn(x12(), file))).toEqual(records);
      }),
    );
  });

  it('chunks change nothing, and nothing but a GatehouseError is met', () => {
    const piece = fc.constantFrom(
      isa(),
      'GS*PO*A*B*1*1*17*X*5~',
      'GE*1*17~',
      'IEA*1*000000905~',
      'ST*850*1~',
      'SE*2*1~',
      'SE*3*1~',
      'N1*A:B^C~',
      '\r\n',
      '~',
      'ISA*',
      'junk',
      '\xff',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        fc.constantFrom(40, 5_000),
        (pieces, cuts, maxRecordBytes) => {
          const file = Buffer.from(pieces.join(''), 'latin1');
          const codec = x12({ maxRecordBytes });
          const found = decodeIn(codec, file);
          expect(plainly(decodeIn(codec, file, cuts))).toEqual(plainly(found));
          for (const record of found) {
            if (isBad(record)) expect(record.error).toBeInstanceOf(GatehouseError);
            expect(Buffer.from(record.bytes)).toEqual(file.subarray(record.offset, record.offset + record.bytes.length));
            if (record.length <= maxRecordBytes / 2) expect(record.bytes).toHaveLength(record.length);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
