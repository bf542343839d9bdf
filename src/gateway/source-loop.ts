import { type Clock } from '../contract/clock.ts';
import { type ConsignmentRecord } from '../contract/consignment.ts';
import { type SourceStatus } from '../contract/control.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Journal, type OutboxRow, type Started } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type Source, type SourceDeclaration } from '../contract/source.ts';
import { type Availability } from './availability.ts';
import { BringIn, type Brought } from './bring-in.ts';
import { type ConsignmentOrigin, eventOfPiece, parkedWholeType } from './source-event.ts';
import { type System, failureOf } from './system.ts';

const againAtOnce = 20;
/** How often a source looks whether its system is open again. */
const gateMs = 250;
/** What a stop gives a first pass or a place that does not answer. */
const stopWithinMs = 2_000;

export interface SourceLoopSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly availability: Availability;
  readonly build: string;
  readonly maxEventBytes: number;
  publish(rows: readonly OutboxRow[]): void;
  readonly log: Log;
  journalFailed(error: unknown): void;
}

/**
 * One source at work: looks, brings in what is there, one consignment after the other, and waits; holds with its system and when the place
 * is at fault; goes on after a failure that passes. What a person has retried is read again first.
 */
export class SourceLoop {
  readonly system: System;
  readonly declaration: SourceDeclaration;
  readonly source: Source;
  readonly #around: SourceLoopSurroundings;
  readonly #bringIn: BringIn;
  readonly #abort = new AbortController();
  #stopping = false;
  #done: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #retried = true;
  #waitMs: number;
  #lastFailure = '';
  #state: SourceStatus['state'] = 'idle';
  #reason: string | null = null;
  #last: string | null = null;
  #lastMs: number | null = null;
  #sinceMs: number | null = null;
  readonly #counts = { consignments: 0, events: 0, parked: 0, duplicates: 0 };

