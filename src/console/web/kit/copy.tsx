import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';

/** Drawn, as few fonts have a sign for it. */
const twoSheets = 'M5.5 2.5h8v9h-8zM10.5 13.5h-8v-9';
const tick = 'M3 8.5l3.5 3.5L13 4.5';
const cross = 'M4 4l8 8M12 4l-8 8';

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
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={done.value === null ? twoSheets : done.value === 'copied' ? tick : cross} />
      </svg>
      <span class="unseen" role="status">
        {done.value === null ? '' : done.value === 'copied' ? `${what} copied` : `${what} could not be copied`}
      </span>
    </button>
  );
}
