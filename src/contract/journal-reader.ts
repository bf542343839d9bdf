import { type BatchState } from './batch.ts';
import { type BulkItemRow, type BulkItemState, type BulkRow, type BulkSelection, type Selected } from './bulk.ts';
import { type Effect } from './calls.ts';
import { GatehouseError } from './errors.ts';
import { type EventAttributes } from './event.ts';
import { type Flow } from './flow.ts';
import { type Grouping, type ParkedGroups } from './groups.ts';
import { type ActionResult, type CallState, type Failure, type TranslationState, type WaitingFor } from './journal.ts';
import { type Json } from './json.ts';
import { type BodySearch } from './searched-bodies.ts';

/** An operation whose key is masked for the one who asks: `<system> <operation>`. */
export type MaskedOperations = readonly string[];

/**
 * What can be searched, all conditions together. Several systems or operations, and several states: one of them. A search reads so much
 * and no more at a time, so a page may be short and still have a next one.
 */
export interface TranslationFilter {
  readonly states?: readonly TranslationState[];
  readonly system?: string | readonly string[];
  readonly operation?: string | readonly string[];
  readonly type?: string;
  readonly eventId?: string;
  readonly correlation?: string;
  readonly businessKey?: string;
  readonly key?: string;
  readonly code?: string;
  /** Wall clock of arrival, ms, from inclusive, to exclusive. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /**
   * All words of it, or all of it as one: the beginning of an id of the translation or its event, of a key or a correlation id, of a failure
   * code, a system, an operation, or of a part of the event type; or, in systems whose bodies are searched, a word of what was said and answered.
   */
  readonly text?: string;
  /** Where `text` does not look into keys. `known`: of operations that are none of these nobody can tell whether a key is masked, and none is looked into. */
  readonly masked?: { readonly key: MaskedOperations; readonly businessKey: MaskedOperations; readonly known?: readonly string[] };
  /** Parked, with a call that may or may not have happened. */
  readonly inDoubt?: boolean;
  /** Took longer than `ms`, or is unfinished for longer than that at `nowMs`. */
  readonly over?: { readonly ms: number; readonly nowMs: number };
}

export interface TranslationRow {
  readonly seq: number;
  readonly id: string;
  readonly version: number;
  readonly system: string;
  readonly operation: string;
  readonly state: TranslationState;
  readonly waitingFor: WaitingFor | null;
  readonly dueMs: number | null;
  /** The translation that holds its key, when it waits behind one. */
  readonly behind: string | null;
  readonly type: string;
  readonly eventId: string;
  readonly source: string;
  readonly correlation: string;
  readonly key: string | null;
  readonly businessKey: string | null;
  readonly attempts: number;
  readonly runs: number;
  readonly failure: Failure | null;
  readonly duplicates: number;
  readonly replayOf: string | null;
  readonly receivedMs: number;
  readonly finishedMs: number | null;
  /** The types of its first few replies, in order; none before there are replies. */
  readonly replyTypes: readonly string[];
  /** Feed position of the last change. */
  readonly changed: number;
}

export interface Page {
  readonly rows: readonly TranslationRow[];
  /** Give it back as `before` for the next page; null at the end. */
  readonly next: number | null;
}

/** How many translations fit, counted up to 10,000. */
export interface Count {
  readonly count: number;
  /** There may be more: what was not read was not counted. */
  readonly more: boolean;
}

export type StateCounts = { readonly [S in TranslationState]: Count } & { readonly inDoubt: Count };

/** What has changed since a feed position. */
export interface Changes {
  /** Those that fit now, the oldest change first. */
  readonly rows: readonly TranslationRow[];
  /** Those that fit but for what changes: they may have fitted before. */
  readonly left: readonly { readonly seq: number; readonly id: string; readonly changed: number }[];
  /** Everything up to here is told. */
  readonly reached: number;
}

export interface StoredBody {
  readonly size: number;
  readonly sha256: string | null;
  /** Less than `size` bytes are kept: head and tail. */
  readonly clipped: boolean;
  /** Null when retention or payload mode `none` has dropped it. */
  readonly bytes: Uint8Array | null;
}

export interface StoryPart {
  readonly kind: 'sent' | 'received' | 'note';
  readonly atMs: number;
  readonly media: string;
  readonly body: StoredBody;
}

export interface StoryCall {
  readonly seq: number;
  readonly run: number;
  readonly name: string;
  readonly effect: Effect;
  readonly state: CallState;
  readonly args: Json;
  readonly answer: Json | null;
  readonly answeredBy: 'system' | 'probe' | 'reply' | 'person';
  readonly failure: Failure | null;
  readonly probeOf: number | null;
  /** The batch it goes or went out with; `place`, from 1, once the batch has left. */
  readonly batch: { readonly seq: number; readonly state: BatchState; readonly place: number | null } | null;
  readonly correlation: string | null;
  readonly leftMs: number | null;
  readonly deadlineMs: number | null;
  readonly endedMs: number | null;
  readonly parts: readonly StoryPart[];
}

export interface StoryAttempt {
  readonly run: number;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** `answered`, `waiting`, `parked`, `given back`, `interrupted`. */
  readonly outcome: string | null;
  readonly counted: boolean;
  readonly failure: Failure | null;
  /** The adapter's build. */
  readonly build: string;
}

export interface StoryReply {
  readonly seq: number;
  readonly attributes: EventAttributes;
  readonly data: StoredBody;
  readonly state: 'pending' | 'published' | 'refused';
  /** False: no queue was bound. */
  readonly routed: boolean | null;
  /** In the log of the embedded bus: `GET /events` reads it, whether a queue is bound or not. */
  readonly readable: boolean;
  readonly publishedMs: number | null;
}

