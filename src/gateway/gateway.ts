import { type Bus } from '../contract/bus.ts';
import { type Catalogue } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Class, type Json } from '../contract/json.ts';
import { type Journal, type Recovered, type RetentionPolicy, type Started } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type Translation } from '../contract/operation.ts';
import { type SystemSettings } from '../contract/settings.ts';
import { type SourceTransport } from '../contract/source.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { type LaterVerdict, type Link, type Part, type Transport } from '../contract/transport.ts';
import { Availability } from './availability.ts';
import { Batches } from './batches.ts';
import { type BulkSizes, Bulks } from './bulks.ts';
import { GatewayDesk } from './desk.ts';
import { idsOf } from './identity.ts';
import { Intake } from './intake.ts';
import { LinkMemory } from './link-memory.ts';
import { Publish } from './publish.ts';
import { recover } from './recover.ts';
import { Schedule } from './schedule.ts';
import { Sources } from './sources.ts';
import { System } from './system.ts';
import { Translate } from './translate.ts';
import { Watcher } from './watcher.ts';

const sweepEveryMs = 1_000;
const sweepBudgetMs = 5;
/** A bus that is away or takes nothing holds no stop up for longer. */
const publishWithinMs = 5_000;
const stillMsByDefault = 30_000;
/** What a stop gives telemetry, after everything that matters is done. */
const flushMs = 2_000;

export interface SystemParts {
  readonly settings: SystemSettings;
  /** The settings of each transport the system uses, by the transport's name. */
  readonly transports: Readonly<Record<string, object>>;
  /** Changes when the configuration of the system changes; shows nothing of it. */
  readonly fingerprint: string;
}

export interface GatewayParts {
  /** The name of this gateway: what it claims for itself at a system bears it. */
  readonly name?: string;
  readonly journal: Journal;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly transports: readonly Transport[];
  /** Where sources take from; none when not given. */
  readonly sourceTransports?: readonly SourceTransport[];
  readonly systems: ReadonlyMap<string, SystemParts>;
  readonly maxEventBytes: number;
  readonly drainMs: number;
  /** How long the event loop may stand still before the process ends itself; 30 s. */
  readonly stillMs?: number;
  readonly build: string;
  readonly bulkSizes?: BulkSizes;
  readonly retention: RetentionPolicy;
  instance(operation: Class<object>): Translation<object, unknown, unknown>;
  log: Log;
  /** Absent or null: nothing is traced. */
  readonly telemetry?: Telemetry | null;
  /** The journal can no longer be trusted with this process: end it. */
  fatal(error: GatehouseError): void;
}

/** The four verbs, joined by the journal, and what they need beside them. */
export class Gateway {
  readonly systems = new Map<string, System>();
  readonly availability: Availability;
  readonly schedule: Schedule;
  readonly intake: Intake;
  readonly translate: Translate;
  readonly batches: Batches;
  readonly publish: Publish;
  readonly sources: Sources;
  readonly desk: GatewayDesk;
  readonly bulks: Bulks;
  readonly #parts: GatewayParts;
  #watcher: Watcher | null = null;
  #cancelSweep: () => void = () => undefined;
  #stopping: Promise<void> | null = null;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    const { journal, bus, clock, catalogue, log, maxEventBytes, build } = parts;
    const journalFailed = (error: unknown, about?: Started): void => this.#journalFailed(error, about);
    const telemetry = parts.telemetry ?? null;
    const shared = { journal, clock, catalogue, log, telemetry, journalFailed, systems: this.systems };
    this.availability = new Availability({ ...shared, pump: (system) => this.#pump(system) });
    this.publish = new Publish({ ...shared, bus: telemetry?.around(bus) ?? bus });
    this.translate = new Translate({
      ...shared,
      availability: this.availability,
      instance: (operation) => parts.instance(operation),
      publish: (rows) => this.publish.offer(rows),
      due: (dueMs) => this.schedule.due(dueMs),
      gathered: (system, dueMs) => this.batches.due(system, dueMs),
    });
    this.batches = new Batches({
      ...shared,
      watch: (system) => this.availability.watch(system),
      slot: (system) => this.schedule.slot(system),
      pump: (system) => this.schedule.pump(system),
    });
    this.schedule = new Schedule(
      { ...shared, build, work: (system, started, released) => this.translate.work(system, started, released) },
      this.systems,
    );
    this.intake = new Intake({ ...shared, schedule: this.schedule, maxEventBytes, build });
    this.sources = new Sources({
      ...shared,
      availability: this.availability,
      build,
      maxEventBytes,
      name: parts.name ?? 'gatehouse',
      transports: parts.sourceTransports ?? [],
      settingsOf: (system, transport) => parts.systems.get(system)?.transports[transport],
      publish: (rows) => this.publish.offer(rows),
    });
    this.desk = new GatewayDesk({
      ...shared,
      bus,
      availability: this.availability,
      schedule: this.schedule,
      publish: this.publish,
      intake: this.intake,
      sources: this.sources,
      batches: this.batches,
    });
    this.bulks = new Bulks({ ...shared, desk: this.desk, ...(parts.bulkSizes === undefined ? {} : { sizes: parts.bulkSizes }) });
  }

  #pump(system: System): void {
    this.schedule.pump(system);
    this.batches.wake(system);
  }

