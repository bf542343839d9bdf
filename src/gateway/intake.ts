import { createHash } from 'node:crypto';
import { type Bus, type Delivery } from '../contract/bus.ts';
import { type Catalogue } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { type Taken, Door } from '../contract/control.ts';
import { GatehouseError, codes } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Arrival, type Journal, type ReceivedTranslation } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { arrivalOf, parkedArrival } from './arrival.ts';
import { backlogOf } from './backlog.ts';
import { Consumers } from './consumers.ts';
import { deadLettered } from './dead-letter.ts';
import { idsOf } from './identity.ts';
import { type Schedule } from './schedule.ts';
import { type System } from './system.ts';

/** What is kept of a body that is too large. */
const clippedBytes = 64_000;

export interface IntakeSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly schedule: Schedule;
  readonly systems: ReadonlyMap<string, System>;
  readonly maxEventBytes: number;
  readonly build: string;
  readonly telemetry: Telemetry | null;
  readonly log: Log;
  journalFailed(error: unknown): void;
}

/**
 * The first verb: a delivery becomes its translations in one durable commit, and only then is acked (rules 13 to 17). Also the door for
 * events that somebody posts.
 */
export class Intake extends Door {
  readonly #around: IntakeSurroundings;
  readonly #consumers: Consumers;
  /** The delivery of each system that is planned last; the next one waits for it. */
  readonly #inLine = new Map<System, Promise<unknown>>();
  readonly #ignored = new Map<System, number>();
  #stopped = false;

  constructor(around: IntakeSurroundings) {
    super();
    this.#around = around;
    const deliver = (system: System, delivery: Delivery): void => void this.#deliver(system, delivery).catch(around.journalFailed);
    this.#consumers = new Consumers({ ...around, deliver });
  }

  get maxEventBytes(): number {
    return this.#around.maxEventBytes;
  }

  async start(bus: Bus): Promise<void> {
    await this.#consumers.start(bus);
  }

  /** Takes no more; what was delivered is still journaled and acked. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#consumers.stop();
  }

  /** Whether the queue of a system is left alone for now. */
  held(system: System): boolean {
    return this.#consumers.held(system);
  }

  /** Deliveries of a system that were passed over as configured, since the start. */
  ignored(system: System): number {
    return this.#ignored.get(system) ?? 0;
  }

  async post(events: readonly CloudEvent[]): Promise<readonly Taken[]> {
    const { catalogue, systems } = this.#around;
    this.mayEnter(events);
    const planned = await Promise.all(events.map((event) => arrivalOf(event, catalogue.accepting(event.attributes.type), systems)));
    const received = await this.#receive(planned);
    let next = 0;
    return planned.map((arrival) => {
      const translations = received
        .slice(next, (next += arrival.translations.length))
        .map(({ id, system, operation, outcome }) => ({ id, system, operation, outcome }));
      return { translations, source: arrival.event.attributes.source, id: arrival.event.attributes.id };
    });
  }

  /** @throws GatehouseError what `post` throws when it takes nothing */
  mayEnter(events: readonly CloudEvent[]): void {
    if (this.#stopped) throw new GatehouseError('STOPPING', 'the gateway is stopping and takes no more events');
    if (this.#consumers.journalFull) throw new GatehouseError('JOURNAL_FULL', 'the journal has no room left: nothing was taken');
    for (const event of events) this.#entering(event);
  }

  #entering({ attributes, data }: CloudEvent): void {
    const { catalogue, journal, systems } = this.#around;
    const accepting = catalogue.accepting(attributes.type);
    if (accepting.length === 0) throw new GatehouseError('EVENT_UNMATCHED', `no operation accepts the event type '${attributes.type.slice(0, 200)}'`);
    if (data.byteLength > this.maxEventBytes) throw new GatehouseError('EVENT_TOO_LARGE', this.#tooLarge(data));
    for (const { system: name } of accepting) {
      const system = systems.get(name);
      if (system !== undefined && backlogOf(journal, system).full)
        throw new GatehouseError('BACKLOG_FULL', `the backlog of ${name} is full (${system.settings.backlog}): send again later`);
    }
  }

  #tooLarge(data: Uint8Array): string {
    return `the data of an event has ${data.byteLength} bytes; ${this.maxEventBytes} are allowed`;
  }

  /** Arrivals may be ready in any order (a large body is read in a worker); they are received in the order of delivery (rule 18). */
  async #deliver(system: System, delivery: Delivery): Promise<void> {
    const turn = this.#inTurn(this.#inLine.get(system), this.#planned(system, delivery));
    this.#inLine.set(system, turn);
    await (
      await turn
    ).received;
    delivery.ack();
  }

