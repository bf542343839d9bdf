import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../../../contract/errors.ts';
import { isBad, type RecordValue } from '../../codecs/record-codec.ts';
import { decodeIn, encodeAll, plainly, values } from '../chunked.fixture.ts';
import { hl7Acknowledgement, readHl7Acknowledgement } from './hl7.acknowledgement.ts';
import { hl7 } from './hl7.codec.ts';

const admit = (controlId: string): string =>
  [
    `MSH|^~\\&|WARD|NORTH|LAB|SOUTH|20240131125300||ADT^A01^ADT_A01|${controlId}|P|2.5.1`,
    'EVN||20240131125300',
    'PID|1||7781^^^NORTH^MR~9-22^^^STATE&2.16.840&ISO^NI||DOE^JANE||19600229|F|||1 MAIN ST \\T\\ CO^^TOWN',
    'OBX|1|TX|N^Note||line 1\\.br\\line 2 \\X41C3\\||||||F',
    '',
  ].join('\r');

const first = (text: string, options = {}): RecordValue => {
  const [record] = decodeIn(hl7(options), text);
  if (record === undefined || isBad(record)) throw record?.error ?? new Error('nothing was read');
  return record.value;
};

describe('HL7 v2, read', () => {
  it('a message is a record: the index of a field is its number; repeats, components and subcomponents are lists', () => {
    expect(first(admit('M1'), { characterSet: 'latin-1' })['segments']).toEqual([
      ['MSH', '|', '^~\\&', 'WARD', 'NORTH', 'LAB', 'SOUTH', '20240131125300', '', ['ADT', 'A01', 'ADT_A01'], 'M1', 'P', '2.5.1'],
      ['EVN', '', '20240131125300'],
      [
        'PID',
        '1',
        '',
        {
          repeats: [
            ['7781', '', '', 'NORTH', 'MR'],
            ['9-22', '', '', ['STATE', '2.16.840', 'ISO'], 'NI'],
          ],
        },
        '',
        ['DOE', 'JANE'],
        '',
        '19600229',
        'F',
        '',
        '',
        ['1 MAIN ST & CO', '', 'TOWN'],
      ],
      ['OBX', '1', 'TX', ['N', 'Note'], '', { text: 'line 1\nline 2 AÃ', written: 'line 1\\.br\\line 2 \\X41C3\\' }, '', '', '', '', '', 'F'],
    ]);
  });

  it.each([
    ['\\F\\\\S\\\\T\\\\R\\\\E\\', '|^&~\\'],
    ['\\X0D\\', '\r'],
    ['\\.br\\', '\n'],
    ['a\\H\\b', { text: 'a\\H\\b', written: 'a\\H\\b' }],
    ['C:\\temp', { text: 'C:\\temp', written: 'C:\\temp' }],
    ['\\X4\\', { text: '\\X4\\', written: '\\X4\\' }],
    ['\\X41\\', { text: 'A', written: '\\X41\\' }],
    ['\\constructor\\', { text: '\\constructor\\', written: '\\constructor\\' }],
    ['""', '""'],
  ])('%s is %j, and is written so again', (written, text) => {
    const file = `MSH|^~\\&|||||||ACK|1|P|2.5\rNTE|1||${written}\r`;
    expect((first(file)['segments'] as unknown[][])[1]?.[3]).toEqual(text);
    expect(encodeAll(hl7(), decodeIn(hl7(), file)).toString()).toBe(file);
  });

  it('MSH-18 is the character set, and without it only ASCII is taken', () => {
    const file = (set: string, encoding: BufferEncoding): Buffer =>
      Buffer.from(`MSH|^~\\&|||||||ADT^A08|1|P|2.5||||||${set}\rPID|||||MÜLLER\r`, encoding);
    for (const bytes of [file('8859/1', 'latin1'), file('UNICODE UTF-8', 'utf8')]) {
      expect(values(decodeIn(hl7(), bytes))).toEqual([{ segments: [expect.anything(), ['PID', '', '', '', '', 'MÜLLER']] }]);
      expect(encodeAll(hl7(), decodeIn(hl7(), bytes))).toEqual(bytes);
    }
    expect(values(decodeIn(hl7(), file('', 'latin1')))).toEqual(['HL7 record 1: segment 2: byte 10 (0xdc) is not ASCII']);
    expect(values(decodeIn(hl7(), file('JAS2020', 'utf8')))).toEqual(["HL7 record 1: MSH-18: 'JAS2020' is no character set that is read"]);
  });

  it('a batch is checked against its trailers, and its headers are records', () => {
    const file = `FHS|^~\\&|WARD\rBHS|^~\\&|WARD\r${admit('M1')}${admit('M2')}BTS|2\rFTS|1\r`;
    const codec = hl7({ characterSet: 'latin-1' });
    const found = decodeIn(codec, file);
    expect(found.map((record) => (isBad(record) ? record.error.message : [record.number, record.type]))).toEqual([
      [1, 'FHS'],
      [2, 'BHS'],
      [3, 'ADT^A01'],
      [4, 'ADT^A01'],
      [5, 'BTS'],
      [6, 'FTS'],
    ]);
    for (const { offset, length, bytes } of found) expect(Buffer.from(bytes).toString()).toBe(file.slice(offset, offset + length));
    expect(encodeAll(codec, found).toString()).toBe(file);
    const bad = (text: string): string[] =>
      decodeIn(codec, text)
        .filter(isBad)
        .map(({ error }) => error.message);
    expect(bad(file.replace('BTS|2', 'BTS|3'))).toEqual(["HL7 record 5: BTS-1: '3' is not the number of messages, 2"]);
    expect(bad(file.replace('FTS|1', 'FTS|2'))).toEqual(["HL7 record 6: FTS-1: '2' is not the number of batches, 1"]);
    expect(bad(file.replace('FTS|1\r', ''))).toEqual(['HL7 record 6: FHS has no FTS']);
    expect(bad(file.replace('BTS|2\r', ''))[0]).toBe('HL7 record 5: BHS has no BTS');
    expect(bad(`NTE|1\r${file}`)).toEqual(["HL7 record 1: 'NTE|1' has no MSH before it"]);
  });

  it('MLLP: a frame is a message; noise, a frame without an end and two messages in one are bad', () => {
    const codec = hl7({ framing: 'mllp', characterSet: 'latin-1' });
    const frame = (text: string): string => `\v${text}\x1c\r`;
    const file = frame(admit('M1')) + frame(admit('M2'));
    expect(encodeAll(codec, decodeIn(codec, Buffer.from(file, 'latin1'))).toString('latin1')).toBe(file);
    const found = decodeIn(
      codec,
      `noise${frame(admit('M1'))}\n\v${admit('M2')}${frame(admit('M3') + admit('M4'))}\v${admit('M5')}\x1c${frame('PID|1\r')}`,
    );
    expect(found.map((record) => (isBad(record) ? record.error.message : record.type))).toEqual([
      "HL7 record 1: 'noise' stands outside a frame",
      'ADT^A01',
      'HL7 record 3: the frame has no end block',
      "HL7 record 4: segment 5: 'MSH' begins another message",
      'ADT^A01',
      "HL7 record 6: 'PID|1?' the frame does not begin with MSH",
    ]);
  });

  it('a message over maxRecordBytes is bad, and the next is read', () => {
    const found = decodeIn(hl7({ characterSet: 'latin-1', maxRecordBytes: 400 }), admit('M1') + 'NTE|1||x\r'.repeat(100) + admit('M2'));
    expect(values(found)[0]).toContain('bytes are more than maxRecordBytes (400)');
    expect(found[0]?.bytes.byteLength).toBe(400);
    expect(found[1]).toMatchObject({ type: 'ADT^A01' });
  });
});

