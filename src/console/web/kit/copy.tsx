import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';

/** Drawn: few fonts have a sign for it. */
function TwoSheets(): JSX.Element {
  return (
    <svg viewBox="0 0 12 12" width="11" height="11" fill="none" stroke="currentColor" aria-hidden="true">
      <rect x="3.5" y="3.5" width="8" height="8" rx="1" />
      <path d="M1.5 8.5h-1v-8h8v1" />
    </svg>
  );
}

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
      {done.value === 'copied' ? '✓' : done.value === 'failed' ? '!' : <TwoSheets />}
      <span class="unseen" role="status">
        {done.value === null ? '' : done.value === 'copied' ? `${what} copied` : `${what} could not be copied`}
      </span>
    </button>
  );
}
