/**
 * Copybook records against a decoder and encoder written by hand for the same 20 fields, in the same run: what the description costs over
 * code that knows the record. Interleaved rounds, the median of them.
 */
import { layoutCodec } from '../../src/transports/file/codecs/layout.codec.ts';
import { isBad, type RecordValue } from '../../src/transports/file/codecs/record-codec.ts';
import { codePage } from '../../src/transports/file/code-pages/code-page.ts';
import { parseCopybook } from '../../src/transports/file/copybook/copybook.ts';

export interface LayoutRate {
  readonly mbPerSecond: number;
  readonly recordsPerSecond: number;
}
export interface LayoutResult {
  readonly recordBytes: number;
  readonly records: number;
  readonly decode: LayoutRate;
  readonly decodeByHand: LayoutRate;
  readonly encode: LayoutRate;
  readonly encodeByHand: LayoutRate;
  /** Time by description over time by hand. */
  readonly decodeRatio: number;
  readonly encodeRatio: number;
}

const copybook = `
       01  ACCOUNT-MOVE.
           05  RECORD-TYPE         PIC X(2).
           05  ACCOUNT-ID          PIC 9(10).
           05  BRANCH              PIC 9(4).
           05  HOLDER              PIC X(30).
           05  CURRENCY-CODE       PIC X(3).
           05  OPENED              PIC 9(8).
           05  BALANCE             PIC S9(9)V99 COMP-3.
           05  CREDIT-LIMIT        PIC S9(9)V99 COMP-3.
           05  RATE                PIC S9(3)V9(4) COMP-3.
           05  SEQUENCE-NO         PIC S9(9) COMP.
           05  FLAGS               PIC S9(4) COMP.
           05  TURNOVER            PIC S9(13)V99.
           05  ITEMS               PIC 9(5).
           05  PURPOSE             PIC X(20).
           05  CITY                PIC X(12).
           05  POSTAL-CODE         PIC X(5).
           05  CHARGE              PIC S9(5)V99 COMP-3.
           05  REFERENCE           PIC X(12).
           05  STATUS-CODE         PIC 9(2).
           05  CHANNEL             PIC X(4).
`;

const valueOf = (n: number): RecordValue => ({
  recordType: 'D1',
  accountId: String(4_000_000_000 + n * 7919),
  branch: n % 10_000,
  holder: `Holder ${n % 977} and sons`,
  currencyCode: 'EUR',
  opened: 20_200_101 + (n % 28),
  balance: `${n % 3 === 1 ? '-' : ''}${n * 31}.${String(n % 100).padStart(2, '0')}`,
  creditLimit: '5000.00',
  rate: '2.7500',
  sequenceNo: n,
  flags: -(n % 5),
  turnover: `${n * 1009}.99`,
  items: n % 99_999,
  purpose: 'Invoice settlement',
  city: 'Hamburg',
  postalCode: '20095',
  charge: '-1.25',
  reference: `REF${n}`,
  statusCode: n % 100,
  channel: 'WEB',
});

const page = codePage('1047');

/** What somebody would write who has only this record. */
function decodeByHand(bytes: Uint8Array): RecordValue {
  const all = page.characters(bytes) as string;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = (at: number, length: number): string => all.substring(at, at + length).trimEnd();
  const digits = (at: number, length: number): string => {
    for (let i = at; i < at + length; i += 1)
      if (view[i] === undefined || (view[i] as number) < 0xf0 || (view[i] as number) > 0xf9) throw new Error('no digits');
    return all.substring(at, at + length);
  };
  const decimal = (unscaled: number, scale: number): string => {
    const magnitude = String(Math.abs(unscaled)).padStart(scale + 1, '0');
    return `${unscaled < 0 ? '-' : ''}${magnitude.slice(0, -scale)}.${magnitude.slice(-scale)}`;
  };
  const packed = (at: number, length: number, scale: number): string => {
    let n = 0;
    for (let i = at; i < at + length; i += 1) {
      const byte = view[i] as number;
      if (byte >> 4 > 9 || (i < at + length - 1 && (byte & 15) > 9)) throw new Error('no digits');
      n = i < at + length - 1 ? n * 100 + (byte >> 4) * 10 + (byte & 15) : n * 10 + (byte >> 4);
    }
    return decimal(((view[at + length - 1] as number) & 15) === 13 ? -n : n, scale);
  };
  const zoned = (at: number, length: number, scale: number): string => {
    const last = view[at + length - 1] as number;
    const n = Number(digits(at, length - 1)) * 10 + (last & 15);
    return decimal(last >> 4 === 13 ? -n : n, scale);
  };
  return {
    recordType: text(0, 2),
    accountId: digits(2, 10).replace(/^0+(?=\d)/, ''),
    branch: Number(digits(12, 4)),
    holder: text(16, 30),
    currencyCode: text(46, 3),
    opened: Number(digits(49, 8)),
    balance: packed(57, 6, 2),
    creditLimit: packed(63, 6, 2),
    rate: packed(69, 4, 4),
    sequenceNo: view.readInt32BE(73),
    flags: view.readInt16BE(77),
    turnover: zoned(79, 15, 2),
    items: Number(digits(94, 5)),
    purpose: text(99, 20),
    city: text(119, 12),
    postalCode: text(131, 5),
    charge: packed(136, 4, 2),
    reference: text(140, 12),
    statusCode: Number(digits(152, 2)),
    channel: text(154, 4),
  };
}

