import { codes } from '../../contract/errors.ts';
import { type TranslationState, translationStates } from '../../contract/journal.ts';
import { type Changes, type Count, type Page, type StateCounts, type TranslationFilter } from '../../contract/journal-reader.ts';
import { type Condition, type Word, conditionOf, exactColumns, listOf } from './conditions.ts';
import { type Database } from './database.ts';
import { type Range, rangeOf } from './time-marks.ts';
import { type FullRecord, translationRow } from './translation-row.ts';
import {
  type FewValued,
  type WayIn,
  beginningWith,
  combinations,
  everyWay,
  exactWay,
  fewValuedWay,
  isIndexed,
  openCallWay,
  setWay,
} from './ways-in.ts';

/*
 * A search goes in by the most selective of its conditions, by one or more ranges of an index that each are in the order of the list, merges
 * them, and asks the rows for the rest of its conditions, so many rows and no more: whatever is combined, one question takes no longer than
 * that. What it did not come to is the next page.
 */

export const maxLimit = 500;
/** Rows that one question looks at. */
const budget = 20_000;
const countedUpTo = 10_000;
const longestChunk = 2_000;

interface Plan {
  readonly ways: readonly WayIn[];
  readonly range: Range;
  /** What is left to ask of the rows. */
  readonly rest: Condition | null;
}

export function list(db: Database, filter: TranslationFilter, { before, limit }: { before?: number; limit: number }): Page {
  const wanted = Math.max(1, Math.min(limit, maxLimit));
  const plan = planOf(db, filter);
  const { found, reached } = walk(db, plan, { below: before ?? Number.MAX_SAFE_INTEGER, limit: wanted + 1, rows: budget });
  const page = found.slice(0, wanted);
  const next = found.length > wanted ? (page.at(-1) ?? null) : reached;
  const rows = db.all<FullRecord>('SELECT * FROM translation WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq DESC', JSON.stringify(page));
  return { rows: rows.map((row) => translationRow(db, row)), next };
}

/** All that fit, the newest first, at most `limit`: in one look, however many rows that takes. */
export const everyFitting = (db: Database, filter: TranslationFilter, limit: number): readonly number[] =>
  walk(db, planOf(db, filter), { below: Number.MAX_SAFE_INTEGER, limit, rows: Number.POSITIVE_INFINITY }).found;

/** How many fit in each state; from the kept counts where these say it. */
export function countByState(db: Database, filter: TranslationFilter): StateCounts {
  const { states: _, ...rest } = filter;
  const kept = keptCounts(db, rest);
  const counts = translationStates.map((state): [TranslationState, Count] => [
    state,
    kept?.get(state) ?? count(db, { ...rest, states: [state] }, kept),
  ]);
  return { ...(Object.fromEntries(counts) as Record<TranslationState, Count>), inDoubt: count(db, { ...rest, inDoubt: true }, null) };
}

function count(db: Database, filter: TranslationFilter, kept: ReadonlyMap<string, Count> | null): Count {
  if (kept !== null) return { count: 0, more: false };
  const { found, reached } = walk(db, planOf(db, filter), { below: Number.MAX_SAFE_INTEGER, limit: countedUpTo + 1, rows: countedUpTo + 1 });
  return { count: Math.min(found.length, countedUpTo), more: found.length > countedUpTo || reached !== null };
}

/** By state, where nothing but systems and operations is asked for. */
function keptCounts(db: Database, filter: TranslationFilter): ReadonlyMap<string, Count> | null {
  const { system, operation, masked: _, ...others } = filter;
  if (Object.values(others).some((value) => value !== undefined)) return null;
  const [systems, operations] = [listOf(system), listOf(operation)];
  const counts = new Map<string, Count>();
  for (const row of db.all<{ system: string; operation: string; state: string; n: number }>('SELECT system, operation, state, n FROM tally'))
    if (systems?.includes(row.system) !== false && operations?.includes(row.operation) !== false)
      counts.set(row.state, { count: (counts.get(row.state)?.count ?? 0) + row.n, more: false });
  return counts;
}

/** What changes in the life of a translation. */
const changing = ['states', 'code', 'inDoubt', 'over'] as const satisfies readonly (keyof TranslationFilter)[];

