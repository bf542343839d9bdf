import { type Clock } from '../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Json, throughJson } from '../contract/json.ts';
import { type RecordedCall, type Started } from '../contract/journal.ts';
import { type SystemHandle } from '../contract/operation.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { argumentsDigest, derivedUuid } from './identity.ts';
import { InterruptedCall } from './interrupted-call.ts';
import { type CallRequest, type RunJournal, makeCall } from './native-call.ts';
import { RecordedCalls } from './recorded-calls.ts';
import { type System, failureOf } from './system.ts';
import { type RunEnd, type SystemWatch, notSent, park, patient, unknown } from './verdict.ts';

const maxCalls = 1_000;
const stallMs = 30_000;

/** Thrown inside the run only: the run is over, and the promise of the call never settles. */
const over = Symbol('the run is over');

export interface RunSurroundings {
  readonly journal: RunJournal;
  readonly clock: Clock;
  readonly system: System;
  readonly watch: SystemWatch;
  readonly telemetry: Telemetry | null;
  gathered(system: System, dueMs: number): void;
  journalFailed(error: unknown): void;
}

type Operation = (handle: SystemHandle<Record<string, never>>) => unknown;

/**
 * One pass through an operation's code. Only answers return to that code; every other outcome ends the run here, whatever
 * `catch`, `finally` or `Promise.race` the code has around it (rule 2).
 */
export class Run {
  readonly #around: RunSurroundings;
  readonly #started: Started;
  readonly #recorded: RecordedCalls;
  #calls = 0;
  #open = 0;
  #pauses = 0;
  #end: RunEnd | null = null;
  #cancelStall: () => void = () => undefined;
  #settled: () => void = () => undefined;

  constructor(around: RunSurroundings, started: Started) {
    this.#around = around;
    this.#started = started;
    this.#recorded = new RecordedCalls(started.recorded);
  }

  /** Runs the code to its end; resolves when every call it opened is recorded. */
  async execute(operation: Operation): Promise<RunEnd> {
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    this.#watchStall();
    void this.#returned(operation);
    await settled;
    this.#cancelStall();
    return this.#end ?? park('DEFECT', 'the run ended without an end');
  }

  async #returned(operation: Operation): Promise<void> {
    try {
      const value = await operation(this.#handle());
      this.#finish(this.#judgeReturn(value));
    } catch (error) {
      this.#finish({ end: 'park', failure: failureOf(asDefect(error)) });
    }
  }

  #judgeReturn(value: unknown): RunEnd {
    if (this.#open > 0) return park('CALL_LEFT_OPEN', `the operation returned while ${this.#open} call(s) were open`);
    const forgotten = this.#recorded.forgotten();
    if (forgotten !== null) return park('CODE_CHANGED', `had left: ${forgotten}; the operation now returns without asking for it`);
    return { end: 'returned', value };
  }

  /** The first end stands, but a reason to park outranks a reason to wait: a doubt must not be slept over. */
  #finish(end: RunEnd): void {
    if (this.#end === null || (this.#end.end !== 'park' && this.#end.end !== 'lost' && end.end === 'park')) this.#end = end;
    if (this.#open === 0) this.#settled();
  }

  #handle(): SystemHandle<Record<string, never>> {
    const { id, nowMs, event } = this.#started;
    return {
      call: ((name: string, args: unknown) => this.#track(() => this.#call(name, args))) as never,
      pause: (ms) => this.#track(() => this.#pause(ms)) as Promise<void>,
      now: () => new Date(nowMs).toISOString(),
      id: (name) => derivedUuid(id, 'id', name),
      event: event.attributes,
    };
  }

  /** Counts a call as open until it is recorded; its promise settles only with an answer. */
  #track(work: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve) => {
      if (this.#end !== null) return;
      this.#open += 1;
      this.#cancelStall();
      work()
        .then((answer) => ({ answer }))
        .catch((error: unknown) => {
          if (error !== over) this.#finish({ end: 'park', failure: failureOf(asDefect(error)) });
          return null;
        })
        .then((done) => {
          this.#open -= 1;
          if (this.#end !== null) {
            if (this.#open === 0) this.#settled();
            return;
          }
          if (this.#open === 0) this.#watchStall();
          this.#checkHeldBack();
          if (done !== null) resolve(done.answer);
        });
    });
  }

  #endWith(end: RunEnd): never {
    this.#finish(end);
    throw over;
  }

