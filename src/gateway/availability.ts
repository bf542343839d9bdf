import { type Clock } from '../contract/clock.ts';
import { type GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Failure, type Journal, type SystemRecord } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type System, failureOf } from './system.ts';
import { type SystemWatch } from './verdict.ts';

/** Who holds a system when no person does. */
const gatehouse = 'gatehouse';

export interface AvailabilitySurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Translations of this system may be able to start. */
  pump(system: System): void;
  readonly log: Log;
  journalFailed(error: unknown): void;
}

/**
 * Whether systems take calls: down after failures in a row, tried by check and then by one call; held at fault or by a person; closed
 * by their hours. Every transition is journaled; opening makes ready what waited (rules 23, 24, 36).
 */
export class Availability {
  readonly #around: AvailabilitySurroundings;
  readonly #timers = new Map<System, () => void>();
  readonly #hours = new Map<System, () => void>();

  constructor(around: AvailabilitySurroundings) {
    this.#around = around;
  }

  /** Takes over what the journal says; a system that was down is tried, one at fault stays held unless its configuration changed. */
  async start(systems: ReadonlyMap<string, System>, fingerprint: (system: string) => string): Promise<void> {
    for (const record of await this.#around.journal.availabilities()) systems.get(record.system)?.records.set(record.operation, record);
    for (const system of systems.values()) {
      const { record } = system;
      if (record?.availability === 'down') this.#probeLater(system);
      for (const each of Array.from(system.records.values())) {
        const changed = each.who.startsWith(`${gatehouse}:`) && each.who !== `${gatehouse}:${fingerprint(system.name)}`;
        if (each.availability === 'held' && changed) await this.open(system, each.operation, gatehouse, 'the configuration has changed');
      }
      if (system.settings.held && record === undefined)
        await this.hold(system, '', 'configuration', 'held: true', {
          code: 'HELD_BY_OPERATOR',
          message: `${system.name} is held by the configuration`,
        });
      this.#fingerprints.set(system, fingerprint(system.name));
      this.#watchHours(system, system.hours().open);
    }
  }

  readonly #fingerprints = new Map<System, string>();

  stop(): void {
    for (const cancel of [...this.#timers.values(), ...this.#hours.values()]) cancel();
  }

  watch(system: System): SystemWatch {
    return {
      answered: () => this.#answered(system),
      failed: (error, alone) => this.#failed(system, error, alone),
      fault: (error) => this.fault(system, error),
    };
  }

  #answered(system: System): void {
    system.answered();
    if (!system.trial) return;
    system.trial = false;
    this.#around.log('info', { system: system.name }, `${system.name} answers again`);
    this.#around.pump(system);
  }

  #failed(system: System, error: GatehouseError, alone: boolean): void {
    if (system.availability !== 'open') return;
    system.failuresInARow += 1;
    if (system.trial || alone || system.failuresInARow >= system.settings.breaker.failures) this.#down(system, failureOf(error));
  }

  #down(system: System, failure: Failure): void {
    system.trial = false;
    this.#set(system, { availability: 'down', failure, operation: '', who: gatehouse }, 'no answer');
    this.#around.log('warn', { system: system.name, code: failure.code }, `${system.name} is down: ${failure.message}`);
    this.#probeLater(system);
  }

