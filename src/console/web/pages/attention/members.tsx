import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type CodesView } from '../../../attention.view.ts';
import { type GroupValues, type ParkedGroups, groupKey, groupings } from '../../../../contract/groups.ts';
import { Empty } from '../../kit/empty.tsx';
import { wordsOf } from '../../kit/api.ts';
import { useShortcuts } from '../../kit/keys.ts';
import { ask, go, href, query } from '../../kit/route.ts';
import { useLoaded } from '../../kit/use-loaded.ts';
import { useChanges } from '../../kit/use-changes.ts';
import { BulkBar } from './bulk-bar.tsx';
import { GroupName, Meaning } from './groups.tsx';
import { MemberTable } from './member-table.tsx';
import { type Merged, merged } from './in-place.ts';
import { membersPage } from './member-pages.ts';
import { Note } from './note.tsx';

const againMs = 1_500;

/** One group: its translations, and what can be done to some or all of them. */
export function Members({ by, codes }: { readonly by: GroupValues; readonly codes: CodesView | null }): JSX.Element {
  const changes = useChanges('state=parked', againMs);
  const noted = useSignal(0);
  const { value: groups } = useLoaded<ParkedGroups>(`/api/groups?by=${groupings.filter((name) => by[name] !== undefined).join(',')}`, changes);
  const group = groups?.groups.find((each) => groupKey(each.by) === groupKey(by));
  const { state, next, failure, renew } = useMembers(by, changes.value);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const count = group?.count ?? (groups === null ? null : 0);
  const choose = (id: string, on: boolean): void => {
    const ids = new Set(chosen.value);
    if (on) ids.add(id);
    else ids.delete(id);
    chosen.value = ids;
  };
  useShortcuts(useMemo(() => [{ key: 'Escape', does: 'back to the groups', run: () => go(href('attention')) }], []));
  const before = query.value.get('before');
  return (
    <section aria-labelledby="group">
      <p>
        <a href={href('attention')}>← Groups</a>
      </p>
      <h2 id="group">
        <GroupName by={by} /> {count === null ? null : <span class="hint">{count.toLocaleString('en')} parked</span>}
      </h2>
      <Meaning by={by} codes={codes} />
      {group === undefined ? null : <Note key={noted.value} by={by} note={group.note} onSaved={() => (changes.value += 1)} />}
      <BulkBar by={by} count={count} inDoubt={group?.inDoubt ?? 0} chosen={chosen.value} onStarted={() => (chosen.value = new Set())} />
      {failure === null ? null : (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      {state === null ? (
        <p class="hint">Loading…</p>
      ) : state.members.length === 0 && state.fresh === 0 ? (
        <Empty title="Nothing of this group is parked any more">
          <p>
            <a href={href('attention')}>See the other groups</a>
          </p>
        </Empty>
      ) : (
        <>
          <p class="fresh" role="status">
            {state.fresh === 0 ? null : (
              <button type="button" class="act act-plain" onClick={renew}>
                Show {state.fresh} new
              </button>
            )}
          </p>
          <MemberTable members={state.members} chosen={chosen.value} onChoose={choose} />
          <p class="pager">
            {before === null ? null : (
              <button type="button" class="act act-plain" onClick={() => ask({ before: null })}>
                Newest
              </button>
            )}
            {next === null ? null : (
              <button type="button" class="act act-plain" onClick={() => ask({ before: String(next) })}>
                Older
              </button>
            )}
          </p>
        </>
      )}
    </section>
  );
}

interface MembersState {
  readonly state: Merged | null;
  readonly next: number | null;
  readonly failure: string | null;
  /** Shows what came meanwhile, too. */
  readonly renew: () => void;
}

function useMembers(by: GroupValues, change: number): MembersState {
  const asked = query.value.get('before');
  const before = asked !== null && /^\d+$/.test(asked) ? Number(asked) : null;
  const shown = useSignal<{ before: number | null; state: Merged; next: number | null } | null>(null);
  const failure = useSignal<string | null>(null);
  const renewed = useSignal(0);
  const lastRenewed = useRef(0);
  useEffect(() => {
    const aborter = new AbortController();
    membersPage(by, before, aborter.signal).then(
      ({ rows, next }) => {
        const old = shown.peek();
        const keep = old !== null && old.before === before && lastRenewed.current === renewed.peek();
        lastRenewed.current = renewed.peek();
        const state = keep ? merged(old.state.members, rows, next === null) : { members: rows.map((row) => ({ row, gone: false })), fresh: 0 };
        shown.value = { before, state, next };
        failure.value = null;
      },
      (error: unknown) => {
        if (!aborter.signal.aborted) failure.value = wordsOf(error);
      },
    );
    return () => aborter.abort();
  }, [JSON.stringify(by), before, change, renewed.value]);
  return {
    state: shown.value?.before === before ? shown.value.state : null,
    next: shown.value?.next ?? null,
    failure: failure.value,
    renew: () => (renewed.value += 1),
  };
}