describe('HL7 v2, written', () => {
  it.each([
    ['LF and blank lines', admit('M1').replaceAll('\r', '\n') + '\n\n' + admit('M2')],
    ['no line end at the end', admit('M1').trimEnd()],
    ['other separators', 'MSH$%*!@$A%B*C$$$$$$ACK%A01$1$P$2.5\rNTE$1$$x!S!y@z\r'],
    ['a truncation character', 'MSH|^~\\&#|||||||ACK|1|P|2.7\rNTE|1||a\\P\\b#\r'],
  ])('%s: the same bytes', (_, file) => {
    const codec = hl7({ characterSet: 'latin-1' });
    expect(encodeAll(codec, decodeIn(codec, file)).toString('latin1')).toBe(file);
  });

  it('control opens file and batch, and their trailers count', () => {
    const encoder = hl7().encoder({ FHS: ['FHS', '|', '^~\\&', 'US'], BHS: ['BHS', '|', '^~\\&', 'US'] });
    const ack = { segments: [['MSH', '|', '^~\\&', '', '', '', '', '', '', 'ACK', '1', 'P', '2.5']] };
    expect(Buffer.concat([encoder.begin(), encoder.record('ACK', ack), encoder.end()]).toString()).toBe(
      'FHS|^~\\&|US\rBHS|^~\\&|US\rMSH|^~\\&|||||||ACK|1|P|2.5\rBTS|1\rFTS|1\r',
    );
  });

  it('a second header in a message, a wrong trailer and what means something else are refused', () => {
    const msh = ['MSH', '|', '^~\\&', '', '', '', '', '', '', 'ACK', '1', 'P', '2.5'];
    const say = (...segments: unknown[]): readonly string[] => hl7().violations('ACK', { segments: [msh, ...segments] } as never);
    expect(say(['NTE', '|\r^MSH'])).toEqual([]);
    expect(say(['MSH', '|', '^~\\&'])[0]).toContain("segment 2: 'MSH' begins another message");
    expect(say(['NTE\rMSH', '1'])[0]).toContain('has no name');
    expect(say(['NTE', { text: 'a', written: 'b' }])[0]).toContain("'a' is written in a way that does not mean its text");
    expect(say(['NTE', { text: 'a|b', written: 'a|b' }])[0]).toContain('does not mean its text');
    expect(say(['NTE', 'é'])[0]).toContain('is not in ascii');
    expect(hl7().violations('BTS', { segments: [['BTS', '1']] })[0]).toContain('has no MSH before it');
  });
});

