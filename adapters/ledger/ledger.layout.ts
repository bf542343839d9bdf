import { type Calls, once } from '../../src/contract/index.ts';
import { type CallsOf, drop, file, reply, values } from '../../src/transports/file/file.ts';
import { type Ccsid, postingFile, resultFile } from './ledger.files.ts';
import { type Posting, type Result } from './ledger.records.ts';

export const ccsid: Ccsid = '273';

/** Each result answers the posting that it names. The batch runs at night, and not from Friday to Monday. */
const results = reply({
  from: 'results',
  name: 'RESULT_*.DAT',
  codec: resultFile(ccsid),
  records: { result: values<Result>() },
  by: 'record',
  correlation: '{field:postingId}',
  complete: { marker: '{name}.done' },
});

export const layout = file({
  drops: {
    Posting: drop({
      to: 'postings',
      name: 'POSTING_{date:yyyyMMdd}_{sequence:06}.DAT',
      zone: 'Europe/Berlin',
      codec: postingFile(ccsid),
      record: { posting: values<Omit<Posting, 'recordType'>>() },
      control: { header: { fileNumber: '{sequence:06}', createdOn: '{date:yyyyMMdd}' } },
      marker: '{name}.done',
      // A file for every quarter of an hour in which something is to be posted.
      batch: { close: { events: 10_000, bytes: 2_000_000, afterMs: 900_000 } },
      // The mainframe takes its files away, and nobody else removes temporary ones.
      whenGone: 'happened',
      reply: { from: results, correlation: '{field:postingId}', withinHours: 84 },
    }),
  },
  replies: { results },
});

export type Ledger = CallsOf<typeof layout>;

/** No probe: what became of an interrupted drop is seen in the directory. */
export const calls: Calls<Ledger> = { Posting: once() };
