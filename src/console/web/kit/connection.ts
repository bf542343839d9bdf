import { effect, signal } from '@preact/signals';

const againMs = 2_000;

/** Whether the gateway answers: `connecting` until it has for the first time, or `lost`; then it is asked until it does. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** Asks the gateway whether it is there. */
export async function lookForGateway(): Promise<void> {
  try {
    const { ok } = await fetch('/health/live', { credentials: 'omit', cache: 'no-store' });
    if (ok) connection.value = 'live';
  } catch {
    connection.value = 'lost';
  }
}

// Not every page follows a stream or asks again: without this, one would stay lost.
effect(() => {
  if (connection.value !== 'lost') return undefined;
  const timer = setInterval(() => void lookForGateway(), againMs);
  return () => clearInterval(timer);
});
