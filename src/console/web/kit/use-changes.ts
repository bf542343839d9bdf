import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { follow } from './live.ts';

/**
 * Counts up when translations have changed: at most once in `everyMs`, however many there were, and not while nobody looks. `query`: only
 * those that fit, or fitted.
 */
export function useChanges(query: string, everyMs: number): Signal<number> {
  const changes = useSignal(0);
  useEffect(() => {
    const aborter = new AbortController();
    let due = false;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const tell = (): void => {
      timer = null;
      if (!due || document.hidden) return;
      due = false;
      changes.value += 1;
      timer = setTimeout(tell, everyMs);
    };
    const onChange = (): void => {
      due = true;
      timer ??= setTimeout(tell, Math.min(everyMs, 250));
    };
    const onShown = (): void => void (due && onChange());
    document.addEventListener('visibilitychange', onShown);
    // What changed before the stream was open, or while it was away, is in what is loaded after it opens.
    follow(`/api/changes${query === '' ? '' : `?${query}`}`, null, onChange, aborter.signal, onChange).catch(() => undefined);
    return () => {
      aborter.abort();
      document.removeEventListener('visibilitychange', onShown);
      if (timer !== null) clearTimeout(timer);
    };
  }, [query]);
  return changes;
}
