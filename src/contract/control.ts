import { type BatchAction } from './batch.ts';
import { type QueueDepth } from './bus.ts';
import { type SourceKey } from './consignment.ts';
import { type DryRun, type DryRunRequest } from './dry-run.ts';
import { type Doubt } from './doubt.ts';
import { type CloudEvent } from './event.ts';
import { type EventOrigin } from './event-origin.ts';
import { type ActionResult, type OperatorAct, type SystemRecord, type Tally } from './journal.ts';
import { type Json } from './json.ts';
import { type Pulse } from './pulse.ts';
import { type Story } from './journal-reader.ts';
import { type SessionsStatus } from './sessions.ts';
import { type RecordedPiece } from './source.ts';
import { type RecordedExchange, type ReplyStatus } from './transport.ts';

export interface Taken {
  /** Translations that the event started, or the first ones for a duplicate. */
  readonly translations: readonly {
    readonly id: string;
    readonly system: string;
    readonly operation: string;
    readonly outcome: 'new' | 'duplicate' | 'reused';
  }[];
  readonly source: string;
  readonly id: string;
}

/** The way in for events that somebody posts. */
export abstract class Door {
  /**
   * Takes a batch whole or not at all; resolves when it is durable.
   * @throws GatehouseError EVENT_UNMATCHED, EVENT_TOO_LARGE (nothing stored), BACKLOG_FULL (try later), JOURNAL_FULL
   */
  abstract post(events: readonly CloudEvent[]): Promise<readonly Taken[]>;
  /** Largest body of one event, bytes. */
  abstract readonly maxEventBytes: number;
}

export interface SystemStatus {
  readonly system: string;
  readonly about: string;
  /** `closed` until the hours say otherwise; `down` and `held` with the reason. */
  readonly availability: 'open' | 'closed' | 'down' | 'held';
  readonly reason: string | null;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly heldOperations: readonly SystemRecord[];
  readonly breaker: BreakerStatus;
  readonly rate: RateStatus;
  readonly running: number;
  readonly concurrency: number;
  readonly backlog: number;
  readonly intakeHeld: boolean;
  /** Deliveries passed over as configured (unmatched, no JSON), since the start. */
  readonly ignored: number;
  readonly transports: readonly string[];
  readonly operations: readonly string[];
  readonly sources: readonly SourceStatus[];
  /** Of the transports that keep sessions. */
  readonly sessions: readonly (SessionsStatus & { readonly transport: string })[];
  /** Replies that come by themselves, as files do. */
  readonly replies: readonly ReplyStatus[];
}

/** Failures in a row lead to `down`; then it is tried again by itself. */
export interface BreakerStatus {
  readonly failuresInARow: number;
  /** That many in a row, and it is down. */
  readonly failures: number;
  /** Wall clock, ms; null while it is not down. */
  readonly nextTryMs: number | null;
  /** It answers its check again: one call at a time until the first answer. */
  readonly trial: boolean;
  /** Wall clock of the last answer to a call or check, ms. */
  readonly lastAnswerMs: number | null;
}

export interface RateStatus {
  /** Calls a second that the system may get; null when there is no limit. */
  readonly perSecond: number | null;
  /** Calls that wait for their turn. */
  readonly waiting: number;
}

/** One source of a system. */
export interface SourceStatus {
  readonly source: string;
  /** What it watches, in words. */
  readonly about: string;
  /** `waiting`: for the system, the bus or room in the journal, as `reason` says. `left out`: the configuration does not name it. */
  readonly state: 'idle' | 'at work' | 'waiting' | 'held' | 'left out';
  readonly reason: string | null;
  /** The consignment at work, or the last one. */
  readonly last: string | null;
  readonly lastMs: number | null;
  /** Since the start of the gateway. */
  readonly consignments: number;
  readonly events: number;
  readonly parked: number;
  readonly duplicates: number;
  /** How long the consignment at work has been so, ms. */
  readonly lagMs: number;
}

