import type { BatchAction, BatchEnd, BatchMember, BatchRef, BatchState, Closing, DueBatch, Gathered, Gathering } from './batch.ts';
import type { BulkJournal } from './bulk.ts';
import type { Effect } from './calls.ts';
import type { BroughtIn, Chunk, ConsignmentRecord, Identified, SnapshotChange, SnapshotRow, SourceKey, Staged } from './consignment.ts';
import type { Code } from './errors.ts';
import type { CloudEvent } from './event.ts';
import type { GroupNote, GroupNoting } from './groups.ts';
import type { Json } from './json.ts';
import type { JournalReader } from './journal-reader.ts';
import type { LaterVerdict, Part } from './transport.ts';

export const translationStates = ['received', 'running', 'waiting', 'parked', 'answered', 'published', 'discarded'] as const;
export type TranslationState = (typeof translationStates)[number];
export type WaitingFor = 'time' | 'system' | 'batch' | 'reply';
/** `gathered`: checked, and waits in an open batch; nothing of it has left. */
export type CallState = 'gathered' | 'calling' | 'answered' | 'not sent' | 'in doubt';

/** What went wrong, as the journal keeps it and people read it. */
export interface Failure {
  readonly code: Code;
  readonly message: string;
  readonly native?: string | undefined;
}

/** Names a translation and the version that was read. Every change names it; losing is CHANGED. */
export interface TranslationRef {
  readonly seq: number;
  readonly version: number;
}

// ── intake ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One translation that an arrival asks for. */
export interface NewTranslation {
  /** SHA-256 (hex, first 32 digits) over system, operation, source, id and replay number: survives a lost journal. */
  readonly id: string;
  readonly system: string;
  /** Empty for bytes that no operation takes. */
  readonly operation: string;
  readonly key: string | null;
  readonly businessKey: string | null;
  /** Whether a parked one lets those behind it go by. */
  readonly passWhenParked: boolean;
  /** False: bodies are dropped in the commit that makes it final (payload mode `none`). */
  readonly keepBodies: boolean;
  /** A slot is free: begin the first attempt in this commit, if the key is free too. */
  readonly begin: boolean;
  /** Park it at once. */
  readonly park: Failure | null;
}

/** An event, or bytes that are none, with all its translations: one delivery. */
export interface Arrival {
  readonly event: CloudEvent;
  /** The size before clipping, bytes. */
  readonly size: number;
  /** SHA-256 (hex) over type and data: tells a duplicate from a reused id. */
  readonly digest: string;
  readonly correlation: string;
  readonly hops: number;
  readonly translations: readonly NewTranslation[];
}

export interface ReceivedTranslation {
  /** The translation that stands for it: the first one's for a duplicate. */
  readonly id: string;
  readonly system: string;
  readonly operation: string;
  /** `reused`: the same id with other content, parked as a translation of its own. */
  readonly outcome: 'new' | 'duplicate' | 'reused';
  /** Present when the first attempt was begun. */
  readonly started?: Started;
}

// ── translate ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A call the journal knows from earlier runs. */
export interface RecordedCall {
  readonly seq: number;
  readonly name: string;
  readonly effect: Effect;
  /** SHA-256 (hex) over the canonical JSON of the adapter's arguments. */
  readonly digest: string;
  readonly args: Json;
  readonly state: CallState;
  readonly answer?: Json;
  /** Wall clock, ms. Null for a read that was never awaited. */
  readonly deadlineMs: number | null;
  /** Set when a reply comes later, and until when it is awaited. */
  readonly correlation: string | null;
  readonly expiresMs: number | null;
  /** The batch it left with: what became of it is told there; `calling` also while this call has not been told. */
  readonly batch: { readonly seq: number; readonly state: BatchState } | null;
}

/** A translation at work: everything a run needs. */
export interface Started extends TranslationRef {
  readonly id: string;
  readonly system: string;
  readonly operation: string;
  readonly event: CloudEvent;
  readonly correlation: string;
  readonly hops: number;
  /** Number of this run, from 1. Every run is an attempt row; not every run counts as an attempt. */
  readonly run: number;
  /** Attempts that count against the retry limit, this one included. */
  readonly attempts: number;
  /** Wall clock of the first run, ms: what `now()` tells. */
  readonly nowMs: number;
  /** When the run before this one began, wall clock, ms. */
  readonly previousRunMs: number | null;
  /** How often the process died while it was at work. Above 0 it runs alone. */
  readonly crashes: number;
  /**
   * Law once an effect has left: the calls of the run in which the first effect left and of those after it, by sequence,
   * without those that were not sent. Empty before. What a run before had gathered and has not left is taken out of its batch when this one begins.
   */
  readonly recorded: readonly RecordedCall[];
  /** Pauses that are over, and the one still due, in order: wall clock, ms. Remembered from the first run on. */
  readonly pauses: readonly number[];
}

