import { HttpException } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { type Caller } from './access.guard.ts';

const heartbeatMs = 15_000;
/** Each asks the journal when something changes: enough for the tabs of a team that shares a token, and not for a program that forgets to close them. */
const mostStreams = 200;
/** How many each caller has open, by server. */
const opened = new WeakMap<object, Map<string, number>>();

export interface Entry {
  readonly id: number;
  readonly data: string;
}

export interface Source {
  /** Entries after a position, oldest first; or with how far it looked, where entries are left out. */
  page(after: number): Promise<readonly Entry[] | { readonly entries: readonly Entry[]; readonly reached: number }>;
  /** Calls back when there may be more. The answer unsubscribes. */
  onMore(listener: () => void): () => void;
}

/**
 * Server-sent events from a log: resumable by position, never further ahead than the reader reads. Resolves when the reader has gone.
 * @throws HttpException 429 when the caller has too many of them
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function stream(reply: FastifyReply, source: Source, from: number): Promise<void> {
  const { raw } = reply;
  const close = counted(reply);
  reply.hijack();
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  // Nobody is told of an entry without data, but where the reader is: one that reconnects asks for what came after.
  raw.write(`: open\n\nid: ${from}\n\n`);
  let more: () => void = () => undefined;
  let waiting = new Promise<void>((resolve) => (more = resolve));
  const unsubscribe = source.onMore(() => more());
  let after = from;
  const heartbeat = setInterval(() => raw.write(`: still here\n\nid: ${after}\n\n`), heartbeatMs);
  raw.on('close', () => more());
  try {
    while (!raw.destroyed) {
      const before = after;
      const page = await source.page(after);
      const { entries, reached } = 'reached' in page ? page : { entries: page, reached: page.at(-1)?.id ?? after };
      for (const { id, data } of entries) {
        after = id;
        await write(raw, `id: ${id}\ndata: ${data}\n\n`);
      }
      after = Math.max(after, reached);
      if (after > before) continue;
      await waiting;
      waiting = new Promise<void>((resolve) => (more = resolve));
    }
  } finally {
    clearInterval(heartbeat);
    unsubscribe();
    raw.end();
    close();
  }
}

/** Counts the stream for its caller. The answer takes it away. */
function counted({ server, request }: FastifyReply): () => void {
  const name = (request as { caller?: Caller }).caller?.name ?? '';
  const counts = opened.get(server) ?? new Map<string, number>();
  opened.set(server, counts);
  const count = counts.get(name) ?? 0;
  if (count >= mostStreams) throw new HttpException(`${name} has ${count} streams open; close some, or use another token`, 429);
  counts.set(name, count + 1);
  return () => counts.set(name, (counts.get(name) ?? 1) - 1);
}

async function write(raw: ServerResponse, text: string): Promise<void> {
  if (!raw.write(text) && !raw.destroyed) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
}

/** Where to go on: the header of a reconnecting reader, or the query of a new one. */
export function resumePoint(header: string | string[] | undefined, query: string | undefined): number | null {
  const text = typeof header === 'string' ? header : query;
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}
