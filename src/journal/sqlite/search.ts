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
/** For each state, where the rows must be asked for more than whether they are in doubt. */
const lookedAtToCount = 2_000;
const longestChunk = 2_000;

/** What one question finds out more than once. */
interface Question {
  readonly db: Database;
  readonly words: readonly (readonly Word[])[];
  readonly kinds: readonly (readonly string[])[] | null;
  /** Where the texts of the words begin something. */
  readonly beginnings: Map<string, readonly number[] | null>;
}

interface Plan {
  readonly ways: readonly WayIn[];
  readonly range: Range;
  /** What is left to ask of the rows. */
  readonly rest: Condition | null;
}

export function list(db: Database, filter: TranslationFilter, { before, limit }: { before?: number; limit: number }): Page {
  const wanted = Math.max(1, Math.min(limit, maxLimit));
  const plan = planOf(questionOf(db, filter), filter);
  const { found, reached } = walk(db, plan, { below: before ?? Number.MAX_SAFE_INTEGER, limit: wanted + 1, rows: budget });
  const page = found.slice(0, wanted);
  const next = found.length > wanted ? (page.at(-1) ?? null) : reached;
  const rows = db.all<FullRecord>('SELECT * FROM translation WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq DESC', JSON.stringify(page));
  return { rows: rows.map((row) => translationRow(db, row)), next };
}

/** All that fit, the newest first, at most `limit`: in one look, however many rows that takes. */
export const everyFitting = (db: Database, filter: TranslationFilter, limit: number): readonly number[] =>
  walk(db, planOf(questionOf(db, filter), filter), { below: Number.MAX_SAFE_INTEGER, limit, rows: Number.POSITIVE_INFINITY }).found;

/** How many fit in each state; from the kept counts where these say it. */
export function countByState(db: Database, { states: _, ...filter }: TranslationFilter): StateCounts {
  const kept = keptCounts(db, filter);
  const question = questionOf(db, filter);
  const inDoubt = count(question, { ...filter, inDoubt: true }, kept === null ? lookedAtToCount : countedUpTo + 1);
  const none = { count: 0, more: false };
  const countIn = (state: TranslationState): Count => {
    if (kept !== null) return kept.get(state) ?? none;
    if (filter.inDoubt === true) return state === 'parked' ? inDoubt : none;
    return count(question, { ...filter, states: [state] });
  };
  return { ...(Object.fromEntries(translationStates.map((state) => [state, countIn(state)])) as Record<TranslationState, Count>), inDoubt };
}

