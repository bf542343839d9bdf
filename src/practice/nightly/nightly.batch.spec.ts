import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ccsid, customerFile, postingFile, resultFile, statementFile } from '../../../adapters/ledger/ledger.files.ts';
import { type RecordCodec, type RecordValue, isBad } from '../../transports/file/codecs/record-codec.ts';
import { HostText, readPacked, writePacked } from './host-bytes.ts';
import { PracticeNightly } from './nightly.batch.ts';
import { readPostingFile } from './posting.reader.ts';

let practice: PracticeNightly;
beforeEach(() => {
  practice = new PracticeNightly({ folder: mkdtempSync(join(tmpdir(), 'gatehouse-nightly-')) });
});
afterEach(() => {
  practice.stop();
  rmSync(practice.folder, { recursive: true, force: true });
});

const posting = (postingId: string, more: RecordValue = {}): RecordValue => ({
  postingId,
  kind: 'B',
  leg: [
    { side: 'D', account: '1000000001' },
    { side: 'C', account: '1000000003' },
  ],
  amount: '1250.00',
  currencyCode: 'EUR',
  valueDate: 20_261_120,
  purpose: { purposeLine: ['Grüße, 100 % [§ 4]', '', '', ''] },
  ...more,
});
function postings(fileNumber: number, values: readonly RecordValue[], ccsid: Ccsid = '273'): Buffer {
  const encoder = postingFile(ccsid).encoder({ header: { fileNumber, createdOn: 20_261_120 } });
  return Buffer.concat([encoder.begin(), ...values.map((value) => encoder.record('posting', value)), encoder.end()]);
}
const take = (fileNumber: number, ...values: RecordValue[]): void =>
  practice.leave('postings', `POSTING_20261120_${fileNumber}.DAT`, postings(fileNumber, values));
const told = (codec: RecordCodec, bytes: Uint8Array): unknown[] => {
  const decoder = codec.decoder();
  return [...decoder.push(bytes), ...decoder.end()].map((each) => (isBad(each) ? each.error.message : each.value));
};
const files = (directory: string): string[] => readdirSync(join(practice.folder, directory)).filter((name) => name.endsWith('.DAT'));
const content = (directory: string): Buffer => readFileSync(join(practice.folder, directory, files(directory).at(-1) ?? ''));

describe('bytes of the host, without the gateway', () => {
  it.each(['273', '037'] as const)('every character of CCSID %s is that of glibc', (ccsid) => {
    const host = new HostText(ccsid);
    const bytes = Uint8Array.from({ length: 190 }, (_, n) => n + 0x41);
    const characters = execFileSync('iconv', ['-f', `IBM${ccsid}`, '-t', 'UTF-8'], { input: bytes }).toString();
    expect(host.read(bytes)).toBe(characters);
    expect(Buffer.from(host.write(characters, 190))).toEqual(Buffer.from(bytes));
  });

  it('packed numbers have their sign in the last nibble', () => {
    expect(Buffer.from(writePacked(-125_000n, 8)).toString('hex')).toBe('000000000125000d');
    expect(Buffer.from(writePacked(7n, 2, false)).toString('hex')).toBe('007f');
    expect(readPacked(Buffer.from('000000000125000d', 'hex'))).toBe(-125_000n);
    expect(() => readPacked(Buffer.from('12a4', 'hex'))).toThrow(RangeError);
  });
});

