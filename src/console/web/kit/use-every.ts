import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Raised every `ms` while the page is looked at, and at once when it is looked at again. */
export function useEvery(ms: number): Signal<number> {
  const count = useSignal(0);
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === 'visible') count.value += 1;
    };
    const timer = setInterval(look, ms);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [ms]);
  return count;
}
