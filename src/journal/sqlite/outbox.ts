import { type EventAttributes } from '../../contract/event.ts';
import { type Failure, type OutboxRow } from '../../contract/journal.ts';
import { translationId } from '../../contract/translation-id.ts';
import { type LaterVerdict, type Part } from '../../contract/transport.ts';
import { confirmBatch } from './batch-outcome.ts';
import { type PendingBody, insertBody } from './bodies.ts';
import { deleteOutboxRow } from './consignments.ts';
import { type Database } from './database.ts';
import { dropBodies } from './finals.ts';
import { comeBack } from './keys.ts';
import { type Ledger, type TranslationRecord, readEvent } from './ledger.ts';
import { insertTranslation } from './receive.ts';
import { insertPart, parkTranslation } from './runs.ts';

export function unpublishedRows(db: Database, ledger: Ledger, afterSeq: number, limit: number): OutboxRow[] {
  return db
    .all<{ seq: number; event: number; translation: number | null }>(
      "SELECT seq, event, translation FROM outbox WHERE state = 'pending' AND seq > ? ORDER BY seq LIMIT ?",
      afterSeq,
      limit,
    )
    .flatMap(({ seq, event, translation }) => {
      const found = readEvent(db, ledger, event);
      return found === null ? [] : [{ seq, event: found, translationSeq: translation }];
    });
}

/** @returns false when the row was not pending: published before, or gone */
export function publishRow(db: Database, ledger: Ledger, seq: number, routed: boolean, nowMs: number): boolean {
  const row = db.get<{ translation: number | null; origin: string; event: number }>(
    "UPDATE outbox SET state = 'published', routed = ?, published = ? WHERE seq = ? AND state = 'pending' RETURNING translation, origin, event",
    routed ? 1 : 0,
    nowMs,
    seq,
  );
  if (row === undefined) return false;
  if (row.translation !== null) finishWhenPublished(db, ledger, row.translation, nowMs);
  else if (row.origin === 'source unkept') {
    ledger.keepCounters(db);
    deleteOutboxRow(db, seq, row.event);
  }
  return true;
}

function finishWhenPublished(db: Database, ledger: Ledger, seq: number, nowMs: number): void {
  if (db.get("SELECT 1 FROM outbox WHERE translation = ? AND state <> 'published' LIMIT 1", seq) !== undefined) return;
  const done = db.get<{ system: string; operation: string; keep: number }>(
    "UPDATE translation SET state = 'published', version = version + 1, finished = ?, changed = ? WHERE seq = ? AND state = 'answered' RETURNING system, operation, keep",
    nowMs,
    ledger.change(),
    seq,
  );
  if (done === undefined) return;
  ledger.counts.move({ ...done, state: 'answered', ready: 0, waiting: null }, { state: 'published' });
  if (done.keep === 0) dropBodies(db, seq);
}

/** Its translation is parked, or one that stands for it when a source brought it in; the other rows of the outbox go on (rule 19). */
export function refuseRow(db: Database, ledger: Ledger, seq: number, failure: Failure, nowMs: number): void {
  if (
    db.run("UPDATE outbox SET state = 'refused', code = ?, message = ? WHERE seq = ? AND state = 'pending'", failure.code, failure.message, seq) === 0
  )
    return;
  const row = db.get<TranslationRecord>('SELECT t.* FROM translation t JOIN outbox o ON o.translation = t.seq WHERE o.seq = ?', seq);
  if (row?.state === 'answered') parkTranslation(db, ledger, row, failure, nowMs);
  else if (row === undefined) parkSourceEvent(db, ledger, seq, failure, nowMs);
}

/** A translation without a run, so that people see the event and can have it published again or discard it. */
function parkSourceEvent(db: Database, ledger: Ledger, seq: number, failure: Failure, nowMs: number): void {
  const outbox = db.get<{ event: number; origin: string }>('SELECT event, origin FROM outbox WHERE seq = ?', seq);
  const stored = outbox === undefined ? undefined : db.get<{ attributes: string }>('SELECT attributes FROM event WHERE seq = ?', outbox.event);
  if (outbox === undefined || stored === undefined) return;
  const attributes = JSON.parse(stored.attributes) as EventAttributes;
  // `/gatehouse/<system>/<source>`, as the gateway names the events of its sources.
  const [system = '', operation = ''] = attributes.source.split('/').slice(2);
  const wanted = {
    id: translationId(system, operation, attributes.source, attributes.id),
    system,
    operation,
    key: null,
    businessKey: attributes.subject ?? null,
    passWhenParked: true,
    keepBodies: outbox.origin !== 'source unkept',
    begin: false,
    park: failure,
  };
  const arrival = { event: { attributes, data: new Uint8Array() }, correlation: attributes['correlationid'] ?? attributes.id, hops: 0 };
  const { seq: translation } = insertTranslation(db, ledger, {
    arrival,
    wanted,
    event: outbox.event,
    digest: '',
    nowMs,
    replay: 0,
    replayOf: null,
  });
  db.run('UPDATE outbox SET translation = ? WHERE seq = ?', translation, seq);
}

