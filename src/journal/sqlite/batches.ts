import { type BatchMember, type BatchRef, type Closing, type DueBatch, type Gathered, type Gathering } from '../../contract/batch.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Leaving, type TranslationRef } from '../../contract/journal.ts';
import { type PendingBody, insertBody, readJson } from './bodies.ts';
import { type Database } from './database.ts';
import { checkFree } from './correlations.ts';
import { type Ledger, atWork } from './ledger.ts';
import { type CalledBodies, insertCall, insertPart } from './runs.ts';

/*
 * A batch is a row that gathers calls (this file), closes with one commit that freezes them, and whose outcome is recorded in the row alone,
 * however many members it has; `passed` then moves over the members page by page (batch-outcome.ts).
 */

export interface BatchRecord {
  seq: number;
  version: number;
  system: string;
  call: string;
  grp: string;
  state: DueBatch['state'];
  full: number;
  events: number;
  bytes: number;
  after_ms: number;
  due: number | null;
  now_ms: number | null;
  attempts: number;
  tried: number | null;
  previous_try: number | null;
  answer: number | null;
  answered_by: string;
  left_ms: number | null;
  deadline: number | null;
  expires: number | null;
  passing: number;
  passed: number;
  code: string | null;
  message: string | null;
  native: string | null;
  ended: number | null;
}

type Filling = Pick<BatchRecord, 'seq' | 'events' | 'bytes' | 'due' | 'now_ms'>;

export function findBatch(db: Database, seq: number): BatchRecord {
  const row = db.get<BatchRecord>('SELECT * FROM batch WHERE seq = ?', seq);
  if (row === undefined) throw new GatehouseError('NOT_FOUND', `there is no batch ${seq}`);
  return row;
}

export function gatherCall(
  db: Database,
  ledger: Ledger,
  ref: TranslationRef,
  leaving: Leaving,
  { group, bytes, close, correlation }: Gathering,
  bodies: Pick<CalledBodies, 'args' | 'parts'>,
  steadyMs: number,
): Gathered {
  const { system } = atWork(db, ledger, ref);
  if (correlation !== null) checkFree(db, system, leaving.name, correlation, null);
  const call = insertCall(db, ledger, ref, leaving, bodies.args, 'system', 'gathered');
  for (const { part, body } of bodies.parts) insertPart(db, call, part, body);
  if (correlation !== null) {
    db.run('INSERT INTO correlation VALUES (?, ?, ?, ?)', system, correlation, call, ref.seq);
    db.run('UPDATE call SET correlation = ? WHERE seq = ?', correlation, call);
  }
  const batch = openBatch(db, system, leaving.name, group, bytes, close.bytes, steadyMs);
  db.run('INSERT INTO batch_member VALUES (?, ?, ?, ?, ?, NULL)', batch.seq, call, ref.seq, bytes, steadyMs);
  const full = batch.events + 1 >= close.events || batch.bytes + bytes >= close.bytes;
  // Once it has been tried, the tries say when it is due.
  const dueMs = batch.now_ms === null ? Math.min(batch.due ?? Infinity, full ? steadyMs : steadyMs + close.afterMs) : (batch.due ?? steadyMs);
  db.run(
    'UPDATE batch SET events = events + 1, bytes = bytes + ?, after_ms = ?, full = ?, due = ? WHERE seq = ?',
    bytes,
    close.afterMs,
    full ? 1 : 0,
    Math.ceil(dueMs),
    batch.seq,
  );
  return { call, batch: batch.seq, dueMs };
}

/** The one that is being filled; a new one when there is none, or the call would make it larger than it may be. */
function openBatch(db: Database, system: string, call: string, group: string, bytes: number, mostBytes: number, steadyMs: number): Filling {
  const open = db.get<BatchRecord>(
    "SELECT * FROM batch INDEXED BY batch_line WHERE system = ? AND call = ? AND grp = ? AND state IN ('open', 'calling') ORDER BY seq DESC LIMIT 1",
    system,
    call,
    group,
  );
  if (open?.state === 'open' && open.full === 0) {
    if (open.bytes + bytes <= mostBytes) return open;
    db.run('UPDATE batch SET full = 1, due = CASE WHEN now_ms IS NULL THEN min(due, ?) ELSE due END WHERE seq = ?', Math.ceil(steadyMs), open.seq);
  }
  return insertBatch(db, system, call, group);
}

function insertBatch(db: Database, system: string, call: string, group: string): Filling {
  db.run(
    "INSERT INTO batch (version, system, call, grp, state, full, events, bytes, after_ms, attempts, answered_by, passing, passed) VALUES (1, ?, ?, ?, 'open', 0, 0, 0, 0, 0, 'system', 0, 0)",
    system,
    call,
    group,
  );
  const seq = db.get<{ seq: number }>('SELECT last_insert_rowid() AS seq')?.seq as number;
  return { seq, events: 0, bytes: 0, due: null, now_ms: null };
}

