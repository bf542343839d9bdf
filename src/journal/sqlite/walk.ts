import { type Condition, valuesFor } from './conditions.ts';
import type { Database } from './database.ts';
import type { Plan } from './search-plan.ts';
import type { Range } from './time-marks.ts';
import type { WayIn } from './ways-in.ts';

/** Rows that are looked at in one piece. */
export const longestChunk = 2_000;

export interface Walked {
  readonly found: readonly number[];
  /** Where it stopped because it had looked at enough; null when it came to the end. */
  readonly reached: number | null;
}

/** The newest of a plan below a sequence, having looked at no more than `rows`. */
export function walk(db: Database, { ways, range, rest }: Plan, { below, limit, rows }: { below: number; limit: number; rows: number }): Walked {
  const merged = new Merged(ways, { low: range.low, high: Math.min(range.high, below - 1) });
  const found: number[] = [];
  for (let looked = 0, size = Math.max(64, limit); looked < rows; size = Math.min(size * 2, longestChunk)) {
    const wanted = Math.min(rest === null ? limit - found.length : size, rows - looked);
    const chunk = merged.take(wanted);
    looked += chunk.length;
    found.push(...(rest === null ? chunk : fitting(db, chunk, rest)));
    if (found.length >= limit) return { found: found.slice(0, limit), reached: null };
    if (chunk.length < wanted) return { found, reached: null };
    if (looked >= rows) return { found, reached: chunk.at(-1) ?? null };
  }
  return { found, reached: null };
}

const fitting = (db: Database, seqs: readonly number[], rest: Condition): readonly number[] =>
  seqs.length === 0
    ? []
    : db
        .all<{ seq: number }>(
          `SELECT t.seq FROM translation t WHERE t.seq IN (SELECT value FROM json_each(?)) AND ${rest.sql} ORDER BY t.seq DESC`,
          JSON.stringify(seqs),
          ...valuesFor(rest, seqs),
        )
        .map(({ seq }) => seq);

interface Head {
  readonly way: WayIn;
  readonly low: number;
  high: number;
  waiting: readonly number[];
  at: number;
  ended: boolean;
}

/** Several ways as one, in order, each sequence once. */
class Merged {
  readonly #heads: Head[];
  #last = Number.POSITIVE_INFINITY;

  constructor(ways: readonly WayIn[], { low, high }: Range) {
    this.#heads = ways.map((way) => ({ way, waiting: [], at: 0, low, high, ended: false }));
  }

  take(wanted: number): number[] {
    const size = Math.max(16, Math.ceil(wanted / Math.max(1, this.#heads.length)));
    const taken: number[] = [];
    while (taken.length < wanted) {
      let best: Head | null = null;
      for (const head of this.#heads) {
        if (head.at >= head.waiting.length && !head.ended) {
          head.waiting = head.way.next(head, size);
          head.at = 0;
          head.ended = head.waiting.length < size;
          head.high = (head.waiting.at(-1) ?? 0) - 1;
        }
        if (head.at < head.waiting.length && (best === null || (head.waiting[head.at] ?? 0) > (best.waiting[best.at] ?? 0))) best = head;
      }
      if (best === null) break;
      const seq = best.waiting[best.at] ?? 0;
      best.at += 1;
      if (seq < this.#last) taken.push((this.#last = seq));
    }
    return taken;
  }
}
