import 'reflect-metadata';
import { join } from 'node:path';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { arrival } from '../contracts/journal.contract.ts';

export interface WordsChildOptions {
  readonly folder: string;
  readonly from: number;
  readonly upTo: number;
}

/** Journals events, each with a word of its own, while their words are kept; it says so after each commit, and lives on until it is killed. */
const { folder, from, upTo } = JSON.parse(process.argv[2] ?? '{}') as WordsChildOptions;
const settings = Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 });
const { journal } = await openSqliteJournal(settings, new SystemClock(), { searched: { crm: { book: { event: [], replies: {} } } } });
await journal.recover([{ system: 'crm', operation: 'book' }]);
for (let n = from; n < upTo; n += 1) {
  await journal.receive([arrival(`e${n}`, { data: JSON.stringify({ own: `own${n}`, all: 'everywhere' }) })], { nowMs: n, build: 'b' });
  process.send?.(n);
}
setInterval(() => undefined, 1_000);
