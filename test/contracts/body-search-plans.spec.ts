import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TranslationFilter } from '../../src/contract/journal-reader.ts';
import { BodyCodec } from '../../src/journal/sqlite/bodies.ts';
import { Database } from '../../src/journal/sqlite/database.ts';
import { type Queries, queriesOn } from '../../src/journal/sqlite/queries.ts';
import { WordCodec } from '../../src/journal/sqlite/words/word-codec.ts';
import { wordFile } from '../../src/journal/sqlite/words/word-file.ts';
import { attachWords } from '../../src/journal/sqlite/words/word-search.ts';
import { arrivalEveryMs, largeJournalEndsMs, writeLargeJournal, writeLargeWords } from '../support/large-journal.ts';

/** More than one piece of words, and words in more translations than are taken as they are. */
const rows = 45_000;
const looked = 700;

interface Row {
  readonly seq: number;
  readonly state: string;
  readonly system: string;
  readonly received: number;
}

let folder: string;
let db: Database;
let queries: Queries;
let all: readonly Row[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-words-'));
  const path = join(folder, 'journal.db');
  await writeLargeJournal(path, rows);
  writeLargeWords(path, rows);
  db = new Database(new DatabaseSync(path, { readOnly: true }));
  attachWords(db, wordFile(path), new WordCodec());
  queries = queriesOn(db, new BodyCodec());
  all = db.all<Row>('SELECT seq, state, system, received FROM translation ORDER BY seq DESC');
}, 240_000);
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As `writeLargeWords` writes them, or the beginning of the system's name. */
function holds({ seq, system }: Row, word: string): boolean {
  if (system.startsWith(word)) return true;
  const every: Readonly<Record<string, number>> = { quarter: 4, hundred: 100, thousand: 1_000, paired: 2 };
  if (word === 'single') return seq % 2 === 1;
  return word === `body${seq}` || word.startsWith('common') || (every[word] !== undefined && seq % every[word] === 0);
}

function fits(row: Row, { text = '', states, system, fromMs, toMs }: TranslationFilter): boolean {
  return (
    text.split(' ').every((word) => holds(row, word)) &&
    states?.includes(row.state as never) !== false &&
    (system === undefined || system === row.system) &&
    row.received >= (fromMs ?? 0) &&
    row.received < (toMs ?? Infinity)
  );
}

/** The newest of them, over as many pages as it takes. */
function newest(filter: TranslationFilter): number[] {
  const found: number[] = [];
  for (let before: number | undefined; found.length < looked;) {
    const page = queries.list(filter, { limit: 200, ...(before === undefined ? {} : { before }) });
    found.push(...page.rows.map(({ seq }) => seq));
    if (page.next === null) break;
    before = page.next;
  }
  return found.slice(0, looked);
}

const middle = largeJournalEndsMs - (rows / 2) * arrivalEveryMs;
const filters: readonly TranslationFilter[] = [
  { text: 'common7' },
  { text: 'paired' },
  { text: 'thousand' },
  { text: 'body4711' },
  { text: 'paired quarter' },
  { text: 'paired single' },
  { text: 'common7 thousand' },
  { text: 'common7 body4711' },
  { text: 'paired system-3' },
  { text: 'system-5 quarter' },
  { text: 'system-5 hundred paired' },
  { text: 'paired', states: ['parked'] },
  { text: 'hundred', states: ['waiting', 'parked'] },
  { text: 'paired', states: ['published'] },
  { text: 'paired', system: 'system-5' },
  { text: 'paired', fromMs: middle, toMs: middle + 60_000 },
  { text: 'paired nowhere' },
  { text: 'nowhere' },
];

describe('words of bodies in a journal of many translations', { timeout: 120_000 }, () => {
  it.each(filters.map((filter) => [JSON.stringify(filter), filter] as const))('%s: the newest are exactly those that fit', (_, filter) => {
    const expected = all.filter((row) => fits(row, filter)).map(({ seq }) => seq);
    if (!filter.text?.includes('nowhere') && filter.text !== 'paired single') expect(expected.length).toBeGreaterThan(0);
    expect(newest(filter)).toEqual(expected.slice(0, looked));
  });

  it('a selection has all that fit, however many', () => {
    for (const filter of [{ text: 'paired' }, { text: 'paired quarter', system: 'system-1' }]) {
      const expected = all.filter((row) => fits(row, filter)).length;
      expect(queries.selected({ filter }, 100_000).seqs.length).toBe(expected);
    }
  });

  it('what was counted is right, and what was not is said', () => {
    const counts = queries.counts({ text: 'thousand' });
    for (const state of ['published', 'parked'] as const) {
      const expected = all.filter((row) => fits(row, { text: 'thousand', states: [state] })).length;
      expect([state, counts[state].count]).toEqual([state, expected]);
    }
    const frequent = queries.counts({ text: 'paired' }).published;
    expect(frequent.more || frequent.count === all.filter((row) => fits(row, { text: 'paired', states: ['published'] })).length).toBe(true);
  });
});
