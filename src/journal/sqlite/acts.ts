import { GatehouseError } from '../../contract/errors.ts';
import { type ActionResult, type OperatorAct, type OperatorAction } from '../../contract/journal.ts';
import { translationId } from '../../contract/translation-id.ts';
import { record } from './audit.ts';
import { giveUpBatch, settleBatch } from './batch-outcome.ts';
import { takeOut } from './batch-members.ts';
import { type BatchRecord } from './batches.ts';
import { type PendingBody, insertBody } from './bodies.ts';
import { type Database } from './database.ts';
import { deleteEvent, dropBodies } from './finals.ts';
import { freeKey, mayTakeKey } from './keys.ts';
import { type Ledger, type TranslationRecord, insertEvent, readEvent } from './ledger.ts';
import { giveUpNumbers, keepNumbers } from './numbers.ts';
import { insertTranslation } from './receive.ts';
import { seal } from './sealed-text.ts';

/** What a person does: the row of the action, the audit and the effect in one commit; the same key again does nothing (rule 21). */
export function takeAction(db: Database, ledger: Ledger, action: OperatorAction, body: PendingBody | null, nowMs: number): ActionResult {
  const before = db.get<{ result: string }>('SELECT result FROM action WHERE key = ?', action.key);
  if (before !== undefined) return { ...(JSON.parse(before.result) as ActionResult), repeated: true };
  const row = db.get<TranslationRecord>(
    'SELECT t.* FROM identity i JOIN translation t ON t.seq = i.translation WHERE i.key = ?',
    action.translationId,
  );
  if (row === undefined) throw new GatehouseError('NOT_FOUND', `there is no translation ${action.translationId}`);
  if (row.state === 'running' || (action.version !== null && action.version !== row.version))
    throw new GatehouseError(
      'CHANGED',
      `translation ${row.id} is ${row.state} at version ${row.version} by now${action.version === null ? '' : `, not at ${action.version}`}: look again`,
    );

  const affected = effect(db, ledger, row, action.act, body, nowMs);
  const now = db.get<{ id: string; state: ActionResult['state'] }>('SELECT id, state FROM translation WHERE seq = ?', affected) ?? {
    id: row.id,
    state: 'discarded',
  };
  const result: ActionResult = { translationId: now.id, state: now.state, system: row.system, repeated: false };
  const { codec } = ledger.bodies;
  db.run(
    'INSERT INTO action VALUES (?, ?, ?, ?, ?, ?, ?)',
    action.key,
    row.seq,
    action.act.kind,
    action.who,
    seal(codec, action.why),
    nowMs,
    JSON.stringify(result),
  );
  record(db, codec, { who: action.who, what: action.act.kind, subject: row.id, why: action.why, atMs: nowMs });
  return result;
}

/** @returns the sequence of the translation that is meant from now on */
function effect(db: Database, ledger: Ledger, row: TranslationRecord, act: OperatorAct, body: PendingBody | null, nowMs: number): number {
  switch (act.kind) {
    case 'retry':
      return retry(db, ledger, row);
    case 'discard':
      return discard(db, ledger, row, act, body, nowMs);
    case 'pass':
      return pass(db, ledger, row);
    case 'republish':
      return republish(db, ledger, row);
    case 'replay':
      return replay(db, ledger, row, act, body, nowMs);
    case 'happened':
    case 'did not':
    case 'probe':
      return settle(db, ledger, row, act, body, nowMs);
  }
}

function refuse(row: TranslationRecord, what: string, possible: string): never {
  throw new GatehouseError(
    'NOT_POSSIBLE',
    `translation ${row.id} is ${row.state}${row.code === null ? '' : ` (${row.code})`}: ${what} is not possible, ${possible}`,
  );
}

function retry(db: Database, ledger: Ledger, row: TranslationRecord): number {
  if (row.code === 'UNPUBLISHABLE' && row.state === 'parked') return republish(db, ledger, row);
  if (row.operation === '') refuse(row, 'retry', 'no operation takes it; discard it');
  if (row.state !== 'parked' && row.state !== 'waiting')
    refuse(row, 'retry', 'only what is parked or waiting can be retried; replay makes a new one');
  const batch = row.waiting === 'batch' ? batchOf(db, row.seq, null) : undefined;
  if (batch !== undefined && batch.state !== 'open') refuse(row, 'retry', `it has left with batch ${batch.seq}, whose outcome decides`);
  return makeReady(db, ledger, row);
}

