import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { shownText } from '../kit/shown-text.ts';
import { VirtualLines } from '../kit/virtual-lines.tsx';
import { folded, sideBySide } from './side-by-side.ts';
import './native.css';

/** Where the side has no room for all of it. */
const titleOf = (text: string | null): string | undefined => (text === null || text.length < 50 ? undefined : shownText(text.trim()));

const around = 3;
const signs = { same: ' ', changed: '~', removed: '−', added: '+' } as const;
const words = { same: '', changed: 'changed: ', removed: 'only before: ', added: 'only now: ' } as const;

interface ComparedLinesProps {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly label?: string;
  /** What is said where no line differs. */
  readonly otherwise?: string | undefined;
}

/** Two lists of lines beside each other, what differs marked; what is alike is left out until it is asked for. */
export function ComparedLines({ a, b, label = 'Both exchanges, line by line', otherwise }: ComparedLinesProps): JSX.Element {
  const whole = useSignal(false);
  const rows = useMemo(() => sideBySide(a, b), [a, b]);
  const shown = useMemo(() => (whole.value ? rows.map((_, index) => index) : folded(rows, around)), [rows, whole.value]);
  const changes = rows.filter(({ kind }) => kind !== 'same').length;
  if (changes === 0) return <p class="hint">{otherwise ?? `✓ No difference in ${rows.length} lines.`}</p>;
  return (
    <div class="native compared-lines">
      <p>
        {changes} of {rows.length} lines differ.{' '}
        <label>
          <input type="checkbox" checked={whole.value} onChange={(event) => (whole.value = event.currentTarget.checked)} /> also what is the same
        </label>
      </p>
      <VirtualLines
        count={shown.length}
        label={label}
        line={(index) => {
          const at = shown[index];
          const row = at === null || at === undefined ? undefined : rows[at];
          if (row === undefined) return <span class="compared-gap">⋯</span>;
          return (
            <span class={`compared compared-${row.kind}`}>
              <span aria-hidden="true" class="compared-sign">
                {signs[row.kind]}
              </span>
              <span class="unseen">{words[row.kind]}</span>
              <span class="compared-side" title={titleOf(row.a)}>
                {row.a === null ? '' : shownText(row.a)}
              </span>
              <span class="compared-side compared-now" title={titleOf(row.b)}>
                {row.b === null ? '' : shownText(row.b)}
              </span>
            </span>
          );
        }}
      />
    </div>
  );
}
