import { type Database } from './database.ts';
import { type Ledger, type TranslationRecord } from './ledger.ts';

/**
 * Whether `seq` may take its key: nobody older holds it, and nobody of that key is ready, at work or waiting. A younger one is when an
 * older one let it by and came back (rule 17). Two look-ups by index, however many stand in line.
 */
export function mayTakeKey(db: Database, system: string, key: string | null, seq: number): boolean {
  if (key === null) return true;
  return !isOlderHolding(db, system, key, seq) && !isActive(db, system, key, seq);
}

const isOlderHolding = (db: Database, system: string, key: string, seq: number): boolean =>
  db.get('SELECT 1 FROM translation INDEXED BY translation_key WHERE system = ? AND key = ? AND holds = 1 AND seq < ? LIMIT 1', system, key, seq) !==
  undefined;

/** Spelled as in the partial index, so that the planner takes it. */
const isActive = (db: Database, system: string, key: string, but: number): boolean =>
  db.get(
    "SELECT 1 FROM translation INDEXED BY translation_key_active WHERE system = ? AND key = ? AND seq <> ? AND holds = 1 AND (ready = 1 OR state IN ('running', 'waiting')) LIMIT 1",
    system,
    key,
    but,
  ) !== undefined;

/** The key may be free: then the next in line becomes ready (rule 17). */
export function freeKey(db: Database, ledger: Ledger, system: string, key: string | null): void {
  if (key === null || isActive(db, system, key, 0)) return;
  const next = db.get<{ seq: number; operation: string; state: string; ready: number }>(
    'SELECT seq, operation, state, ready FROM translation INDEXED BY translation_key WHERE system = ? AND key = ? AND holds = 1 ORDER BY seq LIMIT 1',
    system,
    key,
  );
  if (next?.state !== 'received') return;
  ledger.counts.move({ ...next, system, waiting: null }, { state: 'received', ready: 1 });
  db.run('UPDATE translation SET ready = 1, changed = ? WHERE seq = ?', ledger.change(), next.seq);
}

export interface Waiting {
  readonly seq: number;
  readonly system: string;
  readonly operation: string;
  readonly waiting: string | null;
  readonly key: string | null;
  readonly holds: number;
}

/** What it waited for has come. One that had let others by stands in line again, and is not ready while one of them is at work. */
export function endWait(db: Database, ledger: Ledger, row: Waiting): void {
  const { seq, system, key, holds } = row;
  if (key === null || holds === 1 || mayTakeKey(db, system, key, seq))
    db.run(
      'UPDATE translation SET ready = 1, due = NULL, holds = ?, version = version + 1, changed = ? WHERE seq = ?',
      key === null ? 0 : 1,
      ledger.change(),
      seq,
    );
  else {
    ledger.counts.move({ ...row, state: 'waiting', ready: 0 }, { state: 'received', ready: 0 });
    db.run(
      "UPDATE translation SET state = 'received', waiting = NULL, due = NULL, ready = 0, holds = 1, version = version + 1, changed = ? WHERE seq = ?",
      ledger.change(),
      seq,
    );
  }
}

/** What it waited or was parked for is known: it stands in line to run, ready unless another of its key is at work. */
export function comeBack(db: Database, ledger: Ledger, row: TranslationRecord): void {
  const ready = row.holds === 1 || mayTakeKey(db, row.system, row.key, row.seq) ? 1 : 0;
  ledger.counts.move(row, { state: 'received', ready });
  db.run(
    "UPDATE translation SET state = 'received', waiting = NULL, due = NULL, ready = ?, holds = ?, code = NULL, message = NULL, native = NULL, version = version + 1, changed = ? WHERE seq = ?",
    ready,
    row.key === null ? 0 : 1,
    ledger.change(),
    row.seq,
  );
}
