import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const lineHeight = 20;
const spare = 20;
/** What browsers lay out in one element; more lines are not reached by scrolling. */
const mostLines = 800_000;

interface VirtualLinesProps {
  readonly count: number;
  readonly line: (index: number) => JSX.Element;
  readonly label: string;
  /** Brought into sight when it changes. */
  readonly at?: number | null;
}

/** Lines of one height, of which only those in sight are in the page: a million cost as much as forty. */
export function VirtualLines({ count, line, label, at = null }: VirtualLinesProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const first = useSignal(0);
  const room = useSignal(40);
  const shown = Math.min(count, mostLines);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const sizes = new ResizeObserver(() => (room.value = Math.ceil(element.clientHeight / lineHeight) || 40));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  useEffect(() => {
    const element = box.current;
    if (element === null || at === null) return;
    const top = at * lineHeight;
    if (top < element.scrollTop || top > element.scrollTop + element.clientHeight - 2 * lineHeight)
      element.scrollTop = Math.max(0, top - 3 * lineHeight);
  }, [at]);
  const from = Math.max(0, Math.min(first.value, shown - 1) - spare);
  const to = Math.min(shown, first.value + room.value + spare);
  return (
    <div
      ref={box}
      class="lines"
      tabIndex={0}
      role="group"
      aria-label={label}
      onScroll={(event) => (first.value = Math.floor(event.currentTarget.scrollTop / lineHeight))}
    >
      {/* Set through the style object, which the policy allows; an attribute it would not. */}
      <div class="lines-all" style={{ height: `${shown * lineHeight}px` }}>
        <div class="lines-shown" style={{ top: `${from * lineHeight}px` }}>
          {Array.from({ length: Math.max(0, to - from) }, (_, index) => (
            <div key={from + index} class="line">
              {line(from + index)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
