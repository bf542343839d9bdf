import { type AnyCall, type ProbeVerdict } from '../contract/calls.ts';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type Failure, type RecordedCall, type Started } from '../contract/journal.ts';
import { type SystemHandle } from '../contract/operation.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { argumentsDigest, derivedUuid } from './identity.ts';
import { type CallRequest, type RunJournal, makeCall } from './native-call.ts';
import { type System, failureOf } from './system.ts';
import { type RunEnd, type SystemWatch, exhausted, notSent, park, unknown } from './verdict.ts';

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
  /** Recorded calls the code has not asked for yet: law, in order (rule 5). */
  readonly #recorded: RecordedCall[];
  /** Calls that match nothing recorded, held back until the code has asked for all that is. */
  readonly #heldBack: { name: string; go: () => void }[] = [];
  readonly #asked = new Map<string, number>();
  #calls = 0;
  #open = 0;
  #pauses = 0;
  #end: RunEnd | null = null;
  #cancelStall: () => void = () => undefined;
  #settled: () => void = () => undefined;

  constructor(around: RunSurroundings, started: Started) {
    this.#around = around;
    this.#started = started;
    this.#recorded = [...started.recorded];
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
    const forgotten = this.#recorded.find((call) => call.effect !== 'read');
    if (forgotten !== undefined) return park('CODE_CHANGED', `had left: ${nameOf(forgotten)}; the operation now returns without asking for it`);
    return { end: 'returned', value };
  }

  /** The first end stands, but a reason to park outranks a reason to wait: a doubt must not be slept over. */
  #finish(end: RunEnd): void {
    if (this.#end === null || (this.#end.end !== 'park' && this.#end.end !== 'lost' && end.end === 'park')) this.#end = end;
    if (this.#open === 0) this.#settled();
  }

  #handle(): SystemHandle<Record<string, never>> {
    const { started, pause } = { started: this.#started, pause: (ms: number) => this.#track(() => this.#pause(ms)) };
    return {
      call: ((name: string, args: unknown) => this.#track(() => this.#call(name, args))) as never,
      pause: pause as (ms: number) => Promise<void>,
      now: () => new Date(started.nowMs).toISOString(),
      id: (name) => derivedUuid(started.id, 'id', name),
      event: started.event.attributes,
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

    const args = throughJournal(given);
    const digest = argumentsDigest(args);
    const nth = this.#nth(name, digest);
    const recorded = this.#take(name, digest);
    if (recorded !== null) return this.#resume(recorded, { name, args, digest, declaration, seq: recorded.seq, probeOf: null, nth });
    if (this.#recorded.length > 0) await this.#holdBack(name, digest);
    return this.#make({ name, args, digest, declaration, seq: null, probeOf: null, nth });
  }

  #nth(name: string, digest: string): number {
    const asked = this.#asked.get(`${name} ${digest}`) ?? 0;
    this.#asked.set(`${name} ${digest}`, asked + 1);
    return asked;
  }

  #take(name: string, digest: string): RecordedCall | null {
    const index = this.#recorded.findIndex((call) => call.name === name && call.digest === digest);
    if (index < 0) return null;
    const [call] = this.#recorded.splice(index, 1);
    if (this.#recorded.length === 0) for (const held of this.#heldBack.splice(0)) held.go();
    return call ?? null;
  }

  /** A call that differs from what is recorded waits for the code to ask for the rest; if it never does, the code has changed. */
  async #holdBack(name: string, digest: string): Promise<void> {
    await new Promise<void>((go) => {
      this.#heldBack.push({ name: `${name} (${digest.slice(0, 8)})`, go });
      setImmediate(() => this.#checkHeldBack());
    });
    if (this.#end !== null) throw over;
  }

  #checkHeldBack(): void {
    if (this.#heldBack.length === 0 || this.#heldBack.length < this.#open || this.#end !== null) return;
    const asked = this.#heldBack.map((held) => held.name).join(', ');
    this.#finish(park('CODE_CHANGED', `had left or been answered: ${this.#recorded.map(nameOf).join(', ')}; the operation now asks for: ${asked}`));
    for (const held of this.#heldBack.splice(0)) held.go();
  }

  /** A recorded call: its answer is law; one that was interrupted goes by the recovery table. */
  async #resume(recorded: RecordedCall, request: CallRequest): Promise<Json> {
    const { clock, system } = this.#around;
    if (recorded.state === 'answered') return recorded.answer ?? null;
    const nowMs = clock.steadyMs();
    if (recorded.batch !== null) this.#endWith(this.#inBatch(recorded, recorded.batch, nowMs));
    const { effect, probe } = request.declaration;
    const awaits = recorded.expiresMs !== null && nowMs < recorded.expiresMs;
    const looks = probe === undefined && system.canProbe(request.declaration);
    if (awaits && !looks) this.#endWith({ end: 'wait', wait: { for: 'reply', dueMs: recorded.expiresMs } });
    if (effect !== 'once' && !awaits) return this.#make(request);

    if (probe === undefined && !looks) {
      const code = recorded.correlation === null ? 'IN_DOUBT' : 'REPLY_TIMEOUT';
      this.#endWith(park(code, `${system.name}: ${request.name} left and no answer came; it has no probe, so a person must look`));
    }
    const verdict = probe === undefined ? await this.#look(recorded, request) : await this.#probe(recorded, probe);
    if (looks && recorded.correlation !== null && verdict.verdict !== 'didNot') this.#endWith(this.#overdue(recorded, request, awaits));
    if (verdict.verdict === 'cannotTell')
      this.#endWith(
        park(
          'IN_DOUBT',
          `${system.name}: the probe of ${request.name} cannot tell whether it happened${verdict.reason === undefined ? '' : `: ${verdict.reason}`}`,
        ),
      );
    if (verdict.verdict === 'happened') return this.#acceptProbed(recorded, request, throughJournal(verdict.answer));
    if (effect !== 'once') return this.#make(request);
    const settledMs = (recorded.deadlineMs ?? nowMs) + system.settings.settleMs;
    if (nowMs < settledMs) this.#endWith({ end: 'wait', wait: { for: 'time', dueMs: settledMs, failure: null, counts: false } });
    if (this.#started.attempts > system.settings.retry.attempts)
      this.#endWith(exhausted(this.#facts(), { code: 'NO_ANSWER', message: `${request.name} did not happen` }));
    return this.#make(request);
  }

  /** It left with others: what became of them all decides, and it is never made again alone. */
  #inBatch({ name, correlation, expiresMs }: RecordedCall, batch: NonNullable<RecordedCall['batch']>, nowMs: number): RunEnd {
    const { system } = this.#around;
    if (batch.state === 'open' || batch.state === 'calling') return { end: 'wait', wait: { for: 'batch' } };
    if (correlation !== null && expiresMs !== null && nowMs < expiresMs) return { end: 'wait', wait: { for: 'reply', dueMs: expiresMs } };
    if (correlation !== null)
      return park(
        'REPLY_TIMEOUT',
        `${system.name}: ${name} left with batch ${batch.seq} and its reply did not come in time; a late one still settles it`,
      );
    return park('IN_DOUBT', `${system.name}: ${name} left with batch ${batch.seq}, which is in doubt`);
  }

  /** It was carried out, as far as can be seen: its reply tells the rest. */
  #overdue({ expiresMs }: RecordedCall, { name }: CallRequest, awaits: boolean): RunEnd {
    if (awaits && expiresMs !== null) return { end: 'wait', wait: { for: 'reply', dueMs: expiresMs } };
    return park('REPLY_TIMEOUT', `${this.#around.system.name}: ${name} left and its reply did not come in time; a late one still settles it`);
  }

  /** Has the transport look what became of it, as a read that is journaled like the call of a probe. */
  async #look(recorded: RecordedCall, request: CallRequest): Promise<ProbeVerdict<Json>> {
    const declaration: AnyCall = { ...request.declaration, effect: 'read' };
    return (await this.#make({ ...request, declaration, seq: null, probeOf: recorded.seq, settles: true })) as unknown as ProbeVerdict<Json>;
  }

  #acceptProbed(recorded: RecordedCall, request: CallRequest, answer: Json): Json {
    const { journal, clock, system } = this.#around;
    const wrong = system.linkOf(request.declaration).violations(request.name, answer);
    if (wrong.length > 0)
      this.#endWith(park('ANSWER_INVALID', `${system.name}: the probe of ${request.name} gave an answer that does not fit: ${wrong.join('; ')}`));
    const { name, args, digest } = request;
    const leaving = {
      seq: recorded.seq,
      name,
      effect: recorded.effect,
      digest,
      args,
      run: this.#started.run,
      leftMs: null,
      deadlineMs: recorded.deadlineMs ?? 0,
      probeOf: null,
      later: null,
    };
    journal
      .called(this.#started, recorded.seq, leaving, { state: 'answered', answer, by: 'probe' }, [], clock.wallMs())
      .catch(this.#around.journalFailed);
    return answer;
  }

  /** Asks the system whether it happened, by reads only. Its failures wait; they never park (rule 11). */
  async #probe(recorded: RecordedCall, probe: NonNullable<AnyCall['probe']>): Promise<ProbeVerdict<Json>> {
    const { system } = this.#around;
    const ask = async (name: string, given: unknown): Promise<Json> => {
      const declaration = system.declaration(name);
      if (declaration?.effect !== 'read')
        return this.#endWith(park('DEFECT', `${system.name}: the probe of ${recorded.name} calls '${name}', which is not declared read()`));
      const args = throughJournal(given);
      const digest = argumentsDigest(args);
      return this.#make({ name, args, digest, declaration, seq: null, probeOf: recorded.seq, nth: 0 });
    };
    return probe(recorded.args, { call: ask as never });
  }

  async #make(request: CallRequest): Promise<Json> {
    const { watch } = this.#around;
    const made = await makeCall({ ...this.#around, started: this.#started, isOver: () => this.#end !== null }, request);
    const { outcome } = made;
    if (outcome.end === 'answer') {
      const answer = throughJournal(outcome.answer);
      watch.answered();
      made.record({ state: 'answered', answer });
      return answer;
    }
    if (outcome.end === 'later') {
      watch.answered();
      made.record({ state: 'calling', failure: null });
      this.#endWith({ end: 'wait', wait: { for: 'reply', dueMs: made.expiresMs ?? this.#around.clock.steadyMs() } });
    }
    if (outcome.end === 'gathered') return this.#endWith({ end: 'wait', wait: { for: 'batch' } });
    const verdict = outcome.end === 'not sent' ? notSent(this.#facts(), outcome.error) : unknown(this.#facts(), outcome.error, request.declaration);
    made.record(verdict.call);
    return this.#endWith(request.probeOf === null ? verdict.run : this.#patient(verdict.run));
  }

  /** What a probe's own call came to: it waits and tries again, without using up attempts. */
  #patient(end: RunEnd): RunEnd {
    if (end.end !== 'park' || end.failure.code === 'DEFECT') return end;
    const failure: Failure = end.failure;
    const { clock, system } = this.#around;
    return {
      end: 'wait',
      wait: { for: 'time', dueMs: clock.steadyMs() + system.settings.settleMs + system.settings.retry.firstMs, failure, counts: false },
    };
  }

  #facts() {
    return { started: this.#started, system: this.#around.system, watch: this.#around.watch, steadyMs: this.#around.clock.steadyMs() };
  }

  #watchStall(): void {
    this.#cancelStall();
    if (this.#end !== null) return;
    this.#cancelStall = this.#around.clock.after(stallMs, () =>
      this.#finish(park('STALLED', `the operation ran ${stallMs / 1_000} s without an open call`)),
    );
  }
}

/** A value as the journal gives it back (rule 3). */
function throughJournal(value: unknown): Json {
  if (value === undefined) return null;
  return JSON.parse(JSON.stringify(value)) as Json;
}

function nameOf(call: RecordedCall): string {
  return `${call.name} (${call.digest.slice(0, 8)}, ${call.state})`;
}

function asDefect(thrown: unknown): GatehouseError {
  if (thrown instanceof GatehouseError) return new GatehouseError('DEFECT', thrown.message, { cause: thrown });
  const error = asGatehouseError(thrown);
  return new GatehouseError('DEFECT', error.message.slice(0, 300), { cause: thrown });
}
