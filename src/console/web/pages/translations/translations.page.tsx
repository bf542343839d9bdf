import { computed, effect, signal, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { useShortcuts } from '../../kit/keys.ts';
import { ask, go, href, query } from '../../kit/route.ts';
import { RowScroll, VirtualRows } from '../../kit/virtual-rows.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { ListHead, ListLine } from './list-row.tsx';
import { LiveList } from './live-list.ts';
import { NoRows } from './no-rows.tsx';
import { Peek } from './peek.tsx';
import { SearchBar } from './search-bar.tsx';
import { apiQuery, searchOf } from './search.ts';
import { Selection } from './selection.ts';
import { StateBoxes } from './state-boxes.tsx';
import './translations.css';

const narrow = matchMedia('(max-width: 40rem)');
const positionMs = 400;
const secondMs = 1_000;
/** Somebody whose pointer leaves the list may be on the way to what is new. */
const leavingMs = 700;

/** A search with where somebody is in it: what the back button brings back. */
class Place {
  readonly search: string;
  readonly list: LiveList;
  readonly scroll = new RowScroll();
  readonly selection = new Selection();
  /** Sequence of the row that the keyboard is at. */
  readonly cursor = signal<number | null>(null);
  readonly paused = signal(false);
  readonly pointed = signal(false);
  /** Somebody looks at a row: nothing may move. */
  readonly still = computed(
    () => this.paused.value || this.pointed.value || this.cursor.value !== null || this.selection.size.value > 0 || this.scroll.top.value > 0,
  );

  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(search: string, row: number | null) {
    this.search = search;
    this.list = new LiveList(apiQuery(new URLSearchParams(search), Date.now()), row);
    this.cursor.value = row;
  }

  point(inside: boolean): void {
    clearTimeout(this.#leaving);
    if (inside) this.pointed.value = true;
    else this.#leaving = setTimeout(() => (this.pointed.value = false), leavingMs);
  }
}

let last: Place | null = null;

/** The place of the address: the one that was left, when the address says so, or a new one. */
function placeOf(search: string): Place {
  const row = /^\d{1,15}$/.exec(query.peek().get('row') ?? '')?.[0];
  const wanted = row === undefined ? null : Number(row);
  if (last?.search !== search || last.cursor.peek() !== wanted) last = new Place(search, wanted);
  last.pointed.value = false;
  return last;
}

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

function open({ cursor }: Place, { seq, id }: TranslationRow): void {
  cursor.value = seq;
  ask({ row: String(seq) }, { replace: true });
  go(href('translations', id));
}

function select({ list, selection, cursor }: Place, row: TranslationRow, upTo: boolean): void {
  const from = cursor.peek() === null ? -1 : list.indexOf(cursor.peek() ?? 0);
  const to = list.indexOf(row.seq);
  if (upTo && from >= 0 && to >= 0) {
    const [first, until] = [Math.min(from, to), Math.max(from, to)];
    selection.add(Array.from({ length: until - first + 1 }, (_, index) => list.at(first + index)?.row).filter((each) => each !== undefined));
  } else selection.toggle(row);
  cursor.value = row.seq;
}

function useListKeys(place: Place, box: { readonly current: HTMLInputElement | null }, rowHeight: number): void {
  const { list, scroll, selection, cursor, paused } = place;
  const to = (index: number): void => {
    const row = list.at(Math.max(0, Math.min(index, list.length - 1)));
    if (row === undefined) return;
    cursor.value = row.seq;
    scroll.reveal(list.indexOf(row.seq));
  };
  const by = (step: number) => () => {
    const index = cursor.peek() === null ? -1 : list.indexOf(cursor.peek() ?? 0);
    if (index < 0) to(Math.ceil(scroll.top.peek() / rowHeight));
    else to(index + step);
  };
  const current = (): TranslationRow | undefined => (cursor.peek() === null ? undefined : list.at(list.indexOf(cursor.peek() ?? 0))?.row);
  useShortcuts(
    useMemo(
      () => [
        { key: 'j', does: 'next row', run: by(1) },
        { key: 'k', does: 'row before', run: by(-1) },
        { key: 'ArrowDown', does: 'next row', run: by(1) },
        { key: 'ArrowUp', does: 'row before', run: by(-1) },
        { key: 'PageDown', does: 'a page on', run: () => by(scroll.rowsSeen)() },
        { key: 'PageUp', does: 'a page back', run: () => by(-scroll.rowsSeen)() },
        { key: 'Home', does: 'the newest', run: () => to(0) },
        {
          key: 'Enter',
          does: 'open the row',
          run: () => {
            const row = current();
            if (row !== undefined) open(place, row);
          },
        },
        {
          key: 'x',
          does: 'select the row',
          run: () => {
            const row = current();
            if (row === undefined) by(1)();
            else selection.toggle(row);
          },
        },
        { key: 'p', does: 'pause, go on', run: () => (paused.value = !paused.peek()) },
        {
          key: 'Escape',
          does: 'leave the search, the selection, the row',
          run: () => {
            if (document.activeElement === box.current) box.current?.blur();
            else if (selection.size.peek() > 0) selection.clear();
            else cursor.value = null;
          },
        },
      ],
      [place, rowHeight],
    ),
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
