import { type Layout } from './adapter.ts';
import { type BatchMember, type BatchState, type Gathering } from './batch.ts';
import { type Effect, type ProbeVerdict } from './calls.ts';
import { type Clock } from './clock.ts';
import { type GatehouseError } from './errors.ts';
import { type Json } from './json.ts';
import { type Log } from './log.ts';
import { type Masking } from './masking.ts';
import { type Memory } from './memory.ts';
import { type SessionsStatus } from './sessions.ts';

/** One piece of the native trace of a call: bytes exactly as they went or came, but for secrets, which show as `{{name}}`. */
export interface Part {
  readonly kind: 'sent' | 'received' | 'note';
  /** Wall clock, ms. */
  readonly atMs: number;
  readonly media: string;
  readonly bytes: Uint8Array;
}

/** What a transport may do on the way of one call. */
export interface Passage {
  /** The call's name in the adapter, and an id that is the same in every run of the translation. */
  readonly call: string;
  readonly callId: string;
  /** The time of the translation's first run, wall clock, ms: the same in every run. What is written of the time must be taken from it. */
  readonly nowMs: number;
  /** The call has left before and may have happened: it is made again. */
  readonly again: boolean;
  /** Aborts at the call's deadline, and when the gateway stops waiting for it. */
  readonly signal: AbortSignal;
  /** Milliseconds left until the deadline, by the monotonic clock. */
  remainingMs(): number;
  /**
   * The point of no return: call it when everything that can fail or wait is done, and before the first byte that can have an effect.
   * Makes `calling` durable. With `later`, the correlation of the reply is registered in the same commit.
   * @throws GatehouseError SYSTEM_UNAVAILABLE, STOPPING, CORRELATION_TAKEN when the call must not leave; the transport returns it as `not sent`.
   */
  leave(later?: { correlation: string; withinMs: number }): Promise<void>;
  /**
   * The number of this call in a counter of the system, from 1: without gaps, given to no other call, and the same in every run and after
   * every restart. Durable when it resolves. Take it when all is done that can be done without it.
   */
  sequence(counter: string): Promise<number>;
  /**
   * Instead of leaving: the call waits in an open batch and goes out with others of its name and group. Durable when it resolves; the
   * transport then returns `gathered`.
   * @throws GatehouseError STOPPING, CORRELATION_TAKEN; the transport returns it as `not sent`
   */
  gather(gathering: Gathering): Promise<void>;
  /** Adds to the trace. Never a secret. */
  trace(part: Part): void;
}

/** What a call is drafted with. */
export interface Drafting extends Pick<Passage, 'callId' | 'nowMs'> {
  /**
   * The trace of a call that was made, for the draft to be compared with. What is made anew for every sending is taken from it, so that only
   * differences that matter show: nonces and time stamps of a signature, boundaries, a number that was given, the host's own turns in a dialog.
   */
  readonly like?: readonly DraftPart[];
}

/** Bytes as a real call would trace them, or notes about what cannot be shown as bytes; a number that is not given yet is shown as 1. */
export type DraftPart = Pick<Part, 'kind' | 'media' | 'bytes'>;

/** What a transport may do on the way of one batch. */
export interface BatchPassage extends Pick<Passage, 'call' | 'again' | 'signal' | 'remainingMs' | 'sequence' | 'trace'> {
  /** An id that is the same in every try. */
  readonly batchId: string;
  /** The time of the first try to close it, wall clock, ms: the same in every try. */
  readonly nowMs: number;
  /** What the members are answered if it happens, as it was frozen when the batch left; null while it has not. */
  readonly frozen: Json | null;
  /** The members in order, as they are now; those of a batch that has left are always the same. */
  members(): AsyncIterable<BatchMember>;
  /**
   * The point of no return: freezes the members that `members` gave, and the answer. `withinMs`: how long the replies of the members are awaited.
   * @throws GatehouseError SYSTEM_UNAVAILABLE, STOPPING, CHANGED when the batch must not leave; the transport returns it as `not sent`
   */
  leave(frozen: { answer: Json; withinMs: number | null }): Promise<void>;
}

