import { GatehouseError } from '../../contract/errors.ts';
import { type Database } from './database.ts';
import { type Ledger } from './ledger.ts';

/** @see https://www.sqlite.org/rescode.html */
const sqliteFull = 13;
const groupBudgetMs = 8;

interface Queued {
  readonly record: (db: Database) => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  /** May use the reserve: what must still be recorded when there is no room. */
  readonly vital: boolean;
}

export interface WriterOptions {
  readonly ledger: Ledger;
  /** No room: refuse what is not vital until there is. */
  full(): void;
  isFull(): boolean;
  /** A commit failed for another reason than room: nothing more can be promised. */
  fatal(error: GatehouseError): void;
  committed(): void;
}

/** A record of a group that was tried without savepoints has failed. */
const oneFailed = Symbol('one of the group failed');

/**
 * Commits together whatever was asked for in one turn of the event loop. A record that fails is rolled back and rejects alone; a commit
 * that fails rejects the whole group. Nearly every group goes well, and a savepoint makes SQLite copy each page that a record touches: so
 * a group is tried without them, and only when one fails is all of it rolled back and done again with a savepoint for each.
 */
export class Writer {
  readonly #db: Database;
  readonly #options: WriterOptions;
  #queue: Queued[] = [];
  #scheduled = false;
  #broken: GatehouseError | null = null;
  #idle: (() => void)[] = [];

  constructor(db: Database, options: WriterOptions) {
    this.#db = db;
    this.#options = options;
  }

  /** Runs `record` in the next commit; resolves after it. Records take effect in the order of the calls. */
  write<T>(record: (db: Database) => T, vital = true): Promise<T> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    if (!vital && this.#options.isFull()) return Promise.reject(new GatehouseError('JOURNAL_FULL', 'the journal has no room left'));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ record, resolve, reject, vital });
      this.#schedule();
    });
  }

  /** Resolves when nothing is queued. */
  async drain(): Promise<void> {
    if (this.#queue.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Commits what is queued and takes no more. */
  async close(): Promise<void> {
    while (this.#queue.length > 0) await this.drain();
    this.#broken ??= new GatehouseError('STOPPING', 'the journal is closed');
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#commitGroup();
      if (this.#queue.length > 0) this.#schedule();
      else for (const idle of this.#idle.splice(0)) idle();
    });
  }

  #commitGroup(): void {
    const group: Queued[] = [];
    const done: (() => void)[] = [];
    const { ledger } = this.#options;
    try {
      try {
        this.#transact(group, (queued) => done.push(this.#plainly(queued)));
      } catch (error) {
        if (error !== oneFailed) throw error;
        this.#rollBack();
        group.length = done.length = 0;
        this.#transact(group, (queued) => done.push(this.#atSavepoint(queued)));
      }
      ledger.counts.write(this.#db);
      this.#db.run('COMMIT');
      ledger.counts.committed();
      this.#queue.splice(0, group.length);
    } catch (error) {
      this.#failGroup(error, group);
      return;
    }
    for (const settle of done) settle();
    this.#options.committed();
  }

  /** Runs the oldest records in one transaction, for as long as a turn may take; those it ran are in `group`. */
  #transact(group: Queued[], run: (queued: Queued) => void): void {
    this.#db.run('BEGIN IMMEDIATE');
    this.#checkEpoch();
    const untilMs = performance.now() + groupBudgetMs;
    for (const queued of this.#queue) {
      if (group.length > 0 && performance.now() >= untilMs) break;
      group.push(queued);
      run(queued);
    }
  }

  /** @returns what to do once the group is durable @throws oneFailed */
  #plainly({ record, resolve }: Queued): () => void {
    try {
      const value = record(this.#db);
      return () => resolve(value as never);
    } catch {
      throw oneFailed;
    }
  }

  /** @returns what to do once the group is durable */
  #atSavepoint({ record, resolve, reject }: Queued): () => void {
    const { ledger } = this.#options;
    const mark = ledger.mark();
    this.#db.run('SAVEPOINT record');
    try {
      const value = record(this.#db);
      this.#db.run('RELEASE record');
      return () => resolve(value as never);
    } catch (error) {
      // SQLite has rolled the whole transaction back by itself: there is no savepoint to return to.
      if (!this.#db.raw.isTransaction) throw error;
      this.#db.run('ROLLBACK TO record');
      this.#db.run('RELEASE record');
      ledger.undo(mark);
      if (codeOf(error) !== null && (codeOf(error) as number) % 256 !== 19) throw error;
      return () => reject(error);
    }
  }

  #rollBack(): void {
    if (this.#db.raw.isTransaction) this.#db.exec('ROLLBACK');
    this.#options.ledger.undo(0);
  }

  #checkEpoch(): void {
    const epoch = this.#db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'epoch'")?.value;
    if (epoch !== this.#options.ledger.epoch)
      throw new GatehouseError('STALE_EPOCH', `the journal is at epoch ${epoch}, this process at ${this.#options.ledger.epoch}`);
  }

  #failGroup(error: unknown, group: readonly Queued[]): void {
    this.#rollBack();
    this.#queue = this.#queue.filter((queued) => !group.includes(queued));
    if (codeOf(error) === sqliteFull && !this.#options.isFull()) {
      // The reserve is free now: once more, for what is vital (rule 28).
      this.#options.full();
      const refused = new GatehouseError('JOURNAL_FULL', 'the journal has no room left', { cause: error });
      // What came behind a refused delivery is refused too: it would overtake it.
      const left = [...group, ...this.#queue];
      for (const queued of left) if (!queued.vital) queued.reject(refused);
      this.#queue = left.filter((queued) => queued.vital);
      return;
    }
    const failure =
      error instanceof GatehouseError
        ? error
        : new GatehouseError(codeOf(error) === sqliteFull ? 'JOURNAL_FULL' : 'JOURNAL_BROKEN', `a commit failed: ${(error as Error).message}`, {
            cause: error,
          });
    if (failure.code !== 'JOURNAL_FULL') {
      this.#broken = failure;
      group = [...group, ...this.#queue.splice(0)];
    }
    for (const queued of group) queued.reject(failure);
    if (failure.code === 'JOURNAL_BROKEN') this.#options.fatal(failure);
  }
}

/** The result code of an SQLite error; null for anything else. */
function codeOf(error: unknown): number | null {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : null;
  return typeof code === 'number' ? code : null;
}
