import { type Json } from '../../contract/json.ts';
import { type LinkKey } from '../../contract/journal.ts';
import { type Part } from '../../contract/transport.ts';
import { type PendingBody } from './bodies.ts';
import { type Database } from './database.ts';
import { insertPart } from './runs.ts';

export function recallValue(db: Database, { system, transport }: LinkKey, key: string): Json | null {
  const row = db.get<{ value: string }>('SELECT value FROM memory WHERE system = ? AND transport = ? AND key = ?', system, transport, key);
  return row === undefined ? null : (JSON.parse(row.value) as Json);
}

export function rememberValue(db: Database, { system, transport }: LinkKey, key: string, value: string, nowMs: number): void {
  db.run('INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?, ?)', system, transport, key, value, nowMs);
}

export function forgetValue(db: Database, { system, transport }: LinkKey, key: string): void {
  db.run('DELETE FROM memory WHERE system = ? AND transport = ? AND key = ?', system, transport, key);
}

/** Only while the end of the call is not known: afterwards what the system shows says nothing of it. */
export function addEvidence(db: Database, system: string, callId: string, parts: readonly { part: Part; body: PendingBody }[]): boolean {
  const call = db.get<{ seq: number }>(
    `SELECT c.seq FROM translation t INDEXED BY translation_state JOIN call c ON c.translation = t.seq
      WHERE t.state <> 'published' AND t.state IN ('received', 'running', 'waiting', 'parked') AND t.system = ?
        AND c.call_id = ? AND c.state IN ('calling', 'in doubt') ORDER BY c.seq DESC LIMIT 1`,
    system,
    callId,
  );
  if (call === undefined) return false;
  for (const { part, body } of parts) insertPart(db, call.seq, part, body);
  return true;
}