/** The batch that a call of the translation, or this call, is in. */
function batchOf(db: Database, translation: number, call: number | null): BatchRecord | undefined {
  return db.get<BatchRecord>(
    'SELECT b.* FROM batch_member m INDEXED BY batch_member_translation JOIN batch b ON b.seq = m.batch WHERE m.translation = ? AND m.call = ifnull(?, m.call) ORDER BY m.call DESC LIMIT 1',
    translation,
    call,
  );
}

/** Ready again, with all its attempts; behind its key if another of that key was let by and is at work. */
function makeReady(db: Database, ledger: Ledger, row: TranslationRecord): number {
  takeOut(db, row.seq, row.id);
  const ready = mayTakeKey(db, row.system, row.key, row.seq) ? 1 : 0;
  ledger.counts.move(row, { state: 'received', ready });
  db.run(
    `UPDATE translation SET state = 'received', waiting = NULL, due = NULL, ready = ?, holds = ?, attempts = 0, crashes = 0, code = NULL, message = NULL, native = NULL,
      version = version + 1, changed = ? WHERE seq = ?`,
    ready,
    row.key === null ? 0 : 1,
    ledger.change(),
    row.seq,
  );
  return row.seq;
}

function discard(
  db: Database,
  ledger: Ledger,
  row: TranslationRecord,
  act: OperatorAct & { kind: 'discard' },
  body: PendingBody | null,
  nowMs: number,
): number {
  if (row.state === 'published' || row.state === 'discarded' || row.state === 'answered') refuse(row, 'discard', 'its outcome is settled');
  if (act.reply !== undefined && body !== null)
    db.run(
      "INSERT INTO outbox VALUES (?, 'translation', ?, ?, 'pending', NULL, NULL, NULL, NULL)",
      ledger.next('outbox'),
      row.seq,
      insertEvent(db, ledger, act.reply, act.reply.data.byteLength, body),
    );
  const refused = db.all<{ event: number }>("SELECT event FROM outbox WHERE translation = ? AND state = 'refused'", row.seq);
  db.run("DELETE FROM outbox WHERE translation = ? AND state = 'refused'", row.seq);
  for (const { event } of refused) deleteEvent(db, event);
  ledger.counts.move(row, { state: 'discarded' });
  db.run(
    "UPDATE translation SET state = 'discarded', waiting = NULL, due = NULL, ready = 0, holds = 0, crashes = 0, version = version + 1, finished = ?, changed = ? WHERE seq = ?",
    nowMs,
    ledger.change(),
    row.seq,
  );
  db.run('DELETE FROM correlation WHERE translation = ?', row.seq);
  takeOut(db, row.seq, row.id);
  giveUpNumbers(db, row.seq);
  giveUpBatch(db, row.seq, row.id, nowMs);
  freeKey(db, ledger, row.system, row.key);
  if (row.keep === 0) dropBodies(db, row.seq);
  return row.seq;
}

function pass(db: Database, ledger: Ledger, row: TranslationRecord): number {
  if (row.key === null || row.holds === 0) refuse(row, 'pass', 'it holds no key');
  if (row.state !== 'parked' && row.state !== 'waiting') refuse(row, 'pass', 'only what is parked or waiting lets others by');
  db.run('UPDATE translation SET holds = 0, version = version + 1, changed = ? WHERE seq = ?', ledger.change(), row.seq);
  freeKey(db, ledger, row.system, row.key);
  return row.seq;
}

function republish(db: Database, ledger: Ledger, row: TranslationRecord): number {
  const dropped = db.get(
    "SELECT 1 FROM outbox o JOIN event e ON e.seq = o.event WHERE o.translation = ? AND (o.state = 'refused' OR o.routed = 0) AND e.body IS NULL LIMIT 1",
    row.seq,
  );
  if (dropped !== undefined) refuse(row, 'republish', 'the body of its reply is no longer kept');
  const rows = db.run(
    "UPDATE outbox SET state = 'pending', routed = NULL, published = NULL, code = NULL, message = NULL WHERE translation = ? AND (state = 'refused' OR routed = 0)",
    row.seq,
  );
  if (rows === 0) refuse(row, 'republish', 'it has no reply that was refused or reached no queue');
  if (row.state === 'discarded') return row.seq;
  ledger.counts.move(row, { state: 'answered' });
  db.run(
    "UPDATE translation SET state = 'answered', finished = NULL, holds = 0, code = NULL, message = NULL, native = NULL, version = version + 1, changed = ? WHERE seq = ?",
    ledger.change(),
    row.seq,
  );
  return row.seq;
}

