import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type BulkItemsView, type BulkView } from '../../../bulk.view.ts';
import { type BulkItemRow, type BulkItemState } from '../../../../contract/bulk.ts';
import { get, wordsOf } from '../../kit/api.ts';
import { ask, href, query } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';

const pageRows = 100;
const states = ['failed', 'skipped', 'done', 'open'] as const satisfies readonly BulkItemState[];
const titles: Readonly<Record<BulkItemState, string>> = { failed: 'Failed', skipped: 'Skipped', done: 'Done', open: 'Not yet' };
const means: Readonly<Record<BulkItemState, string>> = {
  failed: 'What was asked is not possible for these; each is as it was.',
  skipped: 'These changed after the selection was frozen, or are no longer kept; nothing was done to them.',
  done: 'It was done to these; open one to see what came of it.',
  open: 'Nothing has been done to these so far.',
};

const countOf = ({ total, done, failed, skipped }: BulkView): Readonly<Record<BulkItemState, number>> => ({
  done,
  failed,
  skipped,
  open: total - done - failed - skipped,
});

/** What became of each: one kind after the other, each row leading to its translation. */
export function BulkItems({ bulk }: { readonly bulk: BulkView }): JSX.Element | null {
  const counts = countOf(bulk);
  const asked = states.find((state) => state === query.value.get('items'));
  // What went wrong comes first, as long as nobody has asked for anything.
  const state = asked ?? (counts.failed > 0 ? 'failed' : counts.skipped > 0 ? 'skipped' : 'done');
  if (bulk.total === 0) return null;
  return (
    <>
      <h3 id="items">What became of each</h3>
      <p class="row" role="group" aria-labelledby="items">
        {states.map((each) => (
          <button
            key={each}
            type="button"
            class="act act-plain"
            aria-pressed={each === state}
            onClick={() => ask({ items: each }, { replace: true })}
          >
            {titles[each]} {counts[each].toLocaleString('en')}
          </button>
        ))}
      </p>
      <Items key={state} seq={bulk.seq} state={state} count={counts[state]} />
    </>
  );
}

function Items({ seq, state, count }: { readonly seq: number; readonly state: BulkItemState; readonly count: number }): JSX.Element {
  const { rows, next, failure, more } = useItems(seq, state, count);
  return (
    <>
      <p class="hint">{count === 0 ? 'There is none.' : means[state]}</p>
      {failure === null ? null : (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      <ul class="bulk-items">
        {rows.map((row) => (
          <li key={row.place}>
            <Item row={row} />
          </li>
        ))}
      </ul>
      {next === null ? null : (
        <button type="button" class="act act-plain" onClick={more}>
          Show more ({(count - rows.length).toLocaleString('en')} are left)
        </button>
      )}
    </>
  );
}

function Item({ row: { translationId, system, operation, failure } }: { readonly row: BulkItemRow }): JSX.Element {
  return (
    <>
      {translationId === null ? (
        <span class="hint">no longer kept</span>
      ) : (
        <a href={href('translations', translationId)}>
          <span class="mono">{translationId.slice(0, 8)}</span> {system} {operation}
        </a>
      )}
      {failure === null ? null : (
        <>
          {' '}
          <span class="mono">{failure.code}</span> {shownText(failure.message.slice(0, 500))}
        </>
      )}
    </>
  );
}

interface ItemsState {
  readonly rows: readonly BulkItemRow[];
  readonly next: number | null;
  readonly failure: string | null;
  readonly more: () => void;
}

/** The first page as it fills while the bulk runs; what a person has asked for beyond it stays as it was read. */
function useItems(seq: number, state: BulkItemState, count: number): ItemsState {
  const shown = useSignal<BulkItemsView>({ rows: [], next: null });
  const failure = useSignal<string | null>(null);
  const load = async (after: number, signal?: AbortSignal): Promise<void> => {
    const address = `/api/bulks/${seq}/items?state=${state}&after=${after}&limit=${pageRows}`;
    try {
      const page = await get<BulkItemsView>(address, signal === undefined ? {} : { signal });
      shown.value = after === 0 ? page : { rows: [...shown.value.rows, ...page.rows], next: page.next };
      failure.value = null;
    } catch (error) {
      if (signal?.aborted !== true) failure.value = wordsOf(error);
    }
  };
  const { rows, next } = shown.value;
  // Open ones become fewer, the others more: beyond the first page nothing moves by itself.
  useEffect(() => {
    if (shown.value.rows.length > pageRows) return undefined;
    const aborter = new AbortController();
    void load(0, aborter.signal);
    return () => aborter.abort();
  }, [count]);
  return { rows, next, failure: failure.value, more: () => void load(next ?? 0) };
}