/** Changes after a position in their order, so many rows and no more. */
export function changes(db: Database, filter: TranslationFilter, after: number | null, limit: number): Changes {
  if (after === null)
    return { rows: [], left: [], reached: db.get<{ changed: number | null }>('SELECT max(changed) AS changed FROM translation')?.changed ?? 0 };
  const lasting = { ...filter };
  for (const name of changing) delete lasting[name];
  const words = wordsOf(db, filter);
  const [fits, mayHaveFitted] = [filter, lasting].map((each) => conditionOf(each, words, new Set()) ?? { sql: '1', values: [] }) as [
    Condition,
    Condition,
  ];
  const rows: FullRecord[] = [];
  const left: { seq: number; id: string; changed: number }[] = [];
  let reached = after;
  const looked = db.all<{ seq: number; changed: number }>(
    'SELECT seq, changed FROM translation INDEXED BY translation_changed WHERE changed > ? ORDER BY changed LIMIT ?',
    after,
    Math.max(limit, longestChunk),
  );
  for (let at = 0; at < looked.length && rows.length + left.length < limit; at += limit) {
    const chunk = looked.slice(at, at + limit);
    const found = db.all<FullRecord & { fits: number }>(
      `SELECT t.*, ${fits.sql} AS fits FROM translation t WHERE t.seq IN (SELECT value FROM json_each(?)) AND (${mayHaveFitted.sql}) ORDER BY t.changed`,
      ...fits.values,
      JSON.stringify(chunk.map(({ seq }) => seq)),
      ...mayHaveFitted.values,
    );
    for (const row of found.slice(0, limit - rows.length - left.length)) {
      if (row.fits === 1) rows.push(row);
      else left.push({ seq: row.seq, id: row.id, changed: row.changed });
      reached = row.changed;
    }
    if (rows.length + left.length < limit) reached = chunk.at(-1)?.changed ?? reached;
  }
  return { rows: rows.map((row) => translationRow(db, row)), left, reached };
}

interface Walked {
  readonly found: readonly number[];
  /** Where it stopped because it had looked at enough; null when it came to the end. */
  readonly reached: number | null;
}

/** The newest of a plan below a sequence. */
function walk(db: Database, { ways, range, rest }: Plan, { below, limit, rows }: { below: number; limit: number; rows: number }): Walked {
  const merged = new Merged(ways, { low: range.low, high: Math.min(range.high, below - 1) });
  const found: number[] = [];
  for (let looked = 0, size = Math.max(64, limit); looked < rows; size = Math.min(size * 2, longestChunk)) {
    const wanted = Math.min(rest === null ? limit - found.length : size, rows - looked);
    const chunk = merged.take(wanted);
    looked += chunk.length;
    found.push(...(rest === null ? chunk : fitting(db, chunk, rest)));
    if (found.length >= limit) return { found: found.slice(0, limit), reached: null };
    if (chunk.length < wanted) return { found, reached: null };
    if (looked >= rows) return { found, reached: chunk.at(-1) ?? null };
  }
  return { found, reached: null };
}

const fitting = (db: Database, seqs: readonly number[], { sql, values }: Condition): readonly number[] =>
  seqs.length === 0
    ? []
    : db
        .all<{ seq: number }>(
          `SELECT t.seq FROM translation t WHERE t.seq IN (SELECT value FROM json_each(?)) AND ${sql} ORDER BY t.seq DESC`,
          JSON.stringify(seqs),
          ...values,
        )
        .map(({ seq }) => seq);

interface Head {
  readonly way: WayIn;
  readonly low: number;
  high: number;
  waiting: readonly number[];
  at: number;
  ended: boolean;
}

/** Several ways as one, in order, each sequence once. */
class Merged {
  readonly #heads: Head[];
  #last = Number.POSITIVE_INFINITY;

  constructor(ways: readonly WayIn[], { low, high }: Range) {
    this.#heads = ways.map((way) => ({ way, waiting: [], at: 0, low, high, ended: false }));
  }

