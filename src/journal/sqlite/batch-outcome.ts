import { type BatchAction, type BatchEnd } from '../../contract/batch.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Failure } from '../../contract/journal.ts';
import { record } from './audit.ts';
import { takeOut } from './batch-members.ts';
import { type BatchRecord, findBatch } from './batches.ts';
import { type CalledBodies, parkTranslation } from './runs.ts';
import { type BodyCodec, deleteBody, insertBody, readJson } from './bodies.ts';
import { type Database } from './database.ts';
import { dropBodies } from './finals.ts';
import { comeBack } from './keys.ts';
import { type Ledger, type TranslationRecord } from './ledger.ts';
import { leaveNumbers } from './numbers.ts';
import { seal } from './sealed-text.ts';

/** What became of a batch: one row says it for all its members, then each is told. */

export function endBatch(db: Database, seq: number, end: BatchEnd, parts: CalledBodies['parts'], nowMs: number): void {
  const row = db.get<BatchRecord>('SELECT * FROM batch WHERE seq = ?', seq);
  // The last of its members was taken out while it was at work.
  if (row === undefined) return;
  let n = db.get<{ n: number }>('SELECT count(*) AS n FROM batch_part WHERE batch = ?', seq)?.n ?? 0;
  for (const { part, body } of parts)
    db.run('INSERT INTO batch_part VALUES (?, ?, ?, ?, ?, ?)', seq, (n += 1), part.kind, part.atMs, part.media, insertBody(db, body));
  // A person may have settled it while it was at work.
  if (row.state !== 'open' && row.state !== 'calling') return;
  const failure: Failure | null = end.state === 'answered' ? null : end.failure;
  db.run(
    'UPDATE batch SET code = ?, message = ?, native = ? WHERE seq = ?',
    failure?.code ?? null,
    failure?.message ?? null,
    failure?.native ?? null,
    seq,
  );
  if (end.state === 'in doubt' && hasReply(db, row)) return confirmed(db, seq, nowMs);
  if (end.state !== 'waiting') return settled(db, seq, end.state, end.state === 'answered' ? end.by : 'system', nowMs);
  db.run(
    'UPDATE batch SET due = ?, attempts = ? WHERE seq = ?',
    Math.ceil(end.untilMs),
    end.counts ? row.attempts : Math.max(0, row.attempts - 1),
    seq,
  );
  if (end.reopens === true && row.state === 'calling') reopen(db, row);
}

/**
 * What a person has given up, and perhaps done by hand, must not go out with the others.
 * @returns false when there is nothing of that kind: it is made again as it was frozen
 */
export function reopenBatch(db: Database, seq: number): boolean {
  const row = findBatch(db, seq);
  if (row.state !== 'calling' || row.passing === 1) return false;
  const givenUp = db.get(
    "SELECT 1 FROM batch_member m JOIN translation t ON t.seq = m.translation WHERE m.batch = ? AND t.state = 'discarded' LIMIT 1",
    seq,
  );
  if (givenUp === undefined) return false;
  reopen(db, row);
  return true;
}

/** It is known not to have happened: what was given up meanwhile goes out of it, and what is left is free to go. */
function reopen(db: Database, { seq, answer }: BatchRecord): void {
  db.run("UPDATE batch SET state = 'open', version = version + 1, answer = NULL, expires = NULL, left_ms = NULL, deadline = NULL WHERE seq = ?", seq);
  deleteBody(db, answer);
  db.run('UPDATE batch_member SET place = NULL WHERE batch = ?', seq);
  db.run(
    "UPDATE call SET state = 'gathered', left_ms = NULL, deadline = NULL, expires = NULL WHERE seq IN (SELECT call FROM batch_member WHERE batch = ?) AND state = 'calling'",
    seq,
  );
  const gone = db.all<{ seq: number; id: string; call: number }>(
    "SELECT t.seq, t.id, m.call FROM batch_member m JOIN translation t ON t.seq = m.translation WHERE m.batch = ? AND t.state IN ('discarded', 'parked')",
    seq,
  );
  for (const member of gone) takeOut(db, member.seq, member.id, member.call);
}

/** A reply to one of its members shows that a batch in doubt happened. */
export function confirmBatch(db: Database, translation: number, call: number, nowMs: number): void {
  const row = db.get<{ seq: number }>(
    "SELECT b.seq FROM batch_member m INDEXED BY batch_member_translation JOIN batch b ON b.seq = m.batch WHERE m.translation = ? AND m.call = ? AND b.state = 'in doubt'",
    translation,
    call,
  );
  if (row !== undefined) confirmed(db, row.seq, nowMs);
}

function confirmed(db: Database, seq: number, nowMs: number): void {
  settled(db, seq, 'answered', 'reply', nowMs);
  db.run('UPDATE batch SET code = NULL, message = NULL, native = NULL WHERE seq = ?', seq);
}

function hasReply(db: Database, { seq, expires }: BatchRecord): boolean {
  return (
    expires !== null &&
    db.get("SELECT 1 FROM batch_member m JOIN call c ON c.seq = m.call WHERE m.batch = ? AND c.answered_by = 'reply' LIMIT 1", seq) !== undefined
  );
}

