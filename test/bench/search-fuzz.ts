/** Searches put together at random, and deep in the list, by the CPU time of the thread that answers: the worst of them. */
import fc from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import { codes } from '../../src/contract/errors.ts';
import { translationStates } from '../../src/contract/journal.ts';
import { type TranslationFilter } from '../../src/contract/journal-reader.ts';
import { BodyCodec } from '../../src/journal/sqlite/bodies.ts';
import { Database } from '../../src/journal/sqlite/database.ts';
import { queriesOn } from '../../src/journal/sqlite/queries.ts';

interface Told {
  readonly ms: number;
  readonly asked: string;
}

const shown = 10;

/** Over a journal as `writeLargeJournal` writes it, of so many rows that end then. */
export function fuzzSearches(
  path: string,
  { rows, endsMs, searches, seed }: { rows: number; endsMs: number; searches: number; seed: number },
): readonly Told[] {
  const db = new Database(new DatabaseSync(path, { readOnly: true }));
  db.exec('PRAGMA query_only = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY');
  const queries = queriesOn(db, new BodyCodec());
  const told: Told[] = [];
  const time = (name: string, filter: object, ask: () => unknown): void => {
    const once = (): number => {
      const began = process.threadCpuUsage();
      ask();
      const { user, system } = process.threadCpuUsage(began);
      return (user + system) / 1_000;
    };
    // The second time is without what only the first one compiles.
    told.push({ ms: Math.min(once(), once()), asked: `${name} ${JSON.stringify(filter)}` });
  };
  for (const [filter, before] of fc.sample(fc.tuple(filtersOf(rows, endsMs), fc.integer({ min: 1, max: rows })), { numRuns: searches, seed })) {
    time('list', filter, () => queries.list(filter, { limit: 50 }));
    time(`list before ${before}`, filter, () => queries.list(filter, { limit: 50, before }));
    time('counts', filter, () => queries.counts(filter));
    time(`changes after ${rows - 5_000}`, filter, () => queries.changes(filter, rows - 5_000, 100));
  }
  db.close();
  return told.sort((a, b) => b.ms - a.ms).slice(0, shown);
}

function filtersOf(rows: number, endsMs: number): fc.Arbitrary<TranslationFilter> {
  const some = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values], { minLength: 1 });
  const numbered = (prefix: string, max: number): fc.Arbitrary<string> => fc.integer({ min: 0, max }).map((n) => `${prefix}${n}`);
  const systems = some(['system-0', 'system-1', 'system-2', 'system-3', 'system-4', 'system-5', 'system-none']);
  const word = fc.oneof(
    numbered('e-', rows),
    numbered('ORD-', 500),
    numbered('C', 2_000),
    numbered('flow-', 1_000),
    numbered('system-', 6),
    numbered('operation-', 3),
    fc.constantFrom(
      'e',
      'e-1',
      'C',
      'C1',
      'ORD-',
      'flow-',
      'done1',
      'com.acme',
      'answer_inv',
      'DEFECT',
      'd',
      'a',
      'A',
      '0',
      '00',
      'f',
      'thing0',
      'none',
      '%',
      '_',
    ),
    fc.string({ minLength: 1, maxLength: 24 }),
  );
  const time = fc.integer({ min: 0, max: rows * 100 }).map((ms) => endsMs - ms);
  const conditions = {
    states: some(translationStates),
    system: systems,
    operation: some(['operation-0', 'operation-1', 'operation-2', 'operation-none']),
    type: fc.constantFrom('com.acme.thing0.done0.v1', 'com.acme.thing1.done2.v1', 'other.type'),
    eventId: numbered('e-', rows),
    correlation: numbered('flow-', Math.floor(rows / 3)),
    businessKey: numbered('ORD-', 50_000),
    key: numbered('C', 2_000),
    code: fc.constantFrom(...(Object.keys(codes) as (keyof typeof codes)[])),
    fromMs: time,
    toMs: time,
    inDoubt: fc.constant(true),
    over: fc.record({ ms: fc.constantFrom(0, 3_000, 5_999, 59_000, 61_000, 3_600_001), nowMs: fc.constant(endsMs) }),
    text: fc.array(word, { minLength: 1, maxLength: 8, size: 'max' }).map((words) => words.join(' ')),
    masked: fc.constantFrom(
      { key: ['system-1 operation-1'], businessKey: ['system-0 operation-0'] },
      { key: [], businessKey: ['system-0 operation-0'], known: ['system-0 operation-0', 'system-1 operation-1', 'system-2 operation-2'] },
    ),
  };
  const names = Object.keys(conditions) as (keyof typeof conditions)[];
  // What anything narrows down to some rows is quick: the rest are the ones to look for.
  const wide = names.filter((name) => !['eventId', 'correlation', 'businessKey'].includes(name));
  return fc
    .oneof(
      { weight: 4, arbitrary: fc.subarray(wide, { minLength: 1, maxLength: 6 }) },
      { weight: 1, arbitrary: fc.subarray(names, { minLength: 1, maxLength: 6 }) },
    )
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, conditions[name]])))) as fc.Arbitrary<TranslationFilter>;
}
