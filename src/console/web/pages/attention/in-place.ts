import { type TranslationRow } from '../../../../contract/journal-reader.ts';

/** What is shown of a member that is not in its group any more stays in its place until another page is asked for. */
export interface ShownMember {
  readonly row: TranslationRow;
  readonly gone: boolean;
}

export interface Merged {
  readonly members: readonly ShownMember[];
  /** Members that came meanwhile and are not shown yet. */
  readonly fresh: number;
}

/** The same rows in the same places, as they are now. */
export function merged(shown: readonly ShownMember[], now: readonly TranslationRow[], pageIsWhole: boolean): Merged {
  const current = new Map(now.map((row) => [row.id, row]));
  const last = now.at(-1)?.seq ?? 0;
  const members = shown.map(({ row, gone }) => {
    const found = current.get(row.id);
    // Behind the end of what was read nobody knows.
    const read = pageIsWhole || row.seq >= last;
    return found === undefined ? { row, gone: gone || read } : { row: found, gone: false };
  });
  const there = new Set(shown.map(({ row }) => row.id));
  return { members, fresh: now.filter(({ id }) => !there.has(id)).length };
}
