/** What the gateway's thread feels while somebody looks at a story of very large bodies: masked there, and in the reader's thread. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Sights } from '../../src/console/sight.ts';
import { type Telling, tell } from '../../src/console/story.teller.ts';
import { storyOf } from '../../src/contract/journal-reader.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { arrival, leaving } from '../contracts/journal.contract.ts';

export interface StoryBench {
  readonly bodies: number;
  readonly bodyMb: number;
  readonly ways: Readonly<Record<string, { readonly ms: number; readonly longestDelayMs: number; readonly listMostMs: number }>>;
}

const bodies = 5;
const bodyMb = 20;
const patients = 2_000;
const known = [{ system: 'crm', operation: 'book' }];
const sights: Sights = new Map([
  ['crm book', { acceptsType: 't.v1', accepts: new Set(['patient']), replies: new Map(), key: false, businessKey: false }],
]);

/** An event of so many megabytes, and as many again in each of the native parts. */
export async function runStory(say: (text: string) => void): Promise<StoryBench> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const settings = { path: join(folder, 'journal.db'), reserveBytes: 0, evidenceMaxBytes: 64 * 1_048_576 };
  const { journal } = await openSqliteJournal(Object.assign(new JournalSettings(), settings), new SystemClock());
  try {
    await journal.recover(known);
    const name = (n: number): string => `Patient ${(n * 7_919).toString(36)} of ward ${n}`;
    const event = JSON.stringify({
      rows: Array.from({ length: patients }, (_, n) => ({ patient: name(n), notes: 'x'.repeat((bodyMb * 1_048_576) / patients - 60) })),
    });
    const native = Buffer.from(
      Array.from({ length: patients }, (_, n) => `<row><name>${name(n)}</name>${'y '.repeat((bodyMb * 1_048_576) / patients / 2 - 40)}</row>`).join(
        '\n',
      ),
    );
    const [received] = await journal.receive([arrival('large', { begin: true, data: event })], { nowMs: 1_000, build: 'bench' });
    if (received?.started === undefined) throw new Error('not started');
    const call = leaving(received.started);
    const seq = await journal.leave(received.started, call, 1_000);
    const parts = Array.from({ length: bodies - 1 }, (_, n) => ({
      kind: n % 2 === 0 ? ('sent' as const) : ('received' as const),
      atMs: 1,
      media: 'text/xml',
      bytes: native,
    }));
    await journal.called(received.started, seq, call, { state: 'answered', answer: { ok: true } }, parts, 1_000);
    await journal.answered(received.started, [], 1_000);
    const { reader } = journal;
    const given: Telling = { sights, upTo: 200_000 };
    const module = new URL('../../src/console/story.teller.js', import.meta.url).href;
    const asks: Record<string, () => Promise<unknown>> = {
      'nobody looks': () => new Promise((resolve) => setTimeout(resolve, 2_000)),
      "masked in the reader's": () => reader.told(received.id, { module, given }),
      // Last: it leaves garbage to this thread.
      'masked on this thread': async () => tell(await storyOf(reader, received.id), given),
    };
    const ways: Record<string, { ms: number; longestDelayMs: number; listMostMs: number }> = {};
    // Starts the threads.
    await Promise.all([reader.list({}, { limit: 1 }), reader.story('000000')]);
    for (const [way, ask] of Object.entries(asks)) {
      ways[way] = await beside(ask, () => reader.list({}, { limit: 50 }));
      const { ms, longestDelayMs, listMostMs } = ways[way];
      say(`${way}: ${ms} ms; this thread stood still for ${longestDelayMs} ms at most, a list took ${listMostMs} ms at most`);
    }
    return { bodies, bodyMb, ways };
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The longest that the thread stood still, and that a question took which is asked again and again meanwhile. */
export async function beside(
  work: () => Promise<unknown>,
  ask: () => Promise<unknown>,
): Promise<{ ms: number; longestDelayMs: number; listMostMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const state = { over: false };
  let listMostMs = 0;
  const asking = (async () => {
    while (!state.over) {
      const fromMs = performance.now();
      await ask();
      listMostMs = Math.max(listMostMs, performance.now() - fromMs);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  delay.enable();
  const fromMs = performance.now();
  await work();
  const ms = performance.now() - fromMs;
  state.over = true;
  await asking;
  delay.disable();
  return { ms: Math.round(ms), longestDelayMs: Math.round(delay.max / 1e6), listMostMs: Math.round(listMostMs) };
}