function count(question: Question, filter: TranslationFilter, lookedAt = lookedAtToCount): Count {
  const plan = planOf(question, filter);
  const rows = plan.rest === null ? countedUpTo + 1 : lookedAt;
  const { found, reached } = walk(question.db, plan, { below: Number.MAX_SAFE_INTEGER, limit: countedUpTo + 1, rows });
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

const anything: Condition = { sql: '1', values: [] };

/** What changes in the life of a translation. */
const changing = ['states', 'code', 'inDoubt', 'over'] as const satisfies readonly (keyof TranslationFilter)[];

/** Changes after a position in their order, so many rows and no more. */
export function changes(db: Database, filter: TranslationFilter, after: number | null, limit: number): Changes {
  if (after === null)
    return { rows: [], left: [], reached: db.get<{ changed: number | null }>('SELECT max(changed) AS changed FROM translation')?.changed ?? 0 };
  const lasting = { ...filter };
  for (const name of changing) delete lasting[name];
  const { words } = questionOf(db, filter);
  const mayChange = words.some((reading) => reading.some((word) => word.codes.length > 0));
  const fits = conditionOf(filter, words, new Set()) ?? anything;
  const mayHaveFitted = conditionOf(lasting, mayChange ? [] : words, new Set()) ?? anything;
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

function planOf(question: Question, filter: TranslationFilter): Plan {
  const { ways, settles } = waysOf(question, filter);
  return { ways, range: rangeOf(question.db, filter.fromMs, filter.toMs), rest: conditionOf(filter, question.words, new Set(settles)) };
}

interface Chosen {
  readonly ways: readonly WayIn[];
  /** Conditions of which nothing is left to ask. */
  readonly settles: readonly (keyof TranslationFilter)[];
}

function waysOf(question: Question, filter: TranslationFilter): Chosen {
  const { db } = question;
  for (const name of ['eventId', 'businessKey', 'correlation', 'key'] as const) {
    const [column, value] = [exactColumns[name], filter[name]];
    if (value !== undefined && isIndexed(column)) return { ways: [exactWay(db, column, value)], settles: [name] };
  }
  const byText = textWays(question, kindWeight);
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
  if (filter.over !== undefined && filter.over.ms >= slowMs) {
    const unfinished = (states ?? unfinishedStates).filter((state) => unfinishedStates.includes(state));
    const ways = [fewValuedWays(db, 'slow', [], filter), ...unfinished.map((state) => fewValuedWays(db, 'state', [state], filter))];
    if (!ways.includes(null)) return { ways: ways.flatMap((each) => each ?? []), settles: kinds };
  }
  if (kinds.every((name) => filter[name] === undefined)) {
    const ways = textWays(question, Number.POSITIVE_INFINITY);
    return ways === null ? all(db) : { ways, settles: [] };
  }
  const ways = fewValuedWays(db, 'kind', [], filter);
  return ways === null ? all(db) : { ways, settles: kinds };
}

/** As in the index of the slow ones. */
const slowMs = 60_000;
const unfinishedStates: readonly TranslationState[] = ['received', 'running', 'waiting', 'parked', 'answered'];

const all = (db: Database): Chosen => ({ ways: [everyWay(db)], settles: [] });

/** Null: there are too many. */
function fewValuedWays(db: Database, name: FewValued, first: readonly string[], filter: TranslationFilter): readonly WayIn[] | null {
  const asked = [listOf(filter.system), listOf(filter.operation), listOf(filter.type)];
  return combinations(db, name, [...first.map((value) => [value]), ...asked])?.map((values) => fewValuedWay(db, name, values)) ?? null;
}

function questionOf(db: Database, { text = '' }: TranslationFilter): Question {
  const whole = text.trim();
  const kinds = whole === '' ? [] : combinations(db, 'kind', []);
  const parts = whole.split(/\s+/);
  const readings = whole === '' ? [] : parts.length === 1 ? [parts] : [[whole], parts];
  return { db, kinds, words: readings.map((reading) => reading.map((part) => wordOf(part, kinds))), beginnings: new Map() };
}

function wordOf(text: string, kinds: Question['kinds']): Word {
  const column = (n: number, fits: (value: string) => boolean): string[] => [...new Set((kinds ?? []).map((kind) => kind[n] ?? ''))].filter(fits);
  return {
    text,
    unlisted: kinds === null,
    codes: Object.keys(codes).filter((code) => code.startsWith(text.toUpperCase())),
    systems: column(0, (value) => value.startsWith(text)),
    operations: column(1, (value) => value.startsWith(text)),
    types: column(2, (value) => `.${value}`.toLowerCase().includes(`.${text.toLowerCase()}`)),
  };
}

/** By the most selective word of each way to read the text; null when there is none, or none that leads to fewer rows than that. */
function textWays(question: Question, fewerThan: number): readonly WayIn[] | null {
  const ways: WayIn[] = [];
  for (const reading of question.words) {
    const [best] = reading
      .map((word) => wordWays(question, word))
      .filter((each) => each !== null)
      .sort((one, other) => one.weight - other.weight);
    if (best === undefined || best.weight >= fewerThan) return null;
    ways.push(...best.ways);
  }
  return question.words.length === 0 ? null : ways;
}

/** What a combination is taken for in rows: as many as something goes wrong, as many as are translated. */
const [codeWeight, kindWeight] = [10_000, 1_000_000];

function wordWays({ db, kinds, beginnings }: Question, word: Word): { readonly ways: readonly WayIn[]; readonly weight: number } | null {
  let seqs = beginnings.get(word.text);
  if (seqs === undefined) beginnings.set(word.text, (seqs = beginningWith(db, word.text)));
  if (seqs === null || kinds === null) return null;
  const { systems, operations, types } = word;
  const byKind = kinds.filter(
    ([system = '', operation = '', type = '']) => systems.includes(system) || operations.includes(operation) || types.includes(type),
  );
  const byCode = word.codes.flatMap((code) => combinations(db, 'code', [[code]]) ?? []);
  return {
    ways: [setWay(seqs), ...byKind.map((values) => fewValuedWay(db, 'kind', values)), ...byCode.map((values) => fewValuedWay(db, 'code', values))],
    weight: seqs.length + codeWeight * byCode.length + kindWeight * byKind.length,
  };
}
