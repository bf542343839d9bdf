/** Lists and searches over many rows seeded through the port, against one look-up by index; and the price of an event as the journal grows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultGrouping } from '../../src/contract/groups.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { arrival, leaving } from '../contracts/journal.contract.ts';

export interface GrowthPoint {
  readonly rows: number;
  readonly usPerEvent: number;
  readonly rssMb: number;
}

export interface MillionResult {
  readonly rows: number;
  readonly growth: readonly GrowthPoint[];
  /** Milliseconds, median of 20. */
  readonly lookupMs: number;
  readonly searches: Readonly<Record<string, { readonly ms: number; readonly vsLookup: number }>>;
}

const pageSize = 500;

export async function runMillion(rows: number, say: (text: string) => void): Promise<MillionResult> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const { journal } = await openSqliteJournal(
    Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 }),
    new SystemClock(),
  );
  try {
    await journal.recover([{ system: 'crm', operation: 'book' }]);
    const growth: GrowthPoint[] = [];
    const step = Math.max(pageSize, Math.round(rows / 10));
    let began = performance.now();
    for (let n = 0; n < rows; n += pageSize) {
      const arrivals = Array.from({ length: pageSize }, (_, i) =>
        arrival(`e${n + i}`, { businessKey: `B${(n + i) % 50_000}`, digest: `d${n + i}`, begin: true }),
      );
      const received = await Promise.all(arrivals.map((each) => journal.receive([each], { nowMs: 1_000 + n, build: 'bench' })));
      await Promise.all(
        received.flat().map(async ({ started }, i) => {
          if (started === undefined) return;
          const call = leaving(started);
          const seq = await journal.leave(started, call, 1_000);
          void journal.called(
            started,
            seq,
            call,
            { state: 'answered', answer: { ok: true } },
            [{ kind: 'sent', atMs: 1, media: 'text/plain', bytes: Buffer.from('x'.repeat(300)) }],
            1_000,
          );
          if ((n + i) % 1_000 === 7) await journal.park(started, { code: 'DEFECT', message: 'x' }, 1_000);
          else await journal.answered(started, [], 1_000);
        }),
      );
      if ((n + pageSize) % step < pageSize) {
        const usPerEvent = ((performance.now() - began) * 1_000) / step;
        growth.push({ rows: n + pageSize, usPerEvent, rssMb: process.memoryUsage().rss / 1_048_576 });
        say(`${n + pageSize} journaled, ${usPerEvent.toFixed(0)} µs each, ${(process.memoryUsage().rss / 1_048_576).toFixed(0)} MB`);
        began = performance.now();
      }
    }
    const time = async (work: () => Promise<unknown>): Promise<number> => {
      const times: number[] = [];
      for (let n = 0; n < 20; n += 1) {
        const start = performance.now();
        await work();
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[10] ?? 0;
    };
    const lookupMs = await time(() => journal.reader.list({ eventId: `e${Math.floor(rows / 2)}` }, { limit: 1 }));
    const middle = Math.floor(rows / 2);
    const searches: Record<string, () => Promise<unknown>> = {
      newest: () => journal.reader.list({}, { limit: 50 }),
      'page in the middle': () => journal.reader.list({}, { limit: 50, before: middle }),
      'by system': () => journal.reader.list({ system: 'crm' }, { limit: 50 }),
      'by type': () => journal.reader.list({ type: 't.v1' }, { limit: 50 }),
      'by business key': () => journal.reader.list({ businessKey: 'B77' }, { limit: 50 }),
      'by correlation': () => journal.reader.list({ correlation: `e${middle}` }, { limit: 50 }),
      'by code': () => journal.reader.list({ code: 'DEFECT' }, { limit: 50 }),
      parked: () => journal.reader.list({ states: ['parked'] }, { limit: 50 }),
      published: () => journal.reader.list({ states: ['published'] }, { limit: 50 }),
      groups: () => journal.reader.groups(defaultGrouping, null),
    };
    const result: Record<string, { ms: number; vsLookup: number }> = {};
    for (const [name, search] of Object.entries(searches)) {
      const ms = await time(search);
      result[name] = { ms, vsLookup: ms / lookupMs };
    }
    return { rows, growth, lookupMs, searches: result };
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