export function dueBatch(
  db: Database,
  ledger: Ledger,
  system: string,
  steadyMs: number,
  passingOnly: boolean,
): { batch: DueBatch | null; nextDueMs: number | null } {
  const passing = db.get<BatchRecord>('SELECT * FROM batch INDEXED BY batch_passing WHERE system = ? AND passing = 1 ORDER BY seq LIMIT 1', system);
  if (passing !== undefined) return { batch: asDue(db, ledger, passing), nextDueMs: null };
  if (passingOnly) return { batch: null, nextDueMs: null };
  const row = db.get<BatchRecord>(
    `SELECT b.* FROM batch b INDEXED BY batch_due WHERE b.system = ? AND b.due <= ? AND NOT EXISTS (
      SELECT 1 FROM batch o INDEXED BY batch_line WHERE o.system = b.system AND o.call = b.call AND o.grp = b.grp AND o.state IN ('open', 'calling') AND o.seq < b.seq
    ) ORDER BY b.due LIMIT 1`,
    system,
    steadyMs,
  );
  if (row !== undefined) return { batch: asDue(db, ledger, row), nextDueMs: null };
  const next = db.get<{ due: number | null }>(
    'SELECT min(due) AS due FROM batch INDEXED BY batch_due WHERE system = ? AND due > ?',
    system,
    steadyMs,
  );
  return { batch: null, nextDueMs: next?.due ?? null };
}

function asDue(db: Database, ledger: Ledger, row: BatchRecord): DueBatch {
  return {
    seq: row.seq,
    version: row.version,
    system: row.system,
    call: row.call,
    group: row.grp,
    state: row.state,
    passing: row.passing === 1,
    events: row.events,
    nowMs: row.now_ms,
    attempts: row.attempts,
    triedMs: row.previous_try,
    deadlineMs: row.deadline,
    answer: readJson(db, ledger.bodies.codec, row.answer) ?? null,
    later: row.expires !== null,
  };
}

export function tryBatch(db: Database, ledger: Ledger, seq: number, nowMs: number): DueBatch | null {
  const tried = db.run(
    "UPDATE batch SET attempts = attempts + 1, previous_try = tried, tried = ?, now_ms = ifnull(now_ms, ?) WHERE seq = ? AND state IN ('open', 'calling')",
    nowMs,
    nowMs,
    seq,
  );
  return tried === 0 ? null : asDue(db, ledger, findBatch(db, seq));
}

export function membersOf(db: Database, ledger: Ledger, seq: number, afterCall: number, limit: number): BatchMember[] {
  return db
    .all<{ call: number; args: number | null }>(
      'SELECT m.call, c.args FROM batch_member m JOIN call c ON c.seq = m.call WHERE m.batch = ? AND m.call > ? ORDER BY m.call LIMIT ?',
      seq,
      afterCall,
      limit,
    )
    .map(({ call, args }) => ({ call, args: readJson(db, ledger.bodies.codec, args) ?? null }));
}

/** Few statements, however many members: what each member is told is passed on later. */
export function closeBatch(
  db: Database,
  { seq, version }: BatchRef,
  { lastCall, leftMs, deadlineMs, expiresMs }: Closing,
  answer: PendingBody,
): void {
  const row = findBatch(db, seq);
  if (row.version !== version || (row.state !== 'open' && row.state !== 'calling'))
    throw new GatehouseError('CHANGED', `batch ${seq} of ${row.system} is ${row.state} at version ${row.version}, not open at version ${version}`);
  if (row.state === 'open') {
    moveOn(db, row, lastCall);
    db.run(
      `UPDATE batch_member SET place = ranked.place FROM (SELECT call, row_number() OVER (ORDER BY call) AS place FROM batch_member WHERE batch = ?) AS ranked
        WHERE batch_member.batch = ? AND batch_member.call = ranked.call`,
      seq,
      seq,
    );
    db.run('UPDATE batch SET answer = ? WHERE seq = ?', insertBody(db, answer), seq);
  }
  db.run(
    "UPDATE call SET state = 'calling', left_ms = ?, deadline = ?, expires = ? WHERE seq IN (SELECT call FROM batch_member WHERE batch = ?) AND state IN ('gathered', 'calling')",
    leftMs,
    deadlineMs,
    expiresMs,
    seq,
  );
  db.run(
    "UPDATE batch SET state = 'calling', version = version + 1, left_ms = ?, deadline = ?, expires = ?, due = 0, code = NULL, message = NULL, native = NULL WHERE seq = ?",
    leftMs,
    deadlineMs,
    expiresMs,
    seq,
  );
}

/** What was gathered while the batch was being made begins the next one. */
function moveOn(db: Database, row: BatchRecord, lastCall: number): void {
  const rest = db.get<{ n: number; bytes: number | null; since: number | null }>(
    'SELECT count(*) AS n, sum(bytes) AS bytes, min(since) AS since FROM batch_member WHERE batch = ? AND call > ?',
    row.seq,
    lastCall,
  );
  if (rest === undefined || rest.n === 0) return;
  // Nobody can join it any more, and what joined last may be older than what the next one has: it goes as it is.
  if (row.full === 1) throw new GatehouseError('CHANGED', `batch ${row.seq} of ${row.system} became full while it was made`);
  const next = insertBatch(db, row.system, row.call, row.grp);
  db.run('UPDATE batch_member SET batch = ? WHERE batch = ? AND call > ?', next.seq, row.seq, lastCall);
  db.run(
    'UPDATE batch SET events = ?, bytes = ?, after_ms = ?, due = ? WHERE seq = ?',
    rest.n,
    rest.bytes,
    row.after_ms,
    (rest.since ?? 0) + row.after_ms,
    next.seq,
  );
  db.run('UPDATE batch SET events = events - ?, bytes = bytes - ? WHERE seq = ?', rest.n, rest.bytes, row.seq);
}