/** A call on its way out. */
export interface Leaving {
  /** The row of a call that is made again after an interruption; null for a new one. */
  readonly seq: number | null;
  readonly name: string;
  readonly effect: Effect;
  readonly digest: string;
  readonly args: Json;
  readonly run: number;
  /** Wall clock, ms; null while it has not left. */
  readonly leftMs: number | null;
  readonly deadlineMs: number;
  /** The call whose probe makes this one. */
  readonly probeOf: number | null;
  readonly later: { readonly correlation: string; readonly expiresMs: number } | null;
  /** The same in every run: what is found out later about the call is told by it. */
  readonly callId?: string;
  /** Id of the call, when it has taken numbers: from here on they are used. */
  readonly numbered?: string;
}

export type CallEnd =
  | { readonly state: 'answered'; readonly answer: Json; readonly by?: 'probe' | 'reply' }
  | { readonly state: 'not sent'; readonly failure: Failure }
  /** May have happened: the row stays `calling`. */
  | { readonly state: 'calling'; readonly failure: Failure | null }
  | { readonly state: 'in doubt'; readonly failure: Failure };

/** A reply event as the outbox keeps it. */
export interface OutboxRow {
  readonly seq: number;
  readonly event: CloudEvent;
  /** The translation it belongs to, or null when a source brought it in. */
  readonly translationSeq: number | null;
}

/** What a translation waits for. */
export type Wait =
  /** `counts`: this attempt is used up. Otherwise it is given back. */
  | { readonly for: 'time'; readonly dueMs: number; readonly failure: Failure | null; readonly counts: boolean }
  | { readonly for: 'system'; readonly failure: Failure | null }
  | { readonly for: 'reply'; readonly dueMs: number }
  /** Its call has been gathered: ready when there is an outcome. */
  | { readonly for: 'batch' }
  /** `pause()` of the operation: remembered, and never asked again. */
  | { readonly for: 'time'; readonly dueMs: number; readonly pause: true };

// ── people ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a person does to a translation. One row, one commit, with its effect. */
export type OperatorAct =
  | { readonly kind: 'retry' }
  | { readonly kind: 'discard'; readonly reply?: CloudEvent }
  | { readonly kind: 'pass' }
  | { readonly kind: 'republish' }
  | {
      readonly kind: 'replay';
      readonly event?: CloudEvent;
      readonly digest?: string;
      readonly key?: string | null;
      readonly businessKey?: string | null;
    }
  | { readonly kind: 'happened'; readonly callSeq: number; readonly answer: Json }
  | { readonly kind: 'did not'; readonly callSeq: number }
  | { readonly kind: 'probe'; readonly callSeq: number };

export interface OperatorAction {
  /** Idempotency key: the same key again gives the first result and does nothing. */
  readonly key: string;
  readonly translationId: string;
  /** The version the person saw; null takes what is there. */
  readonly version: number | null;
  readonly act: OperatorAct;
  readonly who: string;
  readonly why: string;
}

export interface ActionResult {
  readonly translationId: string;
  readonly state: TranslationState;
  readonly system: string;
  /** The action had been taken before under the same key. */
  readonly repeated: boolean;
}

/** One link of one system. */
export interface LinkKey {
  readonly system: string;
  readonly transport: string;
}

// ── systems ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Availability = 'open' | 'down' | 'held';

/** The stored state of a system, or of one operation of it (`operation` set). Closing hours are computed, not stored. */
export interface SystemRecord {
  readonly system: string;
  /** Empty for the system as a whole. */
  readonly operation: string;
  readonly availability: Availability;
  readonly failure: Failure | null;
  readonly sinceMs: number;
  readonly who: string;
}

/** Counts that are kept, not counted. */
export interface Tally {
  readonly system: string;
  readonly operation: string;
  readonly state: TranslationState;
  /** `behind`: ready but for the key it waits for. */
  readonly detail: '' | 'behind' | WaitingFor;
  readonly count: number;
}

