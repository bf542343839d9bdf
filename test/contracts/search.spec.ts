import fc from 'fast-check';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TranslationState, translationStates } from '../../src/contract/journal.ts';
import { type TranslationFilter, type TranslationRow } from '../../src/contract/journal-reader.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { BodyCodec } from '../../src/journal/sqlite/bodies.ts';
import { Database } from '../../src/journal/sqlite/database.ts';
import { type Queries, queriesOn } from '../../src/journal/sqlite/queries.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { arrivalEveryMs, largeJournalEndsMs, writeLargeJournal } from '../support/large-journal.ts';
import { arrival } from './journal.contract.ts';

/** Fewer than one question looks at to count: then it has counted all. */
const rows = 1_900;
let folder: string;
let path: string;
let db: WatchedDatabase;
let queries: Queries;
let everything: readonly TranslationRow[];
let inDoubt: ReadonlySet<number>;

/** Looks at the plan of each statement that it runs. */
class WatchedDatabase extends Database {
  readonly plans = new Map<string, string>();
  lookUps = 0;

  override get<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    this.lookUps += 1;
    return super.get(sql, ...values);
  }

  override all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    if (!this.plans.has(sql)) {
      const steps = this.raw.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[];
      this.plans.set(sql, steps.map(({ detail }) => detail).join('; '));
    }
    return super.all(sql, ...values);
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-search-'));
  path = join(folder, 'journal.db');
  await writeLargeJournal(path, rows);
  db = new WatchedDatabase(new DatabaseSync(path));
  queries = queriesOn(db, new BodyCodec());
  everything = pagesOf({}, 500);
  inDoubt = new Set(db.all<{ translation: number }>("SELECT translation FROM call WHERE state = 'in doubt'").map(({ translation }) => translation));
  db.plans.clear();
});
afterAll(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** All pages, one after the other. */
function pagesOf(filter: TranslationFilter, limit: number): TranslationRow[] {
  const found: TranslationRow[] = [];
  for (let before: number | null = null; ;) {
    const page = queries.list(filter, { limit, ...(before === null ? {} : { before }) });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    found.push(...page.rows);
    if (page.next === null) return found;
    before = page.next;
  }
}

const one = <T>(value: T | readonly T[] | undefined, own: T): boolean =>
  value === undefined || (Array.isArray(value) ? value.includes(own) : value === own);

/** What a filter says, over a row in memory. */
function fits(row: TranslationRow, filter: TranslationFilter): boolean {
  const { states, type, eventId, correlation, businessKey, key, code, fromMs, toMs, over, text, masked } = filter;
  return (
    one(states, row.state) &&
    one(filter.system, row.system) &&
    one(filter.operation, row.operation) &&
    one(type, row.type) &&
    one(eventId, row.eventId) &&
    one(correlation, row.correlation) &&
    one(businessKey, row.businessKey) &&
    one(key, row.key) &&
    ((key ?? businessKey) === undefined || masked?.known?.includes(`${row.system} ${row.operation}`) !== false) &&
    one<string | undefined>(code, row.failure?.code) &&
    (fromMs === undefined || row.receivedMs >= fromMs) &&
    (toMs === undefined || row.receivedMs < toMs) &&
    (over === undefined || (row.finishedMs ?? over.nowMs) - row.receivedMs > over.ms) &&
    (filter.inDoubt !== true || (row.state === 'parked' && inDoubt.has(row.seq))) &&
    (text === undefined || readings(text).some((words) => words.every((word) => says(row, word, filter))))
  );
}

const readings = (text: string): string[][] => [[text], text.split(' ')];

function says(row: TranslationRow, word: string, { masked }: TranslationFilter): boolean {
  const own = `${row.system} ${row.operation}`;
  const begun = [
    row.id,
    row.eventId,
    row.correlation,
    row.system,
    row.operation,
    masked?.key.includes(own) === true || masked?.known?.includes(own) === false ? '' : (row.key ?? ''),
    masked?.businessKey.includes(own) === true || masked?.known?.includes(own) === false ? '' : (row.businessKey ?? ''),
  ];
  return (
    begun.some((value) => value.startsWith(word)) ||
    (row.failure?.code ?? '').startsWith(word.toUpperCase()) ||
    `.${row.type}`.toLowerCase().includes(`.${word.toLowerCase()}`)
  );
}

const systems = ['system-0', 'system-1', 'system-5', 'system-none'];
const endMs = largeJournalEndsMs;
const spanMs = rows * arrivalEveryMs;
const times = fc.integer({ min: -1_000, max: spanMs + 1_000 }).map((ms) => endMs - ms);
const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const conditions = {
  states: some(translationStates),
  system: fc.oneof(fc.constantFrom(...systems), some(systems)),
  operation: fc.oneof(fc.constantFrom('operation-0', 'operation-2'), some(['operation-1', 'operation-2'])),
  type: fc.constantFrom('com.acme.thing0.done0.v1', 'com.acme.thing1.done2.v1', 'other.type'),
  eventId: fc.constantFrom('e-7', 'e-1800', 'e-none'),
  correlation: fc.constantFrom('flow-7', 'flow-600'),
  businessKey: fc.integer({ min: 1, max: 50_000 }).map((n) => `ORD-${n}`),
  key: fc.integer({ min: 0, max: 40 }).map((n) => `C${n}`),
  code: fc.constantFrom('DEFECT', 'IN_DOUBT', 'UNREACHABLE', 'LOOP'),
  fromMs: times,
  toMs: times,
  inDoubt: fc.constant(true),
  over: fc.record({ ms: fc.constantFrom(0, 3_000, 61_000, 200_000), nowMs: fc.constant(endMs) }),
  text: fc.constantFrom(
    'e-18',
    'ORD-4',
    'C1',
    'C12 system-1',
    'done1',
    'in_doubt',
    'flow-6 defect',
    'com.acme',
    '0000',
    'none at all',
    '%',
    "' OR 1=1",
  ),
  masked: fc.constantFrom(
    { key: ['system-1 operation-1'], businessKey: ['system-0 operation-0', 'system-1 operation-1'] },
    { key: [], businessKey: ['system-0 operation-0'], known: ['system-0 operation-0', 'system-0 operation-1', 'system-1 operation-1'] },
  ),
};
const filters = fc
  .subarray(Object.keys(conditions) as (keyof typeof conditions)[], { minLength: 1, maxLength: 4 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, conditions[name]])))) as fc.Arbitrary<TranslationFilter>;

