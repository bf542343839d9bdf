import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../../contract/errors.ts';
import { parseCopybook } from '../copybook/copybook.ts';
import { constant, decimal, filler, fixedWidth, group, list, text, whole } from '../layouts/fixed-width.ts';
import { type RecordLayout } from '../layouts/record-layout.ts';
import { layoutCodec, type LayoutCodecOptions } from './layout.codec.ts';
import { type Decoded, isBad, type RecordCodec, type RecordValue } from './record-codec.ts';
import { type RecordFormat } from './framing.ts';

const row = fixedWidth('ROW', { id: text(3), amount: decimal(4, 2, { signed: true }) });
const codec = (format: RecordFormat, options: Partial<LayoutCodecOptions> = {}): RecordCodec =>
  layoutCodec({ name: 'rows', codePage: 'ascii', format, records: { row }, ...options });
const bytes = (content: string): Buffer => Buffer.from(content, 'latin1');
const decode = (own: RecordCodec, ...chunks: Uint8Array[]): Decoded[] => {
  const decoder = own.decoder();
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
};
const shape = (decoded: Decoded): unknown => (isBad(decoded) ? decoded.error.message : decoded.value['id']);
const encode = (own: RecordCodec, records: readonly (readonly [string, RecordValue])[], control?: Record<string, never>): Buffer => {
  const encoder = own.encoder(control);
  return Buffer.concat([encoder.begin(), ...records.map(([type, value]) => encoder.record(type, value)), encoder.end()]);
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof GatehouseError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'fits';
};

describe('rules of REDEFINES in a file with several layouts', () => {
  const [head, line] = parseCopybook(
    [
      '01 HEAD.',
      ' 05 KIND PIC X.',
      ' 05 NOTE PIC X(4).',
      '01 LINE.',
      ' 05 KIND PIC X.',
      ' 05 BODY PIC X(4).',
      ' 05 COUNTED REDEFINES BODY PIC 9(4).',
    ].join('\n'),
    { format: 'free' },
  ) as [RecordLayout, RecordLayout];
  const records = { head: { layout: head, when: { at: 0, text: 'H' } }, line };

  it('a rule is for the layouts that have its field', () => {
    const own = codec({ kind: 'fixed' }, { records, redefines: { BODY: { by: 'KIND', when: { T: 'BODY', N: 'COUNTED' } } } });
    const found = decode(own, bytes('HmorgT0001N0001'));
    expect(found.map((each) => (isBad(each) ? each.error.message : each.value))).toEqual([
      { kind: 'H', note: 'morg' },
      { kind: 'T', body: '0001' },
      { kind: 'N', counted: 1 },
    ]);
  });

  it('a rule for a field that no layout has is a mistake in the layout', () => {
    expect(codeOf(() => codec({ kind: 'fixed' }, { records, redefines: { BODI: { by: 'KIND', when: {} } } }))).toBe(
      "LAYOUT_MISSING redefines names the field 'BODI', which no record has",
    );
  });
});

