import { deleteBody } from './bodies.ts';
import { type Placed } from './counts.ts';
import { type Database } from './database.ts';
import { type Ledger } from './ledger.ts';

/**
 * Drops what a final translation no longer needs: native bytes and values, and the event when no other translation needs it (rule 27). What a
 * batch that is not settled was made of stays: it may have to be made again, byte for byte.
 */
export function dropBodies(db: Database, translation: number): void {
  for (const call of db.all<{ seq: number; args: number | null; answer: number | null }>(
    `SELECT seq, args, answer FROM call WHERE translation = ? AND NOT EXISTS (
      SELECT 1 FROM batch_member m INDEXED BY batch_member_translation JOIN batch b ON b.seq = m.batch
        WHERE m.translation = call.translation AND m.call = call.seq AND b.state IN ('calling', 'in doubt'))`,
    translation,
  )) {
    for (const { body } of db.all<{ body: number | null }>('SELECT body FROM part WHERE call = ?', call.seq)) deleteBody(db, body);
    deleteBody(db, call.args);
    deleteBody(db, call.answer);
    db.run('UPDATE part SET body = NULL WHERE call = ?', call.seq);
    db.run('UPDATE call SET args = NULL, answer = NULL WHERE seq = ?', call.seq);
  }
  const event = db.get<{ event: number }>('SELECT event FROM translation WHERE seq = ?', translation)?.event;
  if (event !== undefined) dropEventBody(db, event);
  for (const reply of db.all<{ event: number }>('SELECT event FROM outbox WHERE translation = ?', translation)) dropEventBody(db, reply.event);
}

/** Unless a translation, the outbox, a queue or the log still has to work with it. */
function dropEventBody(db: Database, event: number): void {
  const needed =
    db.get('SELECT 1 FROM translation WHERE event = ? AND finished IS NULL LIMIT 1', event) ??
    // What reached no queue can be published again (rule 19).
    db.get("SELECT 1 FROM outbox WHERE event = ? AND (state <> 'published' OR routed = 0) LIMIT 1", event) ??
    db.get('SELECT 1 FROM spool_queue WHERE event = ? LIMIT 1', event) ??
    db.get('SELECT 1 FROM spool_log WHERE event = ? LIMIT 1', event);
  if (needed !== undefined) return;
  deleteBody(db, db.get<{ body: number | null }>('SELECT body FROM event WHERE seq = ?', event)?.body ?? null);
  db.run('UPDATE event SET body = NULL WHERE seq = ?', event);
}

/** Deletes a final translation with everything that is only its own. Its identity stays. */
export function deleteTranslation(db: Database, ledger: Ledger, translation: number): void {
  const row = db.get<Placed & { event: number }>(
    'SELECT event, system, operation, state, ready, waiting FROM translation WHERE seq = ?',
    translation,
  );
  if (row === undefined) return;
  ledger.counts.add(row, -1);
  dropBodies(db, translation);
  db.run('DELETE FROM part WHERE call IN (SELECT seq FROM call WHERE translation = ?)', translation);
  for (const table of ['call', 'attempt', 'pause', 'correlation', 'action', 'batch_member'])
    db.run(`DELETE FROM ${table} WHERE translation = ?`, translation);
  db.run('DELETE FROM sequence_number WHERE translation = ? AND call IS NOT NULL', translation);
  const replies = db.all<{ event: number }>('SELECT event FROM outbox WHERE translation = ?', translation);
  db.run('DELETE FROM outbox WHERE translation = ?', translation);
  db.run('DELETE FROM translation WHERE seq = ?', translation);
  for (const seq of [row.event, ...replies.map((reply) => reply.event)]) deleteEvent(db, seq);
}

/** When nothing refers to it any more. */
export function deleteEvent(db: Database, event: number): void {
  for (const table of ['translation', 'outbox', 'spool_queue', 'spool_log'])
    if (db.get(`SELECT 1 FROM ${table} WHERE event = ? LIMIT 1`, event) !== undefined) return;
  deleteBody(db, db.get<{ body: number | null }>('SELECT body FROM event WHERE seq = ?', event)?.body ?? null);
  db.run('DELETE FROM event WHERE seq = ?', event);
}