describe('searches over a journal of many translations', () => {
  it('whatever is combined, the pages have exactly what fits, newest first', () => {
    let found = 0;
    fc.assert(
      fc.property(filters, fc.integer({ min: 1, max: 500 }), (filter, limit) => {
        const expected = everything.filter((row) => fits(row, filter)).map(({ seq }) => seq);
        found += expected.length;
        // A page a row would be asked for thousands of times.
        const pages = pagesOf(filter, Math.max(limit, Math.ceil(expected.length / 20))).map(({ seq }) => seq);
        expect(pages).toEqual(expected);
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(1_000);
  });

  it('counts say how many fit in each state, and what was not counted', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const { states: _, ...rest } = filter;
        const counts = queries.counts(filter);
        const fitting = everything.filter((row) => fits(row, rest));
        for (const state of translationStates)
          expect(counts[state]).toEqual({ count: fitting.filter((row) => row.state === state).length, more: false });
        expect(counts.inDoubt.count).toBe(fitting.filter((row) => row.state === 'parked' && inDoubt.has(row.seq)).length);
      }),
      { numRuns: 100 },
    );
  });

  it('rule 38: every search, and every two conditions together, go by an index, and sort no more than one piece', () => {
    db.plans.clear();
    const single = Object.entries(conditions).map(([name, values]) => ({
      [name]: fc.sample(values as fc.Arbitrary<unknown>, { numRuns: 1, seed: 1 })[0],
    }));
    let asked = 0;
    for (const [n, one] of single.entries())
      for (const other of single.slice(n)) {
        const filter = { ...one, ...other } as TranslationFilter;
        queries.list(filter, { limit: 50 });
        queries.counts(filter);
        queries.changes(filter, rows - 100, 50);
        asked += 1;
      }
    expect(asked).toBe((15 * 16) / 2);
    expect(db.plans.size).toBeGreaterThan(50);
    // The counts that are kept are few, and a list of sequences is given by hand.
    const allowed = /^SCAN (?:tally|json_each)/;
    for (const [sql, plan] of db.plans) {
      for (const step of plan.split('; ')) if (step.startsWith('SCAN') && !allowed.test(step)) expect.fail(`${sql}\n${plan}`);
      if (plan.includes('TEMP B-TREE')) expect(sql).toMatch(/IN \(SELECT value FROM json_each\(\?\)\)/);
    }
  });

  it('a question looks at so many rows and no more: a page may be short, and the next ones have the rest', async () => {
    const wide = join(folder, 'wide.db');
    await writeLargeJournal(wide, 60_000);
    const large = new Database(new DatabaseSync(wide));
    const asked = queriesOn(large, new BodyCodec());
    // A second is asked for that nobody took, and less than what an index knows.
    const filter: TranslationFilter = { states: ['published'], over: { ms: 59_000, nowMs: endMs } };
    const first = asked.list(filter, { limit: 10, before: 50_000 });
    expect(first).toEqual({ rows: [], next: expect.any(Number) });
    const second = asked.list(filter, { limit: 10, before: first.next ?? 0 });
    expect(second.next ?? 0).toBeLessThan(first.next ?? 0);
    expect(asked.list(filter, { limit: 10, before: second.next ?? 0 })).toEqual({ rows: [], next: null });
    expect(asked.counts(filter).published).toEqual({ count: 0, more: true });
    expect(asked.list({ text: 'e-', code: 'EVENT_INVALID', states: ['published'] }, { limit: 10 })).toEqual({ rows: [], next: null });
    large.close();
  });

  it('however many systems, operations and types there are, a question finds that out in so many look-ups', async () => {
    const varied = join(folder, 'varied.db');
    await writeLargeJournal(varied, rows);
    const various = new WatchedDatabase(new DatabaseSync(varied));
    various.exec("UPDATE translation SET system = 'system-' || (seq % 29), operation = 'operation-' || (seq % 15), type = 'type-' || seq");
    const asked = queriesOn(various, new BodyCodec());
    const lookUpsOf = (ask: () => unknown): number => {
      various.lookUps = 0;
      ask();
      return various.lookUps;
    };
    expect(lookUpsOf(() => asked.list({ text: 'type-17' }, { limit: 10 }))).toBeLessThan(1_500);
    expect(asked.list({ text: 'type-17' }, { limit: 10 }).rows.map(({ type }) => type)).toContain('type-1799');
    expect(lookUpsOf(() => asked.list({ states: ['published'], over: { ms: 61_000, nowMs: endMs } }, { limit: 10 }))).toBeLessThan(1_500);
    various.close();
  });

  it('the time of arrival is found though the clock went back', async () => {
    const clockPath = join(folder, 'clock.db');
    const { journal } = await openSqliteJournal(Object.assign(new JournalSettings(), { path: clockPath, reserveBytes: 0 }), new SystemClock());
    await journal.recover([]);
    const hourMs = 3_600_000;
    const hours = [10, 11, 9, 11, 12, 9];
    for (const [n, hour] of hours.entries()) await journal.receive([arrival(`c${n}`)], { nowMs: hour * hourMs, build: 'b' });
    const between = async (from: number, to: number) =>
      (await journal.reader.list({ fromMs: from * hourMs, toMs: to * hourMs }, { limit: 9 })).rows.map(({ eventId }) => eventId);
    expect(await between(9, 10)).toEqual(['c5', 'c2']);
    expect(await between(11, 12)).toEqual(['c3', 'c1']);
    expect(await between(12, 13)).toEqual(['c4']);
    expect(await between(13, 99)).toEqual([]);
    await journal.close();
  });

  it('a journal of an earlier schema is searched by time, too', async () => {
    const old = join(folder, 'old.db');
    cpSync(join(import.meta.dirname, '../fixtures/journal-1.db'), old);
    const { journal } = await openSqliteJournal(Object.assign(new JournalSettings(), { path: old, reserveBytes: 0 }), new SystemClock());
    const all = (await journal.reader.list({}, { limit: 100 })).rows;
    const [first] = all;
    const same = await journal.reader.list({ fromMs: first?.receivedMs ?? 0, toMs: (first?.receivedMs ?? 0) + 1 }, { limit: 100 });
    expect(all.length).toBeGreaterThan(5);
    expect(same.rows).toEqual(all.filter(({ receivedMs }) => receivedMs === first?.receivedMs));
    await journal.close();
  });

  it('changes tell what fits now and, by no more than its number, what may have fitted before', () => {
    const filter: TranslationFilter = { system: 'system-1', states: ['parked'] };
    const rowsSeen: number[] = [];
    const leftSeen: number[] = [];
    for (let after = 0; ;) {
      const { rows: now, left, reached } = queries.changes(filter, after, 100);
      rowsSeen.push(...now.map(({ changed }) => changed));
      leftSeen.push(...left.map(({ changed }) => changed));
      for (const row of left) expect(Object.keys(row).sort()).toEqual(['changed', 'id', 'seq']);
      if (reached === after) break;
      after = reached;
    }
    const own = everything.filter(({ system }) => system === 'system-1').toReversed();
    const changesOf = (wanted: (state: TranslationState) => boolean): number[] =>
      own.filter(({ state }) => wanted(state)).map(({ changed }) => changed);
    expect(rowsSeen).toEqual(changesOf((state) => state === 'parked'));
    expect(leftSeen).toEqual(changesOf((state) => state !== 'parked'));
    expect(queries.changes({}, null, 1)).toEqual({ rows: [], left: [], reached: rows });
  });
});
