import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, wordsOf } from './api.ts';

const spinnerAfterMs = 100;
const againAfterMs = 1_000;

export interface Loaded<T> {
  readonly value: T | null;
  /** In words for a person; null when all went well. What was loaded before stays. */
  readonly failure: string | null;
  /** It takes longer than a person overlooks. */
  readonly slow: boolean;
}

/**
 * Loads JSON of the gateway, again whenever the path changes or `again` is raised, and by itself when the gateway was not there. `null` loads
 * nothing.
 */
export function useLoaded<T>(path: string | null, again?: Signal<number>): Loaded<T> {
  const state = useSignal<Loaded<T>>({ value: null, failure: null, slow: false });
  useEffect(() => {
    if (path === null) return undefined;
    const aborter = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    const load = (): void => {
      const late = setTimeout(() => (state.value = { ...state.value, slow: true }), spinnerAfterMs);
      get<T>(path, { signal: aborter.signal })
        .then(
          (value) => (state.value = { value, failure: null, slow: false }),
          (error: unknown) => {
            if (aborter.signal.aborted) return;
            state.value = { ...state.value, failure: wordsOf(error), slow: false };
            if (error instanceof TypeError) retry = setTimeout(load, againAfterMs);
          },
        )
        .finally(() => clearTimeout(late));
    };
    load();
    return () => {
      aborter.abort();
      clearTimeout(retry);
    };
  }, [path, again?.value]);
  return state.value;
}
