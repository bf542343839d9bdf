import { codes } from '../../contract/errors.ts';
import type { TranslationState } from '../../contract/journal.ts';
import type { TranslationFilter } from '../../contract/journal-reader.ts';
import { type Condition, type Word, conditionOf, exactColumns, listOf } from './conditions.ts';
import type { Database } from './database.ts';
import { type Range, rangeOf } from './time-marks.ts';
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
import { type BodyWord, wordSearchOf } from './words/word-search.ts';

/** What one question finds out more than once. */
export interface Question {
  readonly db: Database;
  readonly words: readonly (readonly Word[])[];
  /** All words in the bodies of one translation, where there are several. */
  readonly together: BodyWord | null;
  readonly kinds: readonly (readonly string[])[] | null;
  /** Where the texts of the words begin something. */
  readonly beginnings: Map<string, readonly number[] | null>;
}

/** Where a search reads, and what it then asks. */
export interface Plan {
  readonly ways: readonly WayIn[];
  readonly range: Range;
  /** What is left to ask of the rows. */
  readonly rest: Condition | null;
}

/** By the most selective of its conditions. */
export function planOf(question: Question, filter: TranslationFilter): Plan {
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

/** The words of a search text: all of it as one, or each by itself. */
export function questionOf(db: Database, { text = '' }: TranslationFilter): Question {
  const whole = text.trim();
  const kinds = whole === '' ? [] : combinations(db, 'kind', []);
  const parts = whole.split(/\s+/);
  const readings = whole === '' ? [] : parts.length === 1 ? [parts] : [[whole], parts];
  const search = whole === '' ? null : wordSearchOf(db);
  // In bodies all of it as one is nothing else than all its words.
  const words = readings.map((reading) =>
    reading.map((part) => ({ ...wordOf(part, kinds), inBodies: reading.length < parts.length ? null : (search?.find([part]) ?? null) })),
  );
  return { db, kinds, words, together: parts.length < 2 ? null : (search?.find(parts) ?? null), beginnings: new Map() };
}

function wordOf(text: string, kinds: Question['kinds']): Omit<Word, 'inBodies'> {
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
    const [best] = [...reading.map((word) => wordWays(question, word, word.inBodies)), togetherWays(question, reading)]
      .filter((each) => each !== null)
      .sort((one, other) => one.weight - other.weight);
    if (best === undefined || best.weight >= fewerThan) return null;
    ways.push(...best.ways);
  }
  return question.words.length === 0 ? null : ways;
}

/** What a combination is taken for in rows: as many as something goes wrong, as many as are translated. */
const [codeWeight, kindWeight] = [10_000, 1_000_000];

interface Weighed {
  readonly ways: readonly WayIn[];
  readonly weight: number;
}

function wordWays({ db, kinds, beginnings }: Question, word: Word, inBodies: BodyWord | null): Weighed | null {
  let seqs = beginnings.get(word.text);
  if (seqs === undefined) beginnings.set(word.text, (seqs = beginningWith(db, word.text)));
  if (seqs === null || kinds === null) return null;
  const { systems, operations, types } = word;
  const byKind = kinds.filter(
    ([system = '', operation = '', type = '']) => systems.includes(system) || operations.includes(operation) || types.includes(type),
  );
  const byCode = word.codes.flatMap((code) => combinations(db, 'code', [[code]]) ?? []);
  return {
    ways: [
      setWay(seqs),
      ...byKind.map((values) => fewValuedWay(db, 'kind', values)),
      ...byCode.map((values) => fewValuedWay(db, 'code', values)),
      ...(inBodies === null ? [] : [inBodies.way]),
    ],
    weight: seqs.length + codeWeight * byCode.length + kindWeight * byKind.length + bodyWeight(inBodies),
  };
}

const bodyWeight = (inBodies: BodyWord | null): number => (inBodies === null ? 0 : (inBodies.count ?? kindWeight));

/** All words in bodies, or one of them elsewhere: few rows where each word is in many bodies and no translation has them all. */
function togetherWays(question: Question, reading: readonly Word[]): Weighed | null {
  const { together } = question;
  if (together === null || reading.length < 2) return null;
  const elsewhere = reading.map((word) => wordWays(question, word, null)).filter((each) => each !== null);
  if (elsewhere.length < reading.length) return null;
  return {
    ways: [together.way, ...elsewhere.flatMap(({ ways }) => ways)],
    weight: bodyWeight(together) + elsewhere.reduce((sum, { weight }) => sum + weight, 0),
  };
}
