import { type CataloguedSystem } from '../contract/catalogue.ts';
import { type AnyCall } from '../contract/calls.ts';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Failure, type SystemRecord } from '../contract/journal.ts';
import { type SystemSettings } from '../contract/settings.ts';
import { type Link } from '../contract/transport.ts';
import { OpeningClock } from './hours.ts';
import { PulseMeter } from './pulse.ts';
import { Rate } from './rate.ts';

const parkedInARowToHold = 20;

/** What a call must know before it may leave. */
export type Gate = { readonly open: true } | { readonly open: false; readonly error: GatehouseError };

/**
 * One system at work in this process: its links, limits and health. Nothing here survives a restart but what `records` say;
 * the journal is told by the schedule, which owns the transitions.
 */
export class System {
  readonly name: string;
  readonly catalogued: CataloguedSystem;
  readonly settings: SystemSettings;
  readonly links: ReadonlyMap<string, Link>;
  readonly rate: Rate;
  readonly pulse: PulseMeter;
  readonly #opening: OpeningClock | null;
  readonly #clock: Clock;

  /** The stored state: of the system under '', of an operation under its name. */
  readonly records = new Map<string, SystemRecord>();
  /** Translations at work. */
  running = 0;
  /** One call at a time until the first answer after an outage. */
  trial = false;
  stopping = false;
  /** Suspects of an unclean end wait for their turn alone. */
  suspects = false;
  failuresInARow = 0;
  /** Wall clock of the last answer to a call or check, ms. */
  lastAnswerMs: number | null = null;
  probeDelayMs: number;
  /** When it is tried again by itself, wall clock, ms; null while it is not down. */
  nextTryMs: number | null = null;
  /** Operations seen to make a `once` call without a probe: not the ones to try a system with that was down. */
  readonly unprobed = new Set<string>();
  readonly #parkedInARow = new Map<string, { code: string; count: number }>();

  constructor(catalogued: CataloguedSystem, settings: SystemSettings, links: ReadonlyMap<string, Link>, clock: Clock) {
    this.name = catalogued.system;
    this.catalogued = catalogued;
    this.settings = settings;
    this.links = links;
    this.rate = new Rate(settings.callsPerSecond, clock);
    this.pulse = new PulseMeter(clock);
    this.#opening = settings.hours === undefined ? null : new OpeningClock(settings.hours);
    this.#clock = clock;
    this.probeDelayMs = settings.breaker.probeMs;
  }

  get record(): SystemRecord | undefined {
    return this.records.get('');
  }

  get availability(): 'open' | 'down' | 'held' {
    return this.record?.availability ?? 'open';
  }

  /** Opening state now; always open without hours. */
  hours(): { open: boolean; changesMs: number | null } {
    if (this.#opening === null) return { open: true, changesMs: null };
    const state = this.#opening.at(this.#clock.wallMs());
    return state.open ? { open: true, changesMs: state.closesMs } : { open: false, changesMs: state.opensMs };
  }

  /** Whether a translation may start: a slot is free, and a call could leave. */
  startable(): boolean {
    return this.running < this.slots && this.gate(this.settings.callTimeoutMs).open;
  }

  get slots(): number {
    return this.trial ? 1 : this.settings.concurrency;
  }

  /** Operations that are not held; those safe to try a system with first when it is on trial. */
  operations(safe: boolean): readonly string[] {
    return this.catalogued.catalogued
      .map((operation) => operation.name)
      .filter((name) => (this.records.get(name)?.availability ?? 'open') === 'open' && !(safe && this.unprobed.has(name)));
  }

  /** Whether a call may leave that must be answered within `timeoutMs` (rule 36). */
  gate(timeoutMs: number): Gate {
    if (this.stopping) return { open: false, error: new GatehouseError('STOPPING', `${this.name}: the gateway is stopping`) };
    if (this.availability !== 'open')
      return {
        open: false,
        error: new GatehouseError(
          'SYSTEM_UNAVAILABLE',
          `${this.name} is ${this.availability}: ${this.record?.failure?.message ?? 'no reason noted'}`,
        ),
      };
    const { open, changesMs } = this.hours();
    if (!open)
      return {
        open: false,
        error: new GatehouseError(
          'SYSTEM_UNAVAILABLE',
          `${this.name} is closed${changesMs === null ? '' : ` until ${new Date(changesMs).toISOString()}`}`,
        ),
      };
    if (changesMs !== null && this.#clock.wallMs() + timeoutMs > changesMs)
      return {
        open: false,
        error: new GatehouseError(
          'SYSTEM_UNAVAILABLE',
          `${this.name} closes at ${new Date(changesMs).toISOString()}, before a call of ${timeoutMs} ms would be over`,
        ),
      };
    return { open: true };
  }

  /** Whether every call may leave, the longest too. */
  allMayLeave(): boolean {
    const timeouts = Object.values(this.catalogued.calls).map((declaration) => this.timeoutMsOf(declaration));
    return this.gate(Math.max(this.settings.callTimeoutMs, ...timeouts)).open;
  }

  declaration(call: string): AnyCall | undefined {
    return Object.hasOwn(this.catalogued.calls, call) ? this.catalogued.calls[call] : undefined;
  }

  /** The name of the transport a call goes over; null when the adapter uses none. */
  transportOf(declaration: AnyCall): string | null {
    return declaration.over ?? this.catalogued.layouts[0]?.transport ?? null;
  }

  /** The link a call goes over. The catalogue has checked that there is one. @throws GatehouseError LAYOUT_MISSING */
  linkOf(declaration: AnyCall): Link {
    const transport = this.transportOf(declaration) ?? '';
    const link = this.links.get(transport);
    if (link === undefined) throw new GatehouseError('LAYOUT_MISSING', `${this.name}: no link over '${transport}'`);
    return link;
  }

  /** Whether what became of an interrupted call can be found out without a person: by its own probe, or by the transport. */
  canProbe(declaration: AnyCall): boolean {
    return declaration.probe !== undefined || this.linkOf(declaration).settle !== undefined;
  }

  timeoutMsOf(declaration: AnyCall): number {
    return declaration.timeoutMs ?? this.settings.callTimeoutMs;
  }

  /** Asks one link something harmless, for at most the time of a call. @throws GatehouseError classified */
  check(link: Link): Promise<void> {
    return this.withinCallTime((signal) => link.check(signal));
  }

  /** Aborts what is asked of the system when it takes longer than a call may. @throws GatehouseError classified */
  async withinCallTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const aborter = new AbortController();
    const cancel = this.#clock.after(this.settings.callTimeoutMs, () => aborter.abort());
    try {
      return await ask(aborter.signal);
    } catch (error) {
      throw asGatehouseError(error);
    } finally {
      cancel();
    }
  }

  /** The system has answered a call or a check. */
  answered(): void {
    this.failuresInARow = 0;
    this.lastAnswerMs = this.#clock.wallMs();
    this.probeDelayMs = this.settings.breaker.probeMs;
  }

  /** @returns whether an operation has now parked twenty in a row with one code (rule 24) */
  parked(operation: string, code: string): boolean {
    const before = this.#parkedInARow.get(operation);
    const count = before?.code === code ? before.count + 1 : 1;
    this.#parkedInARow.set(operation, { code, count: count >= parkedInARowToHold ? 0 : count });
    return count >= parkedInARowToHold;
  }

  finished(operation: string): void {
    this.#parkedInARow.delete(operation);
  }
}

export function failureOf(error: GatehouseError): Failure {
  return error.native === undefined
    ? { code: error.code, message: error.message }
    : { code: error.code, message: error.message, native: error.native };
}
