import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';

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
      {done.value === 'copied' ? '✓' : done.value === 'failed' ? '!' : '⧉'}
      <span class="unseen" role="status">
        {done.value === null ? '' : done.value === 'copied' ? `${what} copied` : `${what} could not be copied`}
      </span>
    </button>
  );
}
