import { type BatchEnd, type BatchMember, type DueBatch } from '../contract/batch.ts';
import { type ProbeVerdict, cannotTell } from '../contract/calls.ts';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type Journal } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type BatchTryOutcome, type Telemetry } from '../contract/telemetry.ts';
import { type BatchOutcome, type BatchPassage, type Part } from '../contract/transport.ts';
import { Deadline } from './deadline.ts';
import { derivedUuid } from './identity.ts';
import { type System, failureOf } from './system.ts';
import { type Facts, type RunEnd, type SystemWatch, notSent, unknown } from './verdict.ts';

const membersPage = 200;
/** Members told, or taken out, in one commit: nobody else waits long for it. */
export const passOnPage = 100;

export interface AttemptSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry | null;
  watch(system: System): SystemWatch;
}

/** One try to close a batch, or to find out what became of one that left. */
export class BatchAttempt {
  readonly #around: AttemptSurroundings;
  readonly #system: System;
  readonly #batch: DueBatch;
  readonly #timeoutMs: number;
  readonly #deadline: Deadline;
  readonly #parts: Part[] = [];
  readonly #id: string;
  #lastCall = 0;
  #left = false;
  #leftMs: number | null = null;
  /** What was recorded of it. */
  #outcome: BatchTryOutcome = { end: 'again' };

  constructor(around: AttemptSurroundings, system: System, batch: DueBatch, timeoutMs: number) {
    this.#around = around;
    this.#system = system;
    this.#batch = batch;
    this.#timeoutMs = timeoutMs;
    this.#deadline = new Deadline(around.clock, timeoutMs);
    this.#id = derivedUuid(around.journal.instance, 'batch', String(batch.seq));
  }

  /** `again`: its members have changed, make it again at once. `stop`: the gateway is stopping. */
  async make(): Promise<'done' | 'again' | 'stop'> {
    const { telemetry } = this.#around;
    const sinceMs = telemetry?.nowMs() ?? 0;
    const then = await this.#make();
    const { seq, system, call, events } = this.#batch;
    telemetry?.tried(sinceMs, { id: this.#id, seq, system, call, events, leftMs: this.#leftMs }, this.#outcome);
    return then;
  }

  async #make(): Promise<'done' | 'again' | 'stop'> {
    try {
      await this.#system.rate.take(this.#deadline.signal);
      if (this.#batch.state !== 'calling') return await this.#give();
      return this.#batch.deadlineMs === null ? await this.#giveAgain() : await this.#settle();
    } catch (thrown) {
      // Whatever could not be recorded of a batch that left: it must be looked for.
      return await this.#judge(asGatehouseError(thrown), this.#left);
    } finally {
      this.#deadline.cancel();
    }
  }

  /** It is known not to have happened: who was given up since does not go with the others. */
  async #giveAgain(): Promise<'done' | 'again' | 'stop'> {
    return (await this.#around.journal.reopenBatch(this.#batch.seq)) ? 'again' : this.#give();
  }

  async #give(): Promise<'done' | 'again' | 'stop'> {
    const { journal, clock, log } = this.#around;
    const { seq } = this.#batch;
    const beganMs = clock.monotonicMs();
    const outcome: BatchOutcome = (await this.#link.give?.(this.#passage())) ?? {
      end: 'not sent',
      error: new GatehouseError('DEFECT', 'no batches'),
    };
    if (outcome.end !== 'refused') this.#system.pulse.called(this.#batch.call, outcome, this.#left ? beganMs : null);
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
              `${this.#system.name}: ${outcome.members.length} members of batch ${seq}, which has left, no longer fit: bring the old layout back, or settle it as 'did not' to have it made anew`,
            ),
          );
        log(
          'warn',
          { system: this.#system.name, batch: seq, code: outcome.members[0]?.error.code },
          `${outcome.members.length} members are taken out of batch ${seq} and parked`,
        );
        for (let at = 0; at < outcome.members.length; at += passOnPage)
          await journal.refuseMembers(
            seq,
            outcome.members.slice(at, at + passOnPage).map(({ call, error }) => ({ call, failure: failureOf(error) })),
            clock.wallMs(),
          );
        return 'again';
      case 'unknown':
        return this.#judge(outcome.error, true);
      case 'not sent': {
        const then = await this.#judge(outcome.error);
        await outcome.afterwards?.();
        return then;
      }
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
    if (clock.steadyMs() >= settledMs) return this.#giveAgain();
    await this.#end({ state: 'waiting', untilMs: settledMs, failure: null, counts: false });
    return 'done';
  }

  /** By the verdicts of calls: the system is held or down, the batch waits. It is never parked: nobody's file is lost by a name that is taken. */
  async #judge(error: GatehouseError, maybe = false): Promise<'done' | 'again' | 'stop'> {
    const { clock, log } = this.#around;
    const { seq, call, attempts, triedMs, nowMs } = this.#batch;
    // The journal is at fault, not the system.
    if (maybe && error.code === 'JOURNAL_FULL') {
      const untilMs = clock.steadyMs() + this.#system.settings.retry.firstMs;
      await this.#end({ state: 'waiting', untilMs, failure: failureOf(error), counts: false });
      return 'done';
    }
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
      this.#outcome = { end: 'given back' };
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
    return { untilMs: clock.steadyMs() + (run.end === 'park' ? maxMs : firstMs), failure, counts: false };
  }

  async #end(end: BatchEnd): Promise<void> {
    await this.#around.journal.batchEnded(this.#batch.seq, end, this.#parts.splice(0), this.#around.clock.wallMs());
    this.#outcome = { end: end.state, code: 'failure' in end ? end.failure?.code : undefined };
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
      batchId: this.#id,
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
        const leftMs = clock.wallMs();
        await journal.closeBatch(
          { seq, version },
          {
            lastCall: this.#lastCall,
            answer: frozen.answer,
            leftMs,
            deadlineMs: steadyMs + this.#timeoutMs,
            expiresMs: frozen.withinMs === null ? null : steadyMs + frozen.withinMs,
          },
          clock.wallMs(),
        );
        this.#left = true;
        this.#leftMs = leftMs;
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