  /** Holds a system that is itself at fault, until a person resumes it or its configuration changes (rule 24). */
  fault(system: System, error: GatehouseError): void {
    if (system.availability === 'held') return;
    this.#set(
      system,
      { availability: 'held', failure: failureOf(error), operation: '', who: `${gatehouse}:${this.#fingerprints.get(system) ?? ''}` },
      'the system is at fault',
    );
    this.#around.log('warn', { system: system.name, code: error.code }, `${system.name} is held: ${error.message}`);
  }

  /** Holds one source whose place is at fault, and nothing else of its system, until a person resumes it or its configuration changes. */
  holdSource(system: System, source: string, error: GatehouseError): void {
    if (system.records.get(source)?.availability === 'held') return;
    this.#set(
      system,
      { availability: 'held', failure: failureOf(error), operation: source, who: `${gatehouse}:${this.#fingerprints.get(system) ?? ''}` },
      'its place is at fault',
    );
    this.#around.log('warn', { system: system.name, source, code: error.code }, `the source ${source} of ${system.name} is held: ${error.message}`);
  }

  holdOperation(system: System, operation: string, failure: Failure): void {
    const held: Failure = { code: 'OPERATION_HELD', message: `${system.name} ${operation}: twenty in a row were parked with ${failure.code}` };
    this.#set(system, { availability: 'held', failure: held, operation, who: gatehouse }, held.message);
    this.#around.log('warn', { system: system.name, operation, code: failure.code }, held.message);
  }

  /** Holds a system or an operation; resolves when it is durable. */
  async hold(system: System, operation: string, who: string, why: string, failure?: Failure): Promise<void> {
    this.#timers.get(system)?.();
    await this.#set(
      system,
      { availability: 'held', failure: failure ?? { code: 'HELD_BY_OPERATOR', message: `held by ${who}: ${why}` }, operation, who },
      why,
    );
  }

  /** Opens a system or an operation; resolves when what waited for it is ready. */
  async open(system: System, operation: string, who: string, why: string): Promise<void> {
    this.#timers.get(system)?.();
    if (operation === '') system.failuresInARow = 0;
    system.suspects = true;
    await this.#set(system, { availability: 'open', failure: null, operation, who }, why);
    this.#around.pump(system);
  }

  /** Asks every link of a system something harmless. @throws GatehouseError classified */
  async check(system: System): Promise<void> {
    await Promise.all([...system.links.values()].map((link) => system.check(link)));
    system.lastAnswerMs = this.#around.clock.wallMs();
  }

  #probeLater(system: System): void {
    this.#timers.get(system)?.();
    const { maxProbeMs } = system.settings.breaker;
    system.nextTryMs = this.#around.clock.wallMs() + system.probeDelayMs;
    this.#timers.set(
      system,
      this.#around.clock.after(system.probeDelayMs, () => void this.#probe(system)),
    );
    system.probeDelayMs = Math.min(maxProbeMs, system.probeDelayMs * 2);
  }

  /** First the check, then one call (rule 23): the trial ends with the first answer or the next failure. */
  async #probe(system: System): Promise<void> {
    if (system.stopping || system.availability !== 'down') return;
    try {
      await this.check(system);
    } catch (error) {
      const failure = asGatehouseError(error);
      if (system.stopping || system.availability !== 'down') return;
      if (failure.class === 'system') this.fault(system, failure);
      else this.#probeLater(system);
      return;
    }
    if (system.stopping || system.availability !== 'down') return;
    system.trial = true;
    system.failuresInARow = 0;
    await this.open(system, '', gatehouse, 'its check answers; one call is tried');
  }

  #watchHours(system: System, wasOpen: boolean): void {
    this.#hours.get(system)?.();
    const { changesMs } = system.hours();
    if (changesMs === null) return;
    // Asked again at least every minute: the wall clock may jump.
    const waitMs = Math.min(60_000, Math.max(1, changesMs - this.#around.clock.wallMs()));
    this.#hours.set(
      system,
      this.#around.clock.after(waitMs, () => this.#hoursPassed(system, wasOpen)),
    );
  }

  #hoursPassed(system: System, wasOpen: boolean): void {
    const { open } = system.hours();
    if (open && !wasOpen && system.availability === 'open')
      void this.open(system, '', gatehouse, 'its hours have begun').catch(this.#around.journalFailed);
    this.#watchHours(system, open);
  }

  async #set(system: System, change: Omit<SystemRecord, 'system' | 'sinceMs'>, why: string): Promise<void> {
    const record: SystemRecord = { ...change, system: system.name, sinceMs: this.#around.clock.wallMs() };
    system.records.set(record.operation, record);
    if (system.availability !== 'down') system.nextTryMs = null;
    await this.#around.journal.setAvailability(record, why).catch(this.#around.journalFailed);
  }
}
