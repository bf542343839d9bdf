import { type QueueDepth } from '../contract/bus.ts';
import { type Latency, type Pulse } from '../contract/pulse.ts';

/** The last hour of a system in one row of the list of systems; counts a minute, oldest first. */
export interface PulseSummary {
  readonly system: string;
  readonly answered: readonly number[];
  readonly failed: readonly number[];
  /** The call that takes longest, by its 95th percentile. */
  readonly slowest: (Latency & { readonly call: string }) | null;
}

/** One system from near. */
export interface SystemPulse {
  readonly pulse: Pulse;
  /** Null when the bus cannot say, or does not now. */
  readonly queue: QueueDepth | null;
  /** Why the bus does not say. */
  readonly queueFailure: string | null;
}
