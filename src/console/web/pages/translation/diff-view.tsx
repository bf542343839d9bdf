import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type Edit, diffLines } from '../../../diff.ts';
import { shownText } from '../../kit/shown-text.ts';

/** Lines that are the same on both sides and shown around a difference. */
const around = 3;
const charactersAtOnce = 20_000;

interface DiffViewProps {
  readonly a: string;
  readonly b: string;
  readonly label: string;
}

/** What makes `b` of `a`, line by line; each line has a sign beside its colour. */
export function DiffView({ a, b, label }: DiffViewProps): JSX.Element {
  const edits = useMemo(() => diffLines(a, b), [a, b]);
  if (edits.every(({ kind }) => kind === 'same')) return <p class="same">✓ {label}: no difference</p>;
  return (
    <div class="diff" tabIndex={0} role="region" aria-label={label}>
      {edits.map((edit, n) =>
        edit.kind === 'same' ? <Same key={n} edit={edit} first={n === 0} last={n === edits.length - 1} /> : <Changed key={n} edit={edit} />,
      )}
    </div>
  );
}

function Changed({ edit }: { readonly edit: Edit }): JSX.Element {
  return <Lines kind={edit.kind} text={edit.text} />;
}

function Same({ edit, first, last }: { readonly edit: Edit; readonly first: boolean; readonly last: boolean }): JSX.Element {
  const whole = useSignal(edit.lines <= 2 * around + 1);
  if (whole.value) return <Lines kind="same" text={edit.text} />;
  const [head, tail] = [first ? '' : headOf(edit.text), last ? '' : tailOf(edit.text)];
  const hidden = edit.lines - (first ? 0 : around) - (last ? 0 : around);
  return (
    <>
      <Lines kind="same" text={head} />
      <button type="button" class="act act-plain diff-more" onClick={() => (whole.value = true)}>
        {hidden} lines are the same
      </button>
      <Lines kind="same" text={tail} />
    </>
  );
}

const headOf = (text: string): string => text.slice(0, nth(text, around));
function tailOf(text: string): string {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let n = 0; n < around && at > 0; n += 1) at = text.lastIndexOf('\n', at - 1);
  return text.slice(Math.max(0, at + 1));
}

/** Behind the n-th line. */
function nth(text: string, n: number): number {
  let at = 0;
  for (let line = 0; line < n; line += 1) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return at;
}

const signs: Readonly<Record<Edit['kind'], string>> = { same: ' ', added: '+', removed: '−' };
const words: Readonly<Record<Edit['kind'], string>> = { same: '', added: 'Added', removed: 'Removed' };

function Lines({ kind, text }: { readonly kind: Edit['kind']; readonly text: string }): JSX.Element | null {
  const upTo = useSignal(charactersAtOnce);
  if (text === '') return null;
  const shown = text.slice(0, upTo.value);
  return (
    <>
      <pre class={`diff-lines diff-${kind}`}>
        {kind === 'same' ? null : <span class="unseen">{words[kind]}: </span>}
        {(shown.endsWith('\n') ? shown.slice(0, -1) : shown).split('\n').map((line, n) => (
          <span key={n} class="diff-line">
            <span class="diff-sign" aria-hidden="true">
              {signs[kind]}
            </span>
            {shownText(line)}
            {'\n'}
          </span>
        ))}
      </pre>
      {shown.length < text.length ? (
        <button type="button" class="act act-plain" onClick={() => (upTo.value += 5 * charactersAtOnce)}>
          Show more
        </button>
      ) : null}
    </>
  );
}