  constructor(around: SourceLoopSurroundings, system: System, declaration: SourceDeclaration, source: Source) {
    this.#around = around;
    this.system = system;
    this.declaration = declaration;
    this.source = source;
    this.#waitMs = system.settings.breaker.probeMs;
    this.#bringIn = new BringIn(
      {
        ...around,
        stopping: () => this.#stopping,
        progress: ({ events = 0, parked = 0, waiting }) => {
          this.#counts.events += events;
          this.#counts.parked += parked;
          if (waiting === undefined) return;
          this.#state = waiting === null ? 'at work' : 'waiting';
          this.#reason = waiting;
        },
      },
      system,
      declaration,
      source,
    );
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Ends at the next chunk, or after a moment wherever it is; what was begun goes on after the start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    const cancel = this.#around.clock.after(stopWithinMs, () => this.#abort.abort(new GatehouseError('STOPPING', 'the gateway is stopping')));
    await this.#done;
    cancel();
    await this.source.close();
  }

  /** Something may have changed: a translation of it was retried, its system was opened. */
  wake(): void {
    this.#retried = true;
    this.#wake();
  }

  status(): SourceStatus {
    const { wallMs } = { wallMs: this.#around.clock.wallMs() };
    const held = this.system.records.get(this.declaration.name);
    const isHeld = held !== undefined && held.availability !== 'open';
    return {
      source: this.declaration.name,
      about: this.source.about,
      state: isHeld ? 'held' : this.#state,
      reason: isHeld ? (held.failure?.message ?? null) : this.#reason,
      last: this.#last,
      lastMs: this.#lastMs,
      ...this.#counts,
      lagMs: this.#sinceMs === null ? 0 : Math.max(0, wallMs - this.#sinceMs),
    };
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const waitMs = await this.#once(this.#abort.signal);
      if (!this.#stopping) await this.#sleep(waitMs);
    }
  }

  /** @returns how long to wait before the next look, ms */
  async #once(signal: AbortSignal): Promise<number> {
    try {
      await this.#readAgain();
      const gate = this.system.gate(0);
      const held = this.system.records.get(this.declaration.name);
      if (!gate.open || (held !== undefined && held.availability !== 'open')) {
        this.#state = 'waiting';
        this.#reason = gate.open ? null : gate.error.message;
        return gateMs;
      }
      await this.#look(signal);
      this.#recovered();
      return this.source.pollMs;
    } catch (thrown) {
      return this.#stopping ? 0 : this.#failed(asGatehouseError(thrown));
    } finally {
      this.#sinceMs = null;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    for await (const consignment of this.source.consignments(signal)) {
      if (this.#stopping || !this.system.gate(0).open) return;
      this.#state = 'at work';
      this.#reason = null;
      this.#last = consignment.name;
      this.#sinceMs = this.#around.clock.wallMs();
      const brought = await this.#bringIn.bring(consignment, signal);
      this.#lastMs = this.#around.clock.wallMs();
      this.#count(brought);
      // Extracts are compared in their order: none goes before one that a person has to look at.
      if (this.declaration.snapshot !== null && (brought === 'held' || brought === 'later')) break;
      if (this.#retried) await this.#readAgain();
    }
    this.#state = 'idle';
    this.#reason = null;
  }

  #count(brought: Brought): void {
    if (brought === 'done' || brought === 'refused') this.#counts.consignments += 1;
    if (brought === 'duplicate') this.#counts.duplicates += 1;
  }

  #recovered(): void {
    this.#waitMs = this.system.settings.breaker.probeMs;
    if (this.#lastFailure !== '') this.#around.log('info', this.#ids(), `${this.#name()} works again`);
    this.#lastFailure = '';
  }

  /** @returns how long to wait before it is tried again, ms */
  #failed(error: GatehouseError): number {
    const { availability, journalFailed } = this.#around;
    this.#state = 'waiting';
    this.#reason = error.message;
    if (error.code === 'JOURNAL_BROKEN' || error.code === 'STALE_EPOCH') {
      journalFailed(error);
      return this.system.settings.breaker.maxProbeMs;
    }
    if (error.class === 'system' && error.code !== 'JOURNAL_FULL') {
      availability.holdSource(this.system, this.declaration.name, error);
      return gateMs;
    }
    if (this.#lastFailure !== error.message)
      this.#around.log('warn', { ...this.#ids(), code: error.code }, `${this.#name()} is tried again: ${error.message}`);
    this.#lastFailure = error.message;
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(this.system.settings.breaker.maxProbeMs, waitMs * 2);
    return waitMs;
  }

  /** Parked pieces that a person has retried: read again by themselves, their events under the ids they would have had. */
  async #readAgain(): Promise<void> {
    if (!this.#retried) return;
    this.#retried = false;
    const { journal, clock, build } = this.#around;
    for (const suspects of [true, false])
      for (;;) {
        const options = { nowMs: clock.wallMs(), suspects, build };
        const begun = await journal.begin(this.system.name, [this.declaration.name], againAtOnce, options);
        for (const started of begun) await this.#again(started);
        if (begun.length < againAtOnce) break;
      }
  }

  async #again(started: Started): Promise<void> {
    const { journal, clock, publish } = this.#around;
    try {
      const { type, how } = started.event.attributes;
      if (type === parkedWholeType && how === 'refused')
        throw new GatehouseError('NOT_POSSIBLE', 'it has been put away as a whole: put it back, mended, where it is picked up, and discard this');
      const event = type === parkedWholeType ? null : await this.#eventAgain(started);
      publish(await journal.answered(started, event === null ? [] : [event], clock.wallMs()));
    } catch (thrown) {
      const error = asGatehouseError(thrown);
      if (error.code === 'JOURNAL_BROKEN' || error.code === 'STALE_EPOCH' || error.code === 'CHANGED') throw error;
      await journal.park(started, failureOf(error), clock.wallMs());
    }
  }

  async #eventAgain({ event }: Started): ReturnType<typeof eventOfPiece> {
    const { attributes, data } = event;
    const size = Number(attributes['size'] ?? 0);
    if (this.declaration.snapshot !== null)
      throw new GatehouseError('RECORD_INVALID', 'a record of an extract is not told by itself: the next extract brings it again; discard this one');
    if (data.byteLength < size)
      throw new GatehouseError(
        'RECORD_INVALID',
        `only ${data.byteLength} of its ${size} bytes are kept: have it sent again in a file of its own, and discard`,
      );
    const number = Number(attributes['piece'] ?? 0);
    const { clock, maxEventBytes } = this.#around;
    const origin: ConsignmentOrigin = {
      system: this.system.name,
      declaration: this.declaration,
      identity: attributes['identity'] ?? '',
      name: attributes['consignment'] ?? '',
      maxEventBytes,
      keepBodies: this.system.settings.payload === 'full',
      wallMs: () => clock.wallMs(),
    };
    // Its place is that in the file that it came with.
    return eventOfPiece(origin, { ...this.source.again(data, number), offset: Number(attributes['offset'] ?? 0) });
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#around.clock.after(Math.max(1, ms), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  #name(): string {
    return `${this.system.name} ${this.declaration.name}`;
  }

  #ids(): Readonly<Record<string, string>> {
    return { system: this.system.name, source: this.declaration.name };
  }
}

/** A claim that leads to nothing any more. What of it had become events is told; there is nothing to go on with. */
export function isUntouched({ at, cursor, state }: ConsignmentRecord): boolean {
  return at === 0 && cursor === null && (state === 'claimed' || state === 'open');
}