export interface LaterReply {
  readonly system: string;
  readonly correlation: string;
  readonly answer: PendingBody;
  readonly parts: readonly { readonly part: Part; readonly body: PendingBody }[];
  readonly key: string | null;
}

/** A reply that comes later answers the call that awaits it, or the translation still parked for it; otherwise it is kept and shown (rule 9). */
export function takeReply(db: Database, ledger: Ledger, reply: LaterReply, nowMs: number): LaterVerdict {
  const { system, key } = reply;
  if (key === null) return judgeReply(db, ledger, reply, nowMs);
  const before = db.get<{ verdict: LaterVerdict }>('SELECT verdict FROM reply_key WHERE system = ? AND key = ?', system, key);
  if (before !== undefined) return before.verdict;
  const verdict = judgeReply(db, ledger, reply, nowMs);
  db.run('INSERT INTO reply_key VALUES (?, ?, ?, ?)', system, key, verdict, nowMs);
  return verdict;
}

function judgeReply(db: Database, ledger: Ledger, reply: LaterReply, nowMs: number): LaterVerdict {
  const { system, correlation, answer, parts } = reply;
  const wait = db.get<{ call: number; translation: number }>(
    'SELECT call, translation FROM correlation WHERE system = ? AND correlation = ?',
    system,
    correlation,
  );
  if (wait !== undefined && isOpen(db, wait.call)) {
    for (const { part, body } of parts) insertPart(db, wait.call, part, body);
    db.run(
      "UPDATE call SET state = 'answered', answer = ?, answered_by = 'reply', code = NULL, message = NULL, native = NULL, ended = ? WHERE seq = ?",
      insertBody(db, answer),
      nowMs,
      wait.call,
    );
    db.run('DELETE FROM correlation WHERE system = ? AND correlation = ?', system, correlation);
    wakeReplied(db, ledger, wait.translation);
    confirmBatch(db, wait.translation, wait.call, nowMs);
    return 'answered';
  }
  const call = db.get<{ seq: number }>(
    'SELECT c.seq FROM call c JOIN translation t ON t.seq = c.translation WHERE c.correlation = ? AND t.system = ? ORDER BY c.seq DESC LIMIT 1',
    correlation,
    system,
  );
  if (call !== undefined) {
    for (const { part, body } of parts) insertPart(db, call.seq, part, body);
    return 'evidence';
  }
  const body = insertBody(db, answer);
  db.run('INSERT INTO candidate (system, correlation, at, answer) VALUES (?, ?, ?, ?)', system, correlation, nowMs, body);
  const candidate = db.get<{ seq: number }>('SELECT last_insert_rowid() AS seq')?.seq as number;
  for (const [n, { part, body }] of parts.entries())
    db.run('INSERT INTO candidate_part VALUES (?, ?, ?, ?, ?, ?)', candidate, n, part.kind, part.atMs, part.media, insertBody(db, body));
  return 'candidate';
}

function isOpen(db: Database, call: number): boolean {
  const state = db.get<{ state: string }>('SELECT state FROM call WHERE seq = ?', call)?.state;
  return state === 'calling' || state === 'in doubt';
}

function wakeReplied(db: Database, ledger: Ledger, seq: number): void {
  const row = db.get<TranslationRecord>('SELECT * FROM translation WHERE seq = ?', seq);
  const parkedForIt = row?.state === 'parked' && (row.code === 'REPLY_TIMEOUT' || row.code === 'IN_DOUBT');
  const awaits = row?.state === 'waiting' && (row.waiting === 'reply' || row.waiting === 'batch');
  if (row !== undefined && (parkedForIt || awaits)) comeBack(db, ledger, row);
}