function encodeByHand(value: RecordValue): Buffer {
  const out = Buffer.allocUnsafe(158);
  const text = (given: unknown, at: number, length: number): void => {
    const own = String(given).padEnd(length);
    if (own.length > length || page.write(own, out, at) >= 0) throw new Error('does not fit');
  };
  const digits = (given: unknown, at: number, length: number): void => text(String(given).padStart(length, '0'), at, length);
  const packed = (given: unknown, at: number, length: number, scale: number): void => {
    const own = String(given);
    const [whole = '', fraction = ''] = own.replace('-', '').split('.');
    const hex = `${whole}${fraction.padEnd(scale, '0')}${own.startsWith('-') ? 'd' : 'c'}`.padStart(2 * length, '0');
    if (hex.length > 2 * length) throw new Error('does not fit');
    out.write(hex, at, 'hex');
  };
  text(value['recordType'], 0, 2);
  digits(value['accountId'], 2, 10);
  digits(value['branch'], 12, 4);
  text(value['holder'], 16, 30);
  text(value['currencyCode'], 46, 3);
  digits(value['opened'], 49, 8);
  packed(value['balance'], 57, 6, 2);
  packed(value['creditLimit'], 63, 6, 2);
  packed(value['rate'], 69, 4, 4);
  out.writeInt32BE(Number(value['sequenceNo']), 73);
  out.writeInt16BE(Number(value['flags']), 77);
  const turnover = String(value['turnover']).replace('.', '');
  digits(turnover.replace('-', ''), 79, 15);
  out[93] = (out[93] as number) - (turnover.startsWith('-') ? 0x20 : 0x30);
  digits(value['items'], 94, 5);
  text(value['purpose'], 99, 20);
  text(value['city'], 119, 12);
  text(value['postalCode'], 131, 5);
  packed(value['charge'], 136, 4, 2);
  text(value['reference'], 140, 12);
  digits(value['statusCode'], 152, 2);
  text(value['channel'], 154, 4);
  return out;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

export function runLayout(records: number, rounds: number, say: (text: string) => void): LayoutResult {
  const [layout] = parseCopybook(copybook, { name: 'ACCTMOVE' });
  if (layout === undefined) throw new Error('the copybook has no record');
  const codec = layoutCodec({ name: 'account moves', codePage: '1047', format: { kind: 'fixed' }, records: { move: layout } });
  const values = Array.from({ length: records }, (_, n) => valueOf(n));
  const encoder = codec.encoder();
  encoder.begin();
  const file = Buffer.concat(values.map((value) => encoder.record('move', value)));
  const size = layout.length;
  const chunkBytes = 65_536;

  // Each contestant must come to the same.
  for (const n of [0, 1, 2, records - 1]) {
    const bytes = file.subarray(n * size, (n + 1) * size);
    if (JSON.stringify(decodeByHand(bytes)) !== JSON.stringify({ ...valueOf(n) }) || !encodeByHand(valueOf(n)).equals(bytes))
      throw new Error(`record ${n} is not the same by hand: ${JSON.stringify(decodeByHand(bytes))}`);
  }

  const contestants = {
    decode: () => {
      const decoder = codec.decoder();
      let good = 0;
      for (let at = 0; at < file.length; at += chunkBytes)
        for (const decoded of decoder.push(file.subarray(at, at + chunkBytes))) if (!isBad(decoded)) good += 1;
      return good;
    },
    decodeByHand: () => {
      let good = 0;
      for (let at = 0; at < file.length; at += size) if (decodeByHand(file.subarray(at, at + size))['recordType'] === 'D1') good += 1;
      return good;
    },
    encode: () => {
      const own = codec.encoder();
      own.begin();
      let good = 0;
      for (const value of values) if (own.record('move', value).length === size) good += 1;
      return good;
    },
    encodeByHand: () => {
      let good = 0;
      for (const value of values) if (encodeByHand(value).length === size) good += 1;
      return good;
    },
  };
  const names = Object.keys(contestants) as (keyof typeof contestants)[];
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<keyof typeof contestants, number[]>;
  for (let round = 0; round <= rounds; round += 1)
    for (const name of names) {
      const began = performance.now();
      if (contestants[name]() !== records) throw new Error(`${name} lost records`);
      // The first round warms up.
      if (round > 0) seconds[name].push((performance.now() - began) / 1_000);
    }
  const rate = (name: keyof typeof contestants): LayoutRate => ({
    mbPerSecond: Math.round(file.length / 1e5 / median(seconds[name])) / 10,
    recordsPerSecond: Math.round(records / median(seconds[name])),
  });
  const ratio = (name: 'decode' | 'encode'): number => Math.round((100 * median(seconds[name])) / median(seconds[`${name}ByHand`])) / 100;
  const result: LayoutResult = {
    recordBytes: size,
    records,
    decode: rate('decode'),
    decodeByHand: rate('decodeByHand'),
    encode: rate('encode'),
    encodeByHand: rate('encodeByHand'),
    decodeRatio: ratio('decode'),
    encodeRatio: ratio('encode'),
  };
  for (const name of names) say(`${name.padEnd(14)} ${result[name].mbPerSecond} MB/s, ${result[name].recordsPerSecond} records/s`);
  return result;
}