describe('record formats', () => {
  const formats: [string, RecordFormat, string][] = [
    ['fixed', { kind: 'fixed' }, 'A  0100B  020p'],
    ['fixed with a length of its own', { kind: 'fixed', length: 9 }, 'A  0100  B  020p  '],
    ['LF', { kind: 'line', ends: 'lf' }, 'A  0100\nB  020p\n'],
    ['CRLF', { kind: 'line', ends: 'crlf' }, 'A  0100\r\nB  020p\r\n'],
    ['RDW', { kind: 'rdw' }, '\0\x0b\0\0A  0100\0\x0b\0\0B  020p'],
    ['RDW, little-endian', { kind: 'rdw', order: 'little-endian' }, '\x0b\0\0\0A  0100\x0b\0\0\0B  020p'],
    ['RDW without itself', { kind: 'rdw', includesItself: false }, '\0\x07\0\0A  0100\0\x07\0\0B  020p'],
    ['RDW, length last', { kind: 'rdw', lengthAt: 2 }, '\0\0\0\x0bA  0100\0\0\0\x0bB  020p'],
    ['BDW and RDW', { kind: 'rdw', blocks: true }, '\0\x1a\0\0\0\x0b\0\0A  0100\0\x0b\0\0B  020p'],
  ];
  it.each(formats)('%s: records are written as the format says, and read in any chunks', (_name, format, content) => {
    const own = codec(format);
    const records = [
      ['row', { id: 'A', amount: '1.00' }],
      ['row', { id: 'B', amount: '-2.00' }],
    ] as const;
    expect(encode(own, records).toString('latin1')).toBe(content);
    for (let size = 1; size <= content.length; size += 1) {
      const chunks = Array.from({ length: Math.ceil(content.length / size) }, (_, i) => bytes(content.slice(i * size, (i + 1) * size)));
      const found = decode(own, ...chunks);
      expect(found.map((each) => (isBad(each) ? each.error.message : each.value))).toEqual(records.map(([, value]) => value));
      expect(found.map(({ number }) => number)).toEqual([1, 2]);
      const blockWord = format.kind === 'rdw' && format.blocks === true ? 4 : 0;
      expect(found.map(({ offset }) => offset)).toEqual([blockWord, blockWord + (content.length - blockWord) / 2]);
      expect(found.reduce((sum, { length }) => sum + length, blockWord)).toBe(content.length);
    }
  });

  it('LF and CRLF may be mixed where any is said, and the last line may lack its end', () => {
    expect(decode(codec({ kind: 'line' }), bytes('A  0100\r\nB  0200\nC  0300')).map(shape)).toEqual(['A', 'B', 'C']);
  });

  it('EBCDIC lines end with NEL or with LF, which is 25', () => {
    for (const [ends, end] of [
      ['nel', 0x15],
      ['lf', 0x25],
    ] as const) {
      const own = codec({ kind: 'line', ends }, { codePage: '1047' });
      const file = encode(own, [['row', { id: 'A', amount: '1' }]]);
      expect(file.at(-1)).toBe(end);
      expect(decode(own, file).map(shape)).toEqual(['A']);
    }
  });

  it('a file that ends within a record says so, and keeps the bytes', () => {
    const message = (format: RecordFormat, content: string): unknown => decode(codec(format), bytes(content)).map(shape);
    expect(message({ kind: 'fixed' }, 'A  0100B  ')).toEqual(['A', 'rows: record 2 at byte 7: the file ends after 3 of its 7 bytes']);
    expect(message({ kind: 'rdw' }, '\0\x0b\0\0A  0100\0\x0b\0\0B')).toEqual([
      'A',
      'rows: record 2 at byte 11: the file ends after 1 of the 7 bytes of a record',
    ]);
    expect(message({ kind: 'rdw' }, '\0\x0b')).toEqual([
      'rows: record 1 at byte 0: the file ends after 2 of the 4 bytes of a record descriptor word',
    ]);
    expect(message({ kind: 'rdw', blocks: true }, '\0\x1a\0\0\0\x0b\0\0A  0100')).toEqual([
      'A',
      expect.stringContaining('the file ends after 0 of the 4 bytes'),
    ]);
  });

  it('a descriptor word that is none makes the rest unreadable, and end says so', () => {
    for (const [format, content] of [
      [{ kind: 'rdw' }, 'ABCDEFGH'],
      [{ kind: 'rdw' }, '\0\x02\0\0'],
      [{ kind: 'rdw', blocks: true }, '\0\x0c\0\0\0\x0b\0\0A  0100'],
    ] as const) {
      const decoder = codec(format).decoder();
      const found = decoder.push(bytes(content));
      expect(found.map(shape)).toEqual([expect.stringContaining('nothing after it can be read')]);
      expect(decoder.push(bytes(content))).toEqual([]);
      expect(codeOf(() => decoder.end())).toContain('RECORD_INVALID rows: the file cannot be read after byte');
    }
  });

  it('a bad record is told with its place and bytes, and the ones after it are read', () => {
    const found = decode(codec({ kind: 'line' }), bytes('A  0100\nB  02x0\n\nC  0300\n'));
    expect(found.map(shape)).toEqual([
      'A',
      'rows: record 2 (row) at byte 8: field amount (S9(2)V9(2)): 30327830 (hexadecimal) is no number',
      'rows: record 3 (row) at byte 16: has 0 bytes, the layout has 7',
      'C',
    ]);
    expect(Buffer.from(found[1]?.bytes ?? []).toString()).toBe('B  02x0');
    expect(decode(codec({ kind: 'line', blankLines: 'skip' }), bytes('A  0100\n\nC  0300\n')).map(shape)).toEqual(['A', 'C']);
  });

  it('a byte order mark is refused, or skipped by option', () => {
    const file = Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), bytes('A  0100\nB  0100\n')]);
    expect(decode(codec({ kind: 'line' }), file).map(shape)).toEqual([expect.stringContaining('byte order mark'), 'B']);
    const [first] = decode(codec({ kind: 'line', bom: 'skip' }), file);
    expect(first).toMatchObject({ offset: 0, length: 11, value: { id: 'A' } });
  });

  it('a line without end takes no more memory than maxLineBytes, and the line after it is read', () => {
    const decoder = codec({ kind: 'line', maxLineBytes: 100 }).decoder();
    const chunk = Buffer.alloc(1_000, 0x41);
    for (let i = 0; i < 1_000; i += 1) expect(decoder.push(chunk)).toEqual([]);
    const [bad, good] = decoder.push(bytes('\nA  0100\n'));
    expect(bad).toMatchObject({ offset: 0, length: 1_000_001, error: { message: expect.stringContaining('1000000 bytes, more than 100') } });
    expect(bad?.bytes.length).toBe(100);
    expect(good).toMatchObject({ offset: 1_000_001, value: { id: 'A' } });
  });

  it('a line end within a value is refused, it would begin a new record', () => {
    for (const ends of ['lf', 'crlf', 'any'] as const)
      expect(codeOf(() => encode(codec({ kind: 'line', ends }), [['row', { id: 'A\nB', amount: '1' }]]))).toBe(
        'CALL_REFUSED_ARGUMENTS rows: record 1 (row), byte 2 is a line end: it would begin a new record',
      );
    const tail = fixedWidth('TAIL', { id: text(3) });
    expect(codeOf(() => encode(codec({ kind: 'line' }, { records: { tail } }), [['tail', { id: 'AB\r' }]]))).toContain('its last byte is CR');
    const packed = fixedWidth('PACKED', { id: whole(3, { as: 'packed' }) });
    expect(codeOf(() => encode(codec({ kind: 'line' }, { records: { packed } }), [['packed', { id: '0' }]]))).toBe('fits');
    expect(
      codeOf(() =>
        encode(codec({ kind: 'line' }, { records: { packed: fixedWidth('P', { id: whole(4, { as: 'binary' }) }) } }), [['packed', { id: 10 }]]),
      ),
    ).toContain('line end');
  });

  it('short lines are read as if spaces followed, by option, and come back as short', () => {
    const wide = fixedWidth('WIDE', { id: text(3), note: text(10) });
    const own = codec({ kind: 'line' }, { records: { wide }, shortRecords: 'spaces' });
    const [found] = decode(own, bytes('A  no\n'));
    expect(found).toMatchObject({ value: { id: 'A', note: 'no', $raw: { '~length': '5' } } });
    expect(encode(own, [['wide', (found as { value: RecordValue }).value]]).toString()).toBe('A  no\n');
    expect(encode(own, [['wide', { ...(found as { value: RecordValue }).value, note: 'yes, longe' }]]).toString()).toBe('A  yes, longe\n');
  });

  it('a long record in many small chunks is whole', () => {
    const long = fixedWidth('LONG', { id: text(2_000) });
    const own = codec({ kind: 'fixed' }, { records: { long } });
    const content = Array.from({ length: 2_000 }, (_, i) => String(i % 10)).join('');
    const chunks = Array.from({ length: 20 }, (_, i) => bytes(content.slice(i * 100, (i + 1) * 100)));
    expect(decode(own, ...chunks, ...chunks).map(shape)).toEqual([content, content]);
  });

  it('many blocks: none is larger than maxBlockBytes', () => {
    const own = codec({ kind: 'rdw', blocks: true, maxBlockBytes: 64 });
    const records = Array.from({ length: 50 }, (_, i) => ['row', { id: `${i}`, amount: '1.00' }] as const);
    const file = encode(own, records);
    expect(file.readUInt16BE(0)).toBe(59);
    expect(decode(own, file).map(shape)).toEqual(records.map(([, { id }]) => id));
  });

  it('whatever the records and the chunks, what was written is read', () => {
    const formatOf = fc.constantFrom(...formats.map(([, format]) => format));
    const value = fc.record({
      id: fc.string({ unit: fc.constantFrom(...'ABC 12'), maxLength: 3 }).map((id) => id.trimEnd()),
      amount: fc.integer({ min: -9_999, max: 9_999 }).map((n) => (n / 100).toFixed(2).replace(/^-0\.00$/, '0.00')),
    });
    fc.assert(
      fc.property(formatOf, fc.array(value, { maxLength: 20 }), fc.integer({ min: 1, max: 40 }), (format, values, size) => {
        const own = codec(format);
        const file = encode(
          own,
          values.map((each) => ['row', each] as const),
        );
        const chunks = Array.from({ length: Math.ceil(file.length / size) }, (_, i) => file.subarray(i * size, (i + 1) * size));
        expect(decode(own, ...chunks).map((each) => (isBad(each) ? each.error.message : each.value))).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });
});

describe('records of several types', () => {
  const header = fixedWidth('HDR', { kind: constant('H'), date: whole(8) });
  const order = fixedWidth('ORD', { kind: constant('D'), id: text(3), amount: decimal(5, 2, { signed: true }) });
  const note = fixedWidth('NOTE', { kind: constant('N'), words: text(8) });
  const trailer = fixedWidth('TRL', { kind: constant('T'), count: whole(5), total: decimal(4, 2, { signed: true }) });
  const records = {
    header: { layout: header, when: { field: 'kind', equals: 'H' } },
    order: { layout: order, when: { at: 0, text: ['D', 'd'] } },
    trailer: { layout: trailer, when: { field: 'kind', equals: ['T'] } },
    note: { layout: note, when: { field: 'kind', equals: 'N' } },
  };
  const control = {
    header: 'header',
    trailer: 'trailer',
    counts: [{ field: 'count', of: 'details' }],
    totals: [{ field: 'total', of: 'order', sum: 'amount', digits: 4 }],
  } as const;
  const own = codec({ kind: 'line' }, { records, control });
  const written = encode(
    own,
    [
      ['order', { id: 'A', amount: '100.00' }],
      ['note', { words: 'hello' }],
      ['order', { id: 'B', amount: '-25.5' }],
    ],
    { header: { date: 20_261_121 } } as never,
  );

  it('the encoder writes the header first and the trailer with count and total last', () => {
    expect(written.toString()).toBe('H20261121\nDA  10000\nNhello   \nDB  0255p\nT000037450\n');
  });

  it('the decoder tells the types apart and finds the trailer true', () => {
    expect(decode(own, written).map((each) => (isBad(each) ? each.error.message : each.type))).toEqual([
      'header',
      'order',
      'note',
      'order',
      'trailer',
    ]);
  });

  it.each([
    ['a lost record', (lines: string[]) => lines.toSpliced(1, 1), 'count says 3, the file has 2; total says 74.50, the file has -25.50'],
    ['a changed amount', (lines: string[]) => lines.with(1, 'DA  10001'), 'total says 74.50, the file has 74.51'],
    ['no header', (lines: string[]) => lines.slice(1), 'the file must begin with its header (header)'],
    ['a second header', (lines: string[]) => lines.toSpliced(2, 0, lines[0] as string), 'a header must come first and once'],
    ['no trailer', (lines: string[]) => lines.slice(0, -1), 'the file ends without it: a trailer must come last'],
    ['a record after the trailer', (lines: string[]) => [...lines, 'Nlate    '], 'comes after the trailer (trailer)'],
    ['an unknown type', (lines: string[]) => lines.with(2, 'Xhello   '), 'no layout fits; it begins with 5868656c6c6f202020 (hexadecimal)'],
    ['nothing at all', () => [], 'the file is empty: a trailer must come last'],
  ])('%s is noticed', (_name, change, message) => {
    const lines = change(written.toString().trimEnd().split('\n'));
    const bad = decode(own, bytes(lines.map((line) => `${line}\n`).join(''))).filter(isBad);
    expect(bad.map(({ error }) => error.message)).toContainEqual(expect.stringContaining(message));
    expect(bad.every(({ error }) => error.code === 'RECORD_INVALID')).toBe(true);
  });

  it('sums go through tables, exactly, and keep only the digits of a hash total', () => {
    const many = fixedWidth('MANY', { lines: list(2, group({ amount: decimal(18, 2) })), gap: filler(1) });
    const end = fixedWidth('END', { sum: whole(6), all: whole(5) });
    const summing = codec(
      { kind: 'rdw' },
      {
        records: { many: { layout: many, when: { at: 36, text: ' ' } }, end },
        control: { trailer: 'end', counts: [{ field: 'all', of: 'all' }], totals: [{ field: 'sum', of: 'many', sum: 'lines.amount', digits: 6 }] },
      },
    );
    expect(codeOf(() => encode(summing, [['many', { lines: [{ amount: '1.25' }, { amount: '2' }] }]]))).toContain(
      "'3.25' has more than 0 decimal places",
    );
    const out = encode(summing, [
      ['many', { lines: [{ amount: '9999999999999999.00' }, { amount: '1.00' }] }],
      ['many', { lines: [{ amount: '34.00' }, { amount: '0' }] }],
    ]);
    expect(out.subarray(-11).toString()).toBe('00003400003');
    expect(decode(summing, out).filter(isBad)).toEqual([]);
    const mixed = encode(summing, [
      ['many', { lines: [{ amount: 1 }, { amount: '1.50' }] }],
      ['many', { lines: [{ amount: '0.5' }, { amount: '2.00' }] }],
    ]);
    expect(mixed.subarray(-11).toString()).toBe('00000500003');
  });

  it('what is wrong with a record names its number, type, field, picture and value', () => {
    const encoder = own.encoder({ header: { date: 1 } });
    encoder.begin();
    expect(codeOf(() => encoder.record('order', { id: 'ABCD', amount: '1' }))).toBe(
      "CALL_REFUSED_ARGUMENTS rows: record 2 (order), field id (X(3)): 'ABCD' takes 4 bytes, the field has 3",
    );
    expect(codeOf(() => encoder.record('order', { kind: 'X', id: 'A', amount: '1' }))).toContain('its own rule (when) does not fit it');
    expect(codeOf(() => encoder.record('order', { kind: 'N', id: 'A', amount: '1' }))).toContain('it would be read as note');
    expect(codeOf(() => encoder.record('nope', {}))).toContain("there is no record type 'nope'; there are header, order, trailer, note");
    expect(codeOf(() => encoder.record('header', { date: 1 }))).toContain('is written by begin or end');
    expect(codeOf(() => encoder.begin())).toContain('begin comes once');
    expect(codeOf(() => own.encoder({ haeder: {} }))).toContain("there is no control record 'haeder'");
    expect(encoder.end().toString()).toBe('T000000000\n');
    expect(codeOf(() => encoder.record('note', { words: 'x' }))).toContain('end once after');
  });

  it('violations are those of the record type', () => {
    expect(own.violations('order', { id: 'ABCD', amount: 'x' })).toHaveLength(2);
    expect(own.violations('note', { words: 'x' })).toEqual([]);
    expect(own.violations('nope', {})).toEqual(["there is no record type 'nope'"]);
  });

  it.each([
    ['two layouts without a rule', { records: { a: row, b: row } }, 'record a needs a rule (when)'],
    ['a rule for no field', { records: { a: { layout: row, when: { field: 'nope', equals: 1 } }, b: row } }, "no field 'nope'"],
    ['a trailer without a layout', { control: { trailer: 'nope' } }, "the record type 'nope', which has no layout"],
    ['counts without a trailer', { control: { counts: [{ field: 'x', of: 'all' }] } }, 'need a trailer'],
    ['records longer than the file says', { format: { kind: 'fixed', length: 5 } }, 'record ROW has 7 bytes, the records of the file have 5'],
    ['a block of no size', { format: { kind: 'rdw', blocks: true, maxBlockBytes: 9 } }, 'maxBlockBytes is 9'],
    ['an unknown code page', { codePage: '4711' as never }, "there is no code page '4711'"],
  ] as const)('%s is a mistake of the layout', (_name, options, message) => {
    expect(codeOf(() => codec({ kind: 'line' }, options as never))).toContain(`LAYOUT_MISSING`);
    expect(codeOf(() => codec({ kind: 'line' }, options as never))).toContain(message);
  });
});