export interface Recovered {
  readonly epoch: number;
  /** Were at work when the process ended; they run again, alone. */
  readonly interrupted: number;
  /** Ended the process twice: parked KILLS_THE_GATEWAY. */
  readonly killers: readonly string[];
  /** Their operation no longer exists: parked OPERATION_GONE. */
  readonly orphans: readonly string[];
}

export interface RetentionPolicy {
  /** Final translations older than this go, with their bodies. */
  readonly keepMs: number;
  /** Identities stay longer. */
  readonly dedupeMs: number;
}

/**
 * The durable record of every translation: inbox, step log and outbox in one.
 * Every promise resolves after the commit that holds what was asked, unless the method says otherwise. Methods called in one turn of the
 * event loop share a commit and take effect in the order of the calls; each stands or falls alone.
 *
 * Any method rejects with STALE_EPOCH when another gateway has taken over, JOURNAL_FULL when there is no room.
 */
export abstract class Journal {
  /**
   * Takes over: new epoch; what was `running` becomes ready again with one crash more, and is parked KILLS_THE_GATEWAY at the second.
   * Unfinished translations whose (system, operation) is not in `known` are parked OPERATION_GONE.
   */
  abstract recover(known: readonly { system: string; operation: string }[]): Promise<Recovered>;

  /** Takes one delivery or one batch: all of it or nothing. Sequence is the order of the calls. */
  abstract receive(arrivals: readonly Arrival[], options: { nowMs: number; build: string }): Promise<readonly ReceivedTranslation[]>;

  /** Begins attempts of the oldest ready translations of these operations. `suspects`: only those with crashes above 0; otherwise only those without. */
  abstract begin(
    system: string,
    operations: readonly string[],
    limit: number,
    options: { nowMs: number; suspects: boolean; build: string },
  ): Promise<readonly Started[]>;

  /**
   * Makes `calling` durable: `calling`, deadline and arguments in one row, and the correlation of a later reply with it.
   * @returns the row of the call
   * @throws GatehouseError CHANGED when the translation is no longer at work under this version; CORRELATION_TAKEN
   */
  abstract leave(ref: TranslationRef, leaving: Leaving, nowMs: number): Promise<number>;

  /**
   * The number of a call in a counter of its system, from 1. The same call has the same number in every run; a number that a call of the
   * translation took in an earlier run and that has not left goes to the next call that asks, so that no gap is left behind. Numbers that are
   * never used, as of a discarded translation, are listed by the reader.
   * @throws CHANGED
   */
  abstract sequence(ref: TranslationRef, counter: string, callId: string, nowMs: number): Promise<number>;

  /**
   * Records how a call ended, with its trace. `callSeq` null when it never left: the row is made here.
   * Need not be awaited: a later `leave` or `answered` does not become durable before it.
   */
  abstract called(ref: TranslationRef, callSeq: number | null, leaving: Leaving, end: CallEnd, parts: readonly Part[], nowMs: number): Promise<void>;

  /** The operation returned: replies into the outbox, the key freed; `published` at once when there are none. @throws CHANGED */
  abstract answered(ref: TranslationRef, replies: readonly CloudEvent[], nowMs: number): Promise<readonly OutboxRow[]>;

  /** The run ended without an answer; the slot is free. @throws CHANGED */
  abstract wait(ref: TranslationRef, wait: Wait, nowMs: number): Promise<void>;

  /** @throws CHANGED */
  abstract park(ref: TranslationRef, failure: Failure, nowMs: number): Promise<void>;

  /** Gives an attempt back that was begun and never ran (a graceful stop): ready again, uncounted. @throws CHANGED */
  abstract giveBack(ref: TranslationRef, nowMs: number): Promise<void>;

  /** Makes ready what is due: retries and pauses at or before `steadyMs` (see Clock); waits for a reply that ran out become ready too (their call is `calling`). */
  abstract wake(steadyMs: number): Promise<{ readonly systems: readonly string[]; readonly nextDueMs: number | null }>;

  /** A reply that came later, under the correlation that a `leave` registered (rule 9). A `key` seen before: nothing happens, and the first verdict is told. */
  abstract replied(system: string, correlation: string, answer: Json, parts: readonly Part[], nowMs: number, key?: string): Promise<LaterVerdict>;

  /** Outbox rows after `afterSeq` that are not confirmed, in sequence. */
  abstract unpublished(afterSeq: number, limit: number): Promise<readonly OutboxRow[]>;

