import { type TranslationRef } from '../../contract/journal.ts';
import { type Database } from './database.ts';
import { type Ledger, atWork } from './ledger.ts';

/** The number of a call: its own from before, one that this translation left unused in an earlier run, or the next. */
export function numberOf(db: Database, ledger: Ledger, ref: TranslationRef, counter: string, callId: string, nowMs: number): number {
  const { system, id, runs } = atWork(db, ledger, ref);
  const own = db.all<{ n: number; call_id: string; run: number; call: number | null }>(
    'SELECT n, call_id, run, call FROM sequence_number WHERE translation = ? AND counter = ? ORDER BY n',
    ref.seq,
    counter,
  );
  const known = own.find((each) => each.call_id === callId) ?? own.find((each) => each.call === null && each.run < runs);
  if (known !== undefined) {
    if (known.run !== runs || known.call_id !== callId)
      db.run('UPDATE sequence_number SET call_id = ?, run = ? WHERE system = ? AND counter = ? AND n = ?', callId, runs, system, counter, known.n);
    return known.n;
  }
  const n = nextNumber(db, system, counter);
  db.run('INSERT INTO sequence_number VALUES (?, ?, ?, ?, ?, ?, ?, NULL, 0, ?)', system, counter, n, callId, ref.seq, id, runs, nowMs);
  return n;
}

function nextNumber(db: Database, system: string, counter: string): number {
  const n = (db.get<{ last: number }>('SELECT last FROM sequence_counter WHERE system = ? AND counter = ?', system, counter)?.last ?? 0) + 1;
  db.run('INSERT OR REPLACE INTO sequence_counter VALUES (?, ?, ?)', system, counter, n);
  return n;
}

/** The call leaves: its numbers are used. */
export function useNumbers(db: Database, translation: number, callId: string, call: number): void {
  db.run('UPDATE sequence_number SET call = ? WHERE translation = ? AND call_id = ?', call, translation, callId);
}

/** The call was not sent after all: its numbers wait for its next try. */
export function keepNumbers(db: Database, translation: number, call: number): void {
  db.run('UPDATE sequence_number SET call = NULL WHERE translation = ? AND call = ?', translation, call);
}

/** The translation is given up: what no answer speaks for was perhaps used, or was not. */
export function giveUpNumbers(db: Database, translation: number): void {
  db.run(
    "UPDATE sequence_number SET call = NULL, doubt = 1 WHERE translation = ? AND call IS NOT NULL AND (SELECT state FROM call WHERE call.seq = sequence_number.call) <> 'answered'",
    translation,
  );
}

/** A batch's numbers stand under its negated sequence, used from the start; those that an emptied batch has left, under 0. */
export function numberOfBatch(db: Database, system: string, batch: number, counter: string, nowMs: number): number {
  const taken = (of: number): { n: number } | undefined =>
    db.get<{ n: number }>(
      'SELECT n FROM sequence_number INDEXED BY sequence_number_translation WHERE translation = ? AND counter = ? AND system = ? AND doubt = 0 ORDER BY n LIMIT 1',
      of,
      counter,
      system,
    );
  const own = taken(-batch);
  if (own !== undefined) return own.n;
  const left = taken(0);
  if (left !== undefined) {
    db.run(
      'UPDATE sequence_number SET translation = ?, call = ?, call_id = ? WHERE system = ? AND counter = ? AND n = ?',
      -batch,
      -batch,
      `batch ${batch}`,
      system,
      counter,
      left.n,
    );
    return left.n;
  }
  const n = nextNumber(db, system, counter);
  db.run('INSERT INTO sequence_number VALUES (?, ?, ?, ?, ?, ?, 0, ?, 0, ?)', system, counter, n, `batch ${batch}`, -batch, '', -batch, nowMs);
  return n;
}

/** The batch has no members any more: its numbers are the next one's, and listed until there is one. `doubt`: it had left, and they are nobody's. */
export function leaveNumbers(db: Database, batch: number, translationId: string, doubt: boolean): void {
  db.run(
    'UPDATE sequence_number SET translation = 0, call = NULL, translation_id = ?, doubt = ? WHERE translation = ?',
    translationId,
    doubt ? 1 : 0,
    -batch,
  );
}
