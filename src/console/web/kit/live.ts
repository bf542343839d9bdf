import { signal } from '@preact/signals';
import { Refused, ask } from './api.ts';

const firstRetryMs = 250;
const maxRetryMs = 5_000;

/** Whether what is shown follows the gateway: `live`, `connecting` for the first time, or `lost` and tried again. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

export interface Entry {
  readonly id: number;
  readonly data: string;
}

/**
 * Follows an event stream of the gateway from a position on. After a lost connection it goes on behind the last entry that it had, so that
 * a gateway that is started again costs nothing but the wait. `EventSource` cannot send a token. Ends at the signal.
 * @throws Refused when the gateway will not stream to this caller
 */
export async function follow(
  path: string,
  after: number | null,
  onEntries: (entries: readonly Entry[]) => void,
  signalled: AbortSignal,
): Promise<void> {
  let last = after;
  for (let waitMs = firstRetryMs; !signalled.aborted; waitMs = Math.min(maxRetryMs, waitMs * 2)) {
    try {
      const separator = path.includes('?') ? '&' : '?';
      const response = await ask(last === null ? path : `${path}${separator}after=${last}`, { signal: signalled });
      connection.value = 'live';
      waitMs = firstRetryMs;
      for await (const entries of entriesOf(response)) {
        last = entries.at(-1)?.id ?? last;
        const told = entries.filter(({ data }) => data !== '');
        if (told.length > 0) onEntries(told);
      }
    } catch (error) {
      if (error instanceof Refused && error.status < 500) throw error;
    }
    if (signalled.aborted) return;
    connection.value = 'lost';
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** What came in one piece of the stream, together: one rendering for all of it. Without data it says only how far the gateway has looked. */
async function* entriesOf(response: Response): AsyncGenerator<readonly Entry[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return;
    const blocks = (rest + piece.value).split('\n\n');
    rest = blocks.pop() ?? '';
    const entries = blocks.flatMap((block) => {
      const id = /^id: (\d+)$/m.exec(block)?.[1];
      return id === undefined ? [] : [{ id: Number(id), data: /^data: (.*)$/m.exec(block)?.[1] ?? '' }];
    });
    if (entries.length > 0) yield entries;
  }
}
