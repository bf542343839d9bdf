import { type AccountDay, type PostingResult } from './book.ts';
import { type HostText, hostRecord, writeBinary, writePacked } from './host-bytes.ts';

/** A customer as the extract has it. */
export interface NightlyCustomer {
  /** Eight digits. */
  readonly number: string;
  readonly company?: string;
  readonly family?: string;
  readonly given?: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  readonly country: string;
  /** Hundredths. */
  readonly creditLimit: bigint;
  readonly accounts: readonly string[];
  readonly blocked?: boolean;
}

/** Bytes of the trailer of each file: its count stands at 2, four bytes. */
export const trailerBytes = { results: 80, statements: 15, customers: 220 } as const;
const mostMovements = 20;

/** RECFM=FB, LRECL=80. */
export function resultBytes(host: HostText, fileNumber: number, bookedOn: string, results: readonly PostingResult[]): Buffer {
  const text = (value: string, width: number): Uint8Array => host.write(value, width);
  const length = trailerBytes.results;
  return Buffer.concat([
    hostRecord([text('01', 2), text('RESULT', 8), text(String(fileNumber).padStart(6, '0'), 6), text(bookedOn, 8)], length),
    ...results.map(({ postingId, bookingNumber, bookedOn: day, code, reason }) => {
      const outcome =
        bookingNumber === null ? [writeBinary(code, 2), text(reason, 40)] : [writePacked(BigInt(bookingNumber), 6, false), text(day, 8)];
      return hostRecord([text('20', 2), text(postingId, 20), text(bookingNumber === null ? 'R' : 'B', 1), ...outcome], length);
    }),
    hostRecord([text('99', 2), writeBinary(results.length, 4)], length),
  ]);
}

/** RECFM=V: a record descriptor word before each. */
export function statementBytes(host: HostText, days: readonly AccountDay[]): Buffer {
  const text = (value: string, width: number): Uint8Array => host.write(value, width);
  const parts = days.flatMap(inParts);
  const records = parts.map(({ account, currency, bookedOn, opening, closing, movements }) =>
    Buffer.concat([
      text('30', 2),
      text(account, 10),
      text(currency, 3),
      text(bookedOn, 8),
      writePacked(opening, 8),
      writePacked(closing, 8),
      writeBinary(movements.length, 2),
      ...movements.flatMap(({ bookingNumber, postingId, amount }) => [
        writePacked(BigInt(bookingNumber), 6, false),
        text(postingId, 20),
        writePacked(amount, 8),
      ]),
    ]),
  );
  const total = parts.flatMap(({ movements }) => movements).reduce((sum, { amount }) => sum + amount, 0n);
  records.push(Buffer.concat([text('99', 2), writeBinary(parts.length, 4), writePacked(total, 9)]));
  return Buffer.concat(records.flatMap((record) => [writeBinary(record.length + 4, 2), writeBinary(0, 2), record]));
}

/** RECFM=FB, LRECL=220. */
export function customerBytes(host: HostText, customers: readonly NightlyCustomer[]): Buffer {
  const text = (value: string, width: number): Uint8Array => host.write(value, width);
  const length = trailerBytes.customers;
  const hash = customers.reduce((sum, { number }) => sum + BigInt(number), 0n) % 10n ** 15n;
  return Buffer.concat([
    ...customers.map(({ number, company, family = '', given = '', street, postalCode, city, country, creditLimit, accounts, blocked }) => {
      const kind = company === undefined ? 'P' : 'C';
      const name = company === undefined ? [text(family, 30), text(given, 30)] : [text(company, 60)];
      const address = [text(street, 40), text(postalCode, 10), text(city, 30), text(country, 2)];
      const all = [0, 1, 2, 3, 4].map((n) => writePacked(BigInt(accounts[n] ?? 0), 6, false));
      const money = [writePacked(creditLimit, 6), writeBinary(accounts.length, 2), ...all];
      const status = text(blocked === true ? 'B' : 'A', 1);
      return hostRecord([text('40', 2), text(number, 8), text(kind, 1), ...name, ...address, ...money, status], length);
    }),
    hostRecord([text('99', 2), writeBinary(customers.length, 4), writePacked(hash, 8, false)], length),
  ]);
}

/** An account with more movements than a record holds goes on in a further one. */
function inParts(day: AccountDay): AccountDay[] {
  const parts: AccountDay[] = [];
  let { opening } = day;
  for (let at = 0; at < day.movements.length; at += mostMovements) {
    const movements = day.movements.slice(at, at + mostMovements);
    const closing = movements.reduce((sum, { amount }) => sum + amount, opening);
    parts.push({ ...day, opening, closing, movements });
    opening = closing;
  }
  return parts;
}
