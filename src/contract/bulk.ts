import { type GroupValues } from './groups.ts';
import { type ActionResult, type Failure, type OperatorAct, type TranslationRef } from './journal.ts';
import { type TranslationFilter } from './journal-reader.ts';
import { type Json } from './json.ts';

/** What a person asks for every translation of a selection. `happened` is not among them: it needs an answer for each. */
export type BulkAct =
  | { readonly kind: 'retry' | 'replay' | 'pass' | 'did not' | 'probe' }
  /** `reply`: one of the operation's declared refusals; texts in `data` may hold places: `{{businessKey}}`, `{{event.customer.id}}`, `{{reason}}`, … */
  | { readonly kind: 'discard'; readonly reply?: { readonly type: string; readonly data: Json } };

/** Which translations are meant: what a search finds, these, or all that are parked and have this in common. */
export type BulkSelection = { readonly filter: TranslationFilter } | { readonly ids: readonly string[] } | { readonly group: GroupValues };

/** `freezing` until the whole selection stands in the journal: before that nothing of it is done. */
export type BulkState = 'freezing' | 'running' | 'stopped' | 'done';

/** `skipped`: it changed after the selection was frozen. `failed`: what was asked is not possible for it. Both say why. */
export type BulkItemState = 'open' | 'done' | 'failed' | 'skipped';

export interface BulkStart {
  /** Idempotency key: the same key again begins nothing. */
  readonly key: string;
  readonly act: BulkAct;
  readonly selection: BulkSelection;
  readonly who: string;
  readonly why: string;
  /** At most so many a second; 0 is no limit. */
  readonly perSecond: number;
  /** How many the selection held when it was looked at: more than these are never frozen. */
  readonly total: number;
}

export interface BulkTurn {
  /** Idempotency key. */
  readonly key: string;
  readonly bulk: number;
  readonly turn: { readonly to: 'stop' | 'resume' } | { readonly to: 'rate'; readonly perSecond: number };
  readonly who: string;
  readonly why: string;
}

export interface BulkRef {
  readonly bulk: number;
  /** From 1, oldest translation first. */
  readonly place: number;
}

export interface BulkItem extends BulkRef {
  /** Null when retention has taken the translation meanwhile. */
  readonly translationId: string | null;
}

/** What is to be done next: of the oldest bulk that runs. */
export interface BulkWork {
  readonly bulk: BulkRow;
  readonly items: readonly BulkItem[];
}

export interface BulkItemEnd {
  /** `open`: the bulk was stopped before, and nothing was done. */
  readonly state: BulkItemState;
  /** Of one that was done by this. */
  readonly result: ActionResult | null;
}

export interface BulkRow {
  readonly seq: number;
  readonly act: BulkAct;
  readonly selection: BulkSelection;
  readonly who: string;
  readonly why: string;
  /** 0 is no limit. */
  readonly perSecond: number;
  readonly state: BulkState;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** Why nothing was done, when it ended before it began. */
  readonly note: string | null;
  /** Feed position of the last change. */
  readonly changed: number;
}

export interface BulkItemRow extends BulkItem {
  readonly system: string | null;
  readonly operation: string | null;
  readonly state: BulkItemState;
  readonly failure: Failure | null;
}

/** What a selection holds at one moment, oldest first. Numbers, and not a row each: very many come from another thread at once. */
export interface Selected {
  readonly seqs: Float64Array;
  /** The versions that were read, in the same order. */
  readonly versions: Float64Array;
  /** Ids of the first three: what is asked is tried on them. */
  readonly first: readonly string[];
  readonly groups: readonly { readonly system: string; readonly operation: string; readonly count: number }[];
}

/**
 * Bulk actions as the journal keeps them: a row with its selection frozen, and one row a translation. What is done to a translation and the
 * end of its row are one commit, so that a bulk goes on after any end of the process and nothing is done twice (rule 21).
 */
export abstract class BulkJournal {
  /** The bulk under this key. */
  abstract keyed(key: string): Promise<BulkRow | null>;

  /** A bulk in `freezing`, with nothing in it yet. `repeated`: the key was there, and nothing was begun. */
  abstract start(start: BulkStart, nowMs: number): Promise<{ readonly seq: number; readonly repeated: boolean }>;

  /**
   * Adds the next translations of the selection at the versions that were read; `last` lets the bulk run, with as many as it has then.
   * @throws GatehouseError CHANGED when `firstPlace` is not the next one, or it is not freezing
   */
  abstract freeze(seq: number, firstPlace: number, refs: readonly TranslationRef[], last: boolean): Promise<void>;

  /** Bulks whose freezing has begun and not ended, oldest first. */
  abstract halfFrozen(): Promise<readonly BulkRow[]>;

  /** Takes up to `limit` translations out of a bulk that is freezing. @returns whether more are left */
  abstract thaw(seq: number, limit: number): Promise<boolean>;

  /** A bulk that is freezing ends with nothing done, and says why. */
  abstract abandon(seq: number, note: string, nowMs: number): Promise<void>;

  /** The next translations of the oldest bulk that runs, at most `limit`; null when none runs. */
  abstract next(limit: number): Promise<BulkWork | null>;

  /**
   * Does it to one translation and ends its row, in one commit. Nothing when the row has ended or the bulk does not run; `skipped` when the
   * translation is no longer at the version that was frozen.
   * @throws GatehouseError as `act`: nothing of it is there, and the row is open
   */
  abstract act(ref: BulkRef, act: OperatorAct, nowMs: number): Promise<BulkItemEnd>;

  /** Ends the row of one that cannot be done: skipped for CHANGED and NOT_FOUND, failed for all else. Nothing when it has ended or the bulk does not run. */
  abstract refuse(ref: BulkRef, failure: Failure, nowMs: number): Promise<void>;

  /** Stops, resumes or changes the rate. The same key again changes nothing. @throws GatehouseError NOT_FOUND, NOT_POSSIBLE */
  abstract turn(turn: BulkTurn, nowMs: number): Promise<void>;
}

export interface BulkRequest {
  readonly key: string;
  readonly act: BulkAct;
  readonly selection: BulkSelection;
  readonly who: string;
  readonly why: string;
  readonly perSecond: number;
  /** How many the person has agreed to; null when they were not told. */
  readonly expected: number | null;
}

/** How a bulk goes: what the journal cannot tell. */
export interface BulkPace {
  /** Over the last ten seconds. */
  readonly perSecondNow: number;
  /** Until it is done at this pace, ms; null when nobody can tell. */
  readonly leftMs: number | null;
  /** The bulk that is done before this one. */
  readonly behind: number | null;
}

/** What people may do to many translations together. */
export abstract class BulkDesk {
  /** What a selection holds now. @throws GatehouseError NOT_POSSIBLE when there is no condition or too much of it */
  abstract look(selection: BulkSelection): Promise<{ readonly count: number; readonly groups: Selected['groups'] }>;
  /**
   * Freezes the selection and lets it run. Resolves when it is frozen, with its number.
   * @throws GatehouseError NOT_POSSIBLE (nothing fits, a confirmation is needed), CHANGED (more than `expected`), REPLY_INVALID
   */
  abstract begin(request: BulkRequest): Promise<number>;
  /** @throws GatehouseError NOT_FOUND, NOT_POSSIBLE */
  abstract turn(turn: BulkTurn): Promise<void>;
  abstract pace(row: BulkRow): BulkPace;
}
