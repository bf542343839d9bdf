import { signal, useSignal } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** Rows above and below what is seen, so that a small step of the wheel meets rows that are there. */
const overscan = 8;
const leastHeightPx = 160;
/** Below the page. */
const marginPx = 12;

/** Where a list stands; the page keeps it, so that it can be restored and moved. */
export class RowScroll {
  readonly top = signal(0);
  #box: HTMLElement | null = null;
  #rowHeight = 1;
  #headHeight = 0;

  hold(box: HTMLElement | null, rowHeight: number, headHeight: number): void {
    this.#box = box;
    this.#rowHeight = rowHeight;
    this.#headHeight = headHeight;
  }

  /** Scrolls no further than needed for the row to be seen whole. */
  reveal(index: number): void {
    if (this.#box === null) return;
    const [above, height] = [index * this.#rowHeight, this.#box.clientHeight - this.#headHeight];
    if (above < this.#box.scrollTop) this.#box.scrollTop = above;
    else if (above + this.#rowHeight > this.#box.scrollTop + height) this.#box.scrollTop = above + this.#rowHeight - height;
  }

  to(top: number): void {
    this.top.value = top;
    if (this.#box !== null) this.#box.scrollTop = top;
  }

  /** Rows that fit into what is seen. */
  get rowsSeen(): number {
    return this.#box === null ? 1 : Math.max(1, Math.floor((this.#box.clientHeight - this.#headHeight) / this.#rowHeight) - 1);
  }
}

interface VirtualRowsProps {
  readonly label: string;
  readonly head: ComponentChildren;
  readonly headHeight: number;
  readonly count: number;
  /** There are more rows behind `count`. */
  readonly more: boolean;
  readonly rowHeight: number;
  readonly scroll: RowScroll;
  /** The element of a row: `role="row"`, exactly as high as `rowHeight`. */
  readonly row: (index: number) => JSX.Element;
  /** Id of the row that the keyboard is at. */
  readonly active: string | undefined;
  /** Which rows are drawn now: at the first drawing and whenever it changes. */
  readonly onRange: (first: number, last: number) => void;
  readonly onPointer: (inside: boolean) => void;
}

/** As much as the window leaves between what stands above and what stands below. */
function roomFor(box: HTMLElement): number {
  let below = marginPx;
  for (let next = box.nextElementSibling; next !== null; next = next.nextElementSibling) below += next.getBoundingClientRect().height;
  return Math.max(leastHeightPx, Math.floor(innerHeight - box.getBoundingClientRect().top - scrollY - below));
}

/** A grid of any number of rows of one height, of which only those that are seen are in the document. It is as high as the window leaves room. */
export function VirtualRows(props: VirtualRowsProps): JSX.Element {
  const { label, head, headHeight, count, more, rowHeight, scroll, row, active, onRange, onPointer } = props;
  const box = useRef<HTMLDivElement>(null);
  const first = useSignal(Math.floor(scroll.top.peek() / rowHeight));
  const height = useSignal(Math.max(leastHeightPx, innerHeight - 200));

  useLayoutEffect(() => {
    scroll.hold(box.current, rowHeight, headHeight);
    return () => scroll.hold(null, rowHeight, headHeight);
  }, [scroll, rowHeight, headHeight]);
  const fit = (): void => {
    if (box.current !== null) height.value = roomFor(box.current);
  };
  // What stands around it comes and goes with the page, and wraps with the window.
  useLayoutEffect(fit);
  useLayoutEffect(() => {
    const watcher = new ResizeObserver(fit);
    watcher.observe(document.body);
    addEventListener('resize', fit);
    return () => {
      watcher.disconnect();
      removeEventListener('resize', fit);
    };
  }, []);
  useLayoutEffect(() => {
    if (box.current !== null) box.current.scrollTop = scroll.top.peek();
  }, [scroll]);

  const seen = Math.ceil(height.value / rowHeight);
  const from = Math.max(0, Math.min(first.value, count - 1) - overscan);
  const to = Math.min(count, first.value + seen + overscan);
  useEffect(() => onRange(from, to), [from, to, onRange]);

  const rows = [];
  for (let index = from; index < to; index += 1) rows.push(row(index));
  return (
    <div
      ref={box}
      class="rows"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={more ? -1 : count + 1}
      aria-multiselectable="true"
      aria-activedescendant={active}
      style={{ height: `${height.value}px` }}
      onScroll={({ currentTarget }) => {
        scroll.top.value = currentTarget.scrollTop;
        first.value = Math.floor(currentTarget.scrollTop / rowHeight);
      }}
      onPointerEnter={({ pointerType }) => onPointer(pointerType === 'mouse')}
      onPointerLeave={() => onPointer(false)}
    >
      <div role="rowgroup" class="rows-head">
        {head}
      </div>
      <div class="rows-space" style={{ height: `${count * rowHeight}px` }}>
        <div role="rowgroup" style={{ transform: `translateY(${from * rowHeight}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}
