import { type Bus } from './bus.ts';
import { type EventAttributes } from './event.ts';
import { type Arrival, type CallEnd, type Leaving, type ReceivedTranslation, type Started } from './journal.ts';

/** How a run ended, in one word, with the code of what went wrong. */
export interface RunOutcome {
  readonly end: 'replied' | 'waiting' | 'parked' | 'given back' | 'lost';
  readonly code?: string | undefined;
}

/** A translation made from one that is already there. */
export interface Replayed {
  readonly id: string;
  readonly system: string;
  readonly operation: string;
  readonly attributes: EventAttributes;
  /** The translation it repeats. */
  readonly ofId: string;
}

/** One try to close a batch, or to find out what became of it. */
export interface BatchTry {
  /** The same in every try, also after a restart. */
  readonly id: string;
  readonly seq: number;
  readonly system: string;
  readonly call: string;
  readonly events: number;
  /** Wall clock, ms; null when it did not leave in this try. */
  readonly leftMs: number | null;
}

/** How a try ended, in one word, with the code of what went wrong. `again`: its members have changed, it is made anew at once. */
export interface BatchTryOutcome {
  readonly end: 'answered' | 'waiting' | 'in doubt' | 'again' | 'given back';
  readonly code?: string | undefined;
}

/**
 * Tells a tracing backend what a translation went through. Where it is not configured there is none (`null`): callers write `telemetry?.`.
 * Every method returns at once and never throws; what cannot be told is dropped. `sinceMs` is `nowMs()` from when the step began.
 */
export abstract class Telemetry {
  /** Milliseconds since 1970 with fractions, for steps shorter than one. */
  abstract nowMs(): number;

  /** Whether the trace of a translation is told: its replies must say the same. */
  abstract samples(attributes: EventAttributes, translationId: string): boolean;

  /** A delivery or a post is durable in the journal, `received` in the order of the arrivals' translations. */
  abstract received(sinceMs: number, arrivals: readonly Arrival[], received: readonly ReceivedTranslation[]): void;

  /** A person made a new translation of an old event. */
  abstract replayed(replayed: Replayed): void;

  /** A run is over and what became of it is durable. */
  abstract ran(sinceMs: number, started: Started, outcome: RunOutcome): void;

  /** A native call is over: `sinceMs` is before anything that it waits for, `leaving.leftMs` the moment it left. */
  abstract called(sinceMs: number, started: Started, leaving: Leaving, end: CallEnd): void;

  /** A call waits in a batch, durably. */
  abstract gathered(sinceMs: number, started: Started, leaving: Leaving, batch: number): void;

  /** A try to close a batch is over and what became of it is durable. */
  abstract tried(sinceMs: number, batch: BatchTry, outcome: BatchTryOutcome): void;

  /** The same bus, whose publications are told. */
  abstract around(bus: Bus): Bus;

  /** Tells what it still has, for at most `withinMs`. */
  abstract close(withinMs: number): Promise<void>;
}
