import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError } from '../../../contract/errors.ts';

export interface Limit {
  /** What is late, for the message. */
  readonly what: string;
  readonly clock: Clock;
  readonly withinMs: number;
  readonly parent: AbortSignal | null;
  /** Takes away what the work waits for, so that it ends. */
  cut(): void;
}

/** Work that is over in time, or is cut off and then awaited. @throws GatehouseError NO_SESSION when it was cut off */
export async function within({ what, clock, withinMs, parent, cut }: Limit, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const aborter = new AbortController();
  const abort = (): void => {
    aborter.abort();
    cut();
  };
  const cancel = clock.after(withinMs, abort);
  parent?.addEventListener('abort', abort, { once: true });
  if (parent?.aborted === true) abort();
  try {
    await work(aborter.signal);
  } catch (error) {
    if (!aborter.signal.aborted) throw error;
    const why = parent?.aborted === true ? 'was cut off, the gateway is stopping' : `was not done within ${withinMs} ms`;
    throw new GatehouseError('NO_SESSION', `${what} ${why}`, { cause: error });
  } finally {
    cancel();
    parent?.removeEventListener('abort', abort);
  }
}
