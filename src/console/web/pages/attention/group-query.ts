import { type GroupValues, type Grouping, type ParkedGroup, defaultGrouping, groupings } from '../../../../contract/groups.ts';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';

const dayMs = 86_400_000;
const searched = ['code', 'system', 'operation', 'type'] as const satisfies readonly Grouping[];
const known: readonly string[] = groupings;

/** What the address asks to group by; the usual when it says nothing that is known. */
export function groupingOf(text: string | null): readonly Grouping[] {
  const asked = (text ?? '').split(',').filter((name): name is Grouping => known.includes(name));
  return asked.length === 0 ? defaultGrouping : groupings.filter((name) => asked.includes(name));
}

/** A group's values as they stand in an address; null when the text names no group. */
export function valuesIn(text: string | null): GroupValues | null {
  if (text === null) return null;
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values !== 'object' || values === null || Array.isArray(values)) return null;
    const entries = Object.entries(values);
    const fits = entries.every(([name, value]) => known.includes(name) && (value === null || typeof value === 'string'));
    return fits && entries.length > 0 ? (Object.fromEntries(entries) as GroupValues) : null;
  } catch {
    return null;
  }
}

/** What a search can say of a group, as the API names it. */
export function filterOf(by: GroupValues): Readonly<Record<string, string>> {
  const filter: Record<string, string> = { state: 'parked' };
  for (const name of searched) if (typeof by[name] === 'string') filter[name] = by[name];
  if (typeof by.day === 'string') {
    const from = Date.parse(`${by.day}T00:00:00Z`);
    filter['from'] = new Date(from).toISOString();
    filter['to'] = new Date(from + dayMs).toISOString();
  }
  return filter;
}

/** Whether a search finds exactly the members of the group; otherwise each row it finds is asked with `belongs`. */
export const isSearchable = (by: GroupValues): boolean =>
  by.source === undefined && by.native === undefined && searched.every((name) => by[name] !== null);

/** Whether a translation is a member. */
export function belongs(row: TranslationRow, by: GroupValues): boolean {
  const values: Readonly<Record<Grouping, string | null>> = {
    code: row.failure?.code ?? null,
    system: row.system,
    operation: row.operation,
    type: row.type,
    source: row.source,
    day: new Date(row.receivedMs).toISOString().slice(0, 10),
    native: row.failure?.native ?? null,
  };
  return row.state === 'parked' && groupings.every((name) => by[name] === undefined || (by[name] ?? '') === (values[name] ?? ''));
}

/** In doubt first, then the largest, then the one that grew last. */
export const bySeverity = (a: ParkedGroup, b: ParkedGroup): number =>
  Number(b.inDoubt > 0) - Number(a.inDoubt > 0) || b.count - a.count || b.lastMs - a.lastMs;

/**
 * The order in which groups are shown. While somebody points at them nothing changes its place: what was there stays, what is new comes
 * behind it.
 */
export function orderOf(shown: readonly string[], sorted: readonly string[], still: boolean): readonly string[] {
  if (!still) return sorted;
  const there = new Set(shown);
  return [...shown, ...sorted.filter((key) => !there.has(key))];
}
