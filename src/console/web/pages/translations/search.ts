import { type SearchCondition, durationMs, searchConditions, searchNames as conditionNames } from '../../../search-conditions.ts';
import { durationOf } from '../../kit/time.tsx';

/** What of a search the API takes as it stands in the address of the page. */
const asItIs = conditionNames.filter((name) => name !== 'overMs');

/** Every name of a search in the address of the page: `last` is a time from now, `over` a duration as people write it. */
export const searchNames: readonly SearchName[] = [...asItIs, 'last', 'over'];
export type SearchName = Exclude<SearchCondition, 'overMs'> | 'last' | 'over';

/** Times that end now, the way they stand in the address. */
export const ranges: ReadonlyMap<string, { readonly ms: number; readonly words: string }> = new Map([
  ['15min', { ms: 900_000, words: 'last 15 minutes' }],
  ['1h', { ms: 3_600_000, words: 'last hour' }],
  ['24h', { ms: 86_400_000, words: 'last 24 hours' }],
  ['7d', { ms: 604_800_000, words: 'last 7 days' }],
]);

/** The search of a page as the API takes it. What cannot be read is passed on, so that the API says what is wrong with it. */
export function apiQuery(query: URLSearchParams, nowMs: number): URLSearchParams {
  const asked = new URLSearchParams();
  for (const name of asItIs) {
    const value = query.get(name)?.trim() ?? '';
    if (value !== '') asked.set(name, value);
  }
  const last = query.get('last') ?? '';
  const range = ranges.get(last);
  if (last !== '') asked.set('from', range === undefined ? last : new Date(nowMs - range.ms).toISOString());
  const over = query.get('over') ?? '';
  if (over !== '') asked.set('overMs', String(durationMs(over) ?? over));
  return asked;
}

/** The part of an address that is the search: two addresses with the same one show the same list. */
export function searchOf(query: URLSearchParams): string {
  const search = new URLSearchParams();
  for (const name of searchNames) {
    const value = query.get(name)?.trim() ?? '';
    if (value !== '') search.set(name, value);
  }
  return search.toString();
}

export interface Condition {
  readonly name: SearchName;
  /** As a person says it: `system is carrier`. */
  readonly words: string;
}

const nounOf = (name: Exclude<SearchName, 'last'>): string => searchConditions[name === 'over' ? 'overMs' : name].noun;

const longestShown = 40;

/** What a search asks for, one by one. */
export function conditions(query: URLSearchParams): readonly Condition[] {
  return searchNames.flatMap((name) => {
    const value = query.get(name)?.trim() ?? '';
    return value === '' ? [] : [{ name, words: conditionWords(name, value) }];
  });
}

function conditionWords(name: SearchName, value: string): string {
  const shown = value.length > longestShown ? `${value.slice(0, longestShown)}…` : value;
  switch (name) {
    case 'inDoubt':
      return nounOf(name);
    case 'last':
      return ranges.get(value)?.words ?? `time ${shown}`;
    case 'over': {
      const ms = durationMs(value);
      return `${nounOf(name)} ${ms === null ? shown : durationOf(ms)}`;
    }
    case 'state':
      return `state ${shown.replaceAll(',', ' or ')}`;
    default:
      return `${nounOf(name)} ${shown}`;
  }
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A time of the address as `<input type="datetime-local">` has it; empty when it is none. */
export function inputTime(iso: string | null): string {
  const at = new Date(iso ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The local time of such an input as it stands in the address. */
export function addressTime(input: string): string {
  const at = new Date(input);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
