import { describe, expect, it } from 'vitest';
import { type Json } from '../../src/contract/json.ts';
import { Masking } from '../../src/contract/masking.ts';
import { type DraftPart, type Link } from '../../src/contract/transport.ts';
import { type ExchangeOptions, type Exchanged, ended, exchangeOver } from '../support/exchange.ts';

/** A link to a practice system that can be made to fail, and tells what it has really done. */
export interface TransportRig {
  readonly link: Link;
  /** A call with an effect: accepted, and refused by the system as a matter of business. */
  readonly accepted: { readonly call: string; readonly args: Json };
  readonly refused: { readonly call: string; readonly args: Json };
  /** Arguments that fit no layout. */
  readonly unfit: { readonly call: string; readonly args: Json };
  /** An answer of that call, as a person would give it. */
  readonly answer: Json;
  readonly secret: string;
  /** Time that a call has where nothing else is said; some systems need a log-in and five screens. */
  readonly timeoutMs?: number;
  /** Time of a call whose silence is waited for: enough to come to where the system falls silent. */
  readonly silenceMs?: number;
  practise(fault: 'silent' | 'commit-then-drop' | 'wrong password' | 'busy'): void;
  stop(): Promise<void>;
  /** Effects in the system's own ledger. */
  committed(): number;
  close(): Promise<void>;
}

/** Every text in it. */
const textsIn = (value: Json): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap((each) => textsIn(each as Json))
      : [];

const text = (parts: readonly DraftPart[]): string => parts.map(({ kind, bytes }) => `${kind} ${Buffer.from(bytes).toString()}`).join('\n');
const exchange = (
  { link, timeoutMs = 2_000 }: TransportRig,
  { call, args }: { call: string; args: Json },
  options: ExchangeOptions = {},
): Promise<Exchanged> => exchangeOver(link, call, args, { timeoutMs, ...options });

/** What a kind of system cannot be made to do, each with the reason. */
export type Waivers = Partial<Record<'refusal' | 'away' | 'silent' | 'commit-then-drop' | 'busy' | 'wrong password', string>>;

