import { type BroughtIn, type Chunk, type ConsignmentRecord, type Identified, type SourceKey } from '../../contract/consignment.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Arrival, type OutboxRow, type TranslationState } from '../../contract/journal.ts';
import { type PendingBody } from './bodies.ts';
import { type Database } from './database.ts';
import { deleteEvent } from './finals.ts';
import { type Ledger, insertEvent } from './ledger.ts';
import { receiveArrival } from './receive.ts';
import { makeCurrent } from './snapshots.ts';

/** Most that `consignments` lists: a source that has more of them open works through these first. */
const maxOpen = 10_000;

interface Row {
  seq: number;
  claim: string;
  name: string;
  state: ConsignmentRecord['state'];
  identity: string | null;
  at: number;
  cursor: string | null;
  generation: number | null;
  events: number;
  parked: number;
  held_by: number | null;
  accepted: number;
  same_as: string | null;
  started: number;
}

/** The row of a source, made when it is first heard of. */
export function sourceSeq(db: Database, { system, source }: SourceKey): number {
  const known = db.get<{ seq: number }>('SELECT seq FROM source WHERE system = ? AND name = ?', system, source);
  if (known !== undefined) return known.seq;
  db.run('INSERT INTO source (system, name, last) VALUES (?, ?, 0)', system, source);
  return db.get<{ seq: number }>('SELECT last_insert_rowid() AS seq')?.seq as number;
}

export function claimConsignment(db: Database, source: SourceKey, claim: string, name: string, nowMs: number): void {
  db.run(
    "INSERT OR IGNORE INTO consignment (source, claim, name, state, at, events, parked, accepted, started) VALUES (?, ?, ?, 'claimed', 0, 0, 0, 0, ?)",
    sourceSeq(db, source),
    claim,
    name,
    nowMs,
  );
}

export function openConsignments(db: Database, { system, source }: SourceKey): ConsignmentRecord[] {
  return db
    .all<Row>(
      'SELECT c.* FROM source s JOIN consignment c INDEXED BY consignment_open ON c.source = s.seq WHERE s.system = ? AND s.name = ? AND c.put_away IS NULL ORDER BY c.seq LIMIT ?',
      system,
      source,
      maxOpen,
    )
    .map((row) => recordOf(db, row));
}

export function findConsignment(db: Database, { system, source }: SourceKey, claim: string): Row | undefined {
  return db.get<Row>(
    'SELECT c.* FROM source s JOIN consignment c ON c.source = s.seq WHERE s.system = ? AND s.name = ? AND c.claim = ?',
    system,
    source,
    claim,
  );
}

export function recordOf(db: Database, row: Row): ConsignmentRecord {
  const holder =
    row.held_by === null ? undefined : db.get<{ state: TranslationState }>('SELECT state FROM translation WHERE seq = ?', row.held_by)?.state;
  return {
    claim: row.claim,
    name: row.name,
    state: row.state,
    identity: row.identity,
    at: row.at,
    cursor: row.cursor,
    generation: row.generation,
    events: row.events,
    parked: row.parked,
    heldBy: row.state === 'held' ? (holder ?? null) : null,
    accepted: row.accepted === 1,
    sameAs: row.same_as,
    startedMs: row.started,
  };
}

function claimed(db: Database, source: SourceKey, claim: string): Row {
  const row = findConsignment(db, source, claim);
  if (row === undefined)
    throw new GatehouseError('NOT_FOUND', `${source.system} ${source.source}: the journal has no consignment under the claim ${claim}`);
  return row;
}

/** What a claimed consignment is, by its content. */
export function identifyConsignment(
  db: Database,
  source: SourceKey,
  claim: string,
  { identity, size }: { identity: string; size: number },
): Identified {
  const row = claimed(db, source, claim);
  const answer = (outcome: Identified['outcome']): Identified => ({ outcome, record: recordOf(db, claimed(db, source, claim)) });
  if (row.state === 'duplicate') return answer('duplicate');
  if (row.identity === identity) {
    if (row.state === 'claimed') db.run("UPDATE consignment SET state = 'open' WHERE seq = ?", row.seq);
    return answer('resumed');
  }
  if (row.at > 0 || row.cursor !== null) return answer('changed');
  const first = db.get<{ seq: number; name: string; state: string; put_away: number | null; at: number }>(
    "SELECT seq, name, state, put_away, at FROM consignment INDEXED BY consignment_identity WHERE source = ? AND identity = ? AND state <> 'duplicate'",
    sourceSeq(db, source),
    identity,
  );
  if (first !== undefined && first.state !== 'done' && first.put_away === null) return answer('busy');
  if (first !== undefined && first.state === 'done') {
    db.run("UPDATE consignment SET state = 'duplicate', identity = ?, size = ?, same_as = ? WHERE seq = ?", identity, size, first.name, row.seq);
    return answer('duplicate');
  }
  // The same content was here and not taken to its end: what of it became events is not told twice.
  const at = first?.at ?? 0;
  if (first !== undefined) db.run('UPDATE consignment SET identity = NULL WHERE seq = ?', first.seq);
  db.run("UPDATE consignment SET state = 'open', identity = ?, size = ?, at = ? WHERE seq = ?", identity, size, at, row.seq);
  return answer(at > 0 ? 'resumed' : 'new');
}

