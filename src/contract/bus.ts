import { type CloudEvent } from './event.ts';

/** A message as the bus hands it over: an event, or bytes that are none, with the reason. */
export interface Delivery {
  readonly content:
    /** `identity`: what tells this event from others of its source when that is more than its id (rule 13). */
    | { readonly event: CloudEvent; readonly identity?: string }
    | {
        readonly raw: Uint8Array;
        readonly size: number;
        readonly sha256: string;
        readonly reason: string;
        readonly code: 'NOT_AN_EVENT' | 'EVENT_TOO_LARGE';
        /** What the bus knows of it beside its bytes: exchange, routing key, message id. */
        readonly about?: Readonly<Record<string, string>>;
      }
    /** No event, and configured to be passed over: counted, not stored. `ignored` says why. */
    | { readonly ignored: string };
  /** Tells the bus that the message is safe in the journal. Never throws; a lost ack leads to a redelivery. */
  ack(): void;
  /** Sends the whole message to the dead letter exchange; there when large ones are configured to go there. @throws GatehouseError when it is not safe there */
  deadLetter?(reason: string): Promise<void>;
}

/** The consumer of one system's queue. */
export interface Consumer {
  /** Takes no more; what was already delivered still comes and is acked. */
  hold(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** An event on its way out, in the order of `seq`. */
export interface OutgoingEvent {
  /** Its row in the outbox; 0 for an event that somebody posted. */
  readonly seq: number;
  readonly event: CloudEvent;
}

export type PublishOutcome =
  /** `recorded`: the bus has noted it in the journal itself, in the same commit. */
  | { readonly end: 'confirmed'; readonly routed: boolean; readonly recorded?: true }
  /** The bus will never take it: too large, a header it cannot carry, no exchange. */
  | { readonly end: 'refused'; readonly reason: string };

/** What waits for a system at the bus. */
export interface QueueDepth {
  /** Messages that nobody has been handed, as far as the bus tells. */
  readonly waiting: number;
  /** There are more than these: it was not counted further. */
  readonly more: boolean;
  /** Who takes from it; null where the bus does not say. */
  readonly consumers: number | null;
}

/** Where events come from and go to. At least once in both directions. */
export abstract class Bus {
  abstract readonly name: string;
  /**
   * Delivers what matches `patterns` (AMQP topic wildcards over the event type: `*` one word, `#` none or more) to `deliver`, in order.
   * The queue of a system is durable: what is published while nobody consumes is kept.
   */
  abstract consume(system: string, patterns: readonly string[], deliver: (delivery: Delivery) => void): Promise<Consumer>;
  /** Resolves when the event is durable at the bus. @throws GatehouseError (transient) when the bus is away: publish again, same id */
  abstract publish(event: OutgoingEvent): Promise<PublishOutcome>;
  /** What works and is still not as it should be, one sentence each. @throws GatehouseError when the bus does not take or give events */
  abstract check(): Promise<readonly string[]>;
  /** How much waits for a system, asked when somebody looks. @throws GatehouseError when the bus is away or has no such queue */
  depth?(system: string): Promise<QueueDepth>;
  abstract close(): Promise<void>;
}
