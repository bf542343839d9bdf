import { mkdirSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  type BatchAction,
  type BatchEnd,
  type BatchMember,
  type BatchRef,
  type Closing,
  type DueBatch,
  type Gathered,
  type Gathering,
} from '../../contract/batch.ts';
import { type Clock } from '../../contract/clock.ts';
import {
  type BroughtIn,
  type Chunk,
  type ConsignmentRecord,
  type Identified,
  type SnapshotChange,
  type SnapshotRow,
  type SourceKey,
  type Staged,
} from '../../contract/consignment.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type CloudEvent } from '../../contract/event.ts';
import { type GroupNote, type GroupNoting } from '../../contract/groups.ts';
import { type Json } from '../../contract/json.ts';
import {
  type ActionResult,
  type Arrival,
  type CallEnd,
  type Failure,
  Journal,
  type Leaving,
  type LinkKey,
  type OperatorAction,
  type OutboxRow,
  type ReceivedTranslation,
  type Recovered,
  type RetentionPolicy,
  type Started,
  type SystemRecord,
  type Tally,
  type TranslationRef,
  type Wait,
} from '../../contract/journal.ts';
import { type Log } from '../../contract/log.ts';
import { type SearchedBodies } from '../../contract/searched-bodies.ts';
import { type LaterVerdict, type Part } from '../../contract/transport.ts';
import { type JournalSettings } from '../journal.settings.ts';
import { takeAction } from './acts.ts';
import { type Deed, record } from './audit.ts';
import { actOnBatch, endBatch, passOn, refuseMembers, reopenBatch } from './batch-outcome.ts';
import { closeBatch, dueBatch, findBatch, gatherCall, membersOf, tryBatch } from './batches.ts';
import { Bodies, BodyCodec, type PendingBody, deleteStrayChunks, insertChunk } from './bodies.ts';
import {
  bringInChunk,
  claimConsignment,
  findConsignment,
  identifyConsignment,
  openConsignments,
  outboxHolds,
  putConsignmentAway,
  recordOf,
  releaseConsignment,
  setConsignmentAside,
  sourceSeq,
} from './consignments.ts';
import { Database } from './database.ts';
import { Ledger } from './ledger.ts';
import { FileLock } from './lock.ts';
import { migrate } from './migrate.ts';
import { addEvidence, forgetValue, recallValue, rememberValue } from './memory.ts';
import { numberOf, numberOfBatch } from './numbers.ts';
import { publishRow, refuseRow, takeReply, unpublishedRows } from './outbox.ts';
import { SqliteBulks } from './sqlite.bulks.ts';
import { noteGroup } from './notes.ts';
import { SqliteReader } from './sqlite.reader.ts';
import { receiveArrival } from './receive.ts';
import { Room } from './room.ts';
import { answerTranslation, beginRuns, endCall, giveBackTranslation, leaveCall, parkRun, waitTranslation } from './runs.ts';
import { beginStaging, compareRows, goneKeys, rowsOfCurrent, stageRows } from './snapshots.ts';
import { SqliteSpool } from './sqlite.spool.ts';
import { availabilities, setAvailability, sweepPieceOf, takeOver, wakeDue } from './upkeep.ts';
import { WordCodec } from './words/word-codec.ts';
import { prepareWords, wordFile } from './words/word-file.ts';
import { WordKeeper } from './words/word-keeper.ts';
import { Writer } from './writer.ts';

const busyTimeoutMs = 10_000;

export interface OpenOptions {
  /** Called when the file can no longer be written. Default: ends the process with status 74 (EX_IOERR). */
  readonly fatal?: (error: GatehouseError) => void;
  /** Systems whose bodies are searched: from `recover` on their words are kept, and those of others go. Default: what is there stays as it is. */
  readonly searched?: SearchedBodies;
  readonly log?: Log;
}

/**
 * Opens the journal: takes its lock, brings its schema up to date, takes nothing over yet (`recover` does).
 * @throws GatehouseError JOURNAL_LOCKED, JOURNAL_NEWER, JOURNAL_BROKEN, CONFIG_INVALID when the key is none
 */
