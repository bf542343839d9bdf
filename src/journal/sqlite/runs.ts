import { GatehouseError } from '../../contract/errors.ts';
import { type CloudEvent } from '../../contract/event.ts';
import { type CallEnd, type Failure, type Leaving, type OutboxRow, type Started, type TranslationRef, type Wait } from '../../contract/journal.ts';
import { type Part } from '../../contract/transport.ts';
import { takeOut } from './batch-members.ts';
import { type PendingBody, insertBody } from './bodies.ts';
import { type Database } from './database.ts';
import { dropBodies } from './finals.ts';
import { freeKey } from './keys.ts';
import { checkFree } from './correlations.ts';
import { type Ledger, type TranslationRecord, atWork, endAttempt, insertEvent, leaveWork, startRun } from './ledger.ts';
import { keepNumbers, useNumbers } from './numbers.ts';

export interface BeginOptions {
  readonly nowMs: number;
  readonly suspects: boolean;
  readonly build: string;
}

/** The oldest ready ones: one look-up by index an operation, merged by sequence, so that a held operation costs nothing. */
export function beginRuns(
  db: Database,
  ledger: Ledger,
  system: string,
  operations: readonly string[],
  limit: number,
  { nowMs, suspects, build }: BeginOptions,
): Started[] {
  const sql = `SELECT * FROM translation INDEXED BY translation_ready WHERE system = ? AND operation = ? AND ready = 1 AND crashes ${suspects ? '>' : '='} 0 ORDER BY seq LIMIT ?`;
  const rows = operations.flatMap((operation) => db.all<TranslationRecord>(sql, system, operation, limit)).sort((a, b) => a.seq - b.seq);
  const started: Started[] = [];
  for (const row of rows.slice(0, limit)) {
    if (row.runs > 0) takeOut(db, row.seq, row.id);
    const run = startRun(db, ledger, row, null, nowMs, build);
    if (run !== null) started.push(run);
  }
  return started;
}

export function leaveCall(
  db: Database,
  ledger: Ledger,
  ref: TranslationRef,
  leaving: Leaving,
  args: PendingBody,
  by: 'system' | 'probe' = 'system',
): number {
  const { system } = atWork(db, ledger, ref);
  const seq = insertCall(db, ledger, ref, leaving, args, by);
  const { later, numbered } = leaving;
  if (numbered !== undefined) useNumbers(db, ref.seq, numbered, seq);
  if (later === null) return seq;
  checkFree(db, system, leaving.name, later.correlation, seq);
  db.run('INSERT OR REPLACE INTO correlation VALUES (?, ?, ?, ?)', system, later.correlation, seq, ref.seq);
  db.run('UPDATE call SET correlation = ?, expires = ? WHERE seq = ?', later.correlation, later.expiresMs, seq);
  return seq;
}

/** The row of a call; one that is made again keeps its row and its first run. */
export function insertCall(
  db: Database,
  ledger: Ledger,
  ref: TranslationRef,
  leaving: Leaving,
  args: PendingBody,
  by: string,
  state: 'calling' | 'gathered' = 'calling',
): number {
  if (leaving.seq !== null) {
    const changed = db.run(
      "UPDATE call SET state = 'calling', left_ms = ?, deadline = ?, ended = NULL, code = NULL, message = NULL, native = NULL WHERE seq = ? AND translation = ? AND state <> 'answered'",
      leaving.leftMs,
      leaving.deadlineMs,
      leaving.seq,
      ref.seq,
    );
    // Its reply came while this run was making up its mind: the next run finds the answer.
    if (changed === 0) throw new GatehouseError('CORRELATION_TAKEN', `${leaving.name} has been answered meanwhile: it does not leave again`);
    return leaving.seq;
  }
  const seq = ledger.next('call');
  db.run(
    'INSERT INTO call VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, NULL, NULL, NULL, ?, NULL, NULL, ?, ?, NULL, ?)',
    seq,
    ref.seq,
    leaving.run,
    leaving.name,
    leaving.effect,
    leaving.digest,
    insertBody(db, args),
    state,
    by,
    leaving.probeOf,
    leaving.leftMs,
    leaving.deadlineMs,
    leaving.callId ?? null,
  );
  return seq;
}

