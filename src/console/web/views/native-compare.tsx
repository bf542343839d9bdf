import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { type NativeView } from '../../native.view.ts';
import { shownText } from '../kit/shown-text.ts';
import { VirtualLines } from '../kit/virtual-lines.tsx';
import { protocolOf } from './protocols.ts';
import { folded, sideBySide } from './side-by-side.ts';
import './native.css';

/** Two native exchanges of the same transport beside each other, what differs marked. */
export function ComparedViews({ a, b }: { readonly a: NativeView; readonly b: NativeView }): JSX.Element {
  const lines = useSignal<{ a: readonly string[]; b: readonly string[] } | null>(null);
  const alike = a.transport === b.transport && a.view !== null && b.view !== null;
  useEffect(() => {
    lines.value = null;
    const protocol = alike ? protocolOf(a.transport) : null;
    if (protocol === null) return;
    void protocol.lines().then((linesOf) => {
      lines.value = { a: linesOf(a.view as never), b: linesOf(b.view as never) };
    });
  }, [a, b]);
  if (!alike)
    return (
      <p class="hint">
        They cannot be compared: {a.transport === b.transport ? 'of one of them only the bytes are there' : 'they went over different transports'}.
      </p>
    );
  return lines.value === null ? <p class="hint" /> : <Compared a={lines.value.a} b={lines.value.b} />;
}

/** Where the side has no room for all of it. */
const titleOf = (text: string | null): string | undefined => (text === null || text.length < 50 ? undefined : shownText(text.trim()));

const around = 3;
const signs = { same: ' ', changed: '~', removed: '−', added: '+' } as const;
const words = { same: '', changed: 'changed: ', removed: 'only before: ', added: 'only now: ' } as const;

function Compared({ a, b }: { readonly a: readonly string[]; readonly b: readonly string[] }): JSX.Element {
  const whole = useSignal(false);
  const rows = useMemo(() => sideBySide(a, b), [a, b]);
  const shown = useMemo(() => (whole.value ? rows.map((_, index) => index) : folded(rows, around)), [rows, whole.value]);
  const changes = rows.filter(({ kind }) => kind !== 'same').length;
  if (changes === 0) return <p class="hint">✓ No difference in {rows.length} lines.</p>;
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
        label="Both exchanges, line by line"
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
