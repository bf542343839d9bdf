import { signal } from '@preact/signals';
import { type Page, type TranslationRow } from '../../../../contract/journal-reader.ts';
import { type ChangedView, type LeftView } from '../../../search.view.ts';
import { Refused, get, wordsOf } from '../../kit/api.ts';
import { type Entry, follow } from '../../kit/live.ts';
import { RowWindow } from './row-window.ts';
import { type Fresh, WaitingRows } from './waiting-rows.ts';

const pageRows = 100;
/** At most ten renderings a second, however much changes. */
const renderMs = 100;
/** Changes that are taken together at most. */
const mostIncoming = 500;
/** Rows on either side of what is seen. */
const margin = 300;
/** While new rows come in above, older ones than this go below. */
const mostAtHead = 300;
const streamWaitMs = 500;
const spinnerAfterMs = 100;
const againAfterMs = 1_000;

export interface ListRow {
  readonly seq: number;
  readonly row: TranslationRow;
  /** It has changed and fits the search no more. */
  readonly left: boolean;
}

/**
 * The list of a search, live: a window on it that grows by what is scrolled to, follows the changes of the gateway, and puts nothing in
 * between while somebody looks at a row. What it holds is bounded, however long it runs and however much changes.
 */
export class LiveList {
  /** Raised when something is to be drawn. */
  readonly revision = signal(0);
  /** In words; the rows stay. */
  readonly failure = signal<string | null>(null);
  readonly slow = signal(false);
  /** The first answer is there. */
  readonly loaded = signal(false);
  /** Rows that would stand above or between, were nobody looking. */
  readonly fresh = signal<Fresh>({ count: 0, more: false });
  /** Raised when counts may have changed. */
  readonly changes = signal(0);

  readonly #path: (more: Readonly<Record<string, string>>) => string;
  readonly #window = new RowWindow<ListRow>();
  readonly #waiting = new WaitingRows<ListRow>();
  readonly #incoming = new Map<number, ListRow | 'left'>();
  /** What came while a page was asked for: it may be newer than that page. */
  readonly #meanwhile = new Set<Map<number, ListRow | 'left'>>();
  readonly #around: number | null;
  #still = false;
  #seen: readonly [number, number] = [0, 0];
  #reading = false;
  #readAgain = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = new AbortController();

  /** `query`: the search as the API takes it. `around`: the sequence of a row that is to be seen; null begins with the newest. */
  constructor(query: URLSearchParams, around: number | null = null) {
    const search = query.toString();
    this.#path = (more) => `?${[search, new URLSearchParams(more).toString()].filter(Boolean).join('&')}`;
    this.#around = around;
  }

