import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../../../contract/errors.ts';
import { isBad } from '../../codecs/record-codec.ts';
import { decodeIn, encodeAll, plainly, values } from '../chunked.fixture.ts';
import { delimited } from './delimited.codec.ts';
import { type DelimitedOptions } from './delimited.options.ts';

const orders = 'order,customer,note\r\n1001,"Müller, Söhne","said ""now""\r\nand left"\r\n1002,Ortega,\r\n';

describe('delimited text, read', () => {
  it('quotes, doubled quotes and line ends in fields are values; places are exact', () => {
    const file = Buffer.from(orders);
    const records = decodeIn(delimited(), file);
    expect(values(records)).toEqual([
      { order: '1001', customer: 'Müller, Söhne', note: 'said "now"\r\nand left' },
      { order: '1002', customer: 'Ortega', note: '' },
    ]);
    expect(records.map(({ number }) => number)).toEqual([2, 3]);
    for (const { offset, length, bytes } of records) expect(Buffer.from(bytes)).toEqual(file.subarray(offset, offset + length));
  });

  it('a byte order mark is no part of the first name, and LF, CR and CRLF may be mixed', () => {
    expect(values(decodeIn(delimited(), '\uFEFFa,b\n1,2\r3,4\r\n\r\n5,6'))).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
      { a: '5', b: '6' },
    ]);
  });

  it('a ragged row, an open quote and text after a quote are bad records; the rest is read', () => {
    const found = decodeIn(delimited(), 'a,b\n1\n2,3\n4,"5"6\n7,8"9\n10,11\n12,"13\n');
    expect(values(found)).toEqual([
      'CSV record 2: 1 fields, where the layout has 2',
      { a: '2', b: '3' },
      "CSV record 4: field 2: '6' follows a closing quote",
      `CSV record 5: field 2: '8"9' has a quote inside a field that did not begin with one`,
      { a: '10', b: '11' },
      "CSV record 7: field 2: '13' has no closing quote",
    ]);
    expect(found.filter(isBad).map(({ offset, bytes }) => [offset, Buffer.from(bytes).toString()])).toEqual([
      [4, '1\n'],
      [10, '4,"5"6\n'],
      [17, '7,8"9\n'],
      [29, '12,"13\n'],
    ]);
  });

  it('typed columns are exact: a large integer and a decimal keep their digits', () => {
    const codec = delimited({
      delimiter: ';',
      decimalMark: ',',
      columns: [{ name: 'id', is: 'integer' }, { name: 'sum', is: 'decimal' }, { name: 'due', is: 'date', format: 'DD.MM.YYYY' }, 'text'],
      columnLine: false,
    });
    expect(
      values(decodeIn(codec, '7;1234567890123456789,50;29.02.2024;x\n12345678901234567890;;;\n007;1;01.01.2024;\n7;1.5;;\n7;1;29.02.2023;\n')),
    ).toEqual([
      { id: 7, sum: '1234567890123456789.50', due: '29.02.2024', text: 'x' },
      { id: '12345678901234567890', sum: null, due: null, text: '' },
      expect.stringContaining("field 1 (id): '007' is no integer"),
      expect.stringContaining("field 2 (sum): '1.5' is no decimal with ','"),
      expect.stringContaining("field 3 (due): '29.02.2023' is no day written DD.MM.YYYY"),
    ]);
  });

  it.each([
    ['2000-02-29', true],
    ['1900-02-29', false],
    ['2023-04-31', false],
    ['2023-13-01', false],
    ['2023/01/01', false],
    ['2023-1-001', false],
  ])('%s is a day: %s', (day, is) => {
    const [record] = decodeIn(delimited({ columns: [{ name: 'day', is: 'date' }], columnLine: false }), `${day}\n`);
    expect(record !== undefined && !isBad(record)).toBe(is);
  });

  it('a column line may have the declared columns in another order, and a missing one stops the file', () => {
    const codec = delimited({ columns: ['a', { name: 'n', is: 'integer' }], columnLine: true });
    expect(values(decodeIn(codec, 'n,a\n5,x\n'))).toEqual([{ n: 5, a: 'x' }]);
    expect(() => decodeIn(codec, 'n,b\n5,x\n')).toThrow("CSV record 1: column line: 'a' is missing");
    expect(() => decodeIn(delimited(), 'a,a\n')).toThrow("'a' is there twice");
    expect(() => decodeIn(delimited(), '__proto__\n')).toThrow('is a reserved name');
  });

  it('a trailer with a wrong count, a missing trailer and rows after it are said', () => {
    const codec = delimited({ columns: ['id', 'name'], header: { tag: 'HDR' }, trailer: { tag: 'TRL', countAt: 2 } });
    expect(values(decodeIn(codec, 'HDR,20240131\n1,a\n2\nTRL,2\n3,b\n'))).toEqual([
      { fields: ['HDR', '20240131'] },
      { id: '1', name: 'a' },
      'CSV record 3: 1 fields, where the layout has 2',
      { fields: ['TRL', '2'] },
      'CSV record 5: comes after the trailer',
    ]);
    expect(values(decodeIn(codec, 'HDR\n1,a\nTRL,7\n')).at(-1)).toBe('CSV record 3: trailer: says 7 rows, and the file has 1');
    expect(values(decodeIn(codec, 'HDR\n1,a\n')).at(-1)).toBe('CSV record 3: the file ends after 1 rows without its trailer');
  });

  it('encodings: windows-1252 and latin-1 differ, and a byte that is no UTF-8 is a bad record', () => {
    const file = Buffer.from('a\n\x80\xe9\n', 'latin1');
    expect(values(decodeIn(delimited({ encoding: 'windows-1252' }), file))).toEqual([{ a: '€é' }]);
    expect(values(decodeIn(delimited({ encoding: 'latin-1' }), file))).toEqual([{ a: '\x80é' }]);
    expect(values(decodeIn(delimited(), file))).toEqual(['CSV record 2: byte 1 begins no UTF-8 character']);
    expect(() =>
      delimited({ encoding: 'latin-1', columns: ['a'] })
        .encoder()
        .record('row', { a: 'x€' }),
    ).toThrow('character 2 (U+20AC) is not in latin-1');
  });

  it('a record without an end is one bad record of the first maxRecordBytes, and memory holds no more', () => {
    const decoder = delimited({ columns: ['a'], maxRecordBytes: 1_000 }).decoder();
    const chunk = Buffer.alloc(65_536, 'x');
    const before = process.memoryUsage().arrayBuffers;
    decoder.push(Buffer.from('"'));
    for (let pushed = 0; pushed < 2_000; pushed += 1) decoder.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64_000_000);
    const [bad] = decoder.end();
    expect(bad).toMatchObject({ number: 1, offset: 0, length: 2_000 * 65_536 + 1 });
    expect(bad?.bytes.byteLength).toBe(1_000);
  });
});

