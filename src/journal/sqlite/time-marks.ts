import type { Database } from './database.ts';
import type { Ledger } from './ledger.ts';

/** As in the migration that filled the table. */
const spanMs = 600_000;
const spanOf = (ms: number): number => Math.floor(ms / spanMs);

/** Sequences, from inclusive, to inclusive. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export const everything: Range = { low: 0, high: Number.MAX_SAFE_INTEGER };

/** Notes where in the sequence another ten minutes begin. The clock may go back: then there are two places, and none is lost. */
export function markTime(db: Database, ledger: Ledger, seq: number, receivedMs: number): void {
  const span = spanOf(receivedMs);
  if (span === ledger.timeSpan) return;
  db.run('INSERT OR REPLACE INTO time_mark VALUES (?, ?)', seq, span);
  ledger.timeSpan = span;
}

/** Where in the sequence everything is that arrived from `fromMs` to before `toMs`; other things may be there too. */
export function rangeOf(db: Database, fromMs: number | undefined, toMs: number | undefined): Range {
  if (fromMs === undefined && toMs === undefined) return everything;
  const found = db.get<{ low: number | null; last: number | null }>(
    'SELECT min(seq) AS low, max(seq) AS last FROM time_mark INDEXED BY time_mark_span WHERE span >= ? AND span <= ?',
    fromMs === undefined ? Number.MIN_SAFE_INTEGER : spanOf(fromMs),
    toMs === undefined ? Number.MAX_SAFE_INTEGER : spanOf(toMs),
  );
  if (found?.low === undefined || found.low === null || found.last === null) return { low: 1, high: 0 };
  const next = db.get<{ seq: number }>('SELECT seq FROM time_mark WHERE seq > ? ORDER BY seq LIMIT 1', found.last)?.seq;
  return { low: found.low, high: next === undefined ? everything.high : next - 1 };
}

/** Marks of what retention has deleted, but for the one that what is left begins with. */
export function sweepTimeMarks(db: Database): void {
  db.run(
    `DELETE FROM time_mark WHERE seq < (
      SELECT seq FROM time_mark WHERE seq <= (SELECT min(seq) FROM translation) ORDER BY seq DESC LIMIT 1
    )`,
  );
}