describe('a night', () => {
  it.each(['273', '037'] as const)('posting files of the adapter in CCSID %s are read as they were meant', (ccsid) => {
    const { postings: read, ...header } = readPostingFile(
      postings(7, [posting('P-1'), posting('P-2', { amount: '-0.01' })], ccsid),
      new HostText(ccsid),
    );
    expect(header).toEqual({ fileNumber: 7, createdOn: '20261120' });
    expect(read.map(({ postingId, amount, text }) => [postingId, amount, text])).toEqual([
      ['P-1', 125_000n, ['Grüße, 100 % [§ 4]']],
      ['P-2', -1n, ['Grüße, 100 % [§ 4]']],
    ]);
  });

  it('any byte changed in an amount, an account or the trailer is noticed', () => {
    const good = postings(1, [posting('P-1')]);
    for (const at of [24, 35, 45, 51].map((offset) => 200 + offset).concat([402, 405, 406, 413, 415, 421])) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ 0x01;
      expect(() => readPostingFile(bad, new HostText('273')), `byte ${at}`).toThrow(RangeError);
    }
    expect(() => readPostingFile(good.subarray(0, -1), new HostText('273'))).toThrow('599 BYTES ARE NO RECORDS');
    expect(() => readPostingFile(good.subarray(0, 400), new HostText('273'))).toThrow('NO TRAILER');
  });

  it('each posting is booked once; results and statements are what the adapter reads', () => {
    take(
      1,
      posting('P-1'),
      posting('P-2', {
        leg: [
          { side: 'D', account: '1000000001' },
          { side: 'C', account: '9' },
        ],
      }),
      posting('P-1'),
    );
    practice.run();
    expect(practice.book().map(({ postingId, amount }) => [postingId, amount])).toEqual([['P-1', 125_000n]]);
    expect(told(resultFile('273'), content('results')).slice(1, -1)).toMatchObject([
      { postingId: 'P-1', resultStatus: 'B', booking: { bookingNumber: '1', bookedOn: 20_261_120 } },
      { postingId: 'P-2', resultStatus: 'R', rejection: { reasonCode: 1001, reason: 'ACCOUNT UNKNOWN' } },
      { postingId: 'P-1', resultStatus: 'R', rejection: { reasonCode: 1004 } },
    ]);
    expect(told(statementFile('273'), content('statements'))).toMatchObject([
      { account: '1000000001', closingBalance: '-1250.00', movement: [{ postingId: 'P-1', amount: '-1250.00' }] },
      { account: '1000000003', closingBalance: '1250.00', movement: [{ postingId: 'P-1', amount: '1250.00' }] },
      { statementCount: 2, movementTotal: '0.00' },
    ]);
  });

  it('more than twenty movements of an account go on in a further record', () => {
    take(1, ...Array.from({ length: 45 }, (_, n) => posting(`P-${n}`)));
    practice.run();
    const records = told(statementFile('273'), content('statements')) as { account: string; openingBalance: string; closingBalance: string }[];
    expect(
      records.filter(({ account }) => account === '1000000003').map(({ openingBalance, closingBalance }) => [openingBalance, closingBalance]),
    ).toEqual([
      ['0.00', '25000.00'],
      ['25000.00', '50000.00'],
      ['50000.00', '56250.00'],
    ]);
  });

  it('files are taken in order of their numbers: one waits for another that is missing, and none is taken twice', () => {
    take(2, posting('P-2'));
    practice.run();
    expect([practice.book(), files('postings')]).toEqual([[], ['POSTING_20261120_2.DAT']]);
    take(1, posting('P-1'));
    practice.run();
    expect(practice.book().map(({ postingId }) => postingId)).toEqual(['P-1', 'P-2']);
    practice.repeat();
    practice.run();
    expect([practice.book().length, files('refused'), files('postings')]).toEqual([2, ['POSTING_20261120_1.DAT', 'POSTING_20261120_2.DAT'], []]);
    expect(practice.messages()).toEqual([
      'POSTING_20261120_2.DAT: WAITS FOR FILE NUMBER 1',
      'POSTING_20261120_1.DAT: FILE NUMBER 1 WAS TAKEN BEFORE',
      'POSTING_20261120_2.DAT: FILE NUMBER 2 WAS TAKEN BEFORE',
    ]);
  });

  it('a reversal takes back what was booked, and nothing else', () => {
    const reversal = (postingId: string, originalId: string, amount: string): RecordValue => {
      const { purpose: _purpose, ...rest } = posting(postingId, { kind: 'R', amount, reversed: { originalId, reversalCode: 17 } });
      return rest;
    };
    take(1, posting('P-1'), reversal('P-2', 'P-1', '-1249.99'), reversal('P-3', 'P-0', '-1250.00'), reversal('P-4', 'P-1', '-1250.00'));
    practice.run();
    expect(practice.book().map(({ postingId, amount }) => [postingId, amount])).toEqual([
      ['P-1', 125_000n],
      ['P-4', -125_000n],
    ]);
  });

  it('the extract is what the adapter reads', () => {
    practice.extract();
    const customers = told(customerFile('273'), content('customers'));
    expect(customers).toHaveLength(6);
    expect(customers[0]).toMatchObject({ customerNumber: 10_001, personName: { familyName: 'Müller', givenName: 'Jürgen' }, accountCount: 2 });
    expect(customers[1]).toMatchObject({ kind: 'C', companyName: 'Böhm & Söhne GmbH', creditLimit: '2500000.00' });
    expect(customers[5]).toMatchObject({ customerCount: 5 });
  });
});
