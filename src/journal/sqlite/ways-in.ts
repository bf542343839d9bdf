import type { SQLInputValue } from 'node:sqlite';
import type { Database } from './database.ts';
import { afterPrefix, openCall } from './conditions.ts';
import type { Range } from './time-marks.ts';

/** Where a search reads from: sequences in the order of the list, the newest first. */
export interface WayIn {
  /** At most `limit` sequences of the range, the highest first; fewer only when there are no more. */
  next(range: Range, limit: number): readonly number[];
}

/** Indexes whose columns have few values each, and then the sequence: any choice among them is some ranges. */
const fewValued = {
  kind: { index: 'translation_kind', columns: ['system', 'operation', 'type'], spelled: '' },
  state: { index: 'translation_state', columns: ['state', 'system', 'operation', 'type'], spelled: "state <> 'published' AND " },
  /** Those that took longer than a minute. */
  slow: { index: 'translation_slow', columns: ['system', 'operation', 'type'], spelled: 'finished - received > 60000 AND ' },
  code: { index: 'translation_code', columns: ['code', 'system', 'operation', 'type'], spelled: 'code IS NOT NULL AND ' },
} as const;
export type FewValued = keyof typeof fewValued;

/** More would cost more to merge than they save; events of unknown types may have any number. */
const maxCombinations = 500;

/**
 * The values that stand together in an index, of each column only those that are asked for, if any are; null when there are too many. Column
 * by column: SQLite would look for the next combination by reading all rows of the last one.
 */
export function combinations(
  db: Database,
  name: FewValued,
  asked: readonly (readonly string[] | undefined)[],
): readonly (readonly string[])[] | null {
  const { columns } = fewValued[name];
  let found: (readonly string[])[] = [[]];
  for (let n = 0; n < columns.length; n += 1) {
    const longer: (readonly string[])[] = [];
    for (const before of found) {
      for (const value of asked[n] ?? valuesAfter(db, name, before, maxCombinations - longer.length)) longer.push([...before, value]);
      if (longer.length > maxCombinations) return null;
    }
    found = longer;
  }
  return found;
}

/** What stands in the next column after these values; one too many at most. */
function valuesAfter(db: Database, name: FewValued, before: readonly string[], most: number): readonly string[] {
  const { index, columns, spelled } = fewValued[name];
  const column = columns[before.length] ?? '';
  const same = columns
    .slice(0, before.length)
    .map((each) => `${each} = ? AND `)
    .join('');
  const sql = (than: '>=' | '>'): string =>
    `SELECT ${column} AS value FROM translation INDEXED BY ${index} WHERE ${spelled}${same}${column} ${than} ? ORDER BY ${column} LIMIT 1`;
  const found: string[] = [];
  for (let last: string | undefined; found.length <= most;) {
    const value: string | undefined = db.get<{ value: string }>(sql(last === undefined ? '>=' : '>'), ...before, last ?? '')?.value;
    if (value === undefined) break;
    found.push((last = value));
  }
  return found;
}

/** One combination of an index. */
export function fewValuedWay(db: Database, name: FewValued, values: readonly string[]): WayIn {
  const { index, columns, spelled } = fewValued[name];
  return ordered(db, index, `${spelled}${columns.map((column) => `${column} = ?`).join(' AND ')}`, values);
}

const exactIndexes = {
  event_id: 'translation_event_id',
  business_key: 'translation_business_key',
  correlation: 'translation_correlation',
  key: 'translation_any_key',
} as const;
export type Indexed = keyof typeof exactIndexes;
export const isIndexed = (column: string): column is Indexed => Object.hasOwn(exactIndexes, column);

export const exactWay = (db: Database, column: Indexed, value: string): WayIn => ordered(db, exactIndexes[column], `${column} = ?`, [value]);

const ordered = (db: Database, index: string, where: string, values: readonly SQLInputValue[]): WayIn => ({
  next: ({ low, high }, limit) =>
    sequences(
      db,
      `SELECT seq FROM translation INDEXED BY ${index} WHERE ${where} AND seq >= ? AND seq <= ? ORDER BY seq DESC LIMIT ?`,
      ...values,
      low,
      high,
      limit,
    ),
});

/** All of them. */
export const everyWay = (db: Database): WayIn => ({
  next: ({ low, high }, limit) =>
    sequences(db, 'SELECT seq FROM translation WHERE seq >= ? AND seq <= ? ORDER BY seq DESC LIMIT ?', low, high, limit),
});

/** Those that have a call which may or may not have happened. */
export const openCallWay = (db: Database): WayIn => ({
  next: ({ low, high }, limit) =>
    sequences(
      db,
      `SELECT DISTINCT translation AS seq FROM call INDEXED BY call_open WHERE ${openCall} AND translation >= ? AND translation <= ? ORDER BY translation DESC LIMIT ?`,
      low,
      high,
      limit,
    ),
});

/** So few that they are sorted by hand. */
export function setWay(seqs: readonly number[]): WayIn {
  const sorted = [...new Set(seqs)].sort((a, b) => b - a);
  return { next: ({ low, high }, limit) => sorted.filter((seq) => seq >= low && seq <= high).slice(0, limit) };
}

/** From so many on, a prefix says so little that the newest of them are found sooner by looking at the newest of all. */
const maxPrefixed = 4_000;

/** Where a text may begin an id or a key; null when it begins too many. */
export function beginningWith(db: Database, text: string): readonly number[] | null {
  const found: number[] = [];
  for (const [column, index] of Object.entries(exactIndexes)) {
    const seqs = sequences(
      db,
      `SELECT seq FROM translation INDEXED BY ${index} WHERE ${column} >= ? AND ${column} < ? LIMIT ?`,
      text,
      afterPrefix(text),
      maxPrefixed + 1,
    );
    if (seqs.length > maxPrefixed) return null;
    found.push(...seqs);
  }
  if (!/^[0-9a-f]{1,32}$/.test(text)) return found;
  const ids = sequences(db, 'SELECT translation AS seq FROM identity WHERE key >= ? AND key < ? LIMIT ?', text, afterPrefix(text), maxPrefixed + 1);
  return ids.length > maxPrefixed ? null : [...found, ...ids];
}

const sequences = (db: Database, sql: string, ...values: SQLInputValue[]): number[] => db.all<{ seq: number }>(sql, ...values).map(({ seq }) => seq);
