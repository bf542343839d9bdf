import { type BatchEnd, type BatchMember, type DueBatch } from '../contract/batch.ts';
import { type ProbeVerdict, cannotTell } from '../contract/calls.ts';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type Journal } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type BatchOutcome, type BatchPassage, type Part } from '../contract/transport.ts';
import { Deadline } from './deadline.ts';
import { derivedUuid } from './identity.ts';
import { type System, failureOf } from './system.ts';
import { type Facts, type RunEnd, type SystemWatch, notSent, unknown } from './verdict.ts';

const membersPage = 200;
const passOnPage = 100;
const maxIdleMs = 30_000;
/** A batch whose members change while it is made is made again at once, so often. */
const mostRebuilds = 20;

export interface BatchesSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly systems: ReadonlyMap<string, System>;
  readonly log: Log;
  watch(system: System): SystemWatch;
  /** Resolves with a slot of the system; the answer gives it back. Null: the gateway is stopping. */
  slot(system: System): Promise<(() => void) | null>;
  /** Translations of this system may be able to start. */
  pump(system: System): void;
  journalFailed(error: unknown): void;
}

/**
 * Closes batches when they are due, one at a time a system: made like a call, with a slot, a rate token and a gate, judged by the same
 * verdicts. What became of a batch is one row; it is then passed on to the members a page at a time, so that nobody else waits.
 */
export class Batches {
  readonly #around: BatchesSurroundings;
  readonly #loops = new Map<System, Promise<void>>();
  readonly #again = new Set<System>();
  readonly #timers = new Map<System, { readonly atMs: number; readonly cancel: () => void }>();
  #started = false;
  #stopped = false;

  constructor(around: BatchesSurroundings) {
    this.#around = around;
  }

  start(): void {
    this.#started = true;
    for (const system of this.#around.systems.values()) this.wake(system);
  }

  /** Begins nothing more; resolves when what is at work has ended, or after `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.#stopped = true;
    for (const { cancel } of this.#timers.values()) cancel();
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#around.clock.after(drainMs, resolve);
    });
    await Promise.race([Promise.allSettled(this.#loops.values()), patience]);
    cancel();
  }

  /** A batch of this system is due at this time of the steady clock, ms. */
  due(system: System, dueMs: number): void {
    const { clock } = this.#around;
    const waitMs = Math.min(maxIdleMs, Math.max(0, dueMs - clock.steadyMs()));
    if (waitMs === 0) return this.wake(system);
    const atMs = clock.monotonicMs() + waitMs;
    const timer = this.#timers.get(system);
    if (this.#stopped || (timer !== undefined && timer.atMs <= atMs)) return;
    timer?.cancel();
    this.#timers.set(system, {
      atMs,
      cancel: clock.after(waitMs, () => {
        this.#timers.delete(system);
        this.wake(system);
      }),
    });
  }

