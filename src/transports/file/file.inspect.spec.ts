import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masking } from '../../contract/masking.ts';
import { type RecordedExchange } from '../../contract/transport.ts';
import { type RecordCodec } from './codecs/record-codec.ts';
import { copybookText } from './copybook.fixture.ts';
import { delimited, edifact, fixedWidth, hl7, jsonLines, layoutCodec, parseCopybook, text, whole, x12, xmlRecords } from './file.ts';
import { inspectFiles } from './file.inspect.ts';
import { type FileField, type FilePiece } from './inspection.ts';

type Recorded = RecordedExchange['parts'][number];
const sent = (bytes: Uint8Array, more: Partial<Recorded> = {}): Recorded => ({
  kind: 'sent',
  atMs: 1,
  media: 'application/octet-stream',
  bytes,
  size: bytes.byteLength,
  clipped: false,
  ...more,
});

async function pieceOf(codec: RecordCodec, part: Recorded, { masking = Masking.none, from = 0 } = {}): Promise<FilePiece> {
  const { pieces } = await inspectFiles({ call: 'C', args: null, answer: null, parts: [part], from, masking }, { drop: codec, reply: codec });
  return pieces[0] as FilePiece;
}
const bytesAt = (piece: FilePiece, record: number, { offset, length }: FileField): Buffer =>
  Buffer.from(piece.records[record]?.hex ?? '', 'hex').subarray(offset, offset + length);
const told = (piece: FilePiece, record = 0): string[] =>
  (piece.records[record]?.fields ?? []).map(({ name, value, offset, length }) => `${name}@${offset}+${length}=${JSON.stringify(value)}`);

const orders = layoutCodec({
  name: 'orders',
  codePage: '273',
  format: { kind: 'rdw' },
  records: Object.fromEntries(
    parseCopybook(copybookText, { name: 'ORDER', dialect: 'ibm', format: 'fixed', names: 'camelCase' }).map((each) => [each.name, each]),
  ),
});
const orderBytes = (value: object): Buffer => {
  const encoder = orders.encoder();
  return Buffer.concat([encoder.begin(), encoder.record('ORDER', value as never), encoder.end()]);
};
const order = {
  customer: 'JÜRGEN',
  total: '-1250.75',
  itemCount: 2,
  items: [
    { sku: 'A1', quantity: 3 },
    { sku: 'B2', quantity: 4 },
  ],
  note: 'OK',
};

