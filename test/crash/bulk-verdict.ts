import { type BulkItemState, type BulkRow } from '../../src/contract/bulk.ts';
import { parkedId } from '../support/parked.ts';

const named = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${name}-${n + 1}`);

/** What the bulk is asked for, and can do. */
export const selected = named('wanted', 44);
/** What it is asked for, and cannot do: no operation takes them. */
export const unfit = named('unfit', 4);
/** What it is not asked for. */
export const others = named('other', 8);
/** The one that a person gives up meanwhile. */
export const touched = selected.at(-1) ?? '';

/** What the last life says of the journal. */
export interface BulkVerdict {
  readonly row: BulkRow | null;
  readonly items: readonly { readonly id: string | null; readonly state: BulkItemState }[];
  /** By the translation that was replayed. */
  readonly replays: Readonly<Record<string, number>>;
  readonly audit: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** What must not be, in words; none when the bulk has kept its word. `reserved`: the refs in the depot's ledger. */
export function faultsOf({ row, items, replays, audit }: BulkVerdict, reserved: readonly string[]): string[] {
  const found: string[] = [];
  const say = (wrong: boolean, words: string): void => void (wrong && found.push(words));
  const count = (state: BulkItemState): number => items.filter((item) => item.state === state).length;
  const asked = [...selected.map((ref) => parkedId(ref)), ...unfit.map((ref) => parkedId(ref, ''))];
  say(row?.state !== 'done', `the bulk is ${row?.state}`);
  say(
    items
      .map(({ id }) => id)
      .sort()
      .join() !== [...asked].sort().join(),
    `${items.length} frozen, ${asked.length} fitted`,
  );
  say(row?.total !== items.length, `${row?.total} in all, ${items.length} rows`);
  for (const state of ['done', 'failed', 'skipped'] as const)
    say(row?.[state] !== count(state), `${row?.[state]} ${state} by the count, ${count(state)} by the rows`);
  for (const { id, state } of items) {
    const times = replays[id ?? ''] ?? 0;
    say(times > 1, `${id} was replayed ${times} times`);
    say(times !== (state === 'done' ? 1 : 0), `${id} is ${state} and was replayed ${times} times`);
  }
  for (const ref of unfit)
    say(
      items.some(({ id, state }) => id === parkedId(ref, '') && state !== 'failed'),
      `${ref} did not fail`,
    );
  for (const ref of selected) say(ref !== touched && (replays[parkedId(ref)] ?? 0) === 0, `${ref} was not replayed`);
  for (const ref of others) say((replays[parkedId(ref)] ?? 0) > 0, `${ref} was replayed, and not asked for`);
  for (const ref of new Set(reserved)) {
    const times = reserved.filter((each) => each === ref).length;
    say(times > 1, `${ref} was reserved ${times} times`);
  }
  say(audit.join() !== 'bulk replay,bulk done', `the audit has ${audit.join()}`);
  return found;
}
