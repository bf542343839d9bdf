import {
  type BulkAct,
  type BulkItem,
  type BulkItemEnd,
  type BulkItemState,
  type BulkRef,
  type BulkRow,
  type BulkStart,
  type BulkTurn,
  type BulkWork,
} from '../../contract/bulk.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Failure, type OperatorAct, type TranslationRef } from '../../contract/journal.ts';
import { takeAction } from './acts.ts';
import { record } from './audit.ts';
import { type BodyCodec, type PendingBody } from './bodies.ts';
import { type BulkItemRecord, type BulkRecord, bulkRow } from './bulk-rows.ts';
import { type Database } from './database.ts';
import { type Ledger } from './ledger.ts';
import { seal, unseal } from './sealed-text.ts';

/** @throws GatehouseError NOT_FOUND */
function findBulk(db: Database, seq: number): BulkRecord {
  const row = db.get<BulkRecord>('SELECT * FROM bulk WHERE seq = ?', seq);
  if (row === undefined) throw new GatehouseError('NOT_FOUND', `there is no bulk action ${seq}`);
  return row;
}

export function bulkUnder(db: Database, codec: BodyCodec, key: string): BulkRow | null {
  const row = db.get<BulkRecord>('SELECT * FROM bulk WHERE key = ?', key);
  return row === undefined ? null : bulkRow(row, codec);
}

export function startBulk(db: Database, ledger: Ledger, start: BulkStart, nowMs: number): { seq: number; repeated: boolean } {
  const { codec } = ledger.bodies;
  const before = bulkUnder(db, codec, start.key);
  if (before !== null) return { seq: before.seq, repeated: true };
  db.run(
    "INSERT INTO bulk (key, act, selection, who, why, per_second, state, total, done, failed, skipped, started, changed) VALUES (?, ?, ?, ?, ?, ?, 'freezing', ?, 0, 0, 0, ?, ?)",
    start.key,
    seal(codec, JSON.stringify(start.act)),
    JSON.stringify(start.selection),
    start.who,
    seal(codec, start.why),
    start.perSecond,
    start.total,
    nowMs,
    ledger.change(),
  );
  const seq = db.get<{ seq: number }>('SELECT last_insert_rowid() AS seq')?.seq ?? 0;
  note(db, ledger, seq, start.who, `bulk ${start.act.kind}`, `${start.why} (${start.total} translations)`, nowMs);
  return { seq, repeated: false };
}

/** Every turn of a bulk is in the audit log; what it does to each translation is there under that translation. */
function note(db: Database, ledger: Ledger, bulk: number, who: string, what: string, why: string, atMs: number): void {
  record(db, ledger.bodies.codec, { who, what, subject: `bulk ${bulk}`, why, atMs });
}

/** @throws GatehouseError CHANGED */
function freezing(db: Database, seq: number): BulkRecord {
  const bulk = findBulk(db, seq);
  if (bulk.state !== 'freezing') throw new GatehouseError('CHANGED', `bulk ${seq} is ${bulk.state}: its selection is frozen`);
  return bulk;
}

const lastPlace = (db: Database, bulk: number): number =>
  db.get<{ place: number | null }>('SELECT max(place) AS place FROM bulk_item WHERE bulk = ?', bulk)?.place ?? 0;

export function freezeItems(db: Database, ledger: Ledger, seq: number, firstPlace: number, refs: readonly TranslationRef[], last: boolean): void {
  freezing(db, seq);
  const next = lastPlace(db, seq) + 1;
  if (firstPlace !== next) throw new GatehouseError('CHANGED', `bulk ${seq} goes on at place ${next}, not at ${firstPlace}`);
  for (const [index, ref] of refs.entries())
    db.run("INSERT INTO bulk_item VALUES (?, ?, ?, ?, 'open', NULL, NULL)", seq, firstPlace + index, ref.seq, ref.version);
  if (last) db.run("UPDATE bulk SET state = 'running', total = ?, changed = ? WHERE seq = ?", next - 1 + refs.length, ledger.change(), seq);
}