function replay(
  db: Database,
  ledger: Ledger,
  row: TranslationRecord,
  act: OperatorAct & { kind: 'replay' },
  body: PendingBody | null,
  nowMs: number,
): number {
  if (row.operation === '') refuse(row, 'replay', 'no operation takes it');
  if (row.state === 'received' || row.state === 'waiting') refuse(row, 'replay', 'it is still going to run by itself; discard it first');
  const event = act.event ?? readEvent(db, ledger, row.event);
  if (event === null) refuse(row, 'replay', 'its event is no longer kept');
  const last =
    db.get<{ n: number }>(
      'SELECT max(replay) AS n FROM translation INDEXED BY translation_event_id WHERE event_id = ? AND source = ? AND system = ? AND operation = ?',
      row.event_id,
      row.source,
      row.system,
      row.operation,
    )?.n ?? 0;
  // A replay that is past keeping has left its identity.
  let replay = last + 1;
  while (db.get('SELECT 1 FROM identity WHERE key = ?', translationId(row.system, row.operation, row.source, row.event_id, replay)) !== undefined)
    replay += 1;
  const eventSeq = act.event !== undefined && body !== null ? insertEvent(db, ledger, event, event.data.byteLength, body) : row.event;
  const edited = act.event !== undefined;
  const wanted = {
    id: translationId(row.system, row.operation, row.source, row.event_id, replay),
    system: row.system,
    operation: row.operation,
    key: edited ? (act.key ?? null) : row.key,
    businessKey: edited ? (act.businessKey ?? null) : row.business_key,
    passWhenParked: row.pass === 1,
    keepBodies: row.keep === 1,
    begin: false,
    park: null,
  };
  const arrival = {
    event: { ...event, attributes: { ...event.attributes, id: row.event_id, source: row.source } },
    correlation: row.correlation,
    hops: row.hops,
  };
  return insertTranslation(db, ledger, { arrival, wanted, event: eventSeq, digest: act.digest ?? '', nowMs, replay, replayOf: row.id }).seq;
}

function settle(
  db: Database,
  ledger: Ledger,
  row: TranslationRecord,
  act: OperatorAct & { kind: 'happened' | 'did not' | 'probe' },
  answer: PendingBody | null,
  nowMs: number,
): number {
  if (row.state !== 'parked') refuse(row, `settling as '${act.kind}'`, 'only what is parked can be settled');
  const call = db.get<{ state: string }>('SELECT state FROM call WHERE seq = ? AND translation = ?', act.callSeq, row.seq);
  if (call?.state !== 'in doubt' && call?.state !== 'calling')
    refuse(row, `settling call ${act.callSeq}`, call === undefined ? 'it has no such call' : `that call is ${call.state}`);
  const batch = batchOf(db, row.seq, act.callSeq);
  if (batch?.state === 'calling' && batch.passing === 0)
    refuse(row, `settling as '${act.kind}'`, `it left with batch ${batch.seq}, which is being looked at: settle the batch if it gets stuck`);
  if (batch?.passing === 1) refuse(row, `settling as '${act.kind}'`, `what became of batch ${batch.seq} is known and on its way to its members`);
  // An answer that a person gives for the reply to one member says nothing of the others.
  if (batch?.state === 'in doubt' && !(act.kind === 'happened' && batch.expires !== null)) {
    settleBatch(db, batch, act.kind, nowMs);
    return row.seq;
  }
  if (act.kind === 'happened' && answer !== null)
    db.run(
      "UPDATE call SET state = 'answered', answer = ?, answered_by = 'person', ended = ? WHERE seq = ?",
      insertBody(db, answer),
      nowMs,
      act.callSeq,
    );
  if (act.kind === 'did not') {
    db.run("UPDATE call SET state = 'not sent', ended = ? WHERE seq = ?", nowMs, act.callSeq);
    keepNumbers(db, row.seq, act.callSeq);
  }
  if (act.kind === 'probe') db.run("UPDATE call SET state = 'calling' WHERE seq = ?", act.callSeq);
  if (act.kind !== 'probe') db.run('DELETE FROM correlation WHERE call = ? AND translation = ?', act.callSeq, row.seq);
  return makeReady(db, ledger, row);
}
