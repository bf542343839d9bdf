import type { SQLInputValue } from 'node:sqlite';
import type { MaskedOperations, TranslationFilter } from '../../contract/journal-reader.ts';
import type { BodyWord } from './words/word-search.ts';

/** A value that is found out for the rows which are asked, by their sequences. */
export type ForRows = (seqs: readonly number[]) => SQLInputValue;

/** A part of a WHERE, over `translation AS t`. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (SQLInputValue | ForRows)[];
}

/** The values of a condition for rows with these sequences. */
export const valuesFor = ({ values }: Condition, seqs: readonly number[]): SQLInputValue[] =>
  values.map((value) => (typeof value === 'function' ? value(seqs) : value));

/** A word of a search, and what it may be beside the beginning of an id or a key. */
export interface Word {
  readonly text: string;
  /** There are too many systems, operations and types to know them all. */
  readonly unlisted: boolean;
  readonly codes: readonly string[];
  readonly systems: readonly string[];
  readonly operations: readonly string[];
  readonly types: readonly string[];
  /** Where it stands in bodies; null where no body is searched. */
  readonly inBodies: BodyWord | null;
}

/** Filters that are one column with one value, the most selective first. */
export const exactColumns = {
  eventId: 'event_id',
  businessKey: 'business_key',
  correlation: 'correlation',
  key: 'key',
  code: 'code',
  type: 'type',
} as const;
export type ExactFilter = keyof typeof exactColumns;
const exactFilters = Object.keys(exactColumns) as ExactFilter[];

export const listOf = <T extends string>(value: T | readonly T[] | undefined): readonly T[] | undefined =>
  typeof value === 'string' ? [value] : value;

/** Text that begins with this one sorts from it to before this. */
export const afterPrefix = (text: string): string => `${text}\u{10ffff}`;

/** Spelled as in the partial index `call_open`. */
export const openCall = "state IN ('in doubt', 'calling') AND effect <> 'read' AND probe_of IS NULL";
const hasOpenCall = `EXISTS (SELECT 1 FROM call INDEXED BY call_open WHERE translation = t.seq AND ${openCall})`;
export const inDoubt = `t.state = 'parked' AND ${hasOpenCall}`;

/** Everything that the filter says, but for what is settled by where the rows come from. Null: there is nothing more to ask. */
export function conditionOf(filter: TranslationFilter, words: readonly (readonly Word[])[], settled: ReadonlySet<string>): Condition | null {
  const parts: Condition[] = [];
  const add = (name: string, sql: string, ...values: SQLInputValue[]): void => void (settled.has(name) || parts.push({ sql, values }));
  for (const name of exactFilters) {
    const value = filter[name];
    if (value !== undefined) add(name, `t.${exactColumns[name]} = ?`, value);
  }
  for (const name of ['system', 'operation'] as const) {
    const values = listOf(filter[name]);
    if (values !== undefined) add(name, `t.${name} IN (SELECT value FROM json_each(?))`, JSON.stringify(values));
  }
  if (filter.states !== undefined) add('states', 't.state IN (SELECT value FROM json_each(?))', JSON.stringify(filter.states));
  if (filter.fromMs !== undefined) add('fromMs', 't.received >= ?', filter.fromMs);
  if (filter.toMs !== undefined) add('toMs', 't.received < ?', filter.toMs);
  if (filter.inDoubt === true) add('inDoubt', inDoubt);
  if (filter.over !== undefined) add('over', 'ifnull(t.finished, ?) - t.received > ?', filter.over.nowMs, filter.over.ms);
  const known = filter.masked?.known;
  if (known !== undefined && (filter.key ?? filter.businessKey) !== undefined) parts.push(oneOfThese(known));
  if (words.length > 0) {
    const ways = words.map((all) =>
      joined(
        all.map((word) => wordCondition(word, filter.masked)),
        ' AND ',
      ),
    );
    parts.push(joined(ways, ' OR '));
  }
  return parts.length === 0 ? null : joined(parts, ' AND ');
}

const operationOf = "t.system || ' ' || t.operation";

const oneOfThese = (operations: readonly string[]): Condition => ({
  sql: `${operationOf} IN (SELECT value FROM json_each(?))`,
  values: [JSON.stringify(operations)],
});

function wordCondition(word: Word, masked: TranslationFilter['masked']): Condition {
  const { text, unlisted, codes, systems, operations, types, inBodies } = word;
  const begins = (column: string): Condition => ({ sql: `(t.${column} >= ? AND t.${column} < ?)`, values: [text, afterPrefix(text)] });
  const shown = (column: string, hidden: MaskedOperations = []): Condition => {
    const where = [begins(column)];
    if (hidden.length > 0) where.push({ sql: `${operationOf} NOT IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(hidden)] });
    if (masked?.known !== undefined) where.push(oneOfThese(masked.known));
    return joined(where, ' AND ');
  };
  const oneOf = (column: string, values: readonly string[]): Condition[] =>
    values.length === 0 ? [] : [{ sql: `t.${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] }];
  return joined(
    [
      begins('id'),
      begins('event_id'),
      begins('correlation'),
      shown('business_key', masked?.businessKey),
      shown('key', masked?.key),
      ...oneOf('code', codes),
      ...(unlisted ? [begins('system'), begins('operation'), begins('type')] : []),
      ...oneOf('system', systems),
      ...oneOf('operation', operations),
      ...oneOf('type', types),
      ...(inBodies === null
        ? []
        : [{ sql: 't.seq IN (SELECT value FROM json_each(?))', values: [(seqs: readonly number[]) => JSON.stringify(inBodies.among(seqs))] }]),
    ],
    ' OR ',
  );
}

const joined = (conditions: readonly Condition[], by: ' AND ' | ' OR '): Condition => ({
  sql: conditions.map(({ sql }) => `(${sql})`).join(by),
  values: conditions.flatMap(({ values }) => values),
});
