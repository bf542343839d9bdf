import { type Failure } from './journal.ts';
import { type Json } from './json.ts';

/** When a batch closes: at the first of these. */
export interface CloseLimits {
  /** Calls in it. */
  readonly events: number;
  /** Bytes of its calls, as the transport counts them. */
  readonly bytes: number;
  /** Age of its first call, ms. */
  readonly afterMs: number;
}

/** What a transport says of a call that is to go out together with others. */
export interface Gathering {
  /** Calls of one name gather apart for each group; empty when there is one. */
  readonly group: string;
  /** What the call adds to the batch. */
  readonly bytes: number;
  readonly close: CloseLimits;
  /** What the reply to this call will name, when one comes later; taken from now on. */
  readonly correlation: string | null;
}

export interface Gathered {
  /** The row of the call. */
  readonly call: number;
  readonly batch: number;
  /** When the batch is to close, steady clock, ms. */
  readonly dueMs: number;
}

/** `open`: nothing has left. `calling`: closed, may have happened. `discarded`: in doubt, and every member was given up. */
export type BatchState = 'open' | 'calling' | 'in doubt' | 'answered' | 'discarded';

/** Names a batch and the version that was read: a member that is taken out changes it, one that comes in does not. */
export interface BatchRef {
  readonly seq: number;
  readonly version: number;
}

/** A batch with something to do. */
export interface DueBatch extends BatchRef {
  readonly system: string;
  readonly call: string;
  readonly group: string;
  readonly state: BatchState;
  /** What became of it is known, and is to be passed on to its members. */
  readonly passing: boolean;
  readonly events: number;
  /** Wall clock of its first try to close, ms: the same in every try; null before. */
  readonly nowMs: number | null;
  /** Tries that count against the retry limit, and when the last one began, wall clock, ms. */
  readonly attempts: number;
  readonly triedMs: number | null;
  /** Steady clock, ms; set when it has left. */
  readonly deadlineMs: number | null;
  /** What its members are answered if it happens; frozen with it. */
  readonly answer: Json | null;
  /** Its members await replies of their own. */
  readonly later: boolean;
}

export interface BatchMember {
  /** The row of its call; members go in this order. */
  readonly call: number;
  readonly args: Json;
}

/** A batch on its way out. */
export interface Closing {
  /** The last member that is in it: what came later goes to the next batch. */
  readonly lastCall: number;
  /** What its members are answered if it happens, an object; each is told its `place` beside it, from 1, unless its reply comes later. */
  readonly answer: Json;
  readonly leftMs: number;
  readonly deadlineMs: number;
  /** Until when the replies of its members are awaited; null when they await none. */
  readonly expiresMs: number | null;
}

export type BatchEnd =
  | { readonly state: 'answered'; readonly by: 'system' | 'probe' }
  | { readonly state: 'in doubt'; readonly failure: Failure }
  /**
   * Not sent, or not known yet: it is tried again. `counts`: the try is used up. `reopens`: it had left in this try for the first time, and
   * is known not to have happened.
   */
  | {
      readonly state: 'waiting';
      readonly untilMs: number;
      readonly failure: Failure | null;
      readonly counts: boolean;
      readonly reopens?: boolean;
    };

/** What a person does to a batch. */
export type BatchAct = 'close' | 'happened' | 'did not' | 'probe';

export interface BatchAction {
  /** Idempotency key: the same key again does nothing. */
  readonly key: string;
  readonly batch: number;
  readonly act: BatchAct;
  readonly who: string;
  readonly why: string;
}