export async function openSqliteJournal(
  settings: JournalSettings,
  clock: Clock,
  options: OpenOptions = {},
): Promise<{ journal: SqliteJournal; spool: SqliteSpool }> {
  const { path } = settings;
  const keys = keysOf(settings);
  mkdirSync(dirname(path), { recursive: true });
  let lock: FileLock | null = null;
  let db: Database | null = null;
  try {
    lock = FileLock.take(path);
    // Somebody else may hold the write lock for a moment: a backup, a person with a shell.
    db = new Database(new DatabaseSync(path, { timeout: busyTimeoutMs }));
    migrate(db, path);
    deleteStrayChunks(db, null);
    const lastBody = db.get<{ id: number | null }>('SELECT max(id) AS id FROM body')?.id ?? 0;
    const ledger = new Ledger(db, new Bodies(new BodyCodec(keys), settings.evidenceMaxBytes, lastBody));
    const { fatal = endProcess, searched, log = () => undefined } = options;
    const journal = new SqliteJournal({ db, ledger, lock, clock, room: new Room(db, settings), path, keys, fatal, searched, log });
    return { journal, spool: journal.spool };
  } catch (error) {
    db?.close();
    lock?.release();
    throw error instanceof GatehouseError
      ? error
      : new GatehouseError('JOURNAL_BROKEN', `the journal ${path} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}

function keysOf({ encryption }: JournalSettings): ReadonlyMap<number, Uint8Array> {
  if (encryption === undefined) return new Map();
  const text = encryption.key.reveal();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new GatehouseError('CONFIG_INVALID', `the key ${encryption.keyId} of the journal is not 64 hex digits`);
  return new Map([[encryption.keyId, Buffer.from(text, 'hex')]]);
}

function endProcess(error: GatehouseError): void {
  writeSync(2, `gatehouse: ${error.code}: ${error.message}\n`);
  process.exit(74);
}

interface Parts {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly lock: FileLock;
  readonly clock: Clock;
  readonly room: Room;
  readonly path: string;
  readonly keys: ReadonlyMap<number, Uint8Array>;
  readonly searched: SearchedBodies | undefined;
  readonly log: Log;
  fatal(error: GatehouseError): void;
}

/** The journal on node:sqlite: each intent is one record of the writer, its statements in the files beside this one. */
export class SqliteJournal extends Journal {
  readonly reader: SqliteReader;
  readonly bulks: SqliteBulks;
  readonly spool: SqliteSpool;
  readonly instance: string;
  readonly #parts: Parts;
  readonly #writer: Writer;
  readonly #changeListeners = new Set<(position: number) => void>();
  readonly #fullListeners = new Set<(full: boolean) => void>();
  #seenChange: number;
  #tallies: readonly Tally[] | null = null;
  #words: WordKeeper | null = null;

  constructor(parts: Parts) {
    super();
    this.#parts = parts;
    const { db, ledger, room } = parts;
    this.#seenChange = ledger.changed;
    this.instance = (db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'instance'")?.value ?? 0).toString(16).padStart(12, '0');
    ledger.epoch = db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'epoch'")?.value ?? 0;
    this.#writer = new Writer(db, {
      ledger,
      isFull: () => room.full,
      full: () => {
        room.release();
        for (const listener of this.#fullListeners) listener(true);
      },
      fatal: (error) => parts.fatal(error),
      committed: () => this.#committed(),
    });
    this.spool = new SqliteSpool(db, this.#writer, ledger);
    this.bulks = new SqliteBulks(this.#writer, ledger, (event) => this.#body(ledger.bodies.whole(event.data)));
    this.#prepareWords();
    this.reader = new SqliteReader(parts.path, parts.keys);
  }

  /** Before anybody looks for words. */
  #prepareWords(): void {
    const { searched, path, keys, ledger, db } = this.#parts;
    if (searched === undefined) return;
    const last = db.get<{ last: number | null }>('SELECT max(seq) AS last FROM translation')?.last ?? 0;
    prepareWords(wordFile(path), { instance: this.instance, check: new WordCodec(keys).check, searched, changed: ledger.changed, last });
  }

  /** The words of bodies are derived: that they cannot be written is said, and stops nothing. */
  #keepWords(): void {
    const { searched, path, keys, ledger, log } = this.#parts;
    if (searched === undefined || Object.keys(searched).length === 0) return;
    const words = wordFile(path);
    this.#words = new WordKeeper({
      path,
      words,
      keys,
      searched,
      indexed: () => this.#tellChanged(ledger.changed),
      failed: (message) =>
        log(
          'warn',
          { file: words },
          `the words of bodies cannot be written, and it is tried again: ${message}. Without that file they are all read anew`,
        ),
    });
  }

  async recover(known: readonly { system: string; operation: string }[]): Promise<Recovered> {
    const { ledger, clock, db } = this.#parts;
    await this.#writer.drain();
    // The new epoch is written before this process may write under it.
    db.exec("UPDATE meta SET value = value + 1 WHERE key = 'epoch'");
    ledger.epoch += 1;
    const taken = await this.#writer.write((connection) => takeOver(connection, ledger, known, clock.wallMs()));
    this.#keepWords();
    return { epoch: ledger.epoch, ...taken };
  }

  receive(arrivals: readonly Arrival[], options: { nowMs: number; build: string }): Promise<readonly ReceivedTranslation[]> {
    const { ledger } = this.#parts;
    const bodies = arrivals.map((arrival) => this.#body(ledger.bodies.whole(arrival.event.data), false));
    return this.#writer.write(
      (db) => arrivals.flatMap((arrival, index) => receiveArrival(db, ledger, arrival, bodies[index] as PendingBody, options)),
      false,
    );
  }

  begin(
    system: string,
    operations: readonly string[],
    limit: number,
    options: { nowMs: number; suspects: boolean; build: string },
  ): Promise<readonly Started[]> {
    return this.#writer.write((db) => beginRuns(db, this.#parts.ledger, system, operations, limit, options));
  }

  leave(ref: TranslationRef, leaving: Leaving, _nowMs: number): Promise<number> {
    const args = this.#body(this.#parts.ledger.bodies.json(leaving.args));
    return this.#writer.write((db) => leaveCall(db, this.#parts.ledger, ref, leaving, args));
  }

  sequence(ref: TranslationRef, counter: string, callId: string, nowMs: number): Promise<number> {
    return this.#writer.write((db) => numberOf(db, this.#parts.ledger, ref, counter, callId, nowMs));
  }

  called(ref: TranslationRef, callSeq: number | null, leaving: Leaving, end: CallEnd, parts: readonly Part[], nowMs: number): Promise<void> {
    const { bodies } = this.#parts.ledger;
    const called = {
      args: this.#body(bodies.json(leaving.args), true, callSeq === null),
      answer: end.state === 'answered' ? this.#body(bodies.json(end.answer)) : null,
      parts: this.#evidence(parts),
    };
    return this.#writer.write((db) => endCall(db, this.#parts.ledger, ref, callSeq, leaving, end, called, nowMs));
  }

  answered(ref: TranslationRef, replies: readonly CloudEvent[], nowMs: number): Promise<readonly OutboxRow[]> {
    const pending = replies.map((event) => ({ event, body: this.#body(this.#parts.ledger.bodies.whole(event.data)) }));
    return this.#writer.write((db) => answerTranslation(db, this.#parts.ledger, ref, pending, nowMs));
  }

  wait(ref: TranslationRef, wait: Wait, nowMs: number): Promise<void> {
    return this.#writer.write((db) => waitTranslation(db, this.#parts.ledger, ref, wait, nowMs));
  }

  park(ref: TranslationRef, failure: Failure, nowMs: number): Promise<void> {
    return this.#writer.write((db) => parkRun(db, this.#parts.ledger, ref, failure, nowMs));
  }

  giveBack(ref: TranslationRef, nowMs: number): Promise<void> {
    return this.#writer.write((db) => giveBackTranslation(db, this.#parts.ledger, ref, nowMs));
  }

  wake(nowMs: number): Promise<{ readonly systems: readonly string[]; readonly nextDueMs: number | null }> {
    return this.#writer.write((db) => wakeDue(db, this.#parts.ledger, nowMs));
  }

  replied(system: string, correlation: string, answer: Json, parts: readonly Part[], nowMs: number, key?: string): Promise<LaterVerdict> {
    const reply = { system, correlation, answer: this.#body(this.#parts.ledger.bodies.json(answer)), parts: this.#evidence(parts), key: key ?? null };
    return this.#writer.write((db) => takeReply(db, this.#parts.ledger, reply, nowMs));
  }

  unpublished(afterSeq: number, limit: number): Promise<readonly OutboxRow[]> {
    return this.#writer.write((db) => unpublishedRows(db, this.#parts.ledger, afterSeq, limit));
  }

  async published(outboxSeq: number, routed: boolean, nowMs: number): Promise<void> {
    await this.#writer.write((db) => publishRow(db, this.#parts.ledger, outboxSeq, routed, nowMs));
  }

  unpublishable(outboxSeq: number, failure: Failure, nowMs: number): Promise<void> {
    return this.#writer.write((db) => refuseRow(db, this.#parts.ledger, outboxSeq, failure, nowMs));
  }

  gather(ref: TranslationRef, leaving: Leaving, gathering: Gathering, parts: readonly Part[], _nowMs: number): Promise<Gathered> {
    const bodies = { args: this.#body(this.#parts.ledger.bodies.json(leaving.args)), parts: this.#evidence(parts) };
    return this.#writer.write((db) => gatherCall(db, this.#parts.ledger, ref, leaving, gathering, bodies, this.#parts.clock.steadyMs()));
  }

  dueBatch(system: string, steadyMs: number, passingOnly: boolean): Promise<{ readonly batch: DueBatch | null; readonly nextDueMs: number | null }> {
    return this.#writer.write((db) => dueBatch(db, this.#parts.ledger, system, steadyMs, passingOnly));
  }

  tryBatch(seq: number, nowMs: number): Promise<DueBatch | null> {
    return this.#writer.write((db) => tryBatch(db, this.#parts.ledger, seq, nowMs));
  }

  batchMembers(seq: number, afterCall: number, limit: number): Promise<readonly BatchMember[]> {
    return this.#writer.write((db) => membersOf(db, this.#parts.ledger, seq, afterCall, limit));
  }

  batchSequence(seq: number, counter: string, nowMs: number): Promise<number> {
    return this.#writer.write((db) => numberOfBatch(db, findBatch(db, seq).system, seq, counter, nowMs));
  }

  closeBatch(ref: BatchRef, closing: Closing, _nowMs: number): Promise<void> {
    const answer = this.#body(this.#parts.ledger.bodies.json(closing.answer));
    return this.#writer.write((db) => closeBatch(db, ref, closing, answer));
  }

  batchEnded(seq: number, end: BatchEnd, parts: readonly Part[], nowMs: number): Promise<void> {
    const evidence = this.#evidence(parts);
    return this.#writer.write((db) => endBatch(db, seq, end, evidence, nowMs));
  }

  refuseMembers(seq: number, members: readonly { readonly call: number; readonly failure: Failure }[], nowMs: number): Promise<void> {
    return this.#writer.write((db) => refuseMembers(db, this.#parts.ledger, seq, members, nowMs));
  }

  reopenBatch(seq: number): Promise<boolean> {
    return this.#writer.write((db) => reopenBatch(db, seq));
  }

  passOn(seq: number, limit: number, nowMs: number): Promise<boolean> {
    return this.#writer.write((db) => passOn(db, this.#parts.ledger, seq, limit, nowMs));
  }

  actOnBatch(action: BatchAction, nowMs: number): Promise<{ readonly system: string }> {
    return this.#writer.write((db) => actOnBatch(db, this.#parts.ledger.bodies.codec, action, nowMs));
  }

  claim(source: SourceKey, claim: string, name: string, nowMs: number): Promise<void> {
    return this.#writer.write((db) => claimConsignment(db, source, claim, name, nowMs), false);
  }

  consignments(source: SourceKey): Promise<readonly ConsignmentRecord[]> {
    return this.#writer.write((db) => openConsignments(db, source));
  }

  consignment(source: SourceKey, claim: string): Promise<ConsignmentRecord | null> {
    return this.#writer.write((db) => {
      const row = findConsignment(db, source, claim);
      return row === undefined ? null : recordOf(db, row);
    });
  }

  identify(source: SourceKey, claim: string, content: { identity: string; size: number }, _nowMs: number): Promise<Identified> {
    return this.#writer.write((db) => identifyConsignment(db, source, claim, content), false);
  }

  bringIn(source: SourceKey, chunk: Chunk, fullAt: number, nowMs: number): Promise<BroughtIn> {
    const { bodies } = this.#parts.ledger;
    const pending = {
      events: chunk.events.map((event) => this.#body(bodies.whole(event.data), false)),
      parked: chunk.parked.map(({ event }) => this.#body(bodies.evidence(event.data), false)),
    };
    return this.#writer.write((db) => bringInChunk(db, this.#parts.ledger, source, chunk, pending, { fullAt, nowMs }), false);
  }

  setAside(source: SourceKey, claim: string, how: 'refused' | 'held', arrival: Arrival, nowMs: number): Promise<void> {
    const body = this.#body(this.#parts.ledger.bodies.evidence(arrival.event.data), false);
    return this.#writer.write((db) => setConsignmentAside(db, this.#parts.ledger, source, claim, how, { arrival, body }, nowMs), false);
  }

  release(source: SourceKey, claim: string): Promise<void> {
    return this.#writer.write((db) => releaseConsignment(db, source, claim));
  }

  putAway(source: SourceKey, claim: string, nowMs: number): Promise<void> {
    return this.#writer.write((db) => putConsignmentAway(db, source, claim, nowMs));
  }

  outboxHolds(events: number): Promise<boolean> {
    return this.#writer.write((db) => outboxHolds(db, events));
  }

  beginSnapshot(source: SourceKey, claim: string): Promise<number> {
    return this.#writer.write((db) => beginStaging(db, sourceSeq(db, source), claim), false);
  }

  snapshotRows(source: SourceKey): Promise<number | null> {
    return this.#writer.write((db) => rowsOfCurrent(db, sourceSeq(db, source)));
  }

  stage(source: SourceKey, generation: number, rows: readonly SnapshotRow[]): Promise<Staged> {
    return this.#writer.write((db) => stageRows(db, sourceSeq(db, source), generation, rows), false);
  }

  compare(source: SourceKey, rows: readonly SnapshotRow[]): Promise<readonly SnapshotChange[]> {
    return this.#writer.write((db) => compareRows(db, sourceSeq(db, source), rows));
  }

  gone(
    source: SourceKey,
    generation: number,
    after: string,
    limit: number,
  ): Promise<{ readonly keys: readonly string[]; readonly next: string | null }> {
    return this.#writer.write((db) => goneKeys(db, sourceSeq(db, source), generation, after, limit));
  }

  recall(owner: LinkKey, key: string): Promise<Json | null> {
    return this.#writer.write((db) => recallValue(db, owner, key));
  }

  remember(owner: LinkKey, key: string, value: Json, nowMs: number): Promise<void> {
    const text = JSON.stringify(value);
    return this.#writer.write((db) => rememberValue(db, owner, key, text, nowMs));
  }

  forget(owner: LinkKey, key: string): Promise<void> {
    return this.#writer.write((db) => forgetValue(db, owner, key));
  }

  evidence(system: string, callId: string, parts: readonly Part[]): Promise<boolean> {
    const evidence = this.#evidence(parts);
    return this.#writer.write((db) => addEvidence(db, system, callId, evidence));
  }

  act(action: OperatorAction, nowMs: number): Promise<ActionResult> {
    const { bodies } = this.#parts.ledger;
    const { act } = action;
    const event = act.kind === 'replay' ? act.event : act.kind === 'discard' ? act.reply : undefined;
    const body = act.kind === 'happened' ? this.#body(bodies.json(act.answer)) : event === undefined ? null : this.#body(bodies.whole(event.data));
    return this.#writer.write((db) => takeAction(db, this.#parts.ledger, action, body, nowMs));
  }

  noteGroup(noting: GroupNoting, nowMs: number): Promise<GroupNote | null> {
    return this.#writer.write((db) => noteGroup(db, this.#parts.ledger.bodies.codec, noting, nowMs));
  }

  setAvailability(record: SystemRecord, why: string): Promise<void> {
    return this.#writer.write((db) => setAvailability(db, this.#parts.ledger, record, why));
  }

  async availabilities(): Promise<readonly SystemRecord[]> {
    return availabilities(this.#parts.db, this.#parts.ledger.bodies.codec);
  }

  async audit(deed: Deed): Promise<void> {
    await this.#writer.write((db) => record(db, this.#parts.ledger.bodies.codec, deed));
  }

  tallies(): readonly Tally[] {
    this.#tallies ??= this.#parts.ledger.counts.tallies();
    return this.#tallies;
  }

  async sweep(policy: RetentionPolicy, budgetMs: number, nowMs: number): Promise<boolean> {
    const { db } = this.#parts;
    const untilMs = performance.now() + budgetMs;
    let more = true;
    while (more && performance.now() < untilMs)
      more = await this.#writer.write((connection) => sweepPieceOf(connection, this.#parts.ledger, policy, nowMs));
    this.#words?.swept(this.#goneTranslations());
    if (performance.now() < untilMs) db.all('PRAGMA incremental_vacuum(16)');
    this.#restoreRoom();
    return more;
  }

  /** Changes with every translation that is deleted, and with none that comes. */
  #goneTranslations(): number {
    const last = this.#parts.db.get<{ last: number | null }>('SELECT max(seq) AS last FROM translation')?.last ?? 0;
    return last - this.tallies().reduce((sum, { count }) => sum + count, 0);
  }

  #restoreRoom(): void {
    const { room } = this.#parts;
    if (room.full && room.tryRestore()) for (const listener of this.#fullListeners) listener(false);
  }

  onChange(listener: (position: number) => void): () => void {
    this.#changeListeners.add(listener);
    return () => void this.#changeListeners.delete(listener);
  }

  onFull(listener: (full: boolean) => void): () => void {
    this.#fullListeners.add(listener);
    return () => void this.#fullListeners.delete(listener);
  }

  async check(): Promise<void> {
    this.#restoreRoom();
    if (this.#parts.room.full) throw new GatehouseError('JOURNAL_FULL', `the journal ${this.#parts.path} has no room left`);
    await this.#writer.write(() => undefined);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#words?.close();
    await this.reader.close();
    this.#parts.db.exec('PRAGMA optimize');
    this.#parts.db.close();
    this.#parts.lock.release();
  }

  #committed(): void {
    const { changed } = this.#parts.ledger;
    this.#tallies = null;
    if (changed > this.#seenChange) {
      this.#seenChange = changed;
      this.#tellChanged(changed);
      this.#words?.changed();
    }
    this.spool.committed();
  }

  #tellChanged(position: number): void {
    for (const listener of this.#changeListeners) listener(position);
  }

  /** Queues the chunks of a large body before the record that uses it: they are durable no later (rule 25). */
  #body(body: PendingBody, vital = true, used = true): PendingBody {
    if (!used || body.chunks.length === 0) return body;
    for (let n = 0; n < body.chunks.length; n += 1) this.#writer.write((db) => insertChunk(db, body, n), vital).catch(() => undefined);
    // Queued after the record that the caller queues now.
    queueMicrotask(() => void this.#writer.write((db) => deleteStrayChunks(db, body.id)).catch(() => undefined));
    return body;
  }

  #evidence(parts: readonly Part[]): { part: Part; body: PendingBody }[] {
    return parts.map((part) => ({ part, body: this.#body(this.#parts.ledger.bodies.evidence(part.bytes)) }));
  }
}