  take(wanted: number): number[] {
    const size = Math.max(16, Math.ceil(wanted / Math.max(1, this.#heads.length)));
    const taken: number[] = [];
    while (taken.length < wanted) {
      let best: Head | null = null;
      for (const head of this.#heads) {
        if (head.at >= head.waiting.length && !head.ended) {
          head.waiting = head.way.next(head, size);
          head.at = 0;
          head.ended = head.waiting.length < size;
          head.high = (head.waiting.at(-1) ?? 0) - 1;
        }
        if (head.at < head.waiting.length && (best === null || (head.waiting[head.at] ?? 0) > (best.waiting[best.at] ?? 0))) best = head;
      }
      if (best === null) break;
      const seq = best.waiting[best.at] ?? 0;
      best.at += 1;
      if (seq < this.#last) taken.push((this.#last = seq));
    }
    return taken;
  }
}

function planOf(db: Database, filter: TranslationFilter): Plan {
  const words = wordsOf(db, filter);
  const { ways, settles } = waysOf(db, filter, words);
  return { ways, range: rangeOf(db, filter.fromMs, filter.toMs), rest: conditionOf(filter, words, new Set(settles)) };
}

interface Chosen {
  readonly ways: readonly WayIn[];
  /** Conditions of which nothing is left to ask. */
  readonly settles: readonly (keyof TranslationFilter)[];
}

function waysOf(db: Database, filter: TranslationFilter, words: readonly (readonly Word[])[]): Chosen {
  for (const name of ['eventId', 'businessKey', 'correlation', 'key'] as const) {
    const [column, value] = [exactColumns[name], filter[name]];
    if (value !== undefined && isIndexed(column)) return { ways: [exactWay(db, column, value)], settles: [name] };
  }
  const byText = words.length === 0 ? null : textWays(db, words);
  if (byText !== null) return { ways: byText, settles: [] };
  if (filter.inDoubt === true) return { ways: [openCallWay(db)], settles: [] };
  const kinds = ['system', 'operation', 'type'] as const;
  if (filter.code !== undefined) {
    const ways = fewValuedWays(db, 'code', [filter.code], filter);
    return ways === null ? all(db) : { ways, settles: ['code', ...kinds] };
  }
  const { states } = filter;
  if (states !== undefined && !states.includes('published')) {
    const ways = states.map((state) => fewValuedWays(db, 'state', [state], filter));
    return ways.includes(null) ? all(db) : { ways: ways.flatMap((each) => each ?? []), settles: ['states', ...kinds] };
  }
  if (kinds.every((name) => filter[name] === undefined)) return all(db);
  const ways = fewValuedWays(db, 'kind', [], filter);
  return ways === null ? all(db) : { ways, settles: kinds };
}

const all = (db: Database): Chosen => ({ ways: [everyWay(db)], settles: [] });

/** Null: there are too many. */
function fewValuedWays(db: Database, name: FewValued, first: readonly string[], filter: TranslationFilter): readonly WayIn[] | null {
  const asked = [listOf(filter.system), listOf(filter.operation), listOf(filter.type)];
  const fixed: string[] = [...first];
  for (const values of asked) {
    const [only] = values ?? [];
    if (only === undefined || values?.length !== 1) break;
    fixed.push(only);
  }
  const found = combinations(db, name, fixed);
  if (found === null) return null;
  return found
    .filter((values) => asked.every((some, index) => some?.includes(values[first.length + index] ?? '') !== false))
    .map((values) => fewValuedWay(db, name, values));
}

/** Each way to read a search text: all of it as one, or word by word. */
function wordsOf(db: Database, { text }: TranslationFilter): readonly (readonly Word[])[] {
  const whole = text?.trim() ?? '';
  if (whole === '') return [];
  const kinds = combinations(db, 'kind', []);
  const word = (each: string): Word => ({
    text: each,
    unlisted: kinds === null,
    codes: Object.keys(codes).filter((code) => code.startsWith(each.toUpperCase())),
    systems: kept(kinds ?? [], 0, (value) => value.startsWith(each)),
    operations: kept(kinds ?? [], 1, (value) => value.startsWith(each)),
    types: kept(kinds ?? [], 2, (value) => `.${value}`.toLowerCase().includes(`.${each.toLowerCase()}`)),
  });
  const parts = whole.split(/\s+/);
  return parts.length === 1 ? [[word(whole)]] : [[word(whole)], parts.map(word)];
}

const kept = (kinds: readonly (readonly string[])[], column: number, fits: (value: string) => boolean): string[] => [
  ...new Set(kinds.map((kind) => kind[column] ?? '').filter(fits)),
];

/** By the most selective word of each way to read the text; null when none is selective. */
function textWays(db: Database, readings: readonly (readonly Word[])[]): readonly WayIn[] | null {
  const ways: WayIn[] = [];
  for (const words of readings) {
    const chosen = words.map((word) => wordWays(db, word)).filter((each) => each !== null);
    chosen.sort((a, b) => a.weight - b.weight);
    if (chosen[0] === undefined) return null;
    ways.push(...chosen[0].ways);
  }
  return ways;
}

function wordWays(db: Database, word: Word): { readonly ways: readonly WayIn[]; readonly weight: number } | null {
  const seqs = beginningWith(db, word.text);
  if (seqs === null) return null;
  const [byKind, byCode] = [
    word.systems.length + word.operations.length + word.types.length === 0 ? [] : combinations(db, 'kind', []),
    word.codes.length === 0 ? [] : word.codes.flatMap((code) => combinations(db, 'code', [code]) ?? []),
  ];
  if (byKind === null) return null;
  const wanted = byKind.filter(
    ([system = '', operation = '', type = '']) => word.systems.includes(system) || word.operations.includes(operation) || word.types.includes(type),
  );
  return {
    ways: [setWay(seqs), ...wanted.map((values) => fewValuedWay(db, 'kind', values)), ...byCode.map((values) => fewValuedWay(db, 'code', values))],
    weight: seqs.length + 1_000_000 * (wanted.length + byCode.length),
  };
}