export interface StoryAction {
  readonly kind: string;
  readonly who: string;
  readonly why: string;
  readonly atMs: number;
}

/** The whole story of one translation, down to its bytes. */
export interface Story {
  readonly translation: TranslationRow;
  readonly event: { readonly attributes: EventAttributes; readonly data: StoredBody };
  readonly attempts: readonly StoryAttempt[];
  readonly calls: readonly StoryCall[];
  readonly replies: readonly StoryReply[];
  readonly actions: readonly StoryAction[];
  /** This is a replay with another event than that of the translation it replays. */
  readonly edited: boolean;
  /** Translations that are replays of this one. */
  readonly replays: readonly string[];
  /** Those of them that an edited event was given. */
  readonly editedReplays: readonly string[];
}

/** A sequence number that was given to a call and will never be used. */
export interface UnusedNumber {
  readonly counter: string;
  readonly number: number;
  /** The translation that had it. */
  readonly translationId: string;
  readonly givenMs: number;
  /** Its call left and was given up in doubt: the system may have seen the number. */
  readonly inDoubt: boolean;
}

/** Calls that go out together. */
/** Batches of a system in one state, together. */
export interface BatchTotals {
  readonly system: string;
  readonly state: 'open' | 'calling' | 'in doubt';
  readonly batches: number;
  readonly members: number;
  /** Those whose last try came to nothing, or that are in doubt. */
  readonly failing: number;
  /** When the oldest member was gathered, ms. */
  readonly oldestMs: number;
}

export interface BatchRow {
  readonly seq: number;
  readonly system: string;
  readonly call: string;
  readonly group: string;
  readonly state: BatchState;
  readonly events: number;
  readonly bytes: number;
  /** When it closes, or is tried or looked at again, ms; null when nothing is to be done. */
  readonly dueMs: number | null;
  readonly attempts: number;
  readonly failure: Failure | null;
  /** What its members are answered if it happens; null while it is open. */
  readonly answer: Json | null;
  readonly leftMs: number | null;
  readonly endedMs: number | null;
}

/** Reads on a connection of its own, off the gateway's thread. */
export interface JournalReader {
  /** Newest first. `limit` at most 500. */
  list(filter: TranslationFilter, page: { before?: number; limit: number }): Promise<Page>;
  /** `id`: whole, or a prefix of at least 6 digits that only one has. */
  story(id: string): Promise<Story | null>;
  /** What an action came to that was taken under this key; null when none was (rule 21). */
  acted(key: string): Promise<ActionResult | null>;
  /** What changed after a position, so far as one question goes; `after` null: nothing but the newest position. */
  changes(filter: TranslationFilter, after: number | null, limit: number): Promise<Changes>;
  /** How many fit in each state, and how many of them are in doubt, whatever states the filter names. */
  counts(filter: TranslationFilter): Promise<StateCounts>;
  /** What a search text looks into beside ids, keys and codes, and how far that is. */
  bodySearch(): Promise<BodySearch>;
  /** Parked ones by what they have in common, with what people noted; `nowMs` ends the last hour of the spark lines, null for none. With very many it may be some seconds old, as `asOfMs` says. */
  groups(by: readonly Grouping[], nowMs: number | null): Promise<ParkedGroups>;
  /** Notes written before `beforeMs` on groups that are empty: their keys. */
  emptyNotes(beforeMs: number): Promise<readonly string[]>;
  /** What one correlation id connects; null when nothing has it. */
  flow(correlation: string): Promise<Flow | null>;
  audit(page: {
    before?: number;
    limit: number;
  }): Promise<readonly { seq: number; who: string; what: string; subject: string; why: string; atMs: number }[]>;
  /** Replies from a system that nobody awaited, newest first. */
  candidates(system: string, limit: number): Promise<readonly { correlation: string; atMs: number; answer: Json }[]>;
  /** Sequence numbers of a system that nobody uses, newest first: what its owner will ask about. */
  unusedNumbers(system: string, limit: number): Promise<readonly UnusedNumber[]>;
  /** Batches of a system in these states, newest first; at most 500. */
  batches(system: string, states: readonly BatchState[], limit: number): Promise<readonly BatchRow[]>;
  /** What is still to become of batches, of all systems. */
  batchTotals(): Promise<readonly BatchTotals[]>;
  /** One batch with its trace, and the ids of its first members in order. */
  batch(seq: number): Promise<{
    readonly batch: BatchRow;
    readonly parts: readonly StoryPart[];
    readonly members: readonly { readonly id: string; readonly place: number | null }[];
  } | null>;
  /** What a selection holds at this moment, oldest first; at most `limit`. Ids that nothing has are left out. */
  selected(selection: BulkSelection, limit: number): Promise<Selected>;
  /** Bulk actions, newest first, or oldest change first with `changedAfter`. `limit` at most 500. */
  bulks(page: { before?: number; changedAfter?: number; limit: number }): Promise<readonly BulkRow[]>;
  bulk(seq: number): Promise<BulkRow | null>;
  /** Translations of a bulk after a place, in order; with `state` those that ended so. `limit` at most 500. */
  bulkItems(seq: number, page: { state?: BulkItemState; after: number; limit: number }): Promise<readonly BulkItemRow[]>;
}

/** The story of a translation that somebody names, whole or by its first digits. @throws GatehouseError NOT_FOUND */
export async function storyOf(reader: Pick<JournalReader, 'story'>, id: string): Promise<Story> {
  const story = await reader.story(id);
  if (story === null) throw new GatehouseError('NOT_FOUND', `there is no translation '${id.slice(0, 64)}', or more than one begins like that`);
  return story;
}
