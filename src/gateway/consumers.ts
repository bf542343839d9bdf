import { type Bus, type Consumer, type Delivery } from '../contract/bus.ts';
import { type Clock } from '../contract/clock.ts';
import { asGatehouseError } from '../contract/errors.ts';
import { type Journal } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { backlogOf } from './backlog.ts';
import { type System } from './system.ts';

const balanceEveryMs = 250;

export interface ConsumersSurroundings {
  readonly journal: Pick<Journal, 'tallies' | 'onFull'>;
  readonly clock: Clock;
  readonly systems: ReadonlyMap<string, System>;
  readonly log: Log;
  deliver(system: System, delivery: Delivery): void;
}

/**
 * Consumes one queue a system, with the appetite that the system has (rule 30): held while it is full, down, held or closed, so that its
 * events stay at the bus; all of them closed while the journal has no room, so that what was delivered and not acked comes again.
 */
export class Consumers {
  readonly #around: ConsumersSurroundings;
  readonly #open = new Map<System, { readonly consumer: Consumer; held: boolean }>();
  #cancelBalance: () => void = () => undefined;
  #bus: Bus | null = null;
  #joining: Promise<void> = Promise.resolve();
  #journalFull = false;
  #stopped = false;

  constructor(around: ConsumersSurroundings) {
    this.#around = around;
    around.journal.onFull((full) => {
      this.#journalFull = full;
      void this.#joinOrLeave();
    });
  }

  get journalFull(): boolean {
    return this.#journalFull;
  }

  held(system: System): boolean {
    return this.#open.get(system)?.held ?? false;
  }

  /** Never rejects: a bus that cannot be joined is told of in the log. */
  async start(bus: Bus): Promise<void> {
    this.#bus = bus;
    await this.#joinOrLeave();
    this.#balanceLater();
  }

  /** Takes no more; what was delivered still comes and is acked. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelBalance();
    await Promise.all([...this.#open.values()].map(({ consumer }) => consumer.hold()));
  }

  /** One after the other: a consumer that comes up while the journal fills up is closed again. */
  #joinOrLeave(): Promise<void> {
    this.#joining = this.#joining.then(async () => {
      try {
        await (this.#journalFull ? this.#leave() : this.#join());
      } catch (error) {
        const { code, message } = asGatehouseError(error);
        this.#around.log('warn', { code }, `intake: the bus could not be ${this.#journalFull ? 'left' : 'joined'}: ${message}`);
      }
    });
    return this.#joining;
  }

  async #join(): Promise<void> {
    const bus = this.#bus;
    if (bus === null || this.#stopped) return;
    for (const system of this.#around.systems.values()) {
      const patterns = [...new Set(system.catalogued.catalogued.map((operation) => operation.acceptsType))];
      if (patterns.length === 0 || this.#open.has(system)) continue;
      const consumer = await bus.consume(system.name, patterns, (delivery) => this.#around.deliver(system, delivery));
      this.#open.set(system, { consumer, held: false });
      if (this.#journalFull) return this.#leave();
    }
  }

  async #leave(): Promise<void> {
    const consumers = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(consumers.map(({ consumer }) => consumer.close()));
  }

  #balanceLater(): void {
    this.#cancelBalance = this.#around.clock.after(balanceEveryMs, () => {
      if (this.#stopped) return;
      this.#balance();
      this.#balanceLater();
    });
  }

  #balance(): void {
    const { journal, log } = this.#around;
    for (const [system, entry] of this.#open) {
      const backlog = backlogOf(journal, system);
      const unavailable = system.availability !== 'open' || !system.hours().open;
      const hold = unavailable || backlog.full || (entry.held && !backlog.low);
      if (hold === entry.held) continue;
      entry.held = hold;
      void (hold ? entry.consumer.hold() : entry.consumer.resume()).catch((error: unknown) => {
        const { code, message } = asGatehouseError(error);
        log('warn', { system: system.name, code }, `intake of ${system.name} could not be ${hold ? 'held' : 'resumed'}: ${message}`);
      });
    }
  }
}