function settled(db: Database, seq: number, state: 'answered' | 'in doubt' | 'calling', by: string, nowMs: number): void {
  db.run(
    'UPDATE batch SET state = ?, answered_by = ?, passing = 1, passed = 0, due = ?, ended = ? WHERE seq = ?',
    state,
    by,
    state === 'calling' ? 0 : null,
    state === 'answered' ? nowMs : null,
    seq,
  );
}

export function refuseMembers(
  db: Database,
  ledger: Ledger,
  seq: number,
  members: readonly { readonly call: number; readonly failure: Failure }[],
  nowMs: number,
): void {
  for (const { call, failure } of members) {
    const row = db.get<TranslationRecord>(
      "SELECT t.* FROM batch_member m JOIN batch b ON b.seq = m.batch JOIN translation t ON t.seq = m.translation WHERE m.batch = ? AND m.call = ? AND b.state = 'open'",
      seq,
      call,
    );
    if (row === undefined) continue;
    takeOut(db, row.seq, row.id, call);
    if (row.state === 'waiting' && row.waiting === 'batch') parkTranslation(db, ledger, row, failure, nowMs);
  }
}

type Told = TranslationRecord & { call: number; place: number; call_state: string };

/** @returns whether more are left */
export function passOn(db: Database, ledger: Ledger, seq: number, limit: number, nowMs: number): boolean {
  const batch = findBatch(db, seq);
  if (batch.passing === 0) return false;
  const members = db.all<Told>(
    `SELECT t.*, m.call, m.place, c.state AS call_state FROM batch_member m JOIN call c ON c.seq = m.call JOIN translation t ON t.seq = m.translation
      WHERE m.batch = ? AND m.call > ? ORDER BY m.call LIMIT ?`,
    seq,
    batch.passed,
    limit,
  );
  const answer = readJson(db, ledger.bodies.codec, batch.answer) ?? null;
  for (const member of members) tell(db, ledger, batch, member, answer, nowMs);
  const more = members.length === limit;
  if (!more && batch.state === 'answered') dropUnkept(db, seq);
  db.run('UPDATE batch SET passed = ?, passing = ? WHERE seq = ?', members.at(-1)?.call ?? batch.passed, more ? 1 : 0, seq);
  // Whoever was in it may have been given up before anybody knew that it is in doubt.
  if (!more && batch.state === 'in doubt') giveUpWhenEmpty(db, seq, members.at(-1)?.id ?? '', nowMs);
  return more;
}

/** The whole file is evidence of what its members brought: it goes when one of them is not to be kept (rule 27). */
function dropUnkept(db: Database, seq: number): void {
  if (db.get('SELECT 1 FROM batch_member m JOIN translation t ON t.seq = m.translation WHERE m.batch = ? AND t.keep = 0 LIMIT 1', seq) === undefined)
    return;
  for (const { body } of db.all<{ body: number | null }>('SELECT body FROM batch_part WHERE batch = ?', seq)) deleteBody(db, body);
  db.run('UPDATE batch_part SET body = NULL WHERE batch = ?', seq);
}

function tell(db: Database, ledger: Ledger, batch: BatchRecord, member: Told, answer: Json, nowMs: number): void {
  const open = member.call_state === 'calling' || member.call_state === 'in doubt';
  if (batch.state === 'answered' && member.keep === 0 && (member.state === 'discarded' || member.state === 'published')) dropBodies(db, member.seq);
  const waits = member.state === 'waiting' && member.waiting === 'batch';
  const doubts = member.state === 'parked' && member.code === 'IN_DOUBT';
  switch (batch.state) {
    case 'answered':
      if (open && batch.expires === null) answerMember(db, ledger, batch, member, answer, nowMs);
      else if (open) db.run("UPDATE call SET state = 'calling' WHERE seq = ?", member.call);
      if (waits || doubts) {
        if (open && batch.expires !== null) awaitReply(db, ledger, member, batch.expires);
        else comeBack(db, ledger, member);
      }
      break;
    case 'in doubt':
      if (open) db.run("UPDATE call SET state = 'in doubt' WHERE seq = ?", member.call);
      if (waits && open && batch.expires !== null) awaitReply(db, ledger, member, batch.expires);
      else if (waits)
        parkTranslation(
          db,
          ledger,
          member,
          { code: 'IN_DOUBT', message: `batch ${batch.seq}, place ${member.place}: ${batch.message ?? 'it may have happened'}` },
          nowMs,
        );
      break;
    case 'calling':
      if (open) db.run("UPDATE call SET state = 'calling' WHERE seq = ?", member.call);
      if (doubts || (open && isAwaitingReply(member))) awaitBatch(db, ledger, member);
      break;
    default:
  }
}

const isAwaitingReply = ({ state, waiting, code }: Told): boolean =>
  (state === 'waiting' && waiting === 'reply') || (state === 'parked' && code === 'REPLY_TIMEOUT');