describe('a file of records', () => {
  it('has every field where its bytes lie, behind a table that is shorter than it may be too', async () => {
    const piece = await pieceOf(orders, sent(orderBytes(order)));
    expect(piece).toMatchObject({ role: 'dropped', codec: 'orders', codePage: '273', next: null, stopped: null });
    expect(piece.records[0]).toMatchObject({ number: 1, type: 'ORDER', offset: 4, error: null, left: 0 });
    expect(told(piece)).toEqual([
      'customer@0+10="JÜRGEN"',
      'total@10+5="-1250.75"',
      'itemCount@15+1=2',
      'items[0]@16+5=null',
      'items[0].sku@16+4="A1"',
      'items[0].quantity@20+1=3',
      'items[1]@21+5=null',
      'items[1].sku@21+4="B2"',
      'items[1].quantity@25+1=4',
      'note@26+4="OK"',
    ]);
    const total = piece.records[0]?.fields.find(({ name }) => name === 'total') as FileField;
    expect(total.picture).toBe('S9(7)V99 COMP-3');
    expect(bytesAt(piece, 0, total).toString('hex')).toBe('000125075d');
    expect(piece.records[0]?.fields.map(({ level }) => level)).toEqual([0, 0, 0, 0, 1, 1, 0, 1, 1, 0]);
  });

  it('that is damaged in a field is told up to there, with the reason', async () => {
    const bytes = orderBytes(order);
    bytes[4 + 15] = 0x40;
    const [record] = (await pieceOf(orders, sent(bytes))).records;
    expect(record?.fields.map(({ name }) => name)).toEqual(['customer', 'total']);
    expect(record?.error).toContain('itemCount');
  });

  it('has a masked value neither in a field nor in its bytes, however it is packed', async () => {
    const piece = await pieceOf(orders, sent(orderBytes(order)), { masking: new Masking(['Jürgen', '-1250.75']) });
    const [record] = piece.records;
    expect(record?.hex.slice(0, 30)).toMatch(/^x{30}$/);
    expect(record?.hex.slice(30, 32)).toBe('f2');
    expect(told(piece).slice(0, 2)).toEqual(['customer@0+10="••••"', 'total@10+5="••••"']);
    const damaged = orderBytes(order);
    damaged[4 + 14] = 0xff;
    const bad = (await pieceOf(orders, sent(damaged), { masking: new Masking(['-1250.75']) })).records[0];
    expect(bad?.hex.slice(20)).toMatch(/^x+$/);
    expect(bad?.error).not.toContain('0001250');
  });

  it('whose bytes have two readings tells the fields of the one that fits, and no piece of the other', async () => {
    const [record] = parseCopybook(
      [
        '       01  PAID.',
        '           05  AREA PIC X(5).',
        '           05  OTHER REDEFINES AREA.',
        '               10  KIND PIC X.',
        '               10  SUM-PAID PIC 9(4).',
      ].join('\n'),
      { name: 'PAID', dialect: 'ibm', format: 'fixed', names: 'camelCase' },
    );
    const codec = layoutCodec({ name: 'paid', codePage: 'ascii', format: { kind: 'fixed' }, records: { paid: record as never } });
    const piece = await pieceOf(codec, sent(Buffer.from('K0042Kabcd')));
    expect(told(piece, 0)).toContain('other.sumPaid@1+4=42');
    expect(told(piece, 1)).toEqual(['area@0+5="Kabcd"']);
  });

  it('one event in a batch has its records without the file around them, line ends left out', async () => {
    const manifest = layoutCodec({
      name: 'manifest',
      codePage: 'iso-8859-1',
      format: { kind: 'line', ends: 'crlf' },
      records: {
        head: { layout: fixedWidth('HEAD', { kind: text(1) }), when: { at: 0, text: 'H' } },
        shipment: { layout: fixedWidth('SHIPMENT', { kind: text(1), name: text(4) }), when: { at: 0, text: 'S' } },
        parcel: { layout: fixedWidth('PARCEL', { kind: text(1), weight: whole(3) }), when: { at: 0, text: 'P' } },
        end: { layout: fixedWidth('END', { kind: text(1), count: whole(4) }), when: { at: 0, text: 'T' } },
      },
      control: { header: 'head', trailer: 'end', counts: [{ field: 'count', of: 'details' }] },
    });
    const piece = await pieceOf(manifest, sent(Buffer.from('SAnna\r\nP012\r\n'), { kind: 'note' }));
    expect(piece.records.map(({ type, offset, length, error }) => [type, offset, length, error])).toEqual([
      ['shipment', 0, 5, null],
      ['parcel', 7, 4, null],
    ]);
  });

  it('of many records is told page by page', async () => {
    const line = layoutCodec({
      name: 'lines',
      codePage: 'ascii',
      format: { kind: 'line' },
      records: { line: fixedWidth('LINE', { number: whole(6), rest: text(4) }) },
    });
    const bytes = Buffer.from(Array.from({ length: 450 }, (_, at) => `${String(at).padStart(6, '0')}rest\n`).join(''));
    const pages = await Promise.all([0, 200, 400].map((from) => pieceOf(line, sent(bytes), { from })));
    expect(pages.map(({ records, next }) => [records.length, records[0]?.number, next])).toEqual([
      [200, 1, 200],
      [200, 201, 400],
      [50, 401, null],
    ]);
    expect(pages[1]?.records[0]).toMatchObject({ offset: 2_200, length: 10 });
  });

  it('of 20 MB is told at its begin without reading the rest, one that is clipped up to the gap', async () => {
    const csv = delimited({ columns: ['a', 'b'], columnLine: false });
    const large = await pieceOf(csv, sent(Buffer.alloc(20_000_000, 'x,y\r\n')));
    expect([large.records.length, large.next, large.size]).toEqual([200, 200, 20_000_000]);
    const clipped = await pieceOf(csv, sent(Buffer.from('1,2\r\n3,4\r\n9,9\r\n8,8\r\n'), { size: 1_000_000, clipped: true }));
    expect(clipped.records).toHaveLength(2);
    expect(clipped.stopped).toContain('only the first 10 of its 1000000 bytes');
  });

  it.each<[string, RecordCodec, string, string[]]>([
    ['CSV', delimited({ columns: ['id', 'name'], columnLine: false }), '7,"a,""b"\r\n', ['id@0+1="7"', 'name@2+7="a,\\"b"']],
    [
      'EDIFACT',
      edifact(),
      "UNB+UNOC:3+A+B+260101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220+PO?+1'UNT+3+1'UNZ+1+1'",
      [
        'UNH@0+21=null',
        'UNH01@4+1="1"',
        'UNH02@6+15=["ORDERS","D","96A","UN"]',
        'BGM@22+13=null',
        'BGM01@26+3="220"',
        'BGM02@30+5="PO+1"',
        'UNT@36+7=null',
        'UNT01@40+1="3"',
        'UNT02@42+1="1"',
      ],
    ],
    ['HL7', hl7(), 'MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\rPID|1||4711\r', []],
  ])('of %s has its pieces where they stand', async (format, codec, content, expected) => {
    const piece = await pieceOf(codec, sent(Buffer.from(content)));
    expect(piece.stopped).toBeNull();
    const at = format === 'EDIFACT' ? piece.records.findIndex(({ type }) => type === 'ORDERS') : 0;
    if (expected.length > 0) expect(told(piece, at)).toEqual(expected);
    const fields = piece.records[at]?.fields ?? [];
    expect(fields.length).toBeGreaterThan(1);
    for (const field of fields.filter(({ value }) => typeof value === 'string' && /^\w+$/.test(value)))
      expect(bytesAt(piece, at, field).toString()).toBe(field.value);
  });

  it.each<[string, RecordCodec, string]>([
    ['JSON lines', jsonLines(), '{"name":"Anna Meier","n":1}\n'],
    ['XML', xmlRecords({ path: ['all', 'one'] }), '<all><one><name>Anna Meier</name></one></all>'],
  ])('of %s has values without places, masked all the same', async (_format, codec, content) => {
    const open = await pieceOf(codec, sent(Buffer.from(content)));
    expect(JSON.stringify(open.records[0]?.value)).toContain('Anna Meier');
    const masked = JSON.stringify(await pieceOf(codec, sent(Buffer.from(content)), { masking: new Masking(['Anna Meier']) }));
    expect(masked).not.toContain('Meier');
    expect(masked).not.toContain(Buffer.from('Meier').toString('hex'));
  });

  it('notes of where the file went are its steps', async () => {
    const said = { file: 'A.TXT', sha256: 'ab', marker: 'A.TXT.done' };
    const note = { ...sent(Buffer.from(JSON.stringify(said))), kind: 'received', media: 'application/json' } as const;
    const { steps } = await inspectFiles(
      { call: 'C', args: null, answer: null, parts: [note], from: 0, masking: Masking.none },
      { drop: null, reply: null },
    );
    expect(steps).toEqual([{ atMs: 1, kind: 'received', said }]);
  });

  it('no bytes whatever make it fail, and no field lies outside of its record', async () => {
    const codecs = [
      orders,
      delimited({ columns: ['a', 'b'], columnLine: false }),
      delimited(),
      x12(),
      edifact(),
      hl7(),
      hl7({ framing: 'mllp' }),
      jsonLines(),
      xmlRecords({ path: ['a', 'b'] }),
    ];
    const pieces = fc.constantFrom(
      'UNB+UNOC:3+A+B+1:2+1',
      "'",
      'UNH+1+X:1',
      'MSH|^~\\&|',
      '\r',
      '\n',
      'ISA*',
      '~',
      '"',
      ',',
      '\0',
      '{',
      '<a><b>',
      '\u000b',
      '\u001c',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc.array(pieces, { maxLength: 20 }).map((all) => Buffer.from(all.join(''))),
    );
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom(...codecs),
        fc.boolean(),
        fc.constantFrom('sent', 'note', 'received'),
        async (content, codec, clipped, kind) => {
          const piece = await pieceOf(codec, sent(content, { clipped, kind }), { masking: new Masking(['UNOC']) });
          for (const { fields, hex } of piece.records)
            for (const { offset, length } of fields) expect(2 * (offset + length)).toBeLessThanOrEqual(hex.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