export interface CalledBodies {
  readonly args: PendingBody;
  readonly answer: PendingBody | null;
  readonly parts: readonly { readonly part: Part; readonly body: PendingBody }[];
}

export function endCall(
  db: Database,
  ledger: Ledger,
  ref: TranslationRef,
  callSeq: number | null,
  leaving: Leaving,
  end: CallEnd,
  bodies: CalledBodies,
  nowMs: number,
): void {
  atWork(db, ledger, ref);
  const seq = callSeq ?? insertCall(db, ledger, ref, leaving, bodies.args, 'system');
  for (const { part, body } of bodies.parts) insertPart(db, seq, part, body);
  // A reply that came before its call had ended has answered it (rule 9).
  if (end.state !== 'answered' && db.get<{ state: string }>('SELECT state FROM call WHERE seq = ?', seq)?.state === 'answered') return;
  // Making a repeatable one again came to nothing; that it may have happened before stands, and stays law (rule 5).
  const state = end.state === 'not sent' && leaving.seq !== null && leaving.effect === 'repeatable' ? 'calling' : end.state;
  const failure: Failure | null = end.state === 'answered' ? null : end.failure;
  db.run(
    'UPDATE call SET state = ?, answer = ?, answered_by = ?, code = ?, message = ?, native = ?, ended = ? WHERE seq = ?',
    state,
    bodies.answer === null ? null : insertBody(db, bodies.answer),
    end.state === 'answered' ? (end.by ?? 'system') : 'system',
    failure?.code ?? null,
    failure?.message ?? null,
    failure?.native ?? null,
    end.state === 'calling' && failure === null ? null : nowMs,
    seq,
  );
  if (state === 'not sent' && leaving.numbered !== undefined) keepNumbers(db, ref.seq, seq);
  if (state === 'not sent' || state === 'answered') db.run('DELETE FROM correlation WHERE translation = ? AND call = ?', ref.seq, seq);
}

export function insertPart(db: Database, call: number, part: Part, body: PendingBody): void {
  db.run('INSERT INTO part (call, kind, at, media, body) VALUES (?, ?, ?, ?, ?)', call, part.kind, part.atMs, part.media, insertBody(db, body));
}

export function answerTranslation(
  db: Database,
  ledger: Ledger,
  ref: TranslationRef,
  replies: readonly { event: CloudEvent; body: PendingBody }[],
  nowMs: number,
): OutboxRow[] {
  const row = atWork(db, ledger, ref);
  const rows = replies.map(({ event, body }): OutboxRow => {
    const seq = ledger.next('outbox');
    db.run(
      "INSERT INTO outbox VALUES (?, 'translation', ?, ?, 'pending', NULL, NULL, NULL, NULL)",
      seq,
      ref.seq,
      insertEvent(db, ledger, event, event.data.byteLength, body),
    );
    return { seq, event, translationSeq: ref.seq };
  });
  const final = rows.length === 0;
  takeOut(db, row.seq, row.id);
  db.run(
    'UPDATE translation SET state = ?, holds = 0, crashes = 0, version = version + 1, finished = ?, changed = ? WHERE seq = ?',
    final ? 'published' : 'answered',
    final ? nowMs : null,
    ledger.change(),
    ref.seq,
  );
  leaveWork(ledger, row, { state: final ? 'published' : 'answered' });
  endAttempt(db, row, 'answered', true, null, nowMs);
  db.run('DELETE FROM correlation WHERE translation = ?', ref.seq);
  freeKey(db, ledger, row.system, row.key);
  if (final && row.keep === 0) dropBodies(db, ref.seq);
  return rows;
}

