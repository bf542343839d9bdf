import { type Failure, type Recovered, type RetentionPolicy, type SystemRecord } from '../../contract/journal.ts';
import { record as recordDeed } from './audit.ts';
import { deleteBatch } from './batch-members.ts';
import { type BodyCodec, deleteBody } from './bodies.ts';
import { sweepBulks } from './bulks.ts';
import { sweepSources } from './consignments.ts';
import { type Database } from './database.ts';
import { deleteEvent, deleteTranslation } from './finals.ts';
import { type Waiting, endWait } from './keys.ts';
import { type Ledger, type TranslationRecord, endAttempt, leaveWork } from './ledger.ts';
import { parkTranslation } from './runs.ts';
import { seal, unseal } from './sealed-text.ts';
import { sweepSnapshots } from './snapshots.ts';
import { sweepTimeMarks } from './time-marks.ts';

/** Takes over: what was at work becomes ready, to be run alone; the second crash and the missing operation park (rule 6). */
export function takeOver(
  db: Database,
  ledger: Ledger,
  known: readonly { system: string; operation: string }[],
  nowMs: number,
): Omit<Recovered, 'epoch'> {
  const killers: string[] = [];
  const orphans: string[] = [];
  const running = db.all<TranslationRecord>(
    "SELECT * FROM translation INDEXED BY translation_state WHERE state <> 'published' AND state = 'running' ORDER BY seq",
  );
  for (const row of running) {
    endAttempt(db, row, 'interrupted', true, null, nowMs);
    if (row.crashes === 0) {
      leaveWork(ledger, row, { state: 'received', ready: 1 });
      db.run(
        "UPDATE translation SET state = 'received', ready = 1, crashes = 1, attempts = ?, version = version + 1, changed = ? WHERE seq = ?",
        Math.max(0, row.attempts - 1),
        ledger.change(),
        row.seq,
      );
    } else {
      killers.push(row.id);
      const failure: Failure = {
        code: 'KILLS_THE_GATEWAY',
        message: `the process died ${row.crashes + 1} times while it was at work, the last time alone`,
      };
      parkTranslation(db, ledger, row, failure, nowMs, false);
    }
  }
  const operations = new Set(known.map(({ system, operation }) => `${system} ${operation}`));
  const gone = ledger.counts
    .tallies()
    .filter(({ state }) => state === 'received' || state === 'waiting')
    .filter(({ system, operation }) => !operations.has(`${system} ${operation}`));
  for (const { system, operation } of gone)
    for (const row of db.all<TranslationRecord>(
      "SELECT * FROM translation INDEXED BY translation_state WHERE state <> 'published' AND state IN ('received', 'waiting') AND system = ? AND operation = ? ORDER BY seq",
      system,
      operation,
    )) {
      orphans.push(row.id);
      parkTranslation(db, ledger, row, { code: 'OPERATION_GONE', message: `${system} has no operation '${operation}' any more` }, nowMs);
    }
  return { interrupted: running.length - killers.length, killers, orphans };
}

const wakePage = 500;

export function wakeDue(db: Database, ledger: Ledger, nowMs: number): { systems: string[]; nextDueMs: number | null } {
  const due = db.all<Waiting>(
    'SELECT seq, system, operation, waiting, key, holds FROM translation INDEXED BY translation_due WHERE due <= ? ORDER BY due LIMIT ?',
    nowMs,
    wakePage,
  );
  for (const row of due) endWait(db, ledger, row);
  return {
    systems: [...new Set(due.map(({ system }) => system))],
    nextDueMs: db.get<{ due: number | null }>('SELECT min(due) AS due FROM translation WHERE due IS NOT NULL')?.due ?? null,
  };
}

export function setAvailability(db: Database, ledger: Ledger, record: SystemRecord, why: string): void {
  const { system, operation, availability, failure, sinceMs, who } = record;
  const { codec } = ledger.bodies;
  db.run(
    'INSERT OR REPLACE INTO system_state VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    system,
    operation,
    availability,
    failure?.code ?? null,
    failure === null ? null : seal(codec, failure.message),
    failure?.native ?? null,
    sinceMs,
    who,
  );
  recordDeed(db, codec, { who, what: availability, subject: operation === '' ? system : `${system} ${operation}`, why, atMs: sinceMs });
  if (availability !== 'open') return;
  const waiting = db.all<Waiting>(
    "SELECT seq, system, operation, waiting, key, holds FROM translation INDEXED BY translation_state WHERE state <> 'published' AND state = 'waiting' AND waiting = 'system' AND system = ? AND ready = 0 ORDER BY seq",
    system,
  );
  for (const row of waiting) endWait(db, ledger, row);
}