/** What every transport must do. */
export function transportContract(name: string, open: () => Promise<TransportRig>, cannot: Waivers = {}): void {
  const unless = (waived: keyof Waivers, fact: string, test: () => Promise<void>): void => {
    if (cannot[waived] === undefined) it(fact, test);
  };
  const withRig = async (work: (rig: TransportRig) => Promise<void>): Promise<void> => {
    const rig = await open();
    try {
      await work(rig);
    } finally {
      await rig.close();
    }
  };

  describe(`${name}: the transport's contract`, () => {
    it('an answer comes back as plain JSON, with sent and received bytes in order and the secret in none', () =>
      withRig(async (rig) => {
        const exchanged = await exchange(rig, rig.accepted);
        expect(ended(exchanged)).toBe('answer');
        if (exchanged.outcome.end === 'answer') expect(JSON.parse(JSON.stringify(exchanged.outcome.answer))).toEqual(exchanged.outcome.answer);
        const kinds = exchanged.parts.map(({ kind }) => kind);
        expect([kinds[0], kinds.at(-1)]).toEqual(['sent', 'received']);
        expect(text(exchanged.parts)).not.toContain(rig.secret);
        expect([exchanged.left, rig.committed()]).toEqual([1, 1]);
      }));

    it('what was exchanged is told as plain JSON, masked where it must be, and damage is no failure', () =>
      withRig(async (rig) => {
        const { link, accepted } = rig;
        // A link need not tell: then people have the bytes.
        if (link.inspect === undefined) return;
        const { parts, outcome } = await exchange(rig, accepted);
        const recorded = parts.map((part) => ({ ...part, size: part.bytes.byteLength, clipped: false }));
        const told = { ...accepted, answer: outcome.end === 'answer' ? outcome.answer : null, from: 0 };
        const view = await link.inspect({ ...told, parts: recorded, masking: Masking.none });
        expect(JSON.parse(JSON.stringify(view))).toEqual(view);
        expect(view).toHaveProperty('view');
        expect(JSON.stringify(view)).not.toContain(rig.secret);
        // Words alone may be names of the protocol, too; numbers may be all that a call takes.
        const values = textsIn(accepted.args).filter((value) => value.length >= 4 && /[^A-Za-z]/.test(value));
        const masked = JSON.stringify(await link.inspect({ ...told, parts: recorded, masking: new Masking(values) }));
        for (const value of values) expect(masked.toLowerCase()).not.toContain(JSON.stringify(value).slice(1, -1).toLowerCase());
        for (const { bytes, ...part } of recorded)
          for (const damaged of [null, bytes.subarray(0, bytes.byteLength / 2), bytes.toReversed(), Buffer.alloc(9, 0xff)])
            await link.inspect({ ...told, parts: [{ ...part, bytes: damaged, clipped: damaged === null }], masking: Masking.none });
      }));

    unless('refusal', 'a business refusal is an answer', () =>
      withRig(async (rig) => {
        const { outcome } = await exchange(rig, rig.refused);
        expect(outcome).toMatchObject({ end: 'answer', answer: { refused: expect.any(String), reason: expect.any(String) } });
        expect(rig.committed()).toBe(0);
      }),
    );

    it('rule 7: arguments that do not fit are refused before anything leaves', () =>
      withRig(async (rig) => {
        const exchanged = await exchange(rig, rig.unfit);
        expect([ended(exchanged), exchanged.left]).toEqual(['not sent CALL_REFUSED_ARGUMENTS', 0]);
      }));

    unless('away', 'rule 7: no connection is not sent, and leave was never asked', () =>
      withRig(async (rig) => {
        await rig.stop();
        const exchanged = await exchange(rig, rig.accepted);
        expect([ended(exchanged), exchanged.left]).toEqual(['not sent UNREACHABLE', 0]);
      }),
    );

    it('rule 7: when leave refuses, nothing happens at the system', () =>
      withRig(async (rig) => {
        const exchanged = await exchange(rig, rig.accepted, { refuse: true });
        expect([ended(exchanged), rig.committed()]).toEqual(['not sent SYSTEM_UNAVAILABLE', 0]);
        expect(ended(await exchange(rig, rig.accepted))).toBe('answer');
        expect(rig.committed()).toBe(1);
      }));

    unless('commit-then-drop', 'rule 8: work that was done without an answer is unknown', () =>
      withRig(async (rig) => {
        rig.practise('commit-then-drop');
        const exchanged = await exchange(rig, rig.accepted);
        expect([ended(exchanged), exchanged.left, rig.committed()]).toEqual(['unknown NO_ANSWER', 1, 1]);
      }),
    );

    unless('silent', 'rule 8: silence ends at the deadline, and the next call is served', () =>
      withRig(async (rig) => {
        expect(ended(await exchange(rig, rig.accepted))).toBe('answer');
        rig.practise('silent');
        expect((await exchange(rig, rig.accepted, { timeoutMs: rig.silenceMs ?? 150 })).outcome.end).not.toBe('answer');
        expect(ended(await exchange(rig, rig.accepted))).toBe('answer');
      }),
    );

    unless('busy', 'what the system says it did not carry out is not sent', () =>
      withRig(async (rig) => {
        rig.practise('busy');
        expect(ended(await exchange(rig, rig.accepted))).toBe('not sent NOT_EXECUTED');
        expect(rig.committed()).toBe(0);
      }),
    );

    unless('wrong password', 'refused credentials are about the system', () =>
      withRig(async (rig) => {
        rig.practise('wrong password');
        expect(ended(await exchange(rig, rig.accepted))).toBe('not sent CREDENTIALS_REFUSED');
        expect(rig.committed()).toBe(0);
      }),
    );

    it('a draft is what the call then sends, and sends nothing itself', () =>
      withRig(async (rig) => {
        const { link, accepted } = rig;
        const drafting = { callId: '0b9d4bb8-7c5d-4a7e-8a51-6c1a4a1f0c11', nowMs: Date.parse('2026-11-20T12:00:00Z') };
        if (link.draft === undefined) throw new Error('this link drafts nothing');
        const drafted = await link.draft(accepted.call, accepted.args, drafting);
        expect([drafted.filter(({ kind }) => kind === 'received'), rig.committed()]).toEqual([[], 0]);
        const { parts } = await exchange(rig, accepted);
        const shown = (some: readonly DraftPart[]) => some.map(({ media, bytes }) => `${media}\n${Buffer.from(bytes).toString('latin1')}`);
        const like = await link.draft(accepted.call, accepted.args, { ...drafting, like: parts });
        expect(drafted.length).toBeGreaterThan(0);
        for (const each of shown(like)) expect(shown(parts)).toContain(each);
        for (const line of text(drafted)
          .split('\n')
          .map((each) => each.replace(/^(?:sent|note) /, '')))
          expect(text(parts)).toContain(line);
        expect(text(drafted)).not.toContain(rig.secret);
        expect(rig.committed()).toBe(1);
      }));

    unless('away', 'a draft asks for no connection', () =>
      withRig(async (rig) => {
        await rig.stop();
        const drafting = { callId: '0b9d4bb8-7c5d-4a7e-8a51-6c1a4a1f0c11', nowMs: Date.parse('2026-11-20T12:00:00Z') };
        expect((await rig.link.draft?.(rig.accepted.call, rig.accepted.args, drafting))?.[0]?.kind).toBe('sent');
        await expect(rig.link.draft?.(rig.unfit.call, rig.unfit.args, drafting)).rejects.toMatchObject({ code: 'CALL_REFUSED_ARGUMENTS' });
      }),
    );

    it('the check passes', () => withRig((rig) => rig.link.check(AbortSignal.timeout(rig.timeoutMs ?? 2_000))));

    unless('away', 'the check fails classified when the system is away', () =>
      withRig(async (rig) => {
        await rig.link.check(AbortSignal.timeout(rig.timeoutMs ?? 2_000));
        await rig.stop();
        await expect(rig.link.check(AbortSignal.timeout(rig.timeoutMs ?? 2_000))).rejects.toMatchObject({ code: 'UNREACHABLE' });
      }),
    );

    it('rule 41: an answer given by a person is held against the layout', () =>
      withRig(async (rig) => {
        expect(rig.link.violations(rig.accepted.call, rig.answer)).toEqual([]);
        for (const wrong of [7, { bogus: 1 }, 'text', { refused: 1 }] as Json[])
          expect(rig.link.violations(rig.accepted.call, wrong).length, JSON.stringify(wrong)).toBeGreaterThan(0);
      }));

    unless('silent', 'close ends what is open', () =>
      withRig(async (rig) => {
        rig.practise('silent');
        const open = exchange(rig, rig.accepted, { timeoutMs: 20_000 });
        await new Promise((resolve) => setImmediate(resolve));
        await rig.link.close();
        expect((await open).outcome.end).not.toBe('answer');
      }),
    );
  });
}
