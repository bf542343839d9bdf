import { type Tally } from '../../contract/journal.ts';
import { type Database } from './database.ts';

/** Where a translation stands, as far as it is counted. */
export interface Placed {
  readonly system: string;
  readonly operation: string;
  readonly state: string;
  readonly ready: number;
  readonly waiting: string | null;
}

interface Count {
  readonly system: string;
  readonly operation: string;
  readonly state: Tally['state'];
  readonly detail: Tally['detail'];
  n: number;
}

/**
 * How many translations stand where: kept in memory, written with the commit that changes them, once a commit and not once a row. Triggers
 * would do the same, and make SQLite copy every page that a statement touches, for the case that the trigger fails.
 */
export class Counts {
  readonly #counts = new Map<string, Count>();
  /** What the open transaction has changed, in order. */
  readonly #changes: { readonly count: Count; readonly by: number }[] = [];

  constructor(db: Database) {
    for (const { system, operation, state, detail, n } of db.all<Count>('SELECT * FROM tally')) this.#at(system, operation, state, detail).n = n;
  }

  add(placed: Placed, by = 1): void {
    const { system, operation, state, ready, waiting } = placed;
    const detail = state === 'received' && ready === 0 ? 'behind' : (waiting ?? '');
    const count = this.#at(system, operation, state as Tally['state'], detail as Tally['detail']);
    count.n += by;
    this.#changes.push({ count, by });
  }

  /** A translation goes from where it stood to `change`. */
  move(from: Placed, change: Pick<Placed, 'state'> & Partial<Placed>): void {
    this.add(from, -1);
    this.add({ system: from.system, operation: from.operation, ready: 0, waiting: null, ...change });
  }

  #at(system: string, operation: string, state: Tally['state'], detail: Tally['detail']): Count {
    const key = `${system}\0${operation}\0${state}\0${detail}`;
    let count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, (count = { system, operation, state, detail, n: 0 }));
    return count;
  }

  mark(): number {
    return this.#changes.length;
  }

  /** Takes back what was changed since `mark`. */
  undo(mark: number): void {
    for (const { count, by } of this.#changes.splice(mark)) count.n -= by;
  }

  /** Last before a commit. */
  write(db: Database): void {
    if (this.#changes.length === 0) return;
    for (const { system, operation, state, detail, n } of new Set(this.#changes.map(({ count }) => count)))
      db.run('INSERT OR REPLACE INTO tally VALUES (?, ?, ?, ?, ?)', system, operation, state, detail, n);
  }

  /** The transaction is durable: nothing of it is taken back any more. */
  committed(): void {
    this.#changes.length = 0;
  }

  tallies(): Tally[] {
    return [...this.#counts.values()]
      .filter(({ n }) => n > 0)
      .map(({ system, operation, state, detail, n }) => ({ system, operation, state, detail, count: n }));
  }
}
