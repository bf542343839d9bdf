import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type Page } from '../../../../contract/journal-reader.ts';
import { get, wordsOf } from '../../kit/api.ts';
import { Empty } from '../../kit/empty.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { ask, go, href, query } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { Batches } from './batches.tsx';
import { useChanges } from '../../kit/use-changes.ts';
import { DoubtDesk } from './doubt-desk.tsx';
import { type Merged, type ShownMember, merged } from './in-place.ts';

const againMs = 1_000;
const atOnce = 100;

/** The in-doubt desk: one after the other, with its evidence. */
export function Doubts(): JSX.Element {
  const changes = useChanges('state=parked', againMs);
  const { state, more, failure } = useDoubts(changes.value);
  const list = useRef<HTMLOListElement>(null);
  const members = state?.members ?? [];
  const asked = query.value.get('at');
  const current = members.find(({ row }) => row.id === asked) ?? members.find(({ gone }) => !gone) ?? members[0];
  const show = (to: ShownMember | undefined): void => {
    if (to !== undefined) ask({ at: to.row.id }, { replace: true });
  };
  const step = useRef((_by: 1 | -1): void => undefined);
  step.current = (by) => show(members[members.findIndex(({ row }) => row.id === current?.row.id) + by]);
  // Those that are settled are passed over; the last one comes back to the first that is left.
  const onSettled = (): void => {
    const at = members.findIndex(({ row }) => row.id === current?.row.id);
    const left = [...members.slice(at + 1), ...members.slice(0, Math.max(0, at))];
    show(left.find(({ gone }) => !gone) ?? members[at]);
  };
  useEffect(() => list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' }), [current?.row.id]);
  useShortcuts(
    useMemo(
      () => [
        { key: 'j', does: 'the next one in doubt', run: () => step.current(1) },
        { key: 'k', does: 'the one in doubt before', run: () => step.current(-1) },
        { key: 'Escape', does: 'back to the groups', run: () => go(href('attention')) },
      ],
      [],
    ),
  );
  const only = ['system', 'operation'].flatMap((name) => query.value.get(name) ?? []);
  return (
    <section aria-labelledby="doubts">
      <h2 id="doubts">
        In doubt{' '}
        {state === null ? null : (
          <span class="hint">
            {members.filter(({ gone }) => !gone).length}
            {more ? ' and more' : ''}
          </span>
        )}
      </h2>
      {only.length === 0 ? null : (
        <p>
          Only {shownText(only.join(' '))}. <a href={href('attention', 'doubt')}>Show all</a>
        </p>
      )}
      <Batches change={changes.value} />
      {failure === null ? null : (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      {state === null ? (
        <p class="hint">Loading…</p>
      ) : current === undefined ? (
        <Empty title="Nothing is in doubt">
          <p>
            A call that may or may not have happened would stand here with its evidence. <a href={href('attention')}>See what else is parked</a>
          </p>
        </Empty>
      ) : (
        <div class="desk">
          <ol ref={list} class="doubts" aria-label="In doubt, newest first">
            {members.map(({ row, gone }) => (
              <li key={row.id}>
                <a
                  href={`${href('attention', 'doubt')}?${addressOf(row.id)}`}
                  class={gone ? 'member-gone' : undefined}
                  aria-current={row.id === current.row.id ? 'true' : undefined}
                >
                  <span class={gone ? '' : 'state-in-doubt'}>
                    <span aria-hidden="true">{gone ? '✓' : '?'}</span> {shownText((row.businessKey ?? row.id.slice(0, 8)).slice(0, 60))}
                  </span>
                  <span class="hint">
                    {row.system} {row.operation} {gone ? '· settled' : ''}
                  </span>
                  <Time ms={row.receivedMs} />
                </a>
              </li>
            ))}
          </ol>
          <DoubtDesk key={current.row.id} id={current.row.id} changes={changes} onSettled={onSettled} more={members.some(({ gone }) => !gone)} />
        </div>
      )}
    </section>
  );
}

function addressOf(id: string): string {
  const next = new URLSearchParams(query.value);
  next.set('at', id);
  return next.toString();
}

/** Those in doubt, in their places while they are settled; new ones come behind. */
function useDoubts(change: number): { readonly state: Merged | null; readonly more: boolean; readonly failure: string | null } {
  const filter = new URLSearchParams({ state: 'parked', inDoubt: '1', limit: String(atOnce) });
  for (const name of ['system', 'operation']) {
    const value = query.value.get(name);
    if (value !== null) filter.set(name, value);
  }
  const address = filter.toString();
  const shown = useSignal<{ address: string; state: Merged; more: boolean } | null>(null);
  const failure = useSignal<string | null>(null);
  useEffect(() => {
    const aborter = new AbortController();
    get<Page>(`/api/translations?${address}`, { signal: aborter.signal }).then(
      ({ rows, next }) => {
        const old = shown.peek();
        const before = old?.address === address ? old.state.members : [];
        const known = new Set(before.map(({ row }) => row.id));
        const { members } = merged(before, rows, next === null);
        const fresh = rows.filter(({ id }) => !known.has(id)).map((row) => ({ row, gone: false }));
        shown.value = { address, state: { members: [...members, ...fresh], fresh: 0 }, more: next !== null };
        failure.value = null;
      },
      (error: unknown) => {
        if (!aborter.signal.aborted) failure.value = wordsOf(error);
      },
    );
    return () => aborter.abort();
  }, [address, change]);
  const state = shown.value?.address === address ? shown.value.state : null;
  return { state, more: shown.value?.more ?? false, failure: failure.value };
}
