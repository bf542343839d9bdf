import { Bus, type Consumer, type Delivery, type OutgoingEvent, type PublishOutcome } from '../contract/bus.ts';
import { asGatehouseError } from '../contract/errors.ts';
import { type EventAttributes } from '../contract/event.ts';

/** Hears of every publication. */
export interface PublicationWatch {
  nowMs(): number;
  published(sinceMs: number, attributes: EventAttributes, outcome: { readonly end: string; readonly code?: string }): void;
}

/** A bus whose publications are told. */
export class TracedBus extends Bus {
  readonly #bus: Bus;
  readonly #telemetry: PublicationWatch;

  constructor(bus: Bus, telemetry: PublicationWatch) {
    super();
    this.#bus = bus;
    this.#telemetry = telemetry;
  }

  get name(): string {
    return this.#bus.name;
  }

  consume(system: string, patterns: readonly string[], deliver: (delivery: Delivery) => void): Promise<Consumer> {
    return this.#bus.consume(system, patterns, deliver);
  }

  async publish(outgoing: OutgoingEvent): Promise<PublishOutcome> {
    const sinceMs = this.#telemetry.nowMs();
    const { attributes } = outgoing.event;
    try {
      const outcome = await this.#bus.publish(outgoing);
      if (outcome.end === 'refused') this.#telemetry.published(sinceMs, attributes, { end: 'refused', code: 'UNPUBLISHABLE' });
      else this.#telemetry.published(sinceMs, attributes, { end: outcome.routed ? 'confirmed' : 'unroutable' });
      return outcome;
    } catch (error) {
      this.#telemetry.published(sinceMs, attributes, { end: 'not confirmed', code: asGatehouseError(error).code });
      throw error;
    }
  }

  check(): Promise<readonly string[]> {
    return this.#bus.check();
  }

  close(): Promise<void> {
    return this.#bus.close();
  }
}
