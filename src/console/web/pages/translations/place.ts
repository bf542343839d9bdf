import { computed, signal } from '@preact/signals';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { ask, go, href, query } from '../../kit/route.ts';
import { RowScroll } from '../../kit/virtual-rows.tsx';
import { LiveList } from './live-list.ts';
import { apiQuery } from './search.ts';
import { Selection } from './selection.ts';

/** Somebody whose pointer leaves the list may be on the way to what is new. */
const leavingMs = 700;

/** A search with where somebody is in it: what the back button brings back. */
export class Place {
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
export function placeOf(search: string): Place {
  const row = /^\d{1,15}$/.exec(query.peek().get('row') ?? '')?.[0];
  const wanted = row === undefined ? null : Number(row);
  if (last?.search !== search || last.cursor.peek() !== wanted) last = new Place(search, wanted);
  last.pointed.value = false;
  return last;
}

/** Opens a translation such that the back button comes back to its row. */
export function open({ cursor }: Place, { seq, id }: TranslationRow): void {
  cursor.value = seq;
  ask({ row: String(seq) }, { replace: true });
  go(href('translations', id));
}

/** Picks or lets go of a row; `upTo`: all from the row at hand to this one. */
export function select({ list, selection, cursor }: Place, row: TranslationRow, upTo: boolean): void {
  const from = cursor.peek() === null ? -1 : list.indexOf(cursor.peek() ?? 0);
  const to = list.indexOf(row.seq);
  if (upTo && from >= 0 && to >= 0) {
    const [first, until] = [Math.min(from, to), Math.max(from, to)];
    selection.add(Array.from({ length: until - first + 1 }, (_, index) => list.at(first + index)?.row).filter((each) => each !== undefined));
  } else selection.toggle(row);
  cursor.value = row.seq;
}
