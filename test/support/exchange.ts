import { GatehouseError } from '../../src/contract/errors.ts';
import { type Json } from '../../src/contract/json.ts';
import { type Link, type Outcome, type Part } from '../../src/contract/transport.ts';

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
}

/** Makes one call over a link as the gateway would, without a journal. */
export async function exchangeOver(link: Link, call: string, args: Json, options: ExchangeOptions = {}): Promise<Exchanged> {
  const parts: Part[] = [];
  const aborter = new AbortController();
  const timeoutMs = options.timeoutMs ?? 2_000;
  const timer = setTimeout(() => aborter.abort(), timeoutMs);
  let left = 0;
  const outcome = await link.exchange(call, args, {
    call,
    callId: '0b9d4bb8-7c5d-4a7e-8a51-6c1a4a1f0c11',
    signal: aborter.signal,
    remainingMs: () => timeoutMs,
    leave: async () => {
      if (options.refuse === true) throw new GatehouseError('SYSTEM_UNAVAILABLE', 'held meanwhile');
      left += 1;
    },
    trace: (part) => void parts.push(part),
  });
  clearTimeout(timer);
  return { outcome, parts, left };
}

export const ended = ({ outcome }: Exchanged): string => ('error' in outcome ? `${outcome.end} ${outcome.error.code}` : outcome.end);

/** The trace as text, a part a line. */
export const traced = ({ parts }: Exchanged): string => parts.map(({ kind, bytes }) => `${kind} ${Buffer.from(bytes).toString()}`).join('\n');
