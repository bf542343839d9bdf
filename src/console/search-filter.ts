import { type Catalogue } from '../contract/catalogue.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type TranslationState, translationStates } from '../contract/journal.ts';
import { type TranslationFilter } from '../contract/journal-reader.ts';
import { type Caller } from '../http/access.guard.ts';
import { mayReveal, whole } from './asked.ts';
import { searchNames } from './search-conditions.ts';
import { isSensitive } from './sensitive.ts';

export type SearchQuery = Readonly<Record<string, unknown>>;

const exact = ['type', 'eventId', 'correlation', 'businessKey', 'key', 'code'] as const;
const several = ['system', 'operation'] as const;
const longestValue = 512;
const longestText = 200;
const mostWords = 8;

/** Who asks, and when. */
export interface Asking {
  readonly caller: Caller | undefined;
  readonly catalogue: Catalogue;
  readonly nowMs: number;
  /** Names that the route takes beside the filter. */
  readonly also?: readonly string[];
}

/**
 * The filter of an address. Those who may not reveal masked fields cannot search by them, nor does a text find anything in them (rule 42).
 * @throws GatehouseError NOT_POSSIBLE names the parameter and what it may be; NOT_ALLOWED
 */
export function filterOf(query: SearchQuery, { caller, catalogue, nowMs, also = [] }: Asking): TranslationFilter {
  const values = checked(query, [...searchNames, ...also]);
  const [fromMs, toMs] = [time('from', values.get('from')), time('to', values.get('to'))];
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) throw refused("'from' is before 'to'");
  const states = values.get('state')?.split(',');
  const unknown = states?.find((state) => !(translationStates as readonly string[]).includes(state));
  if (unknown !== undefined)
    throw refused(`'state' is one or more of ${translationStates.join(', ')}, with commas between them; not '${shown(unknown)}'`);
  const text = textOf(values.get('text'));
  const over = whole('overMs', values.get('overMs'));
  const reveals = mayReveal(caller);
  if (!reveals) checkKeys(values, catalogue);
  return {
    ...Object.fromEntries(exact.flatMap((name) => (values.has(name) ? [[name, values.get(name)]] : []))),
    ...Object.fromEntries(several.flatMap((name) => (values.has(name) ? [[name, values.get(name)?.split(',')]] : []))),
    ...(states === undefined ? {} : { states: states as TranslationState[] }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
    ...(text === undefined ? {} : { text }),
    ...(reveals || (text === undefined && !values.has('key') && !values.has('businessKey')) ? {} : { masked: maskedOf(catalogue) }),
    ...(flag('inDoubt', values.get('inDoubt')) ? { inDoubt: true } : {}),
    ...(over === undefined ? {} : { over: { ms: over, nowMs } }),
  };
}

function checked(query: SearchQuery, names: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(query)) {
    if (!names.includes(name)) throw refused(`there is no parameter '${shown(name)}'; there are ${names.join(', ')}`);
    if (typeof value !== 'string') throw refused(`'${name}' is given once`);
    if (value.length > longestValue) throw refused(`'${name}' has at most ${longestValue} characters`);
    // A form sends empty fields, too.
    if (value !== '') values.set(name, value);
  }
  return values;
}

function time(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw refused(`'${name}' is no ISO 8601 time, as 2026-11-21T08:00:00Z is`);
  return ms;
}

function flag(name: string, text: string | undefined): boolean {
  if (text !== undefined && text !== '0' && text !== '1') throw refused(`'${name}' is 1 or 0`);
  return text === '1';
}

function textOf(value: string | undefined): string | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  if (text.length > longestText || text.split(/\s+/).length > mostWords)
    throw refused(`'text' has at most ${longestText} characters and ${mostWords} words`);
  return text;
}

function checkKeys(values: ReadonlyMap<string, string>, catalogue: Catalogue): void {
  const { key, businessKey } = maskedOf(catalogue);
  if ((values.has('key') || values.has('businessKey')) && key.length + businessKey.length > 0)
    throw new GatehouseError('NOT_ALLOWED', 'a key is a masked field: searching by it needs operator');
}

/** Operations whose keys are masked. */
function maskedOf(catalogue: Catalogue): NonNullable<TranslationFilter['masked']> {
  const masked = (field: 'key' | 'businessKey'): string[] =>
    catalogue
      .operations()
      .filter((operation) => isSensitive(operation, operation[field]))
      .map(({ system, name }) => `${system} ${name}`);
  return { key: masked('key'), businessKey: masked('businessKey'), known: catalogue.operations().map(({ system, name }) => `${system} ${name}`) };
}

const shown = (text: string): string => text.slice(0, 64);
const refused = (message: string): GatehouseError => new GatehouseError('NOT_POSSIBLE', message);
