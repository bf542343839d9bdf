import { type ProbeVerdict } from '../../src/contract/calls.ts';
import { GatehouseError } from '../../src/contract/errors.ts';
import { type Json } from '../../src/contract/json.ts';
import { type Link, type Outcome, type Part, type Passage } from '../../src/contract/transport.ts';

export interface Exchanged {
  readonly outcome: Outcome;
  readonly parts: readonly Part[];
  /** How often `leave` was asked. */
  readonly left: number;
}

export interface ExchangeOptions {
  /** `leave` refuses. */
  readonly refuse?: boolean;
  readonly timeoutMs?: number;
  readonly callId?: string;
  readonly again?: boolean;
  readonly nowMs?: number;
  /** The number that each counter gives. */
  readonly sequence?: number;
  /** Called when the call leaves. */
  readonly onLeave?: (later?: { correlation: string; withinMs: number }) => Promise<void> | void;
}

/** The passage of a call as the gateway would give it, without a journal. */
function passageOf(call: string, options: ExchangeOptions, parts: Part[], left: () => void): { passage: Passage; over: () => void } {
  const aborter = new AbortController();
  const timeoutMs = options.timeoutMs ?? 2_000;
  const timer = setTimeout(() => aborter.abort(), timeoutMs);
  const passage: Passage = {
    call,
    callId: options.callId ?? '0b9d4bb8-7c5d-4a7e-8a51-6c1a4a1f0c11',
    nowMs: options.nowMs ?? Date.parse('2026-11-20T12:00:00Z'),
    again: options.again ?? false,
    signal: aborter.signal,
    remainingMs: () => timeoutMs,
    gather: async () => undefined,
    sequence: async () => options.sequence ?? 1,
    leave: async (later) => {
      if (options.refuse === true) throw new GatehouseError('SYSTEM_UNAVAILABLE', 'held meanwhile');
      left();
      await options.onLeave?.(later);
    },
    trace: (part) => void parts.push(part),
  };
  return { passage, over: () => clearTimeout(timer) };
}

/** Asks a link what became of a call that left. */
export async function settleOver(link: Link, call: string, args: Json, options: ExchangeOptions = {}): Promise<ProbeVerdict<Json>> {
  const { passage, over } = passageOf(call, options, [], () => undefined);
  try {
    if (link.settle === undefined) throw new Error('this link settles nothing');
    return await link.settle(call, args, passage);
  } finally {
    over();
  }
}

/** Makes one call over a link as the gateway would, without a journal. */
export async function exchangeOver(link: Link, call: string, args: Json, options: ExchangeOptions = {}): Promise<Exchanged> {
  const parts: Part[] = [];
  let left = 0;
  const { passage, over } = passageOf(call, options, parts, () => void (left += 1));
  const outcome = await link.exchange(call, args, passage);
  over();
  return { outcome, parts, left };
}

export const ended = ({ outcome }: Exchanged): string => ('error' in outcome ? `${outcome.end} ${outcome.error.code}` : outcome.end);

/** The trace as text, a part a line. */
export const traced = ({ parts }: Exchanged): string => parts.map(({ kind, bytes }) => `${kind} ${Buffer.from(bytes).toString()}`).join('\n');
