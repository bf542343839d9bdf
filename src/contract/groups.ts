/** What parked translations can be grouped by. `native`: the code that the system itself gave; `day`: of arrival, in UTC. */
export const groupings = ['code', 'system', 'operation', 'type', 'source', 'day', 'native'] as const;
export type Grouping = (typeof groupings)[number];

/** Who does something wrong together, mostly. */
export const defaultGrouping: readonly Grouping[] = ['code', 'system', 'operation'];

/** What the members of a group have in common: a value for each grouping, null where they have none. */
export type GroupValues = { readonly [G in Grouping]?: string | null };

/** Names a group, whatever the order in which its values were given. */
export const groupKey = (by: GroupValues): string =>
  JSON.stringify(groupings.filter((name) => by[name] !== undefined).map((name) => [name, by[name]]));

export interface GroupNote {
  readonly note: string;
  /** Who looks after it; empty when nobody does. */
  readonly owner: string;
  /** Who wrote it, and when. */
  readonly who: string;
  readonly atMs: number;
  /** Another number each time it is written. */
  readonly version: number;
}

/** Parked translations that have something in common. */
export interface ParkedGroup {
  readonly by: GroupValues;
  readonly count: number;
  /** How many of them have a call that may or may not have happened. */
  readonly inDoubt: number;
  /** Arrival of the first and the last, ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** How many arrived in each of the last 24 hours, the oldest hour first. */
  readonly spark: readonly number[];
  readonly note: GroupNote | null;
}

/** Groups as they were at a time: the largest first, at most 1,000. */
export interface ParkedGroups {
  readonly groups: readonly ParkedGroup[];
  /** When the last hour of the spark lines ends, ms; null when none were asked for. */
  readonly asOfMs: number | null;
  /** There are more groups than are shown. */
  readonly more: boolean;
}

/** What a person notes of a group; empty note and owner take it away. */
export interface GroupNoting {
  /** See `groupKey`. */
  readonly group: string;
  readonly note: string;
  readonly owner: string;
  readonly who: string;
  /** Of the person's click. */
  readonly key: string;
  /** The note that this person saw; null when there was none. */
  readonly version: number | null;
  /** Groups whose notes are past keeping. */
  readonly forget: readonly string[];
}