  /** Something may have become possible. */
  wake(system: System): void {
    if (!this.#started || this.#stopped) return;
    if (this.#loops.has(system)) {
      this.#again.add(system);
      return;
    }
    const loop = this.#loop(system)
      .catch(this.#around.journalFailed)
      .finally(() => {
        this.#loops.delete(system);
        if (this.#again.delete(system)) this.wake(system);
      });
    this.#loops.set(system, loop);
  }

  async #loop(system: System): Promise<void> {
    const { journal, clock } = this.#around;
    while (!this.#stopped) {
      const open = system.gate(system.settings.callTimeoutMs).open;
      const { batch, nextDueMs } = await journal.dueBatch(system.name, clock.steadyMs(), !open);
      if (batch === null) {
        if (nextDueMs !== null) this.due(system, nextDueMs);
        return;
      }
      if (batch.passing) await this.#passOn(system, batch.seq);
      else if (!(await this.#work(system, batch))) return;
    }
  }

  async #passOn(system: System, seq: number): Promise<void> {
    while (!this.#stopped && (await this.#around.journal.passOn(seq, passOnPage, this.#around.clock.wallMs()))) this.#around.pump(system);
    this.#around.pump(system);
  }

  /** @returns false when nothing can be done now: somebody wakes the loop when it can */
  async #work(system: System, batch: DueBatch): Promise<boolean> {
    const { clock, slot } = this.#around;
    const declaration = system.declaration(batch.call);
    const link = declaration === undefined ? undefined : system.linkOf(declaration);
    if (declaration === undefined || link?.give === undefined) {
      await this.#gone(system, batch);
      return true;
    }
    const timeoutMs = system.timeoutMsOf(declaration);
    if (!system.gate(timeoutMs).open) {
      // Its hours end before this call would be over: the opening wakes the loop, and so does the clock.
      this.due(system, clock.steadyMs() + maxIdleMs);
      return false;
    }
    const release = await slot(system);
    if (release === null) return false;
    try {
      if (this.#stopped) return false;
      for (let rebuilt = 0; ; rebuilt += 1) {
        const tried = await this.#around.journal.tryBatch(batch.seq, clock.wallMs());
        if (tried === null) return true;
        const attempt = new BatchAttempt(this.#around, system, tried, timeoutMs);
        const end = await attempt.make();
        if (end !== 'again' || rebuilt >= mostRebuilds) return end !== 'stop';
      }
    } finally {
      release();
    }
  }

  async #gone(system: System, batch: DueBatch): Promise<void> {
    const failure = { code: 'CALL_UNKNOWN', message: `${system.name}: the adapter no longer gathers calls of '${batch.call}'` } as const;
    await this.#around.journal.batchEnded(
      batch.seq,
      { state: 'waiting', untilMs: this.#around.clock.steadyMs() + system.settings.retry.maxMs, failure, counts: false },
      [],
      this.#around.clock.wallMs(),
    );
  }
}

/** One try to close a batch, or to find out what became of one that left. */
class BatchAttempt {
  readonly #around: BatchesSurroundings;
  readonly #system: System;
  readonly #batch: DueBatch;
  readonly #timeoutMs: number;
  readonly #deadline: Deadline;
  readonly #parts: Part[] = [];
  #lastCall = 0;
  #left = false;

  constructor(around: BatchesSurroundings, system: System, batch: DueBatch, timeoutMs: number) {
    this.#around = around;
    this.#system = system;
    this.#batch = batch;
    this.#timeoutMs = timeoutMs;
    this.#deadline = new Deadline(around.clock, timeoutMs);
  }

  /** `again`: its members have changed, make it again at once. `stop`: the gateway is stopping. */
  async make(): Promise<'done' | 'again' | 'stop'> {
    try {
      await this.#system.rate.take(this.#deadline.signal);
      return this.#batch.state === 'calling' && this.#batch.deadlineMs !== null ? await this.#settle() : await this.#give();
    } catch (thrown) {
      return await this.#judge(asGatehouseError(thrown));
    } finally {
      this.#deadline.cancel();
    }
  }

  async #give(): Promise<'done' | 'again' | 'stop'> {
    const { journal, clock, log } = this.#around;
    const { seq } = this.#batch;
    const outcome: BatchOutcome = (await this.#link.give?.(this.#passage())) ?? {
      end: 'not sent',
      error: new GatehouseError('DEFECT', 'no batches'),
    };
    switch (outcome.end) {
      case 'happened':
        this.#watch.answered();
        await this.#end({ state: 'answered', by: 'system' });
        return 'done';
      case 'refused':
        // What has left is not made with other members.
        if (this.#batch.state !== 'open')
          return this.#judge(
            new GatehouseError(
              'CODE_CHANGED',
              `${this.#system.name}: ${outcome.members.length} members of batch ${seq}, which has left, no longer fit: bring the old layout back`,
            ),
          );
        for (const { error } of outcome.members)
          log('warn', { system: this.#system.name, batch: seq, code: error.code }, `a member was taken out of batch ${seq} and parked`);
        await journal.refuseMembers(
          seq,
          outcome.members.map(({ call, error }) => ({ call, failure: failureOf(error) })),
          clock.wallMs(),
        );
        return 'again';
      default:
        return this.#judge(outcome.error, outcome.end === 'unknown');
    }
  }

  /** Looks what became of it (rules 11 and 12); made again only when it can no longer happen. */
  async #settle(): Promise<'done' | 'again' | 'stop'> {
    const { clock } = this.#around;
    const { deadlineMs } = this.#batch;
    const verdict: ProbeVerdict<Json> = (await this.#link.settleBatch?.(this.#passage())) ?? cannotTell();
    this.#watch.answered();
    if (verdict.verdict === 'happened') {
      await this.#end({ state: 'answered', by: 'probe' });
      return 'done';
    }
    if (verdict.verdict === 'cannotTell') {
      const why = verdict.reason === undefined ? '' : `: ${verdict.reason}`;
      await this.#end({
        state: 'in doubt',
        failure: { code: 'IN_DOUBT', message: `${this.#system.name}: it cannot be told whether batch ${this.#batch.seq} happened${why}` },
      });
      return 'done';
    }
    const settledMs = (deadlineMs ?? 0) + this.#system.settings.settleMs;
    if (clock.steadyMs() >= settledMs) return this.#give();
    await this.#end({ state: 'waiting', untilMs: settledMs, failure: null, counts: false });
    return 'done';
  }

  /** By the verdicts of calls: the system is held or down, the batch waits. It is never parked: nobody's file is lost by a name that is taken. */
  async #judge(error: GatehouseError, maybe = false): Promise<'done' | 'again' | 'stop'> {
    const { clock, log } = this.#around;
    const { seq, call, attempts, triedMs, nowMs } = this.#batch;
    const declaration = this.#system.declaration(call);
    const facts: Facts = {
      started: { attempts, previousRunMs: triedMs, nowMs: nowMs ?? clock.wallMs() },
      system: this.#system,
      watch: this.#watch,
      steadyMs: clock.steadyMs(),
    };
    const { run, call: end } = maybe && declaration !== undefined ? unknown(facts, error, declaration) : notSent(facts, error);
    if (run.end === 'lost') return 'again';
    if (run.end === 'give back') {
      await this.#end({ state: 'waiting', untilMs: clock.steadyMs(), failure: null, counts: false });
      return 'stop';
    }
    log(
      'warn',
      { system: this.#system.name, batch: seq, code: error.code },
      `batch ${seq} of ${call} ${maybe ? 'may have happened' : 'was not sent'}`,
    );
    const reopens = !maybe && this.#left && this.#batch.state === 'open';
    await this.#end(
      end.state === 'in doubt' ? { state: 'in doubt', failure: end.failure } : { state: 'waiting', reopens, ...this.#wait(run, error) },
    );
    return 'done';
  }

  #wait(run: RunEnd, error: GatehouseError): Pick<BatchEnd & { state: 'waiting' }, 'untilMs' | 'failure' | 'counts'> {
    const { clock } = this.#around;
    const { firstMs, maxMs } = this.#system.settings.retry;
    const failure = run.end === 'park' ? run.failure : failureOf(error);
    if (run.end === 'wait' && run.wait.for === 'time' && !('pause' in run.wait)) return { untilMs: run.wait.dueMs, failure, counts: run.wait.counts };
    return { untilMs: clock.steadyMs() + (run.end === 'park' ? maxMs : firstMs), failure, counts: run.end !== 'park' };
  }

  #end(end: BatchEnd): Promise<void> {
    return this.#around.journal.batchEnded(this.#batch.seq, end, this.#parts.splice(0), this.#around.clock.wallMs());
  }

  get #link() {
    const declaration = this.#system.declaration(this.#batch.call);
    if (declaration === undefined) throw new GatehouseError('CALL_UNKNOWN', `${this.#system.name}: there is no call '${this.#batch.call}'`);
    return this.#system.linkOf(declaration);
  }

