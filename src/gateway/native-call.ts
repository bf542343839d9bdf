import { type AnyCall, cannotTell } from '../contract/calls.ts';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type CallEnd, type Journal, type Leaving, type Started } from '../contract/journal.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { type Outcome, type Part, type Passage } from '../contract/transport.ts';
import { Deadline } from './deadline.ts';
import { derivedUuid } from './identity.ts';
import { type System } from './system.ts';

export interface CallRequest {
  readonly name: string;
  readonly args: Json;
  readonly digest: string;
  readonly declaration: AnyCall;
  /** The row of a call made again; null for a new one. */
  readonly seq: number | null;
  readonly probeOf: number | null;
  /** Asks the transport what became of the call instead of making it; the answer is its verdict. */
  readonly settles?: boolean;
  /** Which equal call of the translation it is, from 0. */
  readonly nth: number;
}

export interface MadeCall {
  readonly outcome: Outcome;
  /** Steady clock, ms: when a reply that comes later is overdue. */
  readonly expiresMs: number | null;
  /** Journals how the call ended. Not awaited on the path of an event: a later write never becomes durable before it. */
  record(end: CallEnd): void;
}

/** What of the journal a run needs. */
export type RunJournal = Pick<Journal, 'leave' | 'sequence' | 'gather' | 'called'>;

export interface CallSurroundings {
  readonly journal: RunJournal;
  readonly clock: Clock;
  readonly system: System;
  readonly telemetry: Telemetry | null;
  readonly started: Started;
  /** A batch of the system is due at this time of the steady clock, ms. */
  gathered(system: System, dueMs: number): void;
  /** The run is over: what has not left must not leave any more. */
  isOver(): boolean;
  /** The journal could not record; the process is about to end or the row is CHANGED. */
  journalFailed(error: unknown): void;
}

/** Makes one native call: everything that can wait, then `calling` durable, then the bytes (rule 7). Never rejects. */
export async function makeCall(around: CallSurroundings, request: CallRequest): Promise<MadeCall> {
  const { journal, clock, system, telemetry, started } = around;
  const sinceMs = telemetry?.nowMs() ?? 0;
  const { name, args, digest, declaration } = request;
  const callId = derivedUuid(started.id, 'call', name, digest, String(request.nth));
  const timeoutMs = system.timeoutMsOf(declaration);
  const deadline = new Deadline(clock, timeoutMs);
  const parts: Part[] = [];
  let seq = request.seq;
  let numbered = false;
  let goneMs: number | null = null;
  let leaving = leavingOf(null, null);

  function leavingOf(leftMs: number | null, later: { correlation: string; withinMs: number } | null): Leaving {
    const nowMs = clock.steadyMs();
    return {
      seq: request.seq,
      name,
      effect: declaration.effect,
      digest,
      args,
      run: started.run,
      leftMs,
      deadlineMs: nowMs + timeoutMs,
      probeOf: request.probeOf,
      callId,
      later: later === null ? null : { correlation: later.correlation, expiresMs: nowMs + later.withinMs },
      ...(numbered ? { numbered: callId } : {}),
    };
  }

  const passage: Passage = {
    call: name,
    callId,
    nowMs: started.nowMs,
    again: request.seq !== null,
    signal: deadline.signal,
    remainingMs: () => deadline.remainingMs(),
    trace: (part) => void parts.push(part),
    sequence: (counter) => {
      numbered = request.settles !== true;
      return journal.sequence(started, counter, callId, clock.wallMs());
    },
    leave: async (later) => {
      const gate = system.gate(timeoutMs);
      if (!gate.open) throw gate.error;
      if (around.isOver()) throw new GatehouseError('STOPPING', `${system.name}: ${name} did not leave, its run is over`);
      leaving = leavingOf(clock.wallMs(), later ?? null);
      // A read leaves no doubt behind: its row is written with its answer (rule 7).
      if (declaration.effect !== 'read' || leaving.later !== null) seq = await journal.leave(started, leaving, clock.wallMs());
      deadline.restart();
      goneMs = clock.monotonicMs();
    },
    gather: async (gathering) => {
      if (system.stopping) throw new GatehouseError('STOPPING', `${system.name}: the gateway is stopping`);
      if (around.isOver()) throw new GatehouseError('STOPPING', `${system.name}: ${name} was not gathered, its run is over`);
      if (request.seq !== null)
        throw new GatehouseError('CODE_CHANGED', `${system.name}: ${name} has left on its own and may have happened; now it would go out in a batch`);
      const { batch, dueMs } = await journal.gather(started, leaving, gathering, parts.splice(0), clock.wallMs());
      telemetry?.gathered(sinceMs, started, leaving, batch);
      around.gathered(system, dueMs);
    },
  };

  let outcome: Outcome;
  try {
    const link = system.linkOf(declaration);
    if (request.settles === true || link.gathers?.(name) !== true) await system.rate.take(deadline.signal);
    outcome =
      request.settles === true
        ? { end: 'answer', answer: ((await link.settle?.(name, args, passage)) ?? cannotTell()) as Json }
        : await link.exchange(name, args, passage);
  } catch (error) {
    outcome = { end: seq === request.seq ? 'not sent' : 'unknown', error: asGatehouseError(error) };
  } finally {
    deadline.cancel();
  }
  if (request.settles !== true) system.pulse.called(name, outcome, goneMs);
  return {
    outcome,
    expiresMs: leaving.later?.expiresMs ?? null,
    record: (end) => {
      telemetry?.called(sinceMs, started, leaving, end);
      void journal.called(started, seq, leaving, end, parts, clock.wallMs()).catch(around.journalFailed);
    },
  };
}
