/** Every search over a journal of a million translations, against one look-up by index in the same run, through the reader's worker as the API asks it. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultGrouping } from '../../src/contract/groups.ts';
import { type Page, type TranslationFilter } from '../../src/contract/journal-reader.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { wordFile } from '../../src/journal/sqlite/words/word-file.ts';
import { arrivalEveryMs, largeJournalEndsMs, largeJournalSearched, writeLargeJournal, writeLargeWords } from '../support/large-journal.ts';

const rounds = 9;

export async function runSearch(rows: number, say: (text: string) => void): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const path = join(folder, 'journal.db');
  const began = performance.now();
  await writeLargeJournal(path, rows);
  say(`${rows} translations written in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  writeLargeWords(path, rows);
  say(`and their words, ${((performance.now() - began) / 1_000).toFixed(1)} s, ${Math.round(statSync(wordFile(path)).size / rows)} bytes each`);
  const settings = Object.assign(new JournalSettings(), { path, reserveBytes: 0 });
  const { journal } = await openSqliteJournal(settings, new SystemClock(), { searched: largeJournalSearched });
  const { reader } = journal;
  const middle = Math.floor(rows / 2);
  const filters = searchesOf(rows);
  const asked: Record<string, () => Promise<unknown>> = {
    'page in the middle': () => reader.list({}, { limit: 50, before: middle }),
    'page at the end': () => reader.list({ states: ['published'] }, { limit: 50, before: 60 }),
    'body: a word of all, in the middle': () => reader.list({ text: 'common7' }, { limit: 50, before: middle }),
    'page of 500': () => reader.list({}, { limit: 500 }),
    groups: () => reader.groups(defaultGrouping, largeJournalEndsMs),
    'groups by source and native': () => reader.groups(['source', 'native'], largeJournalEndsMs),
    'groups by day and type': () => reader.groups(['day', 'type'], largeJournalEndsMs),
    flow: () => reader.flow(`flow-${Math.floor(middle / 3)}`),
    'changes of a silent system': () => reader.changes({ system: 'system-5', states: ['parked'] }, middle, 100),
  };
  for (const [name, filter] of Object.entries(filters)) {
    asked[name] = () => reader.list(filter, { limit: 50 });
    asked[`${name}: counts`] = () => reader.counts(filter);
  }
  try {
    const lookupMs = await median(() => reader.list({ eventId: `e-${middle}` }, { limit: 1 }));
    say(`one look-up ${lookupMs.toFixed(2)} ms`);
    const searches: Record<string, { ms: number; vsLookup: number; rows?: number }> = {};
    for (const [name, ask] of Object.entries(asked)) {
      const ms = await median(ask);
      const page = (await ask()) as Partial<Page>;
      const found = page.rows === undefined ? '' : `  ${page.rows.length} rows${page.next === null ? '' : ', more'}`;
      searches[name] = { ms: Number(ms.toFixed(2)), vsLookup: Math.round(ms / lookupMs) };
      say(`${ms.toFixed(1).padStart(8)} ms  ${name}${found}`);
    }
    return { rows, lookupMs, slowest: Math.max(...Object.values(searches).map(({ ms }) => ms)), searches };
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each kind of condition, alone and with others. */
export function searchesOf(rows: number): Readonly<Record<string, TranslationFilter>> {
  const ago = (part: number): number => largeJournalEndsMs - rows * arrivalEveryMs * part;
  const middle = Math.floor(rows / 2);
  return {
    everything: {},
    system: { system: 'system-0' },
    'two systems': { system: ['system-0', 'system-1'] },
    'system long silent': { system: 'system-5' },
    operation: { operation: 'operation-1' },
    type: { type: 'com.acme.thing1.done2.v1' },
    'event id': { eventId: `e-${middle}` },
    correlation: { correlation: `flow-${Math.floor(middle / 3)}` },
    'business key': { businessKey: 'ORD-777' },
    key: { key: 'C77' },
    code: { code: 'EVENT_INVALID' },
    parked: { states: ['parked'] },
    published: { states: ['published'] },
    'two states': { states: ['parked', 'published'] },
    'in doubt': { inDoubt: true },
    'time in the past': { fromMs: ago(0.5), toMs: ago(0.49) },
    'over 5.9 s': { over: { ms: 5_900, nowMs: largeJournalEndsMs } },
    'over 1 h': { over: { ms: 3_599_999, nowMs: largeJournalEndsMs }, states: ['published'] },
    'system, operation, type, state': { system: 'system-1', operation: 'operation-1', type: 'com.acme.thing1.done1.v1', states: ['parked'] },
    'a type that the system has not': { system: 'system-0', type: 'com.acme.thing1.done2.v1' },
    'system and code': { system: 'system-5', code: 'DEFECT' },
    'silent system, published, recent': { system: 'system-5', states: ['published'], fromMs: ago(0.1) },
    'system, waiting, over 1 min': { system: 'system-2', states: ['waiting'], over: { ms: 60_000, nowMs: largeJournalEndsMs } },
    'key and business key': { key: 'C77', businessKey: 'ORD-777' },
    'key and state': { key: 'C77', states: ['discarded'] },
    'in doubt, system, time': { inDoubt: true, system: 'system-5', fromMs: ago(1), toMs: ago(0.9) },
    'text: an event id': { text: `e-${middle}` },
    'text: a prefix of many': { text: 'ORD-' },
    'text: a prefix of some': { text: 'ORD-49' },
    'text: a type': { text: 'done1' },
    'text: a code': { text: 'answer_inv' },
    'text: two words': { text: 'ORD-777 parked' },
    'text: key, system': { text: 'C77 system-3' },
    'text of many, rare state': { text: 'e-', states: ['waiting'], system: 'system-5' },
    'text that is nowhere': { text: 'no-such-thing' },
    'body: a word of one': { text: `body${middle}` },
    'body: a word of one in a thousand': { text: 'thousand' },
    'body: a word of one in a hundred': { text: 'hundred' },
    'body: a word of one in four': { text: 'quarter' },
    'body: a word of all': { text: 'common7' },
    'body: two words of all': { text: 'common7 common8' },
    'body: a frequent word and a rare one': { text: `common7 body${middle}` },
    'body: two frequent words that are never together': { text: 'paired single' },
    'body: a rare word, parked': { text: 'thousand', states: ['parked'] },
    'body: a frequent word, parked': { text: 'quarter', states: ['parked'] },
    'body: a frequent word, a silent system': { text: 'quarter', system: 'system-5' },
    'body: a frequent word, an hour long ago': { text: 'quarter', fromMs: ago(0.5), toMs: ago(0.49) },
    'body: a rare word, waiting, over 1 min': { text: 'hundred', states: ['waiting'], over: { ms: 60_000, nowMs: largeJournalEndsMs } },
  };
}

async function median(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}
