import { GatehouseError } from '../../contract/errors.ts';
import { type Logged, type Spooled, Spool } from '../../contract/spool.ts';
import { type Database } from './database.ts';
import { deleteEvent } from './finals.ts';
import { type Ledger, readEvent } from './ledger.ts';
import { publishRow } from './outbox.ts';
import { type Writer } from './writer.ts';

/** Queues and log of the embedded bus, in the journal's own file and commits (rule 33). */
export class SqliteSpool extends Spool {
  readonly #db: Database;
  readonly #writer: Writer;
  readonly #ledger: Ledger;
  readonly #listeners = new Set<() => void>();
  #added = false;

  constructor(db: Database, writer: Writer, ledger: Ledger) {
    super();
    this.#db = db;
    this.#writer = writer;
    this.#ledger = ledger;
  }

  handOver(outboxSeq: number, queues: readonly string[], nowMs: number): Promise<void> {
    return this.#writer.write((db) => {
      const event = db.get<{ event: number }>("SELECT event FROM outbox WHERE seq = ? AND state = 'pending'", outboxSeq)?.event;
      if (event === undefined) return;
      for (const queue of queues) db.run('INSERT INTO spool_queue (queue, event) VALUES (?, ?)', queue, event);
      db.run('INSERT INTO spool_log (event, at) VALUES (?, ?)', event, nowMs);
      // Last: it may make the translation final, and what is final drops the bodies that nobody needs.
      publishRow(db, this.#ledger, outboxSeq, queues.length > 0, nowMs);
      this.#added = true;
    });
  }

  async bind(queue: string, patterns: readonly string[]): Promise<void> {
    await this.#writer.write((db) => db.run('INSERT OR REPLACE INTO spool_binding VALUES (?, ?)', queue, JSON.stringify(patterns)));
  }

  async bindings(): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = this.#db.all<{ queue: string; patterns: string }>('SELECT queue, patterns FROM spool_binding');
    return new Map(rows.map(({ queue, patterns }) => [queue, JSON.parse(patterns) as string[]]));
  }

  async fetch(queue: string, afterSeq: number, limit: number): Promise<readonly Spooled[]> {
    return this.#db
      .all<{ seq: number; event: number }>(
        'SELECT seq, event FROM spool_queue WHERE queue = ? AND seq > ? ORDER BY seq LIMIT ?',
        queue,
        afterSeq,
        limit,
      )
      .flatMap(({ seq, event }) => {
        const found = readEvent(this.#db, this.#ledger, event);
        return found === null ? [] : [{ seq, event: found }];
      });
  }

  async depth(queue: string, atMost: number): Promise<number> {
    const last = 'SELECT seq FROM spool_queue INDEXED BY spool_queue_queue WHERE queue = ? ORDER BY seq LIMIT 1 OFFSET ?';
    const upTo = this.#db.get<{ seq: number }>(last, queue, atMost)?.seq ?? Number.MAX_SAFE_INTEGER;
    const counted = 'SELECT count(*) AS count FROM spool_queue INDEXED BY spool_queue_queue WHERE queue = ? AND seq < ?';
    return this.#db.get<{ count: number }>(counted, queue, upTo)?.count ?? 0;
  }

  remove(_queue: string, seqs: readonly number[]): Promise<void> {
    return this.#writer.write((db) => {
      for (const seq of seqs) {
        const event = db.get<{ event: number }>('SELECT event FROM spool_queue WHERE seq = ?', seq)?.event;
        db.run('DELETE FROM spool_queue WHERE seq = ?', seq);
        if (event !== undefined) deleteEvent(db, event);
      }
    });
  }

  async log(after: number, limit: number): Promise<readonly Logged[]> {
    const first = this.#db.get<{ first: number | null }>('SELECT min(position) AS first FROM spool_log')?.first ?? null;
    const end = await this.logEnd();
    if (after < (first ?? end + 1) - 1 && after > 0)
      throw new GatehouseError('NOT_FOUND', `the log of published events begins at position ${first ?? end + 1}; ${after} is older`);
    return this.#db
      .all<{ position: number; event: number }>('SELECT position, event FROM spool_log WHERE position > ? ORDER BY position LIMIT ?', after, limit)
      .flatMap(({ position, event }) => {
        const found = readEvent(this.#db, this.#ledger, event);
        return found === null ? [] : [{ position, event: found }];
      });
  }

  async logEnd(): Promise<number> {
    return this.#db.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'spool_log'")?.seq ?? 0;
  }

  onAdded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Told by the writer after each commit. */
  committed(): void {
    if (!this.#added) return;
    this.#added = false;
    for (const listener of this.#listeners) listener();
  }
}