/** What one check came to, for people. */
export interface CheckLine {
  /** `bus` for the bus itself. */
  readonly system: string;
  /** What was checked: a transport, the replies of one, a source. */
  readonly transport: string;
  readonly ok: boolean;
  readonly message: string;
}

export interface DeskRequest {
  /** Idempotency key of the person's click. */
  readonly key: string;
  readonly translationId: string;
  readonly version: number | null;
  readonly who: string;
  readonly why: string;
}

/** What a person asks of a translation; the desk completes it to an `OperatorAct`. */
export type DeskAct =
  | { readonly kind: Exclude<OperatorAct['kind'], 'happened' | 'did not' | 'probe' | 'discard' | 'replay'> }
  /** `reply`: publishes one of the operation's declared refusals: its type and data. */
  | { readonly kind: 'discard'; readonly reply?: { readonly type: string; readonly data: Json } }
  | { readonly kind: 'replay'; readonly data?: Json }
  /** The call in doubt is found by the desk when there is one. `answer` is validated against the call's answer type. */
  | { readonly kind: 'happened'; readonly answer: Json; readonly callSeq?: number }
  | { readonly kind: 'did not' | 'probe'; readonly callSeq?: number };

/** What people may do to translations and systems. HTTP, CLI and console all come here. */
export abstract class Desk {
  /** @throws GatehouseError NOT_FOUND, CHANGED, NOT_POSSIBLE, ANSWER_INVALID, REPLY_INVALID, EVENT_INVALID */
  abstract act(request: DeskRequest, act: DeskAct): Promise<ActionResult>;
  /** The calls of a translation that may or may not have happened, and what can be done about each. @throws GatehouseError NOT_FOUND */
  abstract doubts(translationId: string): Promise<readonly Doubt[]>;
  /** The calls of it that a person may settle; `probe`: the system can be asked what became of it. */
  abstract inDoubt(story: Story): readonly { readonly seq: number; readonly name: string; readonly probe: boolean }[];
  /** Closes a batch now, or settles one that is in doubt for all its members. @throws GatehouseError NOT_FOUND, NOT_POSSIBLE */
  abstract actOnBatch(action: BatchAction): Promise<void>;
  abstract hold(system: string, operation: string, who: string, why: string): Promise<void>;
  abstract resume(system: string, operation: string, who: string, why: string): Promise<void>;
  abstract systems(): readonly SystemStatus[];
  /** Runs the check of every link and source of a system, or of the bus and every system. @throws GatehouseError NOT_FOUND */
  abstract check(system?: string): Promise<readonly CheckLine[]>;
  /**
   * Runs an operation as it is now and drafts its calls instead of making them: nothing is sent, journaled or counted. One at a time, for at
   * most ten seconds; code that never lets go of the thread ends the process, as it would with a real event.
   * @throws GatehouseError NOT_FOUND, NOT_POSSIBLE, ANSWER_INVALID, CALL_UNKNOWN, BACKLOG_FULL
   */
  abstract dryRun(request: DryRunRequest): Promise<DryRun>;
  abstract tallies(): readonly Tally[];
  /** What each system, or one, has done in the last hour. @throws GatehouseError NOT_FOUND */
  abstract pulses(system?: string): readonly Pulse[];
  /** What waits for a system at the bus; null when the bus cannot say. @throws GatehouseError NOT_FOUND, and those of the bus */
  abstract queue(system: string): Promise<QueueDepth | null>;
  /**
   * What the native exchange of a call means, by the layout of now. `transport` is null when the adapter no longer declares the call, or the
   * system is not there; `inspection` is null when its link cannot tell. Never rejects.
   */
  abstract inspect(system: string, exchange: RecordedExchange): Promise<{ readonly transport: string | null; readonly inspection: Json | null }>;
  /** Where the event of a translation came from; null when no source has brought it in. */
  abstract origin(story: Story): Promise<EventOrigin | null>;
  /** What a piece means that a source has brought in, as `inspect`. Never throws. */
  abstract inspectPiece(source: SourceKey, piece: RecordedPiece): { readonly transport: string | null; readonly inspection: Json | null };
}
