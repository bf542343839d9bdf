import { type Bus } from '../contract/bus.ts';
import { Door, type Taken } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Intake } from './intake.ts';

/** Posts go to the exchange of the bus and come back as deliveries, so that everybody who is bound there sees them (rule 31). */
export class BusDoor extends Door {
  readonly #bus: Bus;
  readonly #intake: Intake;

  constructor(bus: Bus, intake: Intake) {
    super();
    this.#bus = bus;
    this.#intake = intake;
  }

  get maxEventBytes(): number {
    return this.#intake.maxEventBytes;
  }

  /** Refused before the first leaves, or sent again as a whole by the sender: what had left already is known by its id then. */
  async post(events: readonly CloudEvent[]): Promise<readonly Taken[]> {
    this.#intake.mayEnter(events);
    const outcomes = await Promise.all(events.map((event) => this.#bus.publish({ seq: 0, event })));
    for (const [index, outcome] of outcomes.entries()) {
      const type = events[index]?.attributes.type ?? '';
      if (outcome.end === 'refused') throw new GatehouseError('EVENT_TOO_LARGE', `the bus does not take the event: ${outcome.reason}`);
      if (!outcome.routed) throw new GatehouseError('BUS_INCOMPLETE', `no queue is bound to the event type '${type.slice(0, 200)}' at the bus`);
    }
    return events.map(({ attributes: { source, id } }) => ({ source, id, translations: [] }));
  }
}
