import { deleteBody } from './bodies.ts';
import { type Database } from './database.ts';
import { leaveNumbers } from './numbers.ts';

/** What a translation has gathered and what has not left yet goes out of its batches: nothing of it has happened. */
export function takeOut(db: Database, translation: number, translationId: string, call: number | null = null): void {
  const members = db.all<{ batch: number; call: number; bytes: number }>(
    "SELECT m.batch, m.call, m.bytes FROM batch_member m INDEXED BY batch_member_translation JOIN batch b ON b.seq = m.batch WHERE m.translation = ? AND b.state = 'open'",
    translation,
  );
  for (const member of members) {
    if (call !== null && member.call !== call) continue;
    db.run('DELETE FROM batch_member WHERE batch = ? AND call = ?', member.batch, member.call);
    db.run("UPDATE call SET state = 'not sent' WHERE seq = ?", member.call);
    db.run('DELETE FROM correlation WHERE translation = ? AND call = ?', translation, member.call);
    const first = db.get<{ since: number }>('SELECT since FROM batch_member WHERE batch = ? ORDER BY call LIMIT 1', member.batch);
    if (first === undefined) {
      leaveNumbers(db, member.batch, translationId, false);
      deleteBatch(db, member.batch);
    } else {
      db.run(
        'UPDATE batch SET version = version + 1, events = events - 1, bytes = bytes - ?, due = CASE WHEN full = 1 OR now_ms IS NOT NULL THEN due ELSE max(due, ? + after_ms) END WHERE seq = ?',
        member.bytes,
        first.since,
        member.batch,
      );
    }
  }
}

export function deleteBatch(db: Database, seq: number): void {
  for (const { body } of db.all<{ body: number | null }>('SELECT body FROM batch_part WHERE batch = ?', seq)) deleteBody(db, body);
  deleteBody(db, db.get<{ answer: number | null }>('SELECT answer FROM batch WHERE seq = ?', seq)?.answer ?? null);
  db.run('DELETE FROM batch_part WHERE batch = ?', seq);
  db.run('DELETE FROM batch_member WHERE batch = ?', seq);
  db.run('DELETE FROM action WHERE translation = ?', -seq);
  db.run('DELETE FROM batch WHERE seq = ?', seq);
}
