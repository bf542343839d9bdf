import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';

/** Two sheets of paper; drawn, because few fonts have the sign. */
const Sheets = (): JSX.Element => (
  <svg class="copy-sign" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M5.5 4.5v-3h9v9h-3M1.5 5.5h9v9h-9z" />
  </svg>
);

/** Copies exactly `text`, however it is shown. */
export function Copy({ text, what }: { readonly text: string | (() => string | Promise<string>); readonly what: string }): JSX.Element {
  const done = useSignal<'copied' | 'failed' | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
      done.value = 'copied';
    } catch {
      done.value = 'failed';
    }
    setTimeout(() => (done.value = null), 1_500);
  };
  return (
    <button type="button" class="copy" aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={() => void copy()}>
      {done.value === 'copied' ? '✓' : done.value === 'failed' ? '!' : <Sheets />}
      <span class="unseen" role="status">
        {done.value === null ? '' : done.value === 'copied' ? `${what} copied` : `${what} could not be copied`}
      </span>
    </button>
  );
}