  /** Confirmed by the bus; `published` when it was the last of its translation. Need not be awaited. */
  abstract published(outboxSeq: number, routed: boolean, nowMs: number): Promise<void>;

  /** The bus will never take it: its translation is parked UNPUBLISHABLE, the row is out of the way until a retry. */
  abstract unpublishable(outboxSeq: number, failure: Failure, nowMs: number): Promise<void>;

  // ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The call joins the open batch of its name and group, or begins one, in one commit with its trace. It stays there until the batch closes,
   * unless its translation is retried, parked, discarded or runs again.
   * @throws GatehouseError CHANGED; CORRELATION_TAKEN
   */
  abstract gather(ref: TranslationRef, leaving: Leaving, gathering: Gathering, parts: readonly Part[], nowMs: number): Promise<Gathered>;

  /**
   * The batch of a system that has waited longest for something to be done: closed, settled, or its outcome passed on (which alone is asked
   * for with `passingOnly`). Batches of one name and group close one after the other.
   * @returns with no batch, when the next is due
   */
  abstract dueBatch(
    system: string,
    steadyMs: number,
    passingOnly: boolean,
  ): Promise<{ readonly batch: DueBatch | null; readonly nextDueMs: number | null }>;

  /** Counts a try and fixes the time of the first one. @returns null when it has no members any more, or has ended */
  abstract tryBatch(seq: number, nowMs: number): Promise<DueBatch | null>;

  /** Members in order, those after `afterCall`. */
  abstract batchMembers(seq: number, afterCall: number, limit: number): Promise<readonly BatchMember[]>;

  /** The number of a batch in a counter of its system, from 1: the same in every try. One that an emptied batch has left is given first. */
  abstract batchSequence(seq: number, counter: string, nowMs: number): Promise<number>;

  /**
   * The point of no return of a batch: members, order and answer are frozen and every member is `calling`, in one commit. A batch that has
   * left before leaves again as it is.
   * @throws GatehouseError CHANGED when a member has been taken out since the version was read
   */
  abstract closeBatch(ref: BatchRef, closing: Closing, nowMs: number): Promise<void>;

  /** Records what became of a batch, with its trace, for all members in one commit; `passOn` then brings it to each. Nothing when it has no members any more. */
  abstract batchEnded(seq: number, end: BatchEnd, parts: readonly Part[], nowMs: number): Promise<void>;

  /**
   * A batch that left is known not to have happened. Members that were given up since are taken out of it, and it is open again.
   * @returns false when there are none: it leaves again as it is
   */
  abstract reopenBatch(seq: number): Promise<boolean>;

  /** Members that cannot go with an open batch are taken out of it, and their translations parked. */
  abstract refuseMembers(seq: number, members: readonly { readonly call: number; readonly failure: Failure }[], nowMs: number): Promise<void>;

  /** Brings the outcome of a batch to its next members, which become ready, wait for their replies or are parked IN_DOUBT. @returns whether more are left */
  abstract passOn(seq: number, limit: number, nowMs: number): Promise<boolean>;

  /** A person closes a batch now or settles one that is in doubt, for all its members. @throws GatehouseError NOT_FOUND, NOT_POSSIBLE */
  abstract actOnBatch(action: BatchAction, nowMs: number): Promise<{ readonly system: string }>;

  // ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Tells this journal from every other: twelve hex digits, drawn when it was made. */
  abstract readonly instance: string;

  /** A source takes a consignment; noted before it does. The same claim again changes nothing. */
  abstract claim(source: SourceKey, claim: string, name: string, nowMs: number): Promise<void>;

  /** Consignments of a source that are not put away, the oldest first; at most 10,000. */
  abstract consignments(source: SourceKey): Promise<readonly ConsignmentRecord[]>;
  abstract consignment(source: SourceKey, claim: string): Promise<ConsignmentRecord | null>;

  /**
   * The content of a claimed consignment is known. The first with an identity is `open`; one that comes later is a duplicate of it, for as
   * long as the first is remembered (`dedupeMs` of the retention policy).
   * @throws GatehouseError NOT_FOUND when it was never claimed
   */
  abstract identify(source: SourceKey, claim: string, content: { identity: string; size: number }, nowMs: number): Promise<Identified>;

  /**
   * The events of a chunk into the outbox, what could not become one parked, and the checkpoint moved, in one commit.
   * @param fullAt from how many unconfirmed events on the outbox is full
   * @throws GatehouseError CHANGED when the checkpoint is not `chunk.from`; JOURNAL_FULL, and then nothing of it is there
   */
  abstract bringIn(source: SourceKey, chunk: Chunk, fullAt: number, nowMs: number): Promise<BroughtIn>;