export interface ChunkBodies {
  readonly events: readonly PendingBody[];
  readonly parked: readonly PendingBody[];
}

/** Events, parked pieces and checkpoint: all of it or nothing. */
export function bringInChunk(
  db: Database,
  ledger: Ledger,
  source: SourceKey,
  chunk: Chunk,
  bodies: ChunkBodies,
  { fullAt, nowMs }: { fullAt: number; nowMs: number },
): BroughtIn {
  const row = claimed(db, source, chunk.claim);
  if (row.state !== 'open' || row.at !== chunk.from.at || row.cursor !== chunk.from.cursor)
    throw new GatehouseError(
      'CHANGED',
      `${source.system} ${source.source}: ${row.name} is ${row.state} at piece ${row.at} by now, not open at ${chunk.from.at}`,
    );
  const origin = chunk.keepBodies ? 'source' : 'source unkept';
  const rows = chunk.events.map((event, index): OutboxRow => {
    const seq = ledger.next('outbox');
    db.run(
      "INSERT INTO outbox VALUES (?, ?, NULL, ?, 'pending', NULL, NULL, NULL, NULL)",
      seq,
      origin,
      insertEvent(db, ledger, event, event.data.byteLength, bodies.events[index] as PendingBody),
    );
    return { seq, event, translationSeq: null };
  });
  parkPieces(db, ledger, chunk.parked, bodies.parked, nowMs);
  db.run(
    'UPDATE consignment SET at = ?, cursor = ?, events = events + ?, parked = parked + ?, state = ? WHERE seq = ?',
    chunk.to.at,
    chunk.to.cursor,
    chunk.events.length,
    chunk.parked.length,
    chunk.last ? 'done' : 'open',
    row.seq,
  );
  if (chunk.last && row.generation !== null) makeCurrent(db, sourceSeq(db, source), row.generation);
  return { rows, outboxFull: outboxHolds(db, fullAt) };
}

function parkPieces(db: Database, ledger: Ledger, arrivals: readonly Arrival[], bodies: readonly PendingBody[], nowMs: number): void {
  for (const [index, arrival] of arrivals.entries()) receiveArrival(db, ledger, arrival, bodies[index] as PendingBody, { nowMs, build: '' });
}

export function outboxHolds(db: Database, events: number): boolean {
  return (
    db.get("SELECT 1 FROM outbox INDEXED BY outbox_pending WHERE state = 'pending' AND seq > 0 LIMIT 1 OFFSET ?", Math.max(0, events - 1)) !==
    undefined
  );
}

export function setConsignmentAside(
  db: Database,
  ledger: Ledger,
  source: SourceKey,
  claim: string,
  how: 'refused' | 'held',
  parked: { readonly arrival: Arrival; readonly body: PendingBody },
  nowMs: number,
): void {
  const row = claimed(db, source, claim);
  const [received] = receiveArrival(db, ledger, parked.arrival, parked.body, { nowMs, build: '' });
  const holder =
    received === undefined ? undefined : db.get<{ translation: number }>('SELECT translation FROM identity WHERE key = ?', received.id)?.translation;
  db.run('UPDATE consignment SET state = ?, held_by = ? WHERE seq = ?', how, holder ?? null, row.seq);
}

export function releaseConsignment(db: Database, source: SourceKey, claim: string): void {
  const row = claimed(db, source, claim);
  if (row.state !== 'held') return;
  const begun = row.at > 0 || row.cursor !== null;
  db.run('UPDATE consignment SET state = ?, held_by = NULL, accepted = 1 WHERE seq = ?', begun ? 'open' : 'claimed', row.seq);
}

export function putConsignmentAway(db: Database, source: SourceKey, claim: string, nowMs: number): void {
  const row = findConsignment(db, source, claim);
  if (row === undefined) return;
  if (row.state === 'claimed' && row.at === 0) db.run('DELETE FROM consignment WHERE seq = ?', row.seq);
  // One that has nothing more to say leaves its identity to the next with the same content.
  else if (row.state === 'duplicate') db.run('DELETE FROM consignment WHERE seq = ?', row.seq);
  else db.run('UPDATE consignment SET put_away = ? WHERE seq = ?', nowMs, row.seq);
}

/** Consignments that need not be remembered, and events of sources that are past keeping. @returns how many, at most `piece` of each */
export function sweepSources(db: Database, ledger: Ledger, keptSinceMs: number, rememberedSinceMs: number, piece: number): number {
  const forgotten = db.all<{ seq: number }>(
    'SELECT seq FROM consignment INDEXED BY consignment_put_away WHERE put_away < ? ORDER BY put_away LIMIT ?',
    rememberedSinceMs,
    piece,
  );
  for (const { seq } of forgotten) db.run('DELETE FROM consignment WHERE seq = ?', seq);
  const published = db.all<{ seq: number; event: number }>(
    'SELECT seq, event FROM outbox INDEXED BY outbox_source WHERE translation IS NULL AND published < ? ORDER BY published LIMIT ?',
    keptSinceMs,
    piece,
  );
  if (published.length > 0) ledger.keepCounters(db);
  for (const { seq, event } of published) deleteOutboxRow(db, seq, event);
  return Math.max(forgotten.length, published.length);
}

export function deleteOutboxRow(db: Database, seq: number, event: number): void {
  db.run('DELETE FROM outbox WHERE seq = ?', seq);
  deleteEvent(db, event);
}
