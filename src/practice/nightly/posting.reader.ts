import { type HostText, readPacked } from './host-bytes.ts';

/** A posting as the mainframe reads it. Amounts are in hundredths. */
export interface ReadPosting {
  readonly postingId: string;
  readonly kind: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  readonly currency: string;
  /** 20261120 */
  readonly valueDate: string;
  /** Empty in a reversal. */
  readonly text: readonly string[];
  readonly reverses: string;
}

export interface PostingFile {
  readonly fileNumber: number;
  readonly createdOn: string;
  readonly postings: readonly ReadPosting[];
}

const recordBytes = 200;

/**
 * Reads a posting file as its description says, and believes nothing: order of records, count, total, hash total.
 * @throws RangeError saying what is wrong with it
 */
export function readPostingFile(file: Uint8Array, host: HostText): PostingFile {
  const bytes = Buffer.from(file);
  if (bytes.length % recordBytes !== 0 || bytes.length < 2 * recordBytes) throw new RangeError(`${bytes.length} BYTES ARE NO RECORDS`);
  const records = Array.from({ length: bytes.length / recordBytes }, (_, n) => bytes.subarray(n * recordBytes, (n + 1) * recordBytes));
  const at = (record: Buffer, from: number, width: number): string => host.read(record.subarray(from, from + width));
  const [header, ...rest] = records as [Buffer, ...Buffer[]];
  const trailer = rest.pop() as Buffer;
  if (at(header, 0, 2) !== '01' || at(header, 2, 8) !== 'POSTING') throw new RangeError('NO HEADER');
  if (at(trailer, 0, 2) !== '99') throw new RangeError('NO TRAILER');
  const postings = rest.map((record): ReadPosting => {
    if (at(record, 0, 2) !== '10') throw new RangeError(`RECORD TYPE '${at(record, 0, 2)}'`);
    if (at(record, 23, 1) !== 'D' || at(record, 34, 1) !== 'C') throw new RangeError('SIDES ARE NOT DEBIT AND CREDIT');
    const kind = at(record, 22, 1);
    return {
      postingId: at(record, 2, 20),
      kind,
      debit: at(record, 24, 10),
      credit: at(record, 35, 10),
      amount: readPacked(record.subarray(45, 53)),
      currency: at(record, 53, 3),
      valueDate: at(record, 56, 8),
      text: kind === 'R' ? [] : [0, 1, 2, 3].map((line) => at(record, 64 + 27 * line, 27)).filter((line) => line !== ''),
      reverses: kind === 'R' ? at(record, 64, 20) : '',
    };
  });
  const total = postings.reduce((sum, { amount }) => sum + amount, 0n);
  const hash = postings.reduce((sum, { debit, credit }) => sum + BigInt(debit) + BigInt(credit), 0n) % 10n ** 15n;
  if (trailer.readUInt32BE(2) !== postings.length) throw new RangeError('COUNT OF POSTINGS DIFFERS');
  if (readPacked(trailer.subarray(6, 15)) !== total) throw new RangeError('TOTAL OF AMOUNTS DIFFERS');
  if (readPacked(trailer.subarray(15, 23)) !== hash) throw new RangeError('HASH OF ACCOUNTS DIFFERS');
  return { fileNumber: Number(at(header, 18, 6)), createdOn: at(header, 24, 8), postings };
}