describe('the HL7 acknowledgement', () => {
  it('answers the sender and repeats the control id, escaped again', () => {
    const value = first(admit('M\\T\\1'), { characterSet: 'latin-1' });
    const ack = hl7Acknowledgement(value, {
      code: 'AE',
      controlId: 'A9',
      at: '20240131125301',
      text: 'no bed | full',
      error: { segment: 'PID', position: 1, field: 3, code: '204' },
    });
    const text = Buffer.from(hl7().encoder().record(ack.type, ack.value)).toString();
    expect(text).toBe(
      'MSH|^~\\&|LAB|SOUTH|WARD|NORTH|20240131125301||ACK^A01^ACK|A9|P|2.5.1\rMSA|AE|M\\T\\1|no bed \\F\\ full\rERR||PID^1^3|204|E\r',
    );
    expect(readHl7Acknowledgement(first(text))).toEqual({ code: 'AE', accepted: false, controlId: 'M&1', text: 'no bed | full' });
    expect(() => readHl7Acknowledgement(value)).toThrow('has no MSA');
  });
});

describe('HL7 v2, any', () => {
  const text = fc.string({ unit: fc.constantFrom('A', '|', '^', '~', '\\', '&', '\r', '\n', '\v', '\x1c', 'é', 'X', '4', '.', 'E'), maxLength: 7 });
  const component = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 }));
  const simple = fc.oneof(text, fc.array(component, { minLength: 2, maxLength: 3 }));
  const field = fc.oneof(
    simple,
    fc.array(simple, { minLength: 2, maxLength: 3 }).map((repeats) => ({ repeats })),
  );

  /** Without how it was written. */
  const meant = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && 'written' in inner && 'text' in inner ? inner.text : inner,
    );

  it.each(['segments', 'mllp'] as const)('%s: what is written is read back the same, in any chunks', (framing) => {
    fc.assert(
      fc.property(fc.array(fc.array(field, { maxLength: 4 }), { maxLength: 4 }), fc.array(fc.nat(200), { maxLength: 5 }), (lines, cuts) => {
        const codec = hl7({ framing, characterSet: 'utf-8' });
        const segments = [
          ['MSH', '|', '^~\\&', '', '', '', '', '', '', ['ADT', 'A08'], '1', 'P', '2.5'],
          ...lines.map((fields) => ['NTE', ...fields]),
        ];
        const file = Buffer.from(codec.encoder().record('ADT^A08', { segments } as never));
        const found = decodeIn(codec, file, cuts);
        expect(meant(values(found))).toEqual([{ segments }]);
        expect(encodeAll(codec, found)).toEqual(file);
      }),
    );
  });

  it.each(['segments', 'mllp'] as const)('%s: chunks change nothing, accepted bytes come back, nothing but a GatehouseError is met', (framing) => {
    const piece = fc.constantFrom(
      'MSH|^~\\&|||||||ACK|1|P|2.5\r',
      'MSH|^~\\&|||||||ACK|1|P|2.5',
      'BHS|^~\\&\r',
      'BTS|1\r',
      'FTS|',
      'NTE|1|',
      '\\',
      '^',
      '&',
      '~',
      '\r',
      '\n',
      '\v',
      '\x1c',
      '\x1c\r',
      'é',
      'X41',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }),
        fc.array(fc.nat(200), { maxLength: 8 }),
        fc.constantFrom(30, 5_000),
        (pieces, cuts, maxRecordBytes) => {
          const file = Buffer.from(pieces.join(''));
          const codec = hl7({ framing, characterSet: 'utf-8', maxRecordBytes });
          const found = decodeIn(codec, file);
          expect(plainly(decodeIn(codec, file, cuts))).toEqual(plainly(found));
          for (const record of found) {
            if (isBad(record)) expect(record.error).toBeInstanceOf(GatehouseError);
            else if (record.type === 'ACK') expect(encodeAll(codec, [record])).toEqual(Buffer.from(record.bytes));
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
