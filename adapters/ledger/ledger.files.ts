import { type RecordCodec, copybook, layoutCodec } from '../../src/transports/file/file.ts';

/*
 * The four files that go between here and the mainframe, each by its copybook. Whoever changes one on the mainframe changes the copybook
 * here, and writes ledger.records.ts again from it.
 */

/** What the mainframe writes text in: 273 (German), or 037. Digits, capitals and signs of numbers are the same in both. */
export type Ccsid = '273' | '037';

const posting = copybook(new URL('./posting.cpy', import.meta.url));
const result = copybook(new URL('./result.cpy', import.meta.url));
const statement = copybook(new URL('./statement.cpy', import.meta.url));
const customer = copybook(new URL('./customer.cpy', import.meta.url));

const type = (text: string) => ({ at: 0, text });

/** Postings to be booked in the night. */
export const postingFile = (ccsid: Ccsid): RecordCodec =>
  layoutCodec({
    name: 'postings',
    codePage: ccsid,
    format: { kind: 'fixed', length: 200 },
    records: {
      header: { layout: posting.record('POSTING-HEADER'), when: type('01') },
      posting: { layout: posting.record('POSTING'), when: type('10') },
      trailer: { layout: posting.record('POSTING-TRAILER'), when: type('99') },
    },
    redefines: { PURPOSE: { by: 'KIND', when: { B: 'PURPOSE', R: 'REVERSED' } } },
    control: {
      header: 'header',
      trailer: 'trailer',
      counts: [{ field: 'POSTING-COUNT', of: 'posting' }],
      totals: [
        { field: 'AMOUNT-TOTAL', of: 'posting', sum: 'AMOUNT' },
        { field: 'ACCOUNT-HASH', of: 'posting', sum: 'ACCOUNT', digits: 15 },
      ],
    },
  });

/** What became of them. */
export const resultFile = (ccsid: Ccsid): RecordCodec =>
  layoutCodec({
    name: 'results',
    codePage: ccsid,
    format: { kind: 'fixed', length: 80 },
    records: {
      header: { layout: result.record('RESULT-HEADER'), when: type('01') },
      result: { layout: result.record('RESULT'), when: type('20') },
      trailer: { layout: result.record('RESULT-TRAILER'), when: type('99') },
    },
    redefines: { BOOKING: { by: 'RESULT-STATUS', when: { B: 'BOOKING', R: 'REJECTION' } } },
    control: { header: 'header', trailer: 'trailer', counts: [{ field: 'RESULT-COUNT', of: 'result' }] },
  });

/** Accounts at the end of the day. */
export const statementFile = (ccsid: Ccsid): RecordCodec =>
  layoutCodec({
    name: 'statements',
    codePage: ccsid,
    format: { kind: 'rdw' },
    records: {
      statement: { layout: statement.record('STATEMENT'), when: type('30') },
      trailer: { layout: statement.record('STATEMENT-TRAILER'), when: type('99') },
    },
    control: {
      trailer: 'trailer',
      counts: [{ field: 'STATEMENT-COUNT', of: 'statement' }],
      totals: [{ field: 'MOVEMENT-TOTAL', of: 'statement', sum: 'AMOUNT' }],
    },
  });

/** All customers. */
export const customerFile = (ccsid: Ccsid): RecordCodec =>
  layoutCodec({
    name: 'customers',
    codePage: ccsid,
    format: { kind: 'fixed', length: 220 },
    records: {
      customer: { layout: customer.record('CUSTOMER'), when: type('40') },
      trailer: { layout: customer.record('CUSTOMER-TRAILER'), when: type('99') },
    },
    redefines: { 'PERSON-NAME': { by: 'KIND', when: { P: 'PERSON-NAME', C: 'COMPANY-NAME' } } },
    control: {
      trailer: 'trailer',
      counts: [{ field: 'CUSTOMER-COUNT', of: 'customer' }],
      totals: [{ field: 'NUMBER-HASH', of: 'customer', sum: 'CUSTOMER-NUMBER', digits: 15 }],
    },
  });