describe('delimited text, written', () => {
  it.each<[string, DelimitedOptions, string]>([
    ['CSV with a column line', {}, orders],
    ['quotes around all', { quotes: 'all', lineEnd: '\n' }, '"a","b"\n"1",""\n'],
    ['TSV', { delimiter: '\t', lineEnd: '\n' }, 'a\tb\n1\tx y\n'],
    [
      'a header and a trailer with a count of six digits',
      { columns: ['a'], header: { tag: 'H' }, trailer: { tag: 'T', countAt: 2 }, lineEnd: '\n' },
      'H,x\n1\nT,000001,y\n',
    ],
    ['nothing and empty text told apart', { empty: 'null', lineEnd: '\n' }, 'a,b\n"",\n'],
    ['needless quotes, mixed line ends and none at the end, with keepForm', { keepForm: true, lineEnd: '\n' }, 'a,b\n"1",2\r\n3,"4"\r5,6'],
    ['stray quotes, with keepForm', { strayQuotes: true, lineEnd: '\n' }, 'a,b\n5" pipe,x"y"\n'],
    ['neutralised formulas', { neutraliseFormulas: true, lineEnd: '\n' }, "a,b\n'=1+1,''@x\n"],
  ])('%s: the same bytes', (_, options, file) => {
    const codec = delimited(options);
    expect(encodeAll(codec, decodeIn(codec, file)).toString()).toBe(file);
  });

  it('a formula is neutralised in text and a negative number is none', () => {
    const codec = delimited({ columns: ['t', { name: 'n', is: 'decimal' }], neutraliseFormulas: true, lineEnd: '\n' });
    const encoder = codec.encoder();
    expect(Buffer.from(encoder.record('row', { t: '=cmd|x', n: '-5.00' })).toString()).toBe("'=cmd|x,-5.00\n");
  });

  it('a refused row writes nothing and counts nothing', () => {
    const codec = delimited({ columns: ['a'], quote: null, trailer: { tag: 'T', countAt: 2 }, lineEnd: '\n' });
    const encoder = codec.encoder();
    expect(() => encoder.record('row', { a: 'x\ny' })).toThrow("CSV record 'row': field 1 (a): 'x?y' has a delimiter or a line end");
    expect(() => encoder.record('row', { a: 'T' })).toThrow('is the tag of the trailer');
    expect(() => encoder.record('row', {})).toThrow('is missing');
    expect(() => encoder.record('row', { a: '\uFEFFx' })).toThrow('begins the file with a byte order mark');
    encoder.record('row', { a: 'x' });
    expect(Buffer.from(encoder.end()).toString()).toBe('T,1\n');
    expect(codec.violations('row', { a: 1 })).toEqual(["CSV record 'row': field 1 (a): '1' is no text"]);
    expect(codec.violations('row', { a: 'x' })).toEqual([]);
  });
});

