import { effect, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { useShortcuts } from '../../kit/keys.ts';
import { ask, query } from '../../kit/route.ts';
import { VirtualRows } from '../../kit/virtual-rows.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { ListHead, ListLine } from './list-row.tsx';
import { useListKeys } from './list-keys.ts';
import { NoRows } from './no-rows.tsx';
import { Peek } from './peek.tsx';
import { SearchBar } from './search-bar.tsx';
import { Searched } from './searched.tsx';
import { type Place, open, placeOf, select } from './place.ts';
import { searchOf } from './search.ts';
import { StateBoxes } from './state-boxes.tsx';
import './translations.css';

const narrow = matchMedia('(max-width: 40rem)');
const positionMs = 400;
const secondMs = 1_000;

/** The live list of translations. */
export function TranslationsPage(): JSX.Element {
  const search = searchOf(query.value);
  const box = useRef<HTMLInputElement>(null);
  const place = useMemo(() => placeOf(search), [search]);
  useShortcuts(useMemo(() => [{ key: '/', does: 'search', run: () => box.current?.select() }], []));
  return (
    <section class="translations">
      <h1 class="unseen">Translations</h1>
      <SearchBar box={box} />
      <Searched />
      <List key={search} place={place} box={box} />
    </section>
  );
}

function List({ place, box }: { readonly place: Place; readonly box: { readonly current: HTMLInputElement | null } }): JSX.Element {
  const { list, scroll, selection, cursor, paused } = place;
  const rowHeight = useRowHeight();
  const now = useNow();
  useEffect(() => {
    const stopHolding = effect(() => list.hold(place.still.value));
    const stop = list.run();
    return () => {
      stop();
      stopHolding();
    };
  }, [place]);
  useEffect(() => {
    const timer = setTimeout(() => ask({ row: cursor.value === null ? null : String(cursor.value) }, { replace: true }), positionMs);
    return () => clearTimeout(timer);
  }, [cursor.value]);
  useListKeys(place, box, rowHeight);
  // A row that the address names is shown among its neighbours.
  const found = useSignal(scroll.top.peek() > 0);
  useEffect(() => {
    if (found.value || !list.loaded.value || cursor.peek() === null) return;
    found.value = true;
    const index = list.indexOf(cursor.peek() ?? 0);
    if (index >= 0) scroll.reveal(index + 3);
  }, [list.loaded.value, list.revision.value]);
  const range = useMemo(() => (first: number, until: number) => list.see(first, until), [list]);

  void list.revision.value;
  const current = cursor.value === null ? undefined : list.at(list.indexOf(cursor.value));
  const shown = (): TranslationRow[] => {
    const first = Math.floor(scroll.top.peek() / rowHeight);
    return Array.from({ length: scroll.rowsSeen + 1 }, (_, index) => list.at(first + index)?.row).filter((row) => row !== undefined);
  };
  return (
    <>
      <div class="list-tools">
        <StateBoxes changes={list.changes} />
        <Following place={place} />
      </div>
      {list.failure.value === null ? null : (
        <p class="failure" role="alert">
          {list.failure.value}
        </p>
      )}
      {list.loaded.value && list.length === 0 && !list.more ? (
        <NoRows />
      ) : (
        <VirtualRows
          label="Translations, newest first"
          head={
            <ListHead
              all={selection.size.value > 0 && shown().every(({ seq }) => selection.has(seq))}
              onAll={() => (shown().every(({ seq }) => selection.has(seq)) ? selection.clear() : selection.add(shown()))}
            />
          }
          headHeight={narrow.matches ? 0 : 28}
          count={list.length}
          more={list.more}
          rowHeight={rowHeight}
          scroll={scroll}
          active={cursor.value === null ? undefined : `row-${cursor.value}`}
          onRange={range}
          onPointer={(inside) => place.point(inside)}
          row={(index) => {
            const of = list.at(index);
            return ListLine({
              index,
              of,
              active: of !== undefined && of.seq === cursor.value,
              selected: of !== undefined && selection.has(of.seq),
              nowMs: now,
              onOpen: (row) => open(place, row),
              onSelect: (row, upTo) => select(place, row, upTo),
            });
          }}
        />
      )}
      <div class="list-foot">
        {current === undefined ? null : <Peek row={current.row} />}
        <BulkBar selection={selection} />
      </div>
      <span class="unseen" role="status">
        {paused.value ? 'Paused' : ''}
      </span>
    </>
  );
}

/** Whether the list follows, and what it holds back. */
function Following({ place }: { readonly place: Place }): JSX.Element {
  const { list, paused, scroll } = place;
  void list.revision.value;
  const { count, more } = list.fresh.value;
  return (
    <div class="following">
      <span class="hint">{list.slow.value ? 'reading…' : ''}</span>
      <button
        type="button"
        class={`pill${count === 0 && list.isWhole ? ' pill-none' : ''}`}
        onPointerEnter={() => place.point(place.pointed.peek())}
        onPointerLeave={() => place.point(false)}
        onClick={() => {
          scroll.to(0);
          place.cursor.value = null;
          list.toNewest();
        }}
      >
        {count === 0 ? 'to the newest' : `${count}${more ? '+' : ''} new`} ↑
      </button>
      <button type="button" class="act act-plain" aria-pressed={paused.value} title="p" onClick={() => (paused.value = !paused.value)}>
        {paused.value ? 'Paused ▶' : 'Live ❚❚'}
      </button>
    </div>
  );
}

/** Fixed, so that the place of each row is known without drawing those above; two lines on a phone. */
function useRowHeight(): number {
  const height = useSignal(narrow.matches ? 62 : 28);
  useEffect(() => {
    const change = (): void => void (height.value = narrow.matches ? 62 : 28);
    narrow.addEventListener('change', change);
    return () => narrow.removeEventListener('change', change);
  }, []);
  return height.value;
}

/** Once a second. */
function useNow(): number {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), secondMs);
    return () => clearInterval(timer);
  }, []);
  return now.value;
}