  /** Reads and follows until the answer is called. Begun again, it reads again what is seen. */
  run(): () => void {
    const ended = new AbortController();
    this.#ended = ended;
    this.#reading = false;
    let begun = false;
    const begin = (): void => {
      begun = true;
      if (!this.loaded.peek()) void this.#first(this.#around);
      else this.#refresh();
    };
    // A stream that stands before the list is read lets nothing slip between them; one that a proxy holds back is not waited for.
    const late = setTimeout(begin, streamWaitMs);
    follow(
      `/api/changes${this.#path({})}`,
      null,
      (entries) => this.#take(entries),
      ended.signal,
      (anew) => {
        clearTimeout(late);
        if (!begun) begin();
        else if (anew) this.#refresh();
        else this.#read();
      },
    ).catch((error: unknown) => {
      clearTimeout(late);
      if (!ended.signal.aborted) this.failure.value = wordsOf(error);
    });
    return () => {
      clearTimeout(late);
      clearTimeout(this.#timer);
      this.#timer = undefined;
      ended.abort();
    };
  }

  get length(): number {
    return this.#window.length;
  }

  /** There are older ones. */
  get more(): boolean {
    return this.#window.next !== null;
  }

  /** It begins with the newest. */
  get isWhole(): boolean {
    return this.#window.isWhole;
  }

  at(index: number): ListRow | undefined {
    return this.#window.at(index);
  }

  indexOf(seq: number): number {
    return this.#window.indexOf(seq);
  }

  /** These rows are drawn: they are read when they are not there, and the next ones when there are few left. */
  see(first: number, last: number): void {
    this.#seen = [first, last];
    this.#window.keep(first, last, margin);
    this.#read();
  }

  /** `true`: nothing is put in between until `false`, which puts in all that waited. */
  hold(still: boolean): void {
    this.#still = still;
    if (!still) this.showFresh();
  }

  /** Puts in what waited. */
  showFresh(): void {
    // In the middle of the list what is new has no place yet.
    if (!this.#window.isWhole) return;
    const rows = this.#waiting.take();
    if (rows === null) {
      void this.#first(null);
      return;
    }
    if (rows.length === 0) return;
    for (const row of rows) this.#window.put(row);
    this.#tellFresh();
    this.#draw();
  }

  /** Begins again with the newest. */
  toNewest(): void {
    if (this.#window.isWhole) this.showFresh();
    else void this.#first(null);
  }

  #take(entries: readonly Entry[]): void {
    for (const { data } of entries) {
      const change = JSON.parse(data) as ChangedView | LeftView;
      this.#incoming.set(change.seq, 'left' in change ? 'left' : { seq: change.seq, row: change, left: false });
    }
    // A tab that is not seen is given its timers seldom.
    if (this.#incoming.size > mostIncoming) this.#apply();
    else this.#timer ??= setTimeout(() => this.#apply(), renderMs);
  }

  #apply(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#put(this.#incoming);
    for (const meanwhile of this.#meanwhile) for (const [seq, change] of this.#incoming) meanwhile.set(seq, change);
    this.#incoming.clear();
    if (!this.#still && this.#seen[0] === 0 && this.#window.held > mostAtHead * 2) this.#window.truncate(mostAtHead);
    this.#tellFresh();
    this.changes.value += 1;
    this.#draw();
  }

  #put(changes: ReadonlyMap<number, ListRow | 'left'>): void {
    for (const [seq, change] of changes)
      if (change === 'left') this.#leave(seq);
      else this.#change(change);
  }

  #change(changed: ListRow): void {
    const shown = this.#window.get(changed.seq);
    if (shown !== undefined && shown.row.changed > changed.row.changed) return;
    const placed = this.#window.put(changed, !this.#still);
    if (placed === 'above' || (placed === 'inserted' && this.#still)) this.#waiting.add(changed);
  }

  #leave(seq: number): void {
    const shown = this.#window.get(seq);
    if (shown !== undefined) this.#window.put({ ...shown, left: true });
    this.#waiting.delete(seq);
  }

  #tellFresh(): void {
    const next = this.#waiting.fresh;
    const { count, more } = this.fresh.peek();
    if (next.count !== count || next.more !== more) this.fresh.value = next;
  }

  /** The first page: from the newest on, or such that a row stands among its neighbours. */
  async #first(around: number | null): Promise<void> {
    const before = around === null ? null : around + pageRows / 2;
    const page = await this.#placed(before, pageRows, ({ rows, next }) => {
      this.#waiting.clear();
      this.#window.reset(rows.map(asListRow), next, before);
    });
    if (page === null) return;
    this.loaded.value = true;
    this.#tellFresh();
    this.#draw();
    this.#read();
  }

  /** Something may have been missed: all that is seen is read again. */
  #refresh(): void {
    if (!this.loaded.peek()) return;
    if (this.#window.length === 0) {
      void this.#first(null);
      return;
    }
    if (!this.#still && this.#window.isWhole) {
      void this.#first(null);
      return;
    }
    this.#window.doubtAll();
    this.#read();
  }

  /** What is seen and not there, one page after the other. */
  #read(): void {
    if (!this.loaded.peek()) return;
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    const [first, last] = this.#seen;
    const gap = this.#window.gap(first, last);
    const { next } = this.#window;
    let work: Promise<boolean> | null = null;
    if (gap !== null) work = this.#fill(gap.before, gap.count);
    else if (next !== null && last + pageRows / 2 > this.#window.length) work = this.#append(next);
    if (work === null) return;
    this.#reading = true;
    const ended = this.#ended;
    void work.then((done) => {
      if (ended.signal.aborted) return;
      this.#reading = false;
      // A page may be short and still have a next one.
      if (done || this.#readAgain) {
        this.#readAgain = false;
        this.#read();
      }
    });
  }

  async #fill(before: number | null, count: number): Promise<boolean> {
    const page = await this.#placed(before, Math.min(500, count + 20), ({ rows, next }) => this.#window.fill(before, rows.map(asListRow), next));
    if (page === null) return false;
    this.#draw();
    return true;
  }

  async #append(next: number): Promise<boolean> {
    const page = await this.#page(next, pageRows);
    if (page === null || this.#window.next !== next) return page !== null;
    this.#window.append(page.rows.map(asListRow), page.next);
    this.#draw();
    return true;
  }

  /** Puts a page where it belongs, and then what has changed since it was asked for. */
  async #placed(before: number | null, limit: number, place: (page: Page) => void): Promise<Page | null> {
    const meanwhile = new Map<number, ListRow | 'left'>();
    this.#meanwhile.add(meanwhile);
    const page = await this.#page(before, limit);
    this.#meanwhile.delete(meanwhile);
    if (page === null) return null;
    place(page);
    this.#put(meanwhile);
    return page;
  }

  /** Null when it failed, which is told, or nobody waits for it. */
  async #page(before: number | null, limit: number): Promise<Page | null> {
    const { signal: ended } = this.#ended;
    const late = setTimeout(() => (this.slow.value = true), spinnerAfterMs);
    try {
      const page = await get<Page>(
        `/api/translations${this.#path({ limit: String(limit), ...(before === null ? {} : { before: String(before) }) })}`,
        { signal: ended },
      );
      if (ended.aborted) return null;
      this.failure.value = null;
      return page;
    } catch (error) {
      if (ended.aborted) return null;
      this.failure.value = wordsOf(error);
      // A gateway that is not there is asked again; one that refuses is not.
      if (!(error instanceof Refused && error.status < 500))
        setTimeout(() => {
          if (ended.aborted) return;
          if (this.loaded.peek()) this.#read();
          else void this.#first(this.#around);
        }, againAfterMs);
      return null;
    } finally {
      clearTimeout(late);
      this.slow.value = false;
    }
  }

  #draw(): void {
    this.revision.value += 1;
  }
}

const asListRow = (row: TranslationRow): ListRow => ({ seq: row.seq, row, left: false });
