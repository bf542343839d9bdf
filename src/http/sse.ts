import { type FastifyReply } from 'fastify';
import { once } from 'node:events';

const heartbeatMs = 15_000;

export interface Entry {
  readonly id: number;
  readonly data: string;
}

export interface Source {
  /** Entries after a position, oldest first. */
  page(after: number): Promise<readonly Entry[]>;
  /** Calls back when there may be more. The answer unsubscribes. */
  onMore(listener: () => void): () => void;
}

/**
 * Server-sent events from a log: resumable by position, never further ahead than the reader reads. Resolves when the reader has gone.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function stream(reply: FastifyReply, source: Source, from: number): Promise<void> {
  const { raw } = reply;
  reply.hijack();
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  raw.write(': open\n\n');
  let more: () => void = () => undefined;
  let waiting = new Promise<void>((resolve) => (more = resolve));
  const unsubscribe = source.onMore(() => more());
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs);
  raw.on('close', () => more());
  try {
    for (let after = from; !raw.destroyed;) {
      const entries = await source.page(after);
      for (const { id, data } of entries) {
        after = id;
        if (!raw.write(`id: ${id}\ndata: ${data}\n\n`) && !raw.destroyed) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
      }
      if (entries.length > 0) continue;
      await waiting;
      waiting = new Promise<void>((resolve) => (more = resolve));
    }
  } finally {
    clearInterval(heartbeat);
    unsubscribe();
    raw.end();
  }
}

/** Where to go on: the header of a reconnecting reader, or the query of a new one. */
export function resumePoint(header: string | string[] | undefined, query: string | undefined): number | null {
  const text = typeof header === 'string' ? header : query;
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}
