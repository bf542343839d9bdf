import { createHash } from 'node:crypto';
import { type Bus, type Consumer, type Delivery } from '../contract/bus.ts';
import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { type Taken, Door } from '../contract/control.ts';
import { GatehouseError, asGatehouseError, codes } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Json } from '../contract/json.ts';
import { type Arrival, type Failure, type Journal, type NewTranslation, type ReceivedTranslation } from '../contract/journal.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { translationId } from '../contract/translation-id.ts';
import { contentDigest, correlationOf, hopsOf, idsOf } from './identity.ts';
import { payloadOf, valueAt } from './payload.ts';
import { type Schedule } from './schedule.ts';
import { type System, failureOf } from './system.ts';

const maxHops = 50;
const balanceEveryMs = 250;
const clippedBytes = 64_000;
/** Waits between tries while the dead letter exchange cannot be reached. */
const firstDeadLetterMs = 100;
const maxDeadLetterMs = 5_000;

export interface IntakeSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly schedule: Schedule;
  readonly systems: ReadonlyMap<string, System>;
  readonly maxEventBytes: number;
  readonly build: string;
  readonly telemetry: Telemetry | null;
  log(level: 'info' | 'warn', fields: Readonly<Record<string, unknown>>, message: string): void;
  journalFailed(error: unknown): void;
}

/**
 * The first verb: a delivery becomes its translations in one durable commit, and only then is acked (rules 13 to 17). Also the door for
 * events that somebody posts.
 */
export class Intake extends Door {
  readonly #around: IntakeSurroundings;
  readonly #consumers = new Map<System, { consumer: Consumer; held: boolean }>();
  /** The delivery of each system that is planned last; the next one waits for it. */
  readonly #inLine = new Map<System, Promise<unknown>>();
  #cancelBalance: () => void = () => undefined;
  #bus: Bus | null = null;
  #joining: Promise<void> = Promise.resolve();
  #full = false;
  #stopped = false;
  readonly #ignored = new Map<System, number>();

  constructor(around: IntakeSurroundings) {
    super();
    this.#around = around;
    around.journal.onFull((full) => {
      this.#full = full;
      void this.#joinOrLeave();
    });
  }

  get maxEventBytes(): number {
    return this.#around.maxEventBytes;
  }

  /** Consumes one queue a system. */
  async start(bus: Bus): Promise<void> {
    this.#bus = bus;
    await this.#joinOrLeave();
    this.#balanceLater();
  }