  /** Nothing more of it becomes an event: `refused` for good, `held` until a person has retried or discarded its translation. */
  abstract setAside(source: SourceKey, claim: string, how: 'refused' | 'held', parked: Arrival, nowMs: number): Promise<void>;

  /** A held one goes on, as a person wished: it is `claimed`, or `open` where pieces of it are events, and `accepted`. */
  abstract release(source: SourceKey, claim: string): Promise<void>;

  /** It was put away, or given back untouched: it is remembered by its content alone; one that was only claimed is forgotten. */
  abstract putAway(source: SourceKey, claim: string, nowMs: number): Promise<void>;

  /** Whether at least so many events of the outbox are not confirmed. */
  abstract outboxHolds(events: number): Promise<boolean>;

  /** A new generation for the extract, beside the current one; what was staged of the source before is dropped. @returns the generation */
  abstract beginSnapshot(source: SourceKey, claim: string): Promise<number>;

  /** Keys of the current generation; null when there is none yet. */
  abstract snapshotRows(source: SourceKey): Promise<number | null>;

  /** Adds rows to the staged generation. Need not be awaited one by one; a key that is there twice is told. */
  abstract stage(source: SourceKey, generation: number, rows: readonly SnapshotRow[]): Promise<Staged>;

  /** What each row is, measured against the current generation. */
  abstract compare(source: SourceKey, rows: readonly SnapshotRow[]): Promise<readonly SnapshotChange[]>;

  /** Keys of the current generation that the staged one has not, in order, of those after `after` that `limit` looks reach; `next` null at the end. */
  abstract gone(
    source: SourceKey,
    generation: number,
    after: string,
    limit: number,
  ): Promise<{ readonly keys: readonly string[]; readonly next: string | null }>;

  // ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What the link remembers under the key; null when nothing. */
  abstract recall(owner: LinkKey, key: string): Promise<Json | null>;
  abstract remember(owner: LinkKey, key: string, value: Json, nowMs: number): Promise<void>;
  abstract forget(owner: LinkKey, key: string): Promise<void>;

  /** Adds to the trace of a call that has left and whose end is not known. @returns false when there is none: nothing was kept */
  abstract evidence(system: string, callId: string, parts: readonly Part[]): Promise<boolean>;

  // ── people and systems ───────────────────────────────────────────────────────────────────────────────────────────────

  /** @throws GatehouseError NOT_FOUND, CHANGED (also while it is running), NOT_POSSIBLE (says what is) */
  abstract act(action: OperatorAction, nowMs: number): Promise<ActionResult>;

  /**
   * Notes something on a group of parked translations, and forgets notes past keeping; the audit row is in the same commit. The same key again
   * changes nothing.
   * @returns the note as it stands; null when there is none
   * @throws GatehouseError CHANGED when another was written since `version`
   */
  abstract noteGroup(noting: GroupNoting, nowMs: number): Promise<GroupNote | null>;

  /** Sets the state of a system or an operation; opening makes ready what waited for the system. Writes the audit row when a person did it. */
  abstract setAvailability(record: SystemRecord, why: string): Promise<void>;
  abstract availabilities(): Promise<readonly SystemRecord[]>;

  /** Adds an audit row: who did or saw what, and why. */
  abstract audit(entry: { who: string; what: string; subject: string; why: string; atMs: number }): Promise<void>;

  /** Kept counts, from memory. */
  abstract tallies(): readonly Tally[];

  /** Deletes what is past keeping, for at most `budgetMs`. @returns whether more is left */
  abstract sweep(policy: RetentionPolicy, budgetMs: number, nowMs: number): Promise<boolean>;

  /** Called after each commit that changed translations, with the newest feed position. The answer unsubscribes. */
  abstract onChange(listener: (position: number) => void): () => void;

  /** Called once when there is no room left (`full`: true), and when there is again. */
  abstract onFull(listener: (full: boolean) => void): () => void;

  /** Searches, counts and exports, never on the gateway's thread. */
  abstract readonly reader: JournalReader;

  /** What is done to many translations together. */
  abstract readonly bulks: BulkJournal;

  /** @throws GatehouseError when it cannot write. */
  abstract check(): Promise<void>;

  /** Commits what is queued and closes. */
  abstract close(): Promise<void>;
}