  async #pause(ms: number): Promise<void> {
    const nowMs = this.#around.clock.steadyMs();
    const due = this.#started.pauses[this.#pauses++];
    if (due === undefined) this.#endWith({ end: 'wait', wait: { for: 'time', dueMs: nowMs + Math.max(0, ms), pause: true } });
    if (due > nowMs) this.#endWith({ end: 'wait', wait: { for: 'time', dueMs: due, failure: null, counts: false } });
  }

  async #call(name: string, given: unknown): Promise<Json> {
    const { system } = this.#around;
    const declaration = system.declaration(name);
    if (declaration === undefined)
      this.#endWith(park('CALL_UNKNOWN', `${system.name}: the operation asks for the call '${name}', which the adapter does not declare`));
    this.#calls += 1;
    if (this.#calls > maxCalls) this.#endWith(park('TOO_MANY_CALLS', `${system.name}: more than ${maxCalls} calls in one translation`));
    if (declaration.effect === 'once' && !system.canProbe(declaration)) system.unprobed.add(this.#started.operation);

    const args = throughJson(given);
    const digest = argumentsDigest(args);
    const request = { name, args, digest, declaration, seq: null, probeOf: null, nth: this.#recorded.nth(name, digest) };
    const recorded = this.#recorded.take(name, digest);
    if (recorded !== null) return this.#resume(recorded, { ...request, seq: recorded.seq });
    if (!this.#recorded.allAsked) await this.#holdBack(name, digest);
    return this.#make(request);
  }

  /** A call that differs from what is recorded waits for the code to ask for the rest; if it never does, the code has changed. */
  async #holdBack(name: string, digest: string): Promise<void> {
    setImmediate(() => this.#checkHeldBack());
    await this.#recorded.holdBack(name, digest);
    if (this.#end !== null) throw over;
  }

  #checkHeldBack(): void {
    const mismatch = this.#end === null ? this.#recorded.mismatch(this.#open) : null;
    if (mismatch === null) return;
    this.#finish(park('CODE_CHANGED', mismatch));
    this.#recorded.release();
  }

  /** A recorded call: its answer is law; one that was interrupted goes by the recovery table. */
  async #resume(recorded: RecordedCall, request: CallRequest): Promise<Json> {
    if (recorded.state === 'answered') return recorded.answer ?? null;
    const resuming = {
      ...this.#around,
      started: this.#started,
      make: (asked: CallRequest) => this.#make(asked),
      end: (end: RunEnd): never => this.#endWith(end),
    };
    const resumption = await new InterruptedCall(resuming, recorded, request).resume();
    if (resumption.next === 'end') return this.#endWith(resumption.end);
    return resumption.next === 'answer' ? resumption.answer : this.#make(request);
  }

  async #make(request: CallRequest): Promise<Json> {
    const { clock, system, watch } = this.#around;
    const made = await makeCall({ ...this.#around, started: this.#started, isOver: () => this.#end !== null }, request);
    const { outcome } = made;
    if (outcome.end === 'answer') {
      const answer = throughJson(outcome.answer);
      watch.answered();
      made.record({ state: 'answered', answer });
      return answer;
    }
    if (outcome.end === 'later') {
      watch.answered();
      made.record({ state: 'calling', failure: null });
      this.#endWith({ end: 'wait', wait: { for: 'reply', dueMs: made.expiresMs ?? clock.steadyMs() } });
    }
    if (outcome.end === 'gathered') return this.#endWith({ end: 'wait', wait: { for: 'batch' } });
    const facts = { started: this.#started, system, watch, steadyMs: clock.steadyMs() };
    const verdict = outcome.end === 'not sent' ? notSent(facts, outcome.error) : unknown(facts, outcome.error, request.declaration);
    made.record(verdict.call);
    return this.#endWith(request.probeOf === null ? verdict.run : patient(facts, verdict.run));
  }

  #watchStall(): void {
    this.#cancelStall();
    if (this.#end !== null) return;
    this.#cancelStall = this.#around.clock.after(stallMs, () =>
      this.#finish(park('STALLED', `the operation ran ${stallMs / 1_000} s without an open call`)),
    );
  }
}

function asDefect(thrown: unknown): GatehouseError {
  if (thrown instanceof GatehouseError) return new GatehouseError('DEFECT', thrown.message, { cause: thrown });
  const error = asGatehouseError(thrown);
  return new GatehouseError('DEFECT', error.message.slice(0, 300), { cause: thrown });
}