export function halfFrozenBulks(db: Database, codec: BodyCodec): BulkRow[] {
  const rows = db.all<BulkRecord>("SELECT * FROM bulk INDEXED BY bulk_state WHERE state <> 'done' AND state = 'freezing' ORDER BY seq");
  return rows.map((row) => bulkRow(row, codec));
}

export function thawItems(db: Database, seq: number, limit: number): boolean {
  freezing(db, seq);
  const gone = db.run('DELETE FROM bulk_item WHERE bulk = ? AND place IN (SELECT place FROM bulk_item WHERE bulk = ? LIMIT ?)', seq, seq, limit);
  return gone === limit;
}

export function abandonBulk(db: Database, ledger: Ledger, seq: number, why: string, nowMs: number): void {
  const { who } = freezing(db, seq);
  db.run("UPDATE bulk SET state = 'done', total = 0, ended = ?, note = ?, changed = ? WHERE seq = ?", nowMs, why, ledger.change(), seq);
  note(db, ledger, seq, who, 'bulk done', why, nowMs);
}

export function nextWork(db: Database, codec: BodyCodec, limit: number): BulkWork | null {
  const bulk = db.get<BulkRecord>("SELECT * FROM bulk INDEXED BY bulk_state WHERE state <> 'done' AND state = 'running' ORDER BY seq LIMIT 1");
  if (bulk === undefined) return null;
  const items = db.all<{ place: number; id: string | null }>(
    "SELECT i.place, t.id FROM bulk_item i INDEXED BY bulk_item_open LEFT JOIN translation t ON t.seq = i.translation WHERE i.bulk = ? AND i.state = 'open' ORDER BY i.place LIMIT ?",
    bulk.seq,
    limit,
  );
  return { bulk: bulkRow(bulk, codec), items: items.map(({ place, id }): BulkItem => ({ bulk: bulk.seq, place, translationId: id })) };
}

/** The row of a translation, when its bulk runs and it has not ended. */
function openItem(db: Database, { bulk, place }: BulkRef): { bulk: BulkRecord; item: BulkItemRecord; open: boolean } {
  const row = findBulk(db, bulk);
  const item = db.get<BulkItemRecord>('SELECT * FROM bulk_item WHERE bulk = ? AND place = ?', bulk, place);
  if (item === undefined) throw new GatehouseError('NOT_FOUND', `bulk ${bulk} has no place ${place}`);
  return { bulk: row, item, open: row.state === 'running' && item.state === 'open' };
}

export function actOnItem(db: Database, ledger: Ledger, ref: BulkRef, act: OperatorAct, body: PendingBody | null, nowMs: number): BulkItemEnd {
  const { bulk, item, open } = openItem(db, ref);
  if (!open) return { state: item.state, result: null };
  const row = db.get<{ id: string; version: number }>('SELECT id, version FROM translation WHERE seq = ?', item.translation);
  if (row === undefined) return skip(db, ledger, bulk, item, gone, nowMs);
  if (row.version !== item.version)
    return skip(db, ledger, bulk, item, { code: 'CHANGED', message: 'it has changed since the selection was frozen' }, nowMs);
  const key = `bulk ${ref.bulk}/${ref.place}`;
  const why = `bulk ${ref.bulk}: ${unseal(ledger.bodies.codec, bulk.why)}`;
  const result = takeAction(db, ledger, { key, translationId: row.id, version: item.version, act, who: bulk.who, why }, body, nowMs);
  if (result.repeated) throw new GatehouseError('NOT_POSSIBLE', `the key '${key}' was used for another action`);
  endItem(db, ledger, bulk, item, 'done', null, nowMs);
  return { state: 'done', result };
}

const gone: Failure = { code: 'NOT_FOUND', message: 'it is no longer kept' };

function skip(db: Database, ledger: Ledger, bulk: BulkRecord, item: BulkItemRecord, failure: Failure, nowMs: number): BulkItemEnd {
  endItem(db, ledger, bulk, item, 'skipped', failure, nowMs);
  return { state: 'skipped', result: null };
}