  async #inTurn(before: Promise<unknown> | undefined, planning: Promise<Arrival | null>): Promise<{ readonly received: Promise<unknown> | null }> {
    // Who waits here does not answer for what went wrong with the one before.
    const [planned] = await Promise.all([planning, before?.catch(() => undefined)]);
    return { received: planned === null ? null : this.#receive([planned]) };
  }

  /** What a delivery asks of the journal; null when it asks nothing and is only acked. */
  async #planned(system: System, delivery: Delivery): Promise<Arrival | null> {
    const { content } = delivery;
    if ('ignored' in content) return this.#ignore(system);
    if ('raw' in content) {
      const { raw, size, sha256, reason, code, about } = content;
      if (code === 'EVENT_TOO_LARGE' && (await this.#deadLettered(system, delivery, reason))) return null;
      const attributes = { specversion: '1.0', id: sha256, source: `/gatehouse/bus/${system.name}`, type: 'gatehouse.unreadable', ...about } as const;
      const message = `${reason}; SHA-256 of all ${size} bytes: ${sha256}`;
      return parkedArrival(system, { attributes, data: raw }, size, { code, message });
    }
    const { event, identity } = content;
    const { data } = event;
    if (data.byteLength > this.maxEventBytes) {
      const reason = this.#tooLarge(data);
      if (await this.#deadLettered(system, delivery, reason)) return null;
      const message = `${reason}; the first ${clippedBytes} are kept, SHA-256 of all: ${createHash('sha256').update(data).digest('hex')}`;
      return parkedArrival(system, { ...event, data: data.subarray(0, clippedBytes) }, data.byteLength, { code: 'EVENT_TOO_LARGE', message });
    }
    const { type } = event.attributes;
    const operations = this.#around.catalogue.accepting(type).filter((operation) => operation.system === system.name);
    if (operations.length > 0) return arrivalOf(event, operations, this.#around.systems, identity);
    if (system.settings.unmatched === 'ignore') return this.#ignore(system);
    const message = `no operation of ${system.name} accepts the event type '${type.slice(0, 200)}'`;
    return parkedArrival(system, event, data.byteLength, { code: 'EVENT_UNMATCHED', message });
  }

  #ignore(system: System): null {
    this.#ignored.set(system, this.ignored(system) + 1);
    return null;
  }

  #deadLettered(system: System, delivery: Delivery, reason: string): Promise<boolean> {
    return deadLettered({ ...this.#around, stopping: () => this.#stopped }, system.name, delivery, reason);
  }

  async #receive(planned: readonly Arrival[]): Promise<readonly ReceivedTranslation[]> {
    const { journal, clock, schedule, systems, telemetry, build } = this.#around;
    const sinceMs = telemetry?.nowMs() ?? 0;
    const reserved: System[] = [];
    try {
      const arrivals = planned.map((arrival) => this.#withSlots(arrival, reserved));
      const received = await journal.receive(arrivals, { nowMs: clock.wallMs(), build });
      telemetry?.received(sinceMs, arrivals, received);
      this.#sayParked(arrivals, received);
      const woken = new Set<System>();
      for (const translation of received) {
        const system = systems.get(translation.system);
        if (system === undefined) continue;
        if (translation.outcome !== 'duplicate') system.pulse.received();
        if (translation.started === undefined) {
          woken.add(system);
        } else {
          reserved.splice(reserved.indexOf(system), 1);
          schedule.launch(system, translation.started);
        }
      }
      for (const system of woken) schedule.pump(system);
      return received;
    } finally {
      for (const system of reserved) schedule.release(system);
    }
  }

  /** Slots are taken here and not where it is planned: what waits for its turn holds none. */
  #withSlots(arrival: Arrival, reserved: System[]): Arrival {
    const translations = arrival.translations.map((translation) => {
      const system = translation.begin ? this.#around.systems.get(translation.system) : undefined;
      if (system === undefined) return translation;
      const begin = this.#around.schedule.reserve(system);
      if (begin) reserved.push(system);
      return begin ? translation : { ...translation, begin };
    });
    return { ...arrival, translations };
  }

  #sayParked(arrivals: readonly Arrival[], received: readonly ReceivedTranslation[]): void {
    let next = 0;
    for (const { event, translations } of arrivals) {
      for (const { park } of translations) {
        const each = received[next++];
        if (each === undefined || each.outcome === 'duplicate' || (park === null && each.outcome === 'new')) continue;
        this.#around.systems.get(each.system)?.pulse.parked();
        const code = each.outcome === 'reused' ? 'EVENT_ID_REUSED' : (park?.code ?? 'DEFECT');
        this.#around.log('warn', { ...idsOf(each, event.attributes), code }, `parked on arrival: ${codes[code].means}`);
      }
    }
  }
}