export function availabilities(db: Database, codec: BodyCodec): SystemRecord[] {
  const rows = db.all<{
    system: string;
    operation: string;
    availability: SystemRecord['availability'];
    code: Failure['code'] | null;
    message: string | null;
    native: string | null;
    since: number;
    who: string;
  }>('SELECT * FROM system_state');
  return rows.map(({ system, operation, availability, code, message, native, since, who }) => ({
    system,
    operation,
    availability,
    failure: code === null ? null : { code, message: unseal(codec, message ?? ''), ...(native === null ? {} : { native }) },
    sinceMs: since,
    who,
  }));
}

const sweepPiece = 20;
/** Rows of a generation or a bulk are small, and very many of them are past keeping at once. */
const snapshotPiece = 500;

/** One small piece of what is past keeping, final translations only (rule 27). @returns whether more may be left */
export function sweepPieceOf(db: Database, ledger: Ledger, { keepMs, dedupeMs }: RetentionPolicy, nowMs: number): boolean {
  const finals = db.all<{ seq: number }>(
    `SELECT seq FROM translation INDEXED BY translation_finished WHERE finished < ? AND NOT EXISTS (
      SELECT 1 FROM batch_member m INDEXED BY batch_member_translation JOIN batch b ON b.seq = m.batch WHERE m.translation = translation.seq AND b.state IN ('calling', 'in doubt')
    ) ORDER BY finished LIMIT ?`,
    nowMs - keepMs,
    sweepPiece,
  );
  if (finals.length > 0) ledger.keepCounters(db);
  for (const { seq } of finals) deleteTranslation(db, ledger, seq);
  const isPast = ({ at }: { readonly at: number }): boolean => at < nowMs - keepMs;
  // Oldest first, and only so far: a search for old ones would read all that are not.
  const logged = db
    .all<{ position: number; event: number; at: number }>('SELECT position, event, at FROM spool_log ORDER BY position LIMIT ?', sweepPiece)
    .filter(isPast);
  for (const { position, event } of logged) {
    db.run('DELETE FROM spool_log WHERE position = ?', position);
    deleteEvent(db, event);
  }
  const identities = db.run(
    'DELETE FROM identity WHERE key IN (SELECT i.key FROM identity i WHERE i.at < ? AND NOT EXISTS (SELECT 1 FROM translation t WHERE t.seq = i.translation) ORDER BY i.at LIMIT ?)',
    // A younger one cannot have lost its translation.
    nowMs - Math.max(dedupeMs, keepMs),
    sweepPiece,
  );
  const candidates = db
    .all<{ seq: number; answer: number | null; at: number }>('SELECT seq, answer, at FROM candidate ORDER BY seq LIMIT ?', sweepPiece)
    .filter(isPast);
  for (const { seq, answer } of candidates) {
    deleteBody(db, answer);
    for (const { body } of db.all<{ body: number }>('SELECT body FROM candidate_part WHERE candidate = ?', seq)) deleteBody(db, body);
    db.run('DELETE FROM candidate_part WHERE candidate = ?', seq);
    db.run('DELETE FROM candidate WHERE seq = ?', seq);
  }
  const keys = db.run(
    'DELETE FROM reply_key WHERE (system, key) IN (SELECT system, key FROM reply_key WHERE at < ? ORDER BY at LIMIT ?)',
    nowMs - keepMs,
    sweepPiece,
  );
  if (finals.length > 0) sweepTimeMarks(db);
  const batches = sweepBatches(db, nowMs - keepMs);
  const sources = sweepSources(db, ledger, nowMs - keepMs, nowMs - Math.max(dedupeMs, keepMs), sweepPiece);
  const snapshots = sweepSnapshots(db, snapshotPiece);
  const bulks = sweepBulks(db, ledger, nowMs - keepMs, snapshotPiece);
  return Math.max(finals.length, logged.length, identities, candidates.length, keys, sources, batches) >= sweepPiece || snapshots + bulks > 0;
}

/** Ended long ago, and without a member that is still kept. */
function sweepBatches(db: Database, beforeMs: number): number {
  const past = db.all<{ seq: number }>(
    `SELECT seq FROM batch INDEXED BY batch_ended WHERE ended < ? AND NOT EXISTS (SELECT 1 FROM batch_member m WHERE m.batch = batch.seq) ORDER BY ended LIMIT ?`,
    beforeMs,
    sweepPiece,
  );
  for (const { seq } of past) {
    deleteBatch(db, seq);
    db.run('DELETE FROM sequence_number WHERE translation = ?', -seq);
  }
  return past.length;
}
