import { type AnyCall, type ProbeVerdict } from '../contract/calls.ts';
import { type Clock } from '../contract/clock.ts';
import { type Json, throughJson } from '../contract/json.ts';
import { type RecordedCall, type Started } from '../contract/journal.ts';
import { argumentsDigest } from './identity.ts';
import { type CallRequest, type RunJournal } from './native-call.ts';
import { type System } from './system.ts';
import { type RunEnd, exhausted, park } from './verdict.ts';

/** The run that asks for the call again. */
export interface Resuming {
  readonly journal: Pick<RunJournal, 'called'>;
  readonly clock: Clock;
  readonly system: System;
  readonly started: Started;
  /** Makes a call of the run; settles only with an answer, whatever else becomes of it ends the run. */
  make(request: CallRequest): Promise<Json>;
  end(end: RunEnd): never;
  journalFailed(error: unknown): void;
}

/** What to do about a call that was under way when its run ended: the recovery table (rules 9, 11 and 12). */
export type Resumption =
  | { readonly next: 'answer'; readonly answer: Json }
  /** It did not happen, or harms nobody when it happens again. */
  | { readonly next: 'make' }
  | { readonly next: 'end'; readonly end: RunEnd };

const make: Resumption = { next: 'make' };
const answer = (value: Json): Resumption => ({ next: 'answer', answer: value });
const end = (how: RunEnd): Resumption => ({ next: 'end', end: how });

/** A recorded call without an answer, and the request that asks for it again. */
export class InterruptedCall {
  readonly #run: Resuming;
  readonly #recorded: RecordedCall;
  readonly #request: CallRequest;
  readonly #about: string;

  constructor(run: Resuming, recorded: RecordedCall, request: CallRequest) {
    this.#run = run;
    this.#recorded = recorded;
    this.#request = request;
    this.#about = `${run.system.name}: ${request.name}`;
  }

  async resume(): Promise<Resumption> {
    const { clock, system } = this.#run;
    const { batch, correlation, expiresMs } = this.#recorded;
    const { declaration } = this.#request;
    const nowMs = clock.steadyMs();
    const awaited = expiresMs !== null && nowMs < expiresMs;
    const awaitReply: RunEnd | null = awaited ? { end: 'wait', wait: { for: 'reply', dueMs: expiresMs } } : null;
    if (batch !== null) return end(this.#inBatch(batch, awaitReply));
    const { effect, probe } = declaration;
    const looks = probe === undefined && system.canProbe(declaration);
    if (awaitReply !== null && !looks) return end(awaitReply);
    if (effect !== 'once' && !awaited) return make;
    if (probe === undefined && !looks) {
      const code = correlation === null ? 'IN_DOUBT' : 'REPLY_TIMEOUT';
      return end(park(code, `${this.#about} left and no answer came; it has no probe, so a person must look`));
    }
    const verdict = probe === undefined ? await this.#look() : await this.#probe(probe);
    if (verdict.verdict === 'didNot') return effect === 'once' ? this.#didNot(nowMs) : make;
    // Carried out, as far as the transport can see: its reply tells the rest.
    if (looks && correlation !== null) return end(awaitReply ?? this.#overdue(''));
    if (verdict.verdict === 'happened') return this.#accept(throughJson(verdict.answer));
    const why = verdict.reason === undefined ? '' : `: ${verdict.reason}`;
    return end(park('IN_DOUBT', `${system.name}: the probe of ${this.#request.name} cannot tell whether it happened${why}`));
  }

  /** It left with others: what became of them all decides, and it is never made again alone. */
  #inBatch({ state, seq }: NonNullable<RecordedCall['batch']>, awaitReply: RunEnd | null): RunEnd {
    if (state === 'open' || state === 'calling') return { end: 'wait', wait: { for: 'batch' } };
    if (this.#recorded.correlation === null) return park('IN_DOUBT', `${this.#about} left with batch ${seq}, which is in doubt`);
    return awaitReply ?? this.#overdue(` with batch ${seq}`);
  }

  #overdue(withOthers: string): RunEnd {
    return park('REPLY_TIMEOUT', `${this.#about} left${withOthers} and its reply did not come in time; a late one still settles it`);
  }

  /** Made again only when a slow system can no longer be at work on it (rule 12), and as often as attempts are left. */
  #didNot(nowMs: number): Resumption {
    const { system, started } = this.#run;
    const settledMs = (this.#recorded.deadlineMs ?? nowMs) + system.settings.settleMs;
    if (nowMs < settledMs) return end({ end: 'wait', wait: { for: 'time', dueMs: settledMs, failure: null, counts: false } });
    if (started.attempts <= system.settings.retry.attempts) return make;
    return end(exhausted({ started, system }, { code: 'NO_ANSWER', message: `${this.#request.name} did not happen` }));
  }

  /** Has the transport look what became of it, as a read that is journaled like the call of a probe. */
  async #look(): Promise<ProbeVerdict<Json>> {
    const declaration: AnyCall = { ...this.#request.declaration, effect: 'read' };
    const looking = { ...this.#request, declaration, seq: null, probeOf: this.#recorded.seq, settles: true };
    return (await this.#run.make(looking)) as unknown as ProbeVerdict<Json>;
  }

  /** Asks the system whether it happened, by reads only. Its failures wait; they never park (rule 11). */
  async #probe(probe: NonNullable<AnyCall['probe']>): Promise<ProbeVerdict<Json>> {
    const { system } = this.#run;
    const { seq, args: left } = this.#recorded;
    const ask = async (name: string, given: unknown): Promise<Json> => {
      const declaration = system.declaration(name);
      if (declaration?.effect !== 'read')
        return this.#run.end(park('DEFECT', `${system.name}: the probe of ${this.#request.name} calls '${name}', which is not declared read()`));
      const args = throughJson(given);
      return this.#run.make({ name, args, digest: argumentsDigest(args), declaration, seq: null, probeOf: seq, nth: 0 });
    };
    return probe(left, { call: ask as never });
  }

  /** What the probe has found is recorded as the answer of the call, if it can be one. */
  #accept(found: Json): Resumption {
    const { journal, clock, system, started, journalFailed } = this.#run;
    const { seq, effect, deadlineMs } = this.#recorded;
    const { name, args, digest, declaration } = this.#request;
    const wrong = system.linkOf(declaration).violations(name, found);
    if (wrong.length > 0)
      return end(park('ANSWER_INVALID', `${system.name}: the probe of ${name} gave an answer that does not fit: ${wrong.join('; ')}`));
    const leaving = { seq, name, effect, digest, args, run: started.run, leftMs: null, deadlineMs: deadlineMs ?? 0, probeOf: null, later: null };
    void journal.called(started, seq, leaving, { state: 'answered', answer: found, by: 'probe' }, [], clock.wallMs()).catch(journalFailed);
    return answer(found);
  }
}