  get #watch(): SystemWatch {
    return this.#around.watch(this.#system);
  }

  #passage(): BatchPassage {
    const { journal, clock } = this.#around;
    const { seq, version, call, state, answer, nowMs } = this.#batch;
    return {
      call,
      batchId: derivedUuid(journal.instance, 'batch', String(seq)),
      nowMs: nowMs ?? clock.wallMs(),
      again: state === 'calling',
      frozen: answer,
      signal: this.#deadline.signal,
      remainingMs: () => this.#deadline.remainingMs(),
      trace: (part) => void this.#parts.push(part),
      sequence: (counter) => journal.batchSequence(seq, counter, clock.wallMs()),
      members: () => this.#members(),
      leave: async (frozen) => {
        const gate = this.#system.gate(this.#timeoutMs);
        if (!gate.open) throw gate.error;
        const steadyMs = clock.steadyMs();
        await journal.closeBatch(
          { seq, version },
          {
            lastCall: this.#lastCall,
            answer: frozen.answer,
            leftMs: clock.wallMs(),
            deadlineMs: steadyMs + this.#timeoutMs,
            expiresMs: frozen.withinMs === null ? null : steadyMs + frozen.withinMs,
          },
          clock.wallMs(),
        );
        this.#left = true;
        this.#deadline.restart();
      },
    };
  }

  async *#members(): AsyncIterable<BatchMember> {
    const { journal } = this.#around;
    this.#lastCall = 0;
    for (;;) {
      const page = await journal.batchMembers(this.#batch.seq, this.#lastCall, membersPage);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      this.#lastCall = last.call;
    }
  }
}
