import { type AnyCall } from '../contract/calls.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type CallEnd, type Failure, type Started, type Wait } from '../contract/journal.ts';
import { type System, failureOf } from './system.ts';

/** How a run ended. */
export type RunEnd =
  | { readonly end: 'returned'; readonly value: unknown }
  | { readonly end: 'wait'; readonly wait: Wait }
  | { readonly end: 'park'; readonly failure: Failure }
  /** Nothing happened, the gateway is stopping. */
  | { readonly end: 'give back' }
  /** Somebody else has it now. */
  | { readonly end: 'lost' };

/** What the schedule must hear of a system while a run goes on. */
export interface SystemWatch {
  answered(): void;
  /** A failure that may mean an outage. `alone`: nothing has been answered since this translation's previous attempt. */
  failed(error: GatehouseError, alone: boolean): void;
  /** The system itself is at fault: hold it (rule 24). */
  fault(error: GatehouseError): void;
}

export interface Verdict {
  readonly run: RunEnd;
  readonly call: CallEnd;
}

export interface Facts {
  /** How often it was tried, and when: a translation's run, or a batch. */
  readonly started: Pick<Started, 'attempts' | 'previousRunMs' | 'nowMs'>;
  readonly system: System;
  readonly watch: SystemWatch;
  readonly steadyMs: number;
}

export const park = (code: Failure['code'], message: string): RunEnd => ({ end: 'park', failure: { code, message } });

/** A call that did not leave, or that the system declares it did not carry out. */
export function notSent(facts: Facts, error: GatehouseError): Verdict {
  const call: CallEnd = { state: 'not sent', failure: failureOf(error) };
  return { call, run: runAfterNotSent(facts, error) };
}

function runAfterNotSent(facts: Facts, error: GatehouseError): RunEnd {
  const failure = failureOf(error);
  switch (error.code) {
    case 'STOPPING':
      return { end: 'give back' };
    case 'CHANGED':
    case 'STALE_EPOCH':
      return { end: 'lost' };
    case 'SYSTEM_UNAVAILABLE':
      return { end: 'wait', wait: { for: 'system', failure } };
    case 'CORRELATION_TAKEN':
      return { end: 'wait', wait: { for: 'time', dueMs: facts.steadyMs + untilFreeMs(facts), failure, counts: false } };
    case 'JOURNAL_FULL':
      return { end: 'wait', wait: { for: 'time', dueMs: facts.steadyMs + facts.system.settings.retry.firstMs, failure, counts: false } };
    default:
  }
  if (error.class === 'system') {
    facts.watch.fault(error);
    return { end: 'wait', wait: { for: 'system', failure } };
  }
  return error.class === 'transient' ? retry(facts, error) : { end: 'park', failure };
}

/** A call that may have happened (rule 8): its effect decides. */
export function unknown(facts: Facts, error: GatehouseError, declaration: AnyCall): Verdict {
  const failure = failureOf(error);
  if (declaration.effect === 'once' && !facts.system.canProbe(declaration)) {
    facts.watch.failed(error, false);
    return {
      call: { state: 'in doubt', failure },
      run: { end: 'park', failure: { ...failure, code: 'IN_DOUBT', message: `may or may not have happened: ${failure.message}` } },
    };
  }
  const call: CallEnd = { state: 'calling', failure };
  // An answer that does not have its type will not have it the next time either.
  if (declaration.effect !== 'once') return { call, run: error.class === 'permanent' ? { end: 'park', failure } : retry(facts, error) };
  const counts = countsAsAttempt(facts);
  facts.watch.failed(error, isAlone(facts));
  if (!counts && facts.system.availability !== 'open') return { call, run: { end: 'wait', wait: { for: 'system', failure } } };
  // The probe may find it done at once; that it finds nothing proves nothing before deadline and settle time (rule 12).
  return { call, run: { end: 'wait', wait: { for: 'time', dueMs: facts.steadyMs + facts.system.settings.retry.firstMs, failure, counts } } };
}

/** A failure that waits and tries again: transient, or ambiguous without harm. Parks when the attempts are used up. */
export function retry(facts: Facts, error: GatehouseError): RunEnd {
  const { started, system, watch, steadyMs } = facts;
  const counts = countsAsAttempt(facts);
  const failure = failureOf(error);
  if (counts && started.attempts >= system.settings.retry.attempts) return exhausted(facts, failure);
  watch.failed(error, isAlone(facts));
  // One that counts keeps its count: it is ready when its time has come, and starts when the system is open.
  if (!counts && system.availability !== 'open') return { end: 'wait', wait: { for: 'system', failure } };
  return { end: 'wait', wait: { for: 'time', dueMs: steadyMs + backoffMs(system, started.attempts), failure, counts } };
}

export function exhausted({ started, system }: Pick<Facts, 'started' | 'system'>, last: Failure): RunEnd {
  return {
    end: 'park',
    failure: {
      ...last,
      code: 'RETRIES_EXHAUSTED',
      message: `${system.name}: ${started.attempts} attempts failed while the system answered others; the last: ${last.message}`,
    },
  };
}

/** What a probe's own call came to: it waits and tries again, without using up attempts (rule 11). */
export function patient({ system, steadyMs }: Facts, end: RunEnd): RunEnd {
  if (end.end !== 'park' || end.failure.code === 'DEFECT') return end;
  const { settleMs, retry: again } = system.settings;
  return { end: 'wait', wait: { for: 'time', dueMs: steadyMs + settleMs + again.firstMs, failure: end.failure, counts: false } };
}

/** Rule 23: only if the system has answered since this translation's previous attempt, or since this one began when it is the first. */
function countsAsAttempt({ started, system }: Facts): boolean {
  return system.lastAnswerMs !== null && system.lastAnswerMs > (started.previousRunMs ?? started.nowMs);
}

/** Failed again, and nothing was answered between: that is an outage, whatever the breaker counts. */
function isAlone(facts: Facts): boolean {
  return facts.started.previousRunMs !== null && !countsAsAttempt(facts);
}

/** The other one may wait for hours, and every look is a run: half as long again as it has waited already. */
function untilFreeMs({ started, system }: Facts): number {
  const { firstMs, maxMs } = system.settings.retry;
  return Math.min(maxMs, Math.max(firstMs, ((started.previousRunMs ?? started.nowMs) - started.nowMs) / 2));
}

/** Doubles from `firstMs` up to `maxMs`, spread by a fifth both ways so that what failed together does not come back together. */
function backoffMs(system: System, attempts: number): number {
  const { firstMs, maxMs } = system.settings.retry;
  return Math.min(maxMs, firstMs * 2 ** Math.min(30, Math.max(0, attempts - 1))) * (0.8 + 0.4 * Math.random());
}
