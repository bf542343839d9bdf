import { Refused, ask } from './api.ts';
import { connection } from './connection.ts';

const firstRetryMs = 250;
const maxRetryMs = 5_000;

export interface Entry {
  readonly id: number;
  readonly data: string;
}

interface Block {
  readonly id: number;
  /** Null where only the position is told. */
  readonly entry: Entry | null;
}

/** Whoever comes back to a tab after longer reads again what they see, and not all that was. */
const staleMs = 30_000;

/** Three heartbeats of the gateway: a line that is silent for longer is dead, whatever the system says of it. */
const silentMs = 45_000;

/**
 * Follows an event stream of the gateway from a position on. After a lost connection it goes on behind the last entry that it had, so that
 * a gateway that is started again costs nothing but the wait. A tab that nobody looks at has no stream: a browser opens six connections to
 * a gateway, for all its tabs. `onOpen`: the stream stands; `anew` when it begins after a gap. `EventSource` cannot send a token. Ends at
 * the signal.
 * @throws Refused when the gateway will not stream to this caller
 */
export async function follow(
  path: string,
  after: number | null,
  onEntries: (entries: readonly Entry[]) => void,
  signalled: AbortSignal,
  onOpen: (anew: boolean) => void = () => undefined,
): Promise<void> {
  let last = after;
  let anew = true;
  let onlyHidden = false;
  for (let waitMs = firstRetryMs; !signalled.aborted; waitMs = Math.min(maxRetryMs, waitMs * 2)) {
    const unseenMs = await seen(signalled);
    if (unseenMs > staleMs) [last, anew] = [after, true];
    const nothingMissed = onlyHidden && !anew && last !== null;
    onlyHidden = false;
    const hidden = new AbortController();
    const stopWatching = onHidden(() => hidden.abort());
    try {
      const separator = path.includes('?') ? '&' : '?';
      const signal = AbortSignal.any([signalled, hidden.signal]);
      const response = await ask(last === null ? path : `${path}${separator}after=${last}`, { signal });
      connection.value = 'live';
      waitMs = firstRetryMs;
      if (!nothingMissed) onOpen(anew);
      anew = false;
      for await (const blocks of blocksOf(response)) {
        last = blocks.at(-1)?.id ?? last;
        const entries = blocks.flatMap(({ entry }) => entry ?? []);
        if (entries.length > 0) onEntries(entries);
      }
    } catch (error) {
      if (error instanceof Refused && error.status < 500 && error.status !== 429) throw error;
    } finally {
      stopWatching();
    }
    if (signalled.aborted) return;
    onlyHidden = hidden.signal.aborted && connection.peek() === 'live';
    if (hidden.signal.aborted) continue;
    connection.value = 'lost';
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

function onHidden(call: () => void): () => void {
  const look = (): void => void (document.hidden && call());
  document.addEventListener('visibilitychange', look);
  return () => document.removeEventListener('visibilitychange', look);
}

/** Waits until somebody looks at the tab, or the signal. Resolves with how long that took, ms. */
async function seen(signalled: AbortSignal): Promise<number> {
  const since = performance.now();
  while (document.hidden && !signalled.aborted)
    await new Promise((resolve) => {
      document.addEventListener('visibilitychange', resolve, { once: true });
      signalled.addEventListener('abort', resolve, { once: true });
    });
  return performance.now() - since;
}

/** What came in one piece of the stream, together: one rendering for all of it. */
async function* blocksOf(response: Response): AsyncGenerator<readonly Block[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const piece = await within(silentMs, reader?.read());
      if (piece === undefined || piece.done) return;
      const texts = (rest + piece.value).split('\n\n');
      rest = texts.pop() ?? '';
      const blocks = texts.flatMap(blockOf);
      if (blocks.length > 0) yield blocks;
    }
  } finally {
    reader?.cancel().catch(() => undefined);
  }
}

function blockOf(text: string): Block[] {
  const id = /^id: (\d+)$/m.exec(text)?.[1];
  if (id === undefined) return [];
  const data = /^data: (.*)$/m.exec(text)?.[1];
  return [{ id: Number(id), entry: data === undefined ? null : { id: Number(id), data } }];
}

/** Undefined when it takes longer. */
async function within<T>(ms: number, work: Promise<T> | undefined): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