describe('delimited text, any', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', "'", '=', 'é', '\t', ' '), maxLength: 8 });

  it('what is written is read back the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: text, b: text }), { minLength: 1 }),
        fc.boolean(),
        fc.constantFrom('needed', 'all', 'text'),
        (rows, neutraliseFormulas, quotes) => {
          const codec = delimited({ columns: ['a', 'b'], neutraliseFormulas, quotes });
          const encoder = codec.encoder();
          const file = Buffer.concat([encoder.begin(), ...rows.map((row) => encoder.record('row', row)), encoder.end()]);
          expect(values(decodeIn(codec, file))).toEqual(rows);
        },
      ),
    );
  });

  it('chunks change nothing; accepted bytes come back; nothing but a GatehouseError is thrown', () => {
    const soup = fc.string({ unit: fc.constantFrom('a', '1', '"', ',', '\n', '\r\n', '\r', '=', 'é', '\uFEFF'), maxLength: 60 });
    const options = fc.record({
      keepForm: fc.constant(true),
      strayQuotes: fc.boolean(),
      empty: fc.constantFrom('text' as const, 'null' as const),
      quotes: fc.constantFrom('needed' as const, 'all' as const, 'text' as const),
      maxRecordBytes: fc.constantFrom(9, 1_000),
    });
    fc.assert(
      fc.property(soup, options, fc.array(fc.nat(200), { maxLength: 6 }), (file, given, cuts) => {
        const codec = delimited({ columns: ['x', 'y'], ...given });
        const whole = decodeIn(codec, file);
        expect(plainly(decodeIn(codec, file, cuts))).toEqual(plainly(whole));
        for (const record of whole) {
          if (isBad(record)) expect(record.error).toBeInstanceOf(GatehouseError);
          else if (record.bytes[0] !== 0xef) expect(Buffer.from(encodeAll(codec, [record]))).toEqual(Buffer.from(record.bytes));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