/** How a batch ended. `refused`: it cannot go with these members; nothing left, and each is on its own from now on. */
export type BatchOutcome =
  | { readonly end: 'happened' }
  /** `afterwards`: what is to be tidied up once that is recorded, as until then it tells that nothing happened. Never rejects. */
  | { readonly end: 'not sent'; readonly error: GatehouseError; readonly afterwards?: () => Promise<void> }
  | { readonly end: 'unknown'; readonly error: GatehouseError }
  | { readonly end: 'refused'; readonly members: readonly { readonly call: number; readonly error: GatehouseError }[] };

/** How a call ended. There is no other way: `exchange` never rejects. */
export type Outcome =
  | { readonly end: 'answer'; readonly answer: Json }
  | { readonly end: 'not sent'; readonly error: GatehouseError }
  | { readonly end: 'unknown'; readonly error: GatehouseError }
  /** The reply comes later under the correlation that `leave` registered. */
  | { readonly end: 'later' }
  /** It waits in a batch: `gather` has resolved. */
  | { readonly end: 'gathered' };

/** How it stands with the replies of one kind that a link watches for. Counts are since the start of the gateway. */
export interface ReplyStatus {
  /** Its name in the layout. */
  readonly kind: string;
  /** What is watched, in words. */
  readonly about: string;
  /** Wall clock, ms: when the last look came to its end; null before the first. */
  readonly lastLookMs: number | null;
  /** Since when no look has come to its end, or not everything could be put away; null when all is well. */
  readonly failingSinceMs: number | null;
  /** What is in the way, and what to do about it. */
  readonly reason: string | null;
  readonly last: string | null;
  readonly lastMs: number | null;
  /** Files read to their end, those that answer nobody among them. */
  readonly files: number;
  /** Files that answer nobody, as something is wrong with them. */
  readonly refused: number;
  readonly badRecords: number;
  /** Replies by what became of them. */
  readonly verdicts: Readonly<Record<LaterVerdict, number>>;
}

/** A call as the journal has it, for one who wants to see what its native exchange means. */
export interface RecordedExchange {
  readonly call: string;
  readonly args: Json;
  readonly answer: Json | null;
  /** In order. Of a clipped one `bytes` are its first and its last ones, half of them each; null when they are no longer kept. */
  readonly parts: readonly (Omit<Part, 'bytes'> & { readonly bytes: Uint8Array | null; readonly size: number; readonly clipped: boolean })[];
  /** The first record, screen or line that is wanted, from 0. */
  readonly from: number;
  /** What may not stand in the answer, in whatever shape. */
  readonly masking: Masking;
  /** The batch that the call waits in or went out with. */
  readonly batch?: RecordedBatch;
  /** The parts are what the call sends, or would send: what came back is left out. */
  readonly sentOnly?: true;
}

/** The batch of a call, for one who wants to see where in it the call is. */
export interface RecordedBatch {
  readonly seq: number;
  readonly state: BatchState;
  /** Which of its calls it is, from 1; null while the batch has not left. */
  readonly place: number | null;
  /** Calls in it; of an open one, so far. */
  readonly calls: number;
  /** When an open one closes, wall clock, ms. */
  readonly dueMs: number | null;
  /** Its own trace, in order. What is told of others' bytes in it must be nothing but numbers. */
  readonly parts: RecordedExchange['parts'];
}