  /** Links first, then recovery, then what was interrupted, then the bus: nothing new before the old is understood. */
  async start(): Promise<Recovered> {
    const { journal, bus, catalogue, log } = this.#parts;
    this.#watcher = new Watcher(this.#parts.stillMs ?? stillMsByDefault);
    for (const name of catalogue.systems.keys()) this.systems.set(name, await this.#open(name));
    await this.sources.open();
    this.#warnOfShortDrain();
    const recovered = await recover({ journal, catalogue, log });
    await this.availability.start(this.systems, (name) => this.#parts.systems.get(name)?.fingerprint ?? '');
    for (const system of this.systems.values())
      for (const link of system.links.values()) if (link.fault != null) this.availability.fault(system, link.fault);
    this.publish.start();
    await this.schedule.start();
    this.batches.start();
    await this.intake.start(bus);
    this.sources.start();
    this.bulks.start();
    this.#sweepLater();
    return recovered;
  }

  /** Takes no more, lets what is at work finish for at most `drainMs`, publishes what is committed, closes (rule 40: no call leaves any more). */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { journal, bus, drainMs } = this.#parts;
    this.#cancelSweep();
    this.availability.stop();
    await this.bulks.stop();
    await this.intake.stop();
    await this.sources.stop();
    for (const system of this.systems.values()) system.stopping = true;
    await Promise.all([this.schedule.stop(drainMs), this.batches.stop(drainMs)]);
    await Promise.allSettled([...this.systems.values()].flatMap((system) => [...system.links.values()].map((link) => link.close())));
    await this.schedule.stop(1_000);
    await this.publish.stop(publishWithinMs);
    await bus.close();
    await journal.close();
    await this.#parts.telemetry?.close(flushMs);
    await this.#watcher?.stop();
  }

  async #open(name: string): Promise<System> {
    const { catalogue, systems, transports, journal, clock, log } = this.#parts;
    const catalogued = catalogue.systems.get(name);
    const parts = systems.get(name);
    if (catalogued === undefined || parts === undefined)
      throw new GatehouseError('CONFIG_INVALID', `the system '${name}' has an adapter but no configuration`);
    const links = new Map<string, Link>();
    for (const layout of catalogued.layouts) {
      const transport = transports.find((candidate) => candidate.name === layout.transport);
      const settings = parts.transports[layout.transport];
      if (transport === undefined || settings === undefined)
        throw new GatehouseError('CONFIG_INVALID', `${name}: there is no transport '${layout.transport}'`);
      const replied = (correlation: string, answer: Json, native: readonly Part[], key?: string): Promise<LaterVerdict> =>
        this.#replied(name, correlation, answer, native, key);
      const made = Object.entries(catalogued.calls).filter(([, { over }]) => (over ?? layout.transport) === layout.transport);
      const calls = made.map(([call]) => call);
      const effects = Object.fromEntries(made.map(([call, { effect }]) => [call, effect]));
      links.set(
        layout.transport,
        await transport.open({
          system: name,
          gateway: this.#parts.name ?? 'gatehouse',
          settings,
          layout,
          calls,
          effects,
          clock,
          log,
          memory: new LinkMemory(journal, clock, { system: name, transport: layout.transport }),
          evidence: (callId, parts) => journal.evidence(name, callId, parts),
          replied,
        }),
      );
    }
    return new System(catalogued, parts.settings, links, clock);
  }

  async #replied(name: string, correlation: string, answer: Json, native: readonly Part[], key?: string): Promise<LaterVerdict> {
    const verdict = await this.#parts.journal.replied(name, correlation, answer, native, this.#parts.clock.wallMs(), key);
    const system = this.systems.get(name);
    if (verdict === 'answered' && system !== undefined) this.#pump(system);
    if (verdict !== 'answered') this.#parts.log('warn', { system: name, verdict }, `${name} sent a reply that nobody awaits (${verdict})`);
    return verdict;
  }

  #warnOfShortDrain(): void {
    const { drainMs, log } = this.#parts;
    for (const system of this.systems.values()) {
      const longest = Math.max(...Object.values(system.catalogued.calls).map((call) => system.timeoutMsOf(call)), 0);
      if (longest > drainMs)
        log(
          'warn',
          { system: system.name, drainMs, callTimeoutMs: longest },
          `drainMs is shorter than the longest call of ${system.name}: a stop may cut it off`,
        );
    }
  }

  #sweepLater(): void {
    const { journal, clock, retention } = this.#parts;
    this.#cancelSweep = clock.after(sweepEveryMs, () => {
      void journal
        // The earlier of the two clocks: one that jumps, either way, must delete nothing before its time.
        .sweep(retention, sweepBudgetMs, Math.min(clock.wallMs(), clock.steadyMs()))
        .catch((error: unknown) => this.#journalFailed(error))
        .finally(() => {
          if (this.#stopping === null) this.#sweepLater();
        });
    });
  }

  /** Losing a race is an answer; no room is waited out; anything else means that this process can no longer keep its word. */
  #journalFailed(thrown: unknown, about?: Started): void {
    const error = asGatehouseError(thrown, 'JOURNAL_BROKEN');
    const { log, fatal } = this.#parts;
    const ids = about === undefined ? {} : { ...idsOf(about, about.event.attributes), run: about.run };
    if (error.code === 'CHANGED' || error.code === 'JOURNAL_FULL' || error.code === 'STOPPING') {
      log('warn', { ...ids, code: error.code }, error.message);
      return;
    }
    log(
      'error',
      { ...ids, code: error.code, cause: error.cause instanceof Error ? error.cause.stack : undefined },
      `the journal failed: ${error.message}`,
    );
    if (error.code === 'JOURNAL_BROKEN' || error.code === 'STALE_EPOCH') fatal(error);
  }
}
