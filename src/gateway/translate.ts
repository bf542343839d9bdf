import { type CloudEvent } from '../contract/event.ts';
import { type Catalogue } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { asGatehouseError, codes } from '../contract/errors.ts';
import { type Failure, type Journal, type OutboxRow, type Started, type Wait } from '../contract/journal.ts';
import { type Translation } from '../contract/operation.ts';
import { type Class } from '../contract/json.ts';
import { type Log } from '../contract/log.ts';
import { type RunOutcome, type Telemetry } from '../contract/telemetry.ts';
import { type Availability } from './availability.ts';
import { idsOf } from './identity.ts';
import { instanceOf, jsonPayloadOf } from './payload.ts';
import { repliesOf } from './reply.ts';
import { Run } from './run.ts';
import { type System, failureOf } from './system.ts';
import { type RunEnd } from './verdict.ts';

export interface TranslateSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly availability: Availability;
  readonly telemetry: Telemetry | null;
  readonly log: Log;
  /** The provider of an operation class. */
  instance(operation: Class<object>): Translation<object, unknown, unknown>;
  /** Hands committed replies to publish. */
  publish(rows: readonly OutboxRow[]): void;
  /** Something is due at this time of the steady clock, ms. */
  due(dueMs: number): void;
  /** So is a batch of the system. */
  gathered(system: System, dueMs: number): void;
  /** `about`: the translation that it befell. */
  journalFailed(error: unknown, about?: Started): void;
}

/** The second verb: validates the payload, runs the operation, and writes what became of it. */
export class Translate {
  readonly #around: TranslateSurroundings;

  constructor(around: TranslateSurroundings) {
    this.#around = around;
  }

  /**
   * Works a begun translation to the end of its run. `released` is called as soon as its slot is free: what follows is only the commit.
   * Never rejects.
   */
  async work(system: System, started: Started, released: () => void): Promise<void> {
    const { journal, clock, publish, telemetry } = this.#around;
    const sinceMs = telemetry?.nowMs() ?? 0;
    try {
      const end = await this.#run(system, started);
      const nowMs = clock.wallMs();
      if (end.end === 'replied') {
        const committed = journal.answered(started, end.replies, nowMs);
        system.finished(started.operation);
        system.pulse.finished();
        released();
        const rows = await committed;
        telemetry?.ran(sinceMs, started, { end: 'replied' });
        publish(rows);
        return;
      }
      const written = this.#write(system, started, end, nowMs);
      released();
      await written;
      telemetry?.ran(sinceMs, started, outcomeOf(end));
    } catch (error) {
      released();
      telemetry?.ran(sinceMs, started, { end: 'lost', code: asGatehouseError(error).code });
      this.#around.journalFailed(error, started);
    }
  }

  async #run(system: System, started: Started): Promise<Exclude<RunEnd, { end: 'returned' }> | { end: 'replied'; replies: readonly CloudEvent[] }> {
    const { journal, clock, catalogue, availability, telemetry } = this.#around;
    const operation = catalogue.operation(started.system, started.operation);
    if (operation === undefined)
      return { end: 'park', failure: { code: 'OPERATION_GONE', message: `${started.system} has no operation '${started.operation}'` } };
    try {
      const event = await instanceOf(operation.accepts, await jsonPayloadOf(started.event), 'EVENT_INVALID');
      const journalFailed = (error: unknown): void => this.#around.journalFailed(error, started);
      const gathered = (of: System, dueMs: number): void => this.#around.gathered(of, dueMs);
      const run = new Run({ journal, clock, system, telemetry, watch: availability.watch(system), gathered, journalFailed }, started);
      const translation = this.#around.instance(operation.operation);
      const end = await run.execute((handle) => translation.translate(event, handle));
      if (end.end !== 'returned') return end;
      const sampled = telemetry?.samples(started.event.attributes, started.id);
      return { end: 'replied', replies: await repliesOf(started, operation, end.value, clock.wallMs(), sampled) };
    } catch (error) {
      return { end: 'park', failure: failureOf(asGatehouseError(error)) };
    }
  }

  async #write(system: System, started: Started, end: Exclude<RunEnd, { end: 'returned' }>, nowMs: number): Promise<void> {
    const { journal } = this.#around;
    switch (end.end) {
      case 'wait':
        return this.#wait(system, started, end.wait, nowMs);
      case 'park':
        return this.#park(system, started, end.failure, nowMs);
      case 'give back':
        return journal.giveBack(started, nowMs);
      case 'lost':
        return undefined;
    }
  }

  /** The system may have been opened since the run came to wait for it; nobody would open it again. */
  #wait(system: System, started: Started, wait: Wait, nowMs: number): Promise<void> {
    const { clock, journal } = this.#around;
    const missed = wait.for === 'system' && system.allMayLeave();
    const now: Wait = missed ? { for: 'time', dueMs: clock.steadyMs(), failure: wait.failure, counts: false } : wait;
    if ('dueMs' in now) this.#around.due(now.dueMs);
    return journal.wait(started, now, nowMs);
  }

  async #park(system: System, started: Started, failure: Failure, nowMs: number): Promise<void> {
    const parked = this.#around.journal.park(started, failure, nowMs);
    system.pulse.parked();
    if (system.parked(started.operation, failure.code)) this.#around.availability.holdOperation(system, started.operation, failure);
    await parked;
    // The code in plain words, not the failure's message: what an adapter throws may quote a payload.
    this.#around.log(
      'warn',
      { ...idsOf(started, started.event.attributes), run: started.run, code: failure.code },
      `parked: ${codes[failure.code].means}`,
    );
  }
}

function outcomeOf(end: Exclude<RunEnd, { end: 'returned' }>): RunOutcome {
  switch (end.end) {
    case 'wait':
      return { end: 'waiting', code: 'failure' in end.wait ? end.wait.failure?.code : undefined };
    case 'park':
      return { end: 'parked', code: end.failure.code };
    case 'give back':
      return { end: 'given back' };
    case 'lost':
      return { end: 'lost' };
  }
}
