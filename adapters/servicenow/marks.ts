/**
 * Every write leaves a mark in `correlation_display`, by which an interrupted one is found again: `gatehouse <id> after <what stood there>`.
 * The id is derived from the translation. A note itself cannot be asked for: notes live in sys_journal_field, behind another address.
 */

interface Marked {
  readonly correlation_display?: string;
  readonly sys_mod_count?: string;
}

/** The mark of an insert. */
export const firstMark = (id: string): string => `gatehouse ${id} after nothing`;

/** The mark of an update of `incident` as it was looked up; at most 89 characters, the column holds 100. */
export const nextMark = (id: string, incident: Marked): string => `gatehouse ${id} after ${standing(incident) ?? 'something unknown'}`;

/**
 * Whether `incident` is still without the write that `mark` is of: the mark before it stands there. On a record that never had one only an
 * unchanged modification count says so, since a column that may not be written drops marks without a word.
 */
export function isBefore(mark: string | undefined, incident: Marked): boolean {
  const now = standing(incident);
  return now !== null && mark?.endsWith(` after ${now}`) === true;
}

function standing({ correlation_display, sys_mod_count }: Marked): string | null {
  const id = /^gatehouse (\S{1,36}) after /.exec(correlation_display ?? '')?.[1];
  return id ?? (sys_mod_count === undefined ? null : `modification ${sys_mod_count}`);
}
