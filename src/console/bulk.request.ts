import { type BulkAct, type BulkSelection } from '../contract/bulk.ts';
import { GatehouseError } from '../contract/errors.ts';
import { replyIn } from './act.request.ts';
import { groupValuesOf } from './group-values.ts';
import { searchNames } from './search-conditions.ts';
import { type Asking, filterOf } from './search-filter.ts';

const usualPerSecond = 50;
const mostPerSecond = 10_000;
const mostIds = 1_000;
const kinds: readonly BulkAct['kind'][] = ['retry', 'replay', 'discard', 'pass', 'did not', 'probe'];

const refuse = (message: string): never => {
  throw new GatehouseError('NOT_POSSIBLE', message);
};

/** @throws GatehouseError NOT_POSSIBLE */
export function actOf(act: unknown): BulkAct {
  const { kind, reply } = (typeof act === 'object' && act !== null ? act : { kind: act }) as { kind?: unknown; reply?: unknown };
  const wanted = kinds.find((each) => each === kind);
  if (wanted === undefined)
    return refuse(
      `'act' is one of ${kinds.join(', ')}${kind === 'happened' ? ': what happened needs an answer for each, settle them one by one' : ''}`,
    );
  return wanted === 'discard' ? { kind: wanted, ...replyIn(reply) } : { kind: wanted };
}

/**
 * `filter` has the names of the list's search, and means what is parked when it names no state; `ids` are whole. A name that is none is
 * refused: a misspelt condition must not select everything. `group` has the values of a group of parked translations.
 * @throws GatehouseError NOT_POSSIBLE
 */
export function selectionOf({ filter, ids, group }: Record<string, unknown>, asking: Asking): BulkSelection {
  if ([filter, ids, group].filter((each) => each !== undefined).length !== 1) return refuse("give one of 'filter', 'ids' and 'group'");
  if (group !== undefined) return { group: groupValuesOf('group', group) };
  if (ids !== undefined) {
    const named = Array.isArray(ids) ? ids.filter((id) => typeof id === 'string' && /^[0-9a-f]{32}$/.test(id)) : [];
    if (!Array.isArray(ids) || ids.length === 0 || named.length !== ids.length || ids.length > mostIds)
      return refuse(`'ids' are 1 to ${mostIds} whole translation ids`);
    return { ids: [...new Set(named as string[])].sort() };
  }
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return refuse("'filter' is an object");
  const asked = Object.entries(filter as Record<string, unknown>).filter(([, value]) => value !== undefined);
  const unknown = asked.find(([name, value]) => !(searchNames as readonly string[]).includes(name) || typeof value !== 'string' || value === '');
  if (unknown !== undefined) return refuse(`'filter' has texts under ${searchNames.join(', ')}; '${unknown[0].slice(0, 64)}' is none`);
  if (asked.length === 0) return refuse("'filter' has no condition: name a system, a code or a state at least");
  return { filter: filterOf({ state: 'parked', ...Object.fromEntries(asked) }, asking) };
}

/** @throws GatehouseError NOT_POSSIBLE */
export function rateOf(rate: unknown, usual: number | null = usualPerSecond): number {
  if (rate === undefined && usual !== null) return usual;
  if (typeof rate !== 'number' || !(rate === 0 || rate >= 0.01) || rate > mostPerSecond)
    return refuse(`'rate' is how many a second: 0.01 to ${mostPerSecond}, or 0 for no limit`);
  return rate;
}

/** @throws GatehouseError NOT_POSSIBLE */
export function expectedOf(expected: unknown): number | null {
  if (expected === undefined) return null;
  if (typeof expected !== 'number' || !Number.isSafeInteger(expected) || expected < 1) return refuse("'expected' is a whole number from 1");
  return expected;
}