function answerMember(db: Database, ledger: Ledger, batch: BatchRecord, member: Told, answer: Json, nowMs: number): void {
  const own = typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? { ...answer, place: member.place } : answer;
  db.run(
    "UPDATE call SET state = 'answered', answer = ?, answered_by = ?, code = NULL, message = NULL, native = NULL, ended = ? WHERE seq = ?",
    insertBody(db, ledger.bodies.json(own)),
    batch.answered_by,
    nowMs,
    member.call,
  );
}

function awaitReply(db: Database, ledger: Ledger, member: Told, expires: number): void {
  standAs(db, ledger, member, 'reply', expires);
}

function awaitBatch(db: Database, ledger: Ledger, member: Told): void {
  standAs(db, ledger, member, 'batch', null);
}

function standAs(db: Database, ledger: Ledger, member: Told, waiting: 'reply' | 'batch', due: number | null): void {
  ledger.counts.move(member, { state: 'waiting', waiting });
  db.run(
    "UPDATE translation SET state = 'waiting', waiting = ?, due = ?, ready = 0, holds = ?, code = NULL, message = NULL, native = NULL, version = version + 1, changed = ? WHERE seq = ?",
    waiting,
    due,
    member.key === null ? 0 : 1,
    ledger.change(),
    member.seq,
  );
}

/** What a person decides of a batch: with its audit row, in one commit, once. */
export function actOnBatch(db: Database, codec: BodyCodec, { key, batch, act, who, why }: BatchAction, nowMs: number): { system: string } {
  const before = db.get<{ result: string }>('SELECT result FROM action WHERE key = ?', key);
  if (before !== undefined) return JSON.parse(before.result) as { system: string };
  const row = findBatch(db, batch);
  const refuse = (possible: string): never => {
    throw new GatehouseError('NOT_POSSIBLE', `batch ${batch} of ${row.system} is ${row.state}: '${act}' is not possible, ${possible}`);
  };
  if (act === 'close') {
    if (row.state !== 'open') refuse('it has been closed');
    db.run('UPDATE batch SET full = 1, due = 0 WHERE seq = ?', batch);
  } else settleBatch(db, row, act, nowMs);
  const result = { system: row.system };
  db.run('INSERT INTO action VALUES (?, ?, ?, ?, ?, ?, ?)', key, -batch, act, who, seal(codec, why), nowMs, JSON.stringify(result));
  record(db, codec, { who, what: act, subject: `batch ${batch}`, why, atMs: nowMs });
  return result;
}

/**
 * Once for all its members. `did not`, said by a person, makes it again at once; one that the code no longer fits is then made anew, with the
 * members that are left.
 */
export function settleBatch(db: Database, row: BatchRecord, act: 'happened' | 'did not' | 'probe', nowMs: number): void {
  const stuck = row.state === 'calling' && row.passing === 0 && (row.code === 'CODE_CHANGED' || row.code === 'CALL_UNKNOWN');
  if (row.state !== 'in doubt' && !stuck)
    throw new GatehouseError(
      'NOT_POSSIBLE',
      `batch ${row.seq} of ${row.system} is ${row.state}: only one that is in doubt, or that the code no longer fits, can be settled as '${act}'`,
    );
  if (stuck && act === 'did not') {
    reopen(db, row);
    db.run('UPDATE batch SET due = 0, code = NULL, message = NULL, native = NULL WHERE seq = ?', row.seq);
    return;
  }
  if (act === 'happened') settled(db, row.seq, 'answered', 'person', nowMs);
  else settled(db, row.seq, 'calling', 'system', nowMs);
  db.run(
    'UPDATE batch SET code = NULL, message = NULL, native = NULL, deadline = CASE ? WHEN 1 THEN NULL ELSE deadline END WHERE seq = ?',
    act === 'did not' ? 1 : 0,
    row.seq,
  );
}

/** A member is given up: when it was the last of a batch in doubt, so is the batch, and its number. */
export function giveUpBatch(db: Database, translation: number, translationId: string, nowMs: number): void {
  const batches = db.all<{ batch: number }>(
    "SELECT m.batch FROM batch_member m INDEXED BY batch_member_translation JOIN batch b ON b.seq = m.batch WHERE m.translation = ? AND b.state = 'in doubt'",
    translation,
  );
  for (const { batch } of batches) giveUpWhenEmpty(db, batch, translationId, nowMs);
}

function giveUpWhenEmpty(db: Database, seq: number, translationId: string, nowMs: number): void {
  const open = db.get(
    "SELECT 1 FROM batch_member m JOIN translation t ON t.seq = m.translation WHERE m.batch = ? AND t.state <> 'discarded' LIMIT 1",
    seq,
  );
  if (open !== undefined) return;
  db.run("UPDATE batch SET state = 'discarded', due = NULL, passing = 0, ended = ? WHERE seq = ?", nowMs, seq);
  leaveNumbers(db, seq, translationId, true);
  dropUnkept(db, seq);
  for (const { translation } of db.all<{ translation: number }>(
    'SELECT t.seq AS translation FROM batch_member m JOIN translation t ON t.seq = m.translation WHERE m.batch = ? AND t.keep = 0',
    seq,
  ))
    dropBodies(db, translation);
}
