import { type CloudEvent } from './event.ts';

/** A message of a local queue. */
export interface Spooled {
  readonly seq: number;
  readonly event: CloudEvent;
}

/** An entry of the log of published events. */
export interface Logged {
  readonly position: number;
  readonly event: CloudEvent;
}

/**
 * Durable queues and the log of published events inside the journal's store: what the embedded bus is made of.
 * An event's bytes are one row; queue, inbox and outbox refer to it.
 */
export abstract class Spool {
  /** What a queue takes, from the next hand-over on and over restarts: replaces what it took before. */
  abstract bind(queue: string, patterns: readonly string[]): Promise<void>;
  /** Every queue that was ever bound, with its patterns. */
  abstract bindings(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Moves an outbox row to these queues and to the log, and marks it published, in one commit. Done before: does nothing. */
  abstract handOver(outboxSeq: number, queues: readonly string[], nowMs: number): Promise<void>;
  /** Messages of a queue after `afterSeq` that were not removed, in order. */
  abstract fetch(queue: string, afterSeq: number, limit: number): Promise<readonly Spooled[]>;
  /** How many messages a queue holds, counted up to `atMost`. */
  abstract depth(queue: string, atMost: number): Promise<number>;
  /** Removes messages that the journal holds by now. Need not be awaited. */
  abstract remove(queue: string, seqs: readonly number[]): Promise<void>;
  /** Published events after a position, oldest first. @throws GatehouseError NOT_FOUND when the log no longer reaches back to `after` */
  abstract log(after: number, limit: number): Promise<readonly Logged[]>;
  /** The newest position of the log. */
  abstract logEnd(): Promise<number>;
  /** Called after each commit that added to the log or a queue. The answer unsubscribes. */
  abstract onAdded(listener: () => void): () => void;
}