/** One system's side of a transport: sockets, pool, sessions. */
export interface Link {
  /** Why no call can be made, known without asking the system: a layout that is missing. The system is held for it; each call tries again. */
  readonly fault?: GatehouseError | null;
  /** Makes the native call. `not sent`: nothing left, or the system declares that it did nothing. `unknown`: anything else but an answer. */
  exchange(call: string, args: Json, passage: Passage): Promise<Outcome>;
  /**
   * What the call would send, for people to look at: nothing goes to the network or the journal, and no number is used up. Parts of a log-in
   * are left out.
   * @throws GatehouseError with which the call would not be sent: CALL_REFUSED_ARGUMENTS, CALL_UNKNOWN, LAYOUT_MISSING
   */
  draft?(call: string, args: Json, drafting: Drafting): Promise<readonly DraftPart[]>;
  /**
   * Where the transport can find out by itself what became of a call that left, by looking and without asking the adapter: the probe of calls
   * that have none (rules 11 and 12). The passage is that of the call, its numbers too; `leave` only asks whether the system may be asked.
   * Of a call whose reply comes later, `happened` means that the reply can come; its answer is not taken.
   * @throws GatehouseError, classified, when it cannot look now
   */
  settle?(call: string, args: Json, passage: Passage): Promise<ProbeVerdict<Json>>;
  /** Whether calls of this name go out in batches: then they use up no rate. */
  gathers?(call: string): boolean;
  /** Makes one native call of many gathered ones, all of it or nothing. Never rejects. */
  give?(passage: BatchPassage): Promise<BatchOutcome>;
  /** What became of a batch that left, by looking for what is `frozen`; as `settle`. */
  settleBatch?(passage: BatchPassage): Promise<ProbeVerdict<Json>>;
  /** Connects and, where the protocol can, asks something harmless. @throws GatehouseError, classified */
  check(signal: AbortSignal): Promise<void>;
  /** What the link watches for by itself, one entry a kind. A watch that fails makes no call fail. */
  replies?(): readonly ReplyStatus[];
  /** Looks for replies at once where the last look failed; resolves when it has looked, or at the signal. Never rejects. */
  lookForReplies?(signal: AbortSignal): Promise<void>;
  /** What is wrong with `answer` as an answer of `call`; empty when it fits. */
  violations(call: string, answer: Json): readonly string[];
  /**
   * What a native exchange means, as plain JSON whose type is in the transport's `inspection.ts`. By the layout of now, without the system.
   * Bounded whatever the size of the parts, and says what it left out; damaged bytes are shown as far as they can be read. Never rejects.
   */
  inspect?(exchange: RecordedExchange): Promise<Json>;
  /** The sessions that it keeps, for people and metrics; from memory. */
  sessions?(): SessionsStatus;
  /** A person has opened the system again: what the system refused may be tried once more. Resolves when that is remembered. */
  resumed?(): Promise<void>;
  close(): Promise<void>;
}

/** What became of a reply that came later. `candidate`: nobody awaits it; it is kept and shown. */
export type LaterVerdict = 'answered' | 'evidence' | 'candidate';

export interface LinkSurroundings {
  readonly system: string;
  /** The name of this gateway: what one gateway has claimed for itself bears it. */
  readonly gateway: string;
  /** The part of the configuration under `systems.<system>.<transport>`, as the transport's own settings class. */
  readonly settings: object;
  readonly layout: Layout;
  /** The names of the calls that the adapter makes over this link. */
  readonly calls: readonly string[];
  /** What each of them does to the system, as the adapter declares it. */
  readonly effects?: Readonly<Record<string, Effect>>;
  readonly clock: Clock;
  /** For what befalls the link outside of a call. */
  readonly log: Log;
  /** What this link remembers of the system over restarts. */
  readonly memory: Memory;
  /**
   * Adds to the trace of a call of an earlier run or process, while what became of that call is not known; found and told by its `callId`.
   * @returns false when there is no such call any more: nothing was kept
   */
  evidence(callId: string, parts: readonly Part[]): Promise<boolean>;
  /**
   * Hands in a reply that came later; resolves when it is durable, so that the system may be told. `key` tells one delivery of a reply from
   * another: handed in again under the same key, as after a crash, it changes nothing and has its first verdict.
   */
  replied(correlation: string, answer: Json, parts: readonly Part[], key?: string): Promise<LaterVerdict>;
}

/** How native bytes move. One instance a process; one link a system. */
export abstract class Transport {
  /** `soap`, `file`, `terminal`: the key in the configuration and in a layout. */
  abstract readonly name: string;
  /** The class of its settings, with class-validator rules and `@Setting` docs. */
  abstract readonly settings: new () => object;
  /** Prepares a link without touching the network. @throws GatehouseError CONFIG_INVALID when a file of the settings cannot be read */
  abstract open(surroundings: LinkSurroundings): Promise<Link>;
}