export function waitTranslation(db: Database, ledger: Ledger, ref: TranslationRef, wait: Wait, nowMs: number): void {
  const row = atWork(db, ledger, ref);
  const pause = wait.for === 'time' && 'pause' in wait;
  const failure = wait.for === 'system' || (wait.for === 'time' && !('pause' in wait)) ? wait.failure : null;
  const counts = wait.for === 'time' && !('pause' in wait) && wait.counts;
  if (pause) {
    const n = db.get<{ n: number }>('SELECT count(*) AS n FROM pause WHERE translation = ?', ref.seq)?.n ?? 0;
    db.run('INSERT INTO pause VALUES (?, ?, ?)', ref.seq, n, wait.dueMs);
  }
  // The reply, or the outcome of the batch, may have come while the run was ending.
  const ready =
    (wait.for === 'reply' && db.get('SELECT 1 FROM correlation WHERE translation = ?', ref.seq) === undefined) ||
    (wait.for === 'batch' && !isInBatch(db, ref.seq));
  db.run(
    `UPDATE translation SET state = 'waiting', waiting = ?, due = ?, ready = ?, attempts = ?, crashes = 0, code = ?, message = ?, native = ?, version = version + 1, changed = ?
      WHERE seq = ?`,
    wait.for,
    !('dueMs' in wait) || ready ? null : Math.ceil(wait.dueMs),
    ready ? 1 : 0,
    counts ? row.attempts : Math.max(0, row.attempts - 1),
    failure?.code ?? null,
    failure?.message ?? null,
    failure?.native ?? null,
    ledger.change(),
    ref.seq,
  );
  leaveWork(ledger, row, { state: 'waiting', waiting: wait.for, ready: ready ? 1 : 0 });
  endAttempt(db, row, 'waiting', counts, failure, nowMs);
}

/** Whether a call of it is in a batch whose outcome it has not been told. */
function isInBatch(db: Database, translation: number): boolean {
  return (
    db.get(
      `SELECT 1 FROM batch_member m INDEXED BY batch_member_translation JOIN batch b ON b.seq = m.batch JOIN call c ON c.seq = m.call
        WHERE m.translation = ? AND c.state IN ('gathered', 'calling', 'in doubt') AND (b.state IN ('open', 'calling') OR (b.passing = 1 AND m.call > b.passed)) LIMIT 1`,
      translation,
    ) !== undefined
  );
}

/** Parks what was at work, unless the doubt it is parked for has been settled by a reply meanwhile (rule 9). */
export function parkRun(db: Database, ledger: Ledger, ref: TranslationRef, failure: Failure, nowMs: number): void {
  const row = atWork(db, ledger, ref);
  const doubt = failure.code === 'IN_DOUBT' || failure.code === 'REPLY_TIMEOUT';
  if (!doubt || !isSettledByReply(db, ref.seq)) return parkTranslation(db, ledger, row, failure, nowMs);
  db.run(
    "UPDATE translation SET state = 'received', ready = 1, crashes = 0, version = version + 1, changed = ? WHERE seq = ?",
    ledger.change(),
    ref.seq,
  );
  leaveWork(ledger, row, { state: 'received', ready: 1 });
  return endAttempt(db, row, 'waiting', true, failure, nowMs);
}

function isSettledByReply(db: Database, translation: number): boolean {
  const calls = db.all<{ state: string; answered_by: string }>(
    "SELECT state, answered_by FROM call WHERE translation = ? AND effect <> 'read'",
    translation,
  );
  return calls.some((call) => call.answered_by === 'reply') && calls.every(({ state }) => state !== 'calling' && state !== 'in doubt');
}

/** `ended`: false when its attempt has been ended before. */
export function parkTranslation(db: Database, ledger: Ledger, row: TranslationRecord, failure: Failure, nowMs: number, ended = true): void {
  db.run(
    `UPDATE translation SET state = 'parked', waiting = NULL, due = NULL, ready = 0, crashes = 0, holds = ?, code = ?, message = ?, native = ?, version = version + 1, changed = ?
      WHERE seq = ?`,
    row.pass === 1 ? 0 : row.holds,
    failure.code,
    failure.message,
    failure.native ?? null,
    ledger.change(),
    row.seq,
  );
  leaveWork(ledger, row, { state: 'parked' });
  takeOut(db, row.seq, row.id);
  if (row.state === 'running' && ended) endAttempt(db, row, 'parked', true, failure, nowMs);
  if (row.pass === 1) freeKey(db, ledger, row.system, row.key);
}

export function giveBackTranslation(db: Database, ledger: Ledger, ref: TranslationRef, nowMs: number): void {
  const row = atWork(db, ledger, ref);
  db.run(
    "UPDATE translation SET state = 'received', ready = 1, attempts = ?, version = version + 1, changed = ? WHERE seq = ?",
    Math.max(0, row.attempts - 1),
    ledger.change(),
    ref.seq,
  );
  leaveWork(ledger, row, { state: 'received', ready: 1 });
  endAttempt(db, row, 'given back', false, null, nowMs);
}