export function refuseItem(db: Database, ledger: Ledger, ref: BulkRef, failure: Failure, nowMs: number): void {
  const { bulk, item, open } = openItem(db, ref);
  if (open) endItem(db, ledger, bulk, item, failure.code === 'CHANGED' || failure.code === 'NOT_FOUND' ? 'skipped' : 'failed', failure, nowMs);
}

/** With the last one the bulk is done. */
function endItem(
  db: Database,
  ledger: Ledger,
  bulk: BulkRecord,
  item: BulkItemRecord,
  state: Exclude<BulkItemState, 'open'>,
  failure: Failure | null,
  nowMs: number,
): void {
  db.run(
    'UPDATE bulk_item SET state = ?, code = ?, message = ? WHERE bulk = ? AND place = ?',
    state,
    failure?.code ?? null,
    failure?.message ?? null,
    item.bulk,
    item.place,
  );
  const counts = { done: bulk.done, failed: bulk.failed, skipped: bulk.skipped };
  counts[state] += 1;
  const over = counts.done + counts.failed + counts.skipped === bulk.total;
  db.run(
    'UPDATE bulk SET done = ?, failed = ?, skipped = ?, state = ?, ended = ?, changed = ? WHERE seq = ?',
    counts.done,
    counts.failed,
    counts.skipped,
    over ? 'done' : bulk.state,
    over ? nowMs : null,
    ledger.change(),
    bulk.seq,
  );
  if (over) note(db, ledger, bulk.seq, bulk.who, 'bulk done', `${counts.done} done, ${counts.failed} failed, ${counts.skipped} skipped`, nowMs);
}

export function turnBulk(db: Database, ledger: Ledger, { key, bulk: seq, turn, who, why }: BulkTurn, nowMs: number): void {
  const bulk = findBulk(db, seq);
  const before = db.get<{ bulk: number }>('SELECT bulk FROM bulk_turn WHERE key = ?', key);
  if (before?.bulk === seq) return;
  if (before !== undefined) throw new GatehouseError('NOT_POSSIBLE', `the key '${key}' was used for bulk ${before.bulk}`);
  const { kind } = JSON.parse(unseal(ledger.bodies.codec, bulk.act)) as BulkAct;
  const refuse = (possible: string): never => {
    throw new GatehouseError('NOT_POSSIBLE', `bulk ${seq} (${kind}) is ${bulk.state}: '${turn.to}' is not possible, ${possible}`);
  };
  if (bulk.state === 'freezing') refuse('its selection is being frozen: ask again in a moment');
  if (bulk.state === 'done') refuse('it has ended: start another');
  if (turn.to === 'stop' && bulk.state !== 'running') refuse('it does not run');
  if (turn.to === 'resume' && bulk.state !== 'stopped') refuse('it runs');
  const state = turn.to === 'stop' ? 'stopped' : turn.to === 'resume' ? 'running' : bulk.state;
  const perSecond = turn.to === 'rate' ? turn.perSecond : bulk.per_second;
  db.run('UPDATE bulk SET state = ?, per_second = ?, changed = ? WHERE seq = ?', state, perSecond, ledger.change(), seq);
  db.run('INSERT INTO bulk_turn VALUES (?, ?)', key, seq);
  const what = turn.to === 'rate' ? `bulk rate ${turn.perSecond === 0 ? 'unlimited' : turn.perSecond}` : `bulk ${turn.to}`;
  note(db, ledger, seq, who, what, why, nowMs);
}

/** A piece of what bulks left that ended long ago. @returns how many rows went */
export function sweepBulks(db: Database, ledger: Ledger, beforeMs: number, limit: number): number {
  const past = db.get<{ seq: number }>('SELECT seq FROM bulk INDEXED BY bulk_ended WHERE ended < ? ORDER BY ended LIMIT 1', beforeMs);
  if (past === undefined) return 0;
  const { seq } = past;
  const items = db.run('DELETE FROM bulk_item WHERE bulk = ? AND place IN (SELECT place FROM bulk_item WHERE bulk = ? LIMIT ?)', seq, seq, limit);
  if (items === limit) return items;
  ledger.keepCounters(db);
  db.run('DELETE FROM bulk_turn WHERE bulk = ?', seq);
  return items + db.run('DELETE FROM bulk WHERE seq = ?', seq);
}