  /** One after the other: a consumer that comes up while the journal fills up is closed again. */
  #joinOrLeave(): Promise<void> {
    this.#joining = this.#joining.then(async () => {
      try {
        await (this.#full ? this.#leaveBus() : this.#joinBus());
      } catch (error) {
        const { code, message } = asGatehouseError(error);
        this.#around.log('warn', { code }, `intake: the bus could not be ${this.#full ? 'left' : 'joined'}: ${message}`);
      }
    });
    return this.#joining;
  }

  async #joinBus(): Promise<void> {
    const bus = this.#bus;
    if (bus === null || this.#full || this.#stopped) return;
    for (const system of this.#around.systems.values()) {
      const patterns = [...new Set(system.catalogued.catalogued.map((operation) => operation.acceptsType))];
      if (patterns.length === 0 || this.#consumers.has(system)) continue;
      const consumer = await bus.consume(system.name, patterns, (delivery) => void this.#deliver(system, delivery).catch(this.#around.journalFailed));
      this.#consumers.set(system, { consumer, held: false });
      if (this.#full) return this.#leaveBus();
    }
  }

  /** The journal cannot write: what was delivered and not acked must come again, so the consumers go, not only their appetite (rule 30). */
  async #leaveBus(): Promise<void> {
    const consumers = [...this.#consumers.values()];
    this.#consumers.clear();
    await Promise.all(consumers.map(({ consumer }) => consumer.close()));
  }

  /** Takes no more from the bus; what was delivered is still journaled and acked. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelBalance();
    await Promise.all([...this.#consumers.values()].map(({ consumer }) => consumer.hold()));
  }

  async post(events: readonly CloudEvent[]): Promise<readonly Taken[]> {
    this.mayEnter(events);
    const planned = await Promise.all(events.map((event) => this.#plan(event, this.#around.catalogue.accepting(event.attributes.type))));
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
    if (this.#full) throw new GatehouseError('JOURNAL_FULL', 'the journal has no room left: nothing was taken');
    for (const event of events) this.#entering(event);
  }

  #entering({ attributes, data }: CloudEvent): void {
    const accepting = this.#around.catalogue.accepting(attributes.type);
    if (accepting.length === 0) throw new GatehouseError('EVENT_UNMATCHED', `no operation accepts the event type '${attributes.type.slice(0, 200)}'`);
    if (data.byteLength > this.maxEventBytes)
      throw new GatehouseError('EVENT_TOO_LARGE', `the data of an event has ${data.byteLength} bytes; ${this.maxEventBytes} are allowed`);
    for (const { system: name } of accepting) {
      const system = this.#around.systems.get(name);
      if (system !== undefined && this.#backlogOf(system).full)
        throw new GatehouseError('BACKLOG_FULL', `the backlog of ${name} is full (${system.settings.backlog}): send again later`);
    }
  }

  /** Plans may be ready in any order (a large body is read in a worker); they are received in the order of delivery (rule 18). */
  async #deliver(system: System, delivery: Delivery): Promise<void> {
    const turn = this.#inTurn(this.#inLine.get(system), this.#planDelivery(system, delivery));
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

  async #planDelivery(system: System, delivery: Delivery): Promise<Arrival | null> {
    const { content } = delivery;
    if ('ignored' in content) return this.#ignore(system);
    if ('raw' in content) {
      const { raw, size, sha256, reason, code, about } = content;
      if (code === 'EVENT_TOO_LARGE' && (await this.#deadLettered(system, delivery, reason))) return null;
      return this.#parkRaw(
        system,
        {
          attributes: { specversion: '1.0', id: sha256, source: `/gatehouse/bus/${system.name}`, type: 'gatehouse.unreadable', ...about },
          data: raw,
        },
        size,
        { code, message: `${reason}; SHA-256 of all ${size} bytes: ${sha256}` },
      );
    }
    const { event, identity } = content;
    if (event.data.byteLength > this.maxEventBytes) {
      const reason = `the data of the event has ${event.data.byteLength} bytes; ${this.maxEventBytes} are allowed`;
      if (await this.#deadLettered(system, delivery, reason)) return null;
      const message = `${reason}; the first ${clippedBytes} are kept, SHA-256 of all: ${createHash('sha256').update(event.data).digest('hex')}`;
      return this.#parkRaw(system, { ...event, data: event.data.subarray(0, clippedBytes) }, event.data.byteLength, {
        code: 'EVENT_TOO_LARGE',
        message,
      });
    }
    const { type } = event.attributes;
    const operations = this.#around.catalogue.accepting(type).filter((operation) => operation.system === system.name);
    if (operations.length > 0) return this.#plan(event, operations, identity);
    if (system.settings.unmatched === 'ignore') return this.#ignore(system);
    return this.#parkRaw(system, event, event.data.byteLength, {
      code: 'EVENT_UNMATCHED',
      message: `no operation of ${system.name} accepts the event type '${type.slice(0, 200)}'`,
    });
  }

  #ignore(system: System): null {
    this.#ignored.set(system, (this.#ignored.get(system) ?? 0) + 1);
    return null;
  }

  /** Deliveries of a system that were passed over as configured, since the start. */
  ignored(system: System): number {
    return this.#ignored.get(system) ?? 0;
  }

  /** Whole at the dead letter exchange, and noted; false when there is none or it is not safe there. */
  async #deadLettered(system: System, delivery: Delivery, reason: string): Promise<boolean> {
    if (delivery.deadLetter === undefined) return false;
    const { journal, clock, log } = this.#around;
    let tries = 0;
    for (let waitMs = firstDeadLetterMs; ; waitMs = Math.min(maxDeadLetterMs, waitMs * 2)) {
      try {
        await delivery.deadLetter(reason);
        break;
      } catch (error) {
        const failure = asGatehouseError(error);
        // Not acked: it is delivered again after the start.
        if (this.#stopped)
          throw new GatehouseError('STOPPING', 'the gateway is stopping; the event was not sent to the dead letter exchange', { cause: error });
        // Something else on its channel may have been refused; the same three times is meant.
        if (failure.code !== 'BUS_UNREACHABLE' && (tries += 1) >= 3) {
          log('warn', { system: system.name }, `an event that is too large is parked with its first bytes: ${failure.message}`);
          return false;
        }
        await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
      }
    }
    log('warn', { system: system.name, code: 'EVENT_TOO_LARGE' }, `sent to the dead letter exchange: ${reason}`);
    await journal.audit({ who: 'gateway', what: 'dead letter', subject: system.name, why: reason, atMs: clock.wallMs() });
    return true;
  }

  #parkRaw(system: System, event: CloudEvent, size: number, park: Failure): Arrival {
    const { source, id } = event.attributes;
    const translation: NewTranslation = {
      id: translationId(system.name, '', source, id),
      system: system.name,
      operation: '',
      key: null,
      businessKey: null,
      passWhenParked: true,
      keepBodies: system.settings.payload === 'full',
      begin: false,
      park,
    };
    return this.#arrival(event, size, [translation]);
  }

  async #plan(event: CloudEvent, operations: readonly CataloguedOperation[], identity = event.attributes.id): Promise<Arrival> {
    const needed = operations.some((operation) => operation.key !== null || operation.businessKey !== null);
    const payload = needed ? await payloadOf(event).catch((error: unknown) => asGatehouseError(error)) : null;
    const translations = operations.map((operation): NewTranslation => {
      const system = this.#around.systems.get(operation.system);
      const key = readPath(operation.key, payload);
      const businessKey = readPath(operation.businessKey, payload);
      const park = this.#refusal(event, operation, payload, key, businessKey);
      return {
        id: translationId(operation.system, operation.name, event.attributes.source, identity),
        system: operation.system,
        operation: operation.name,
        key: park === null ? key : null,
        businessKey,
        passWhenParked: operation.passWhenParked,
        keepBodies: system?.settings.payload !== 'none',
        begin: park === null && system !== undefined && system.operations(false).includes(operation.name),
        park,
      };
    });
    return this.#arrival(event, event.data.byteLength, translations);
  }

  #arrival(event: CloudEvent, size: number, translations: readonly NewTranslation[]): Arrival {
    const { attributes, data } = event;
    return {
      event,
      size,
      digest: contentDigest(attributes.type, data),
      correlation: correlationOf(attributes),
      hops: hopsOf(attributes),
      translations,
    };
  }

  #refusal(
    event: CloudEvent,
    operation: CataloguedOperation,
    payload: Json | GatehouseError,
    key: string | null,
    businessKey: string | null,
  ): Failure | null {
    if (hopsOf(event.attributes) > maxHops)
      return { code: 'LOOP', message: `${operation.system} ${operation.name}: the event has passed ${hopsOf(event.attributes)} translations` };
    if (payload instanceof GatehouseError) return failureOf(payload);
    const missing =
      operation.key !== null && key === null ? operation.key : operation.businessKey !== null && businessKey === null ? operation.businessKey : null;
    return missing === null
      ? null
      : { code: 'KEY_UNREADABLE', message: `${operation.system} ${operation.name}: '${missing}' is not in the payload as text or number` };
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

  async #receive(planned: readonly Arrival[]): Promise<readonly ReceivedTranslation[]> {
    const { journal, clock, schedule, systems, telemetry } = this.#around;
    const sinceMs = telemetry?.nowMs() ?? 0;
    const waiting: System[] = [];
    try {
      const arrivals = planned.map((arrival) => this.#withSlots(arrival, waiting));
      const received = await journal.receive(arrivals, { nowMs: clock.wallMs(), build: this.#around.build });
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
          waiting.splice(waiting.indexOf(system), 1);
          schedule.launch(system, translation.started);
        }
      }
      for (const system of woken) schedule.pump(system);
      return received;
    } finally {
      for (const system of waiting) schedule.release(system);
    }
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

  /** Holds the consumer of a system that is full, down, held or closed, and resumes it below the low-water mark (rule 30). */
  #balance(): void {
    for (const [system, entry] of this.#consumers) {
      const backlog = this.#backlogOf(system);
      const unavailable = system.availability !== 'open' || !system.hours().open;
      const hold = unavailable || backlog.full || (entry.held && !backlog.low);
      if (hold === entry.held) continue;
      entry.held = hold;
      void (hold ? entry.consumer.hold() : entry.consumer.resume()).catch((error: unknown) =>
        this.#around.log(
          'warn',
          { system: system.name, code: asGatehouseError(error).code },
          `intake of ${system.name} could not be ${hold ? 'held' : 'resumed'}: ${asGatehouseError(error).message}`,
        ),
      );
    }
  }

  #balanceLater(): void {
    this.#cancelBalance = this.#around.clock.after(balanceEveryMs, () => {
      if (this.#stopped) return;
      this.#balance();
      this.#balanceLater();
    });
  }

  held(system: System): boolean {
    return this.#consumers.get(system)?.held ?? false;
  }

  backlog(system: System): number {
    return this.#backlogOf(system).active;
  }

  #backlogOf(system: System): { active: number; full: boolean; low: boolean } {
    let active = 0;
    let waiting = 0;
    for (const tally of this.#around.journal.tallies()) {
      if (tally.system !== system.name) continue;
      if (tally.detail === 'behind' || tally.detail === 'batch' || tally.detail === 'reply') waiting += tally.count;
      else if (tally.state === 'received' || tally.state === 'running' || tally.state === 'waiting') active += tally.count;
    }
    const { backlog, backlogWaiting } = system.settings;
    return { active, full: active >= backlog || waiting >= backlogWaiting, low: active <= backlog * 0.8 && waiting <= backlogWaiting * 0.8 };
  }
}

function readPath(path: string | null, payload: Json | GatehouseError): string | null {
  return path === null || payload instanceof GatehouseError ? null : valueAt(payload, path);
}
