import { GatehouseError } from '../contract/errors.ts';
import { type TranslationState } from '../contract/journal.ts';
import { type TranslationFilter } from '../contract/journal-reader.ts';

const texts = ['system', 'operation', 'type', 'eventId', 'correlation', 'businessKey', 'key', 'code'] as const;
/** What a search of translations may name. */
export const filterNames: readonly string[] = [...texts, 'state', 'from', 'to'];

/** The search that a query asks for; names that are none are left out. @throws GatehouseError NOT_POSSIBLE when a time is none */
export function filterOf(query: Record<string, string>): TranslationFilter {
  const filter: Record<string, unknown> = {};
  for (const name of texts) if (query[name] !== undefined) filter[name] = String(query[name]);
  if (query['state'] !== undefined) filter['states'] = String(query['state']).split(',') as TranslationState[];
  for (const [name, field] of [
    ['from', 'fromMs'],
    ['to', 'toMs'],
  ] as const) {
    if (query[name] === undefined) continue;
    const ms = Date.parse(String(query[name]));
    if (Number.isNaN(ms)) throw new GatehouseError('NOT_POSSIBLE', `'${name}' is no ISO 8601 time`);
    filter[field] = ms;
  }
  return filter;
}
