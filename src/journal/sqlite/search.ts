import { type TranslationState, translationStates } from '../../contract/journal.ts';
import type { Changes, Count, Page, StateCounts, TranslationFilter } from '../../contract/journal-reader.ts';
import { type Condition, conditionOf, listOf, valuesFor } from './conditions.ts';
import type { Database } from './database.ts';
import { type Question, planOf, questionOf } from './search-plan.ts';
import { type FullRecord, translationRow } from './translation-row.ts';
import { longestChunk, walk } from './walk.ts';
import { wordSearchOf } from './words/word-search.ts';

/*
 * A search goes in by the most selective of its conditions, by one or more ranges of an index that each are in the order of the list, merges
 * them, and asks the rows for the rest of its conditions, so many rows and no more: whatever is combined, one question takes no longer than
 * that. What it did not come to is the next page.
 */

export const maxLimit = 500;
/** Rows that one question looks at. */
const budget = 20_000;
const countedUpTo = 10_000;
/** For each state, where the rows must be asked for more than whether they are in doubt; shared by the words of a text, for each of which a row is asked. */
const lookedAtToCount = 2_000;

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
  const rows = plan.rest === null ? countedUpTo + 1 : Math.ceil(lookedAt / Math.max(1, question.words.length));
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

/** A change that is told before its words can be found would not fit; but for words that are far behind nobody waits. */
const waitedFor = 10_000;

function foundUpTo(db: Database, after: number): number {
  const mark = wordSearchOf(db)?.mark ?? Number.MAX_SAFE_INTEGER;
  const newest = db.get<{ changed: number | null }>('SELECT max(changed) AS changed FROM translation')?.changed ?? 0;
  return newest - Math.max(mark, after) > waitedFor ? Number.MAX_SAFE_INTEGER : mark;
}

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
    'SELECT seq, changed FROM translation INDEXED BY translation_changed WHERE changed > ? AND changed <= ? ORDER BY changed LIMIT ?',
    after,
    filter.text === undefined ? Number.MAX_SAFE_INTEGER : foundUpTo(db, after),
    Math.max(limit, longestChunk),
  );
  for (let at = 0; at < looked.length && rows.length + left.length < limit; at += limit) {
    const chunk = looked.slice(at, at + limit);
    const seqs = chunk.map(({ seq }) => seq);
    const found = db.all<FullRecord & { fits: number }>(
      `SELECT t.*, ${fits.sql} AS fits FROM translation t WHERE t.seq IN (SELECT value FROM json_each(?)) AND (${mayHaveFitted.sql}) ORDER BY t.changed`,
      ...valuesFor(fits, seqs),
      JSON.stringify(seqs),
      ...valuesFor(mayHaveFitted, seqs),
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
