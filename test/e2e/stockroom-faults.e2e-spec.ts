import { describe, expect, it } from 'vitest';
import { type StockroomScreen } from '../../src/practice/stockroom/screens.ts';
import { type TerminalFault } from '../../src/practice/terminal/terminal.faults.ts';
import { askToReserve, booked, endOf, type GroundOptions, repliesOf, stockroomGround } from '../support/stockroom-ground.ts';

const patienceMs = 150_000;
const within = { timeout: patienceMs + 30_000 };

type Fault = TerminalFault<StockroomScreen>;

/** What goes wrong once. */
const mishaps: readonly Fault[] = [
  { kind: 'silent', screen: 'menu' },
  { kind: 'silent', screen: 'reserve' },
  { kind: 'silent', screen: 'confirm' },
  { kind: 'drop-before', screen: 'menu' },
  { kind: 'drop-after', screen: 'reserve' },
  { kind: 'drop-before', screen: 'confirm' },
  { kind: 'drop-after', screen: 'confirm' },
  { kind: 'half-open', screen: 'reserve' },
  { kind: 'half-open', screen: 'confirm' },
  { kind: 'half-open-after', screen: 'confirm' },
  { kind: 'stale', screen: 'reserve' },
  { kind: 'stale', screen: 'confirm' },
  { kind: 'session-limit' },
  { kind: 'redisplay' },
  { kind: 'unconfirmed' },
  { kind: 'commit-late', ms: 300 },
  { kind: 'busy' },
];

/** How the host paints all the while. */
const manners: readonly Fault[] = [
  { kind: 'slow', ms: 1 },
  { kind: 'flash', ms: 50 },
  { kind: 'chatty', ms: 20 },
  { kind: 'broadcast', text: 'The system goes down at 18:00.' },
];

async function madeOnce(fault: Fault, options: GroundOptions): Promise<void> {
  await using ground = await stockroomGround({
    ...options,
    terminal: { keepaliveMs: 500, ...options.terminal },
    settings: { callTimeoutMs: 10_000, ...options.settings },
  });
  ground.practice.fault(fault);
  const rig = await ground.gateway();
  const ids = [await askToReserve(rig, 'R1', { customer: 'Linden & Söhne' }), await askToReserve(rig, 'R2')];
  await rig.settled(patienceMs);
  await ground.practice.caughtUp();
  const failures = (await rig.rows()).map(({ failure }) => failure?.message ?? '').join('; ');
  expect(await Promise.all(ids.map((id) => endOf(rig, id))), failures).toEqual(['published', 'published']);
  expect(ground.practice.faultsLeft()).toBe(fault.times === undefined ? 1 : 0);
  expect(booked(ground)).toEqual(['R1', 'R2']);
  const numbers = new Map(ground.practice.ledger().map(({ ref, number }) => [ref, number]));
  expect(await repliesOf(rig)).toEqual(['R1', 'R2'].map((reference) => ({ reference, number: numbers.get(reference) })));
  expect(await ground.leaks(rig)).toEqual([]);
}

describe.concurrent('a reservation on a green screen is made once, over SSH and over telnet,', () => {
  it.each(mishaps)('although this happens: %o', within, async (fault) => {
    await Promise.all((['ssh', 'telnet'] as const).map((line) => madeOnce({ ...fault, times: 1 }, { line, terminal: { screenTimeoutMs: 5_000 } })));
  });

  it.each(manners)('although the host paints like this: %o', within, async (fault) => {
    await Promise.all(
      (['ssh', 'telnet'] as const).map((line) =>
        madeOnce(fault, { line, terminal: { screenTimeoutMs: 20_000 }, settings: { callTimeoutMs: 40_000 } }),
      ),
    );
  });
});
