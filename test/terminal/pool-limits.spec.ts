import { afterEach, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { need } from '../support/needs.ts';
import { type OpenedPool, type PoolOptions, type Protocol, noAbort, openPool } from '../support/pools.ts';

const eventually = { timeout: 60_000, interval: 5 };
const within = { timeout: 60_000 };
const usersOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `GATE${String(at + 1).padStart(2, '0')}`);
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function ground(
  protocol: Protocol,
  count: number,
  options: PoolOptions = {},
): Promise<OpenedPool & { host: PracticeStockroom | PracticeMainframe }> {
  if (protocol === 'tn3270') need('s3270', 's3270');
  const users = usersOf(count);
  const host = await (protocol === 'tn3270' ? PracticeMainframe : PracticeStockroom).start({ users });
  open.push(host);
  const opened = await openPool(protocol, host, { users, ...options });
  open.push(opened.pool);
  return { ...opened, host };
}

const states = ({ pool }: OpenedPool): string[] => pool.status().sessions.map(({ state }) => state);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as GatehouseError).code,
  );

describe.each(['ssh', 'telnet', 'tn3270'] as const)('twenty sessions over %s', (protocol) => {
  it('stand side by side, each with a user id of its own, and serve sixty calls', within, async () => {
    const { pool, host } = await ground(protocol, 20);
    const all = await Promise.all(usersOf(20).map(() => pool.take(noAbort())));
    expect(new Set(all.map(({ user }) => user)).size).toBe(20);
    expect(host.sessions()).toEqual({ attached: 20, held: 0 });
    await Promise.all(all.map((lent) => lent.giveBack('home')));
    const inUse = new Set<string>();
    const calls = Array.from({ length: 60 }, async () => {
      const lent = await pool.take(noAbort());
      expect(inUse.has(lent.user)).toBe(false);
      inUse.add(lent.user);
      expect(lent.session.screen().text()).toContain(lent.user);
      await Promise.resolve();
      inUse.delete(lent.user);
      await lent.giveBack('home');
    });
    await Promise.all(calls);
    expect(host.signOns()).toHaveLength(20);
    await pool.close();
    expect(host.sessions()).toEqual({ attached: 0, held: 0 });
  });
});

describe('who waits for a session', () => {
  it('is served in the order of coming, without those who gave up', within, async () => {
    const { pool } = await ground('telnet', 1);
    const first = await pool.take(noAbort());
    const served: number[] = [];
    const aborters = Array.from({ length: 6 }, () => new AbortController());
    const calls = aborters.map(async ({ signal }, n) => {
      const lent = await pool.take(signal);
      served.push(n);
      await lent.giveBack('home');
    });
    const gaveUp = codeOf(calls[2] as Promise<void>);
    aborters[2]?.abort();
    expect(await gaveUp).toBe('NO_SESSION');
    expect(pool.status().waiting).toBe(5);
    await first.giveBack('home');
    await Promise.all(calls.filter((_, n) => n !== 2));
    expect(served).toEqual([0, 1, 3, 4, 5]);
  });

  it('and has given up before is refused at once, and its session is there for the next', within, async () => {
    const { pool, host } = await ground('telnet', 1);
    expect(await codeOf(pool.take(AbortSignal.abort()))).toBe('NO_SESSION');
    const aborter = new AbortController();
    const gaveUp = codeOf(pool.take(aborter.signal));
    aborter.abort();
    expect(await gaveUp).toBe('NO_SESSION');
    await (await pool.take(noAbort())).giveBack('home');
    expect(host.signOns()).toHaveLength(1);
  });

  it('gives a session back once, whatever is said afterwards', within, async () => {
    const opened = await ground('telnet', 1);
    const first = await opened.pool.take(noAbort());
    await first.giveBack('home');
    const second = await opened.pool.take(noAbort());
    await first.giveBack({ broken: new GatehouseError('NO_ANSWER', 'late') });
    expect(states(opened)).toEqual(['lent']);
    expect(second.session.connected).toBe(true);
    await second.giveBack('home');
  });
});

describe('the sessions', () => {
  it('are no more than the settings say, though there are more user ids', within, async () => {
    const { pool, host } = await ground('telnet', 4, { pool: { sessions: 2 } });
    const lent = [await pool.take(noAbort()), await pool.take(noAbort())];
    const third = pool.take(noAbort());
    expect(pool.status().waiting).toBe(1);
    expect(host.sessions().attached).toBe(2);
    await lent[0]?.giveBack('home');
    await (await third).giveBack('home');
    await lent[1]?.giveBack('home');
    expect(host.signOns()).toHaveLength(2);
  });

  it('are logged off and opened anew after their uses', within, async () => {
    const { pool, host } = await ground('telnet', 1, { pool: { maxUses: 2 } });
    for (let call = 0; call < 5; call += 1) await (await pool.take(noAbort())).giveBack('home');
    expect(host.signOns().map(({ is }) => is)).toEqual(['welcome', 'welcome', 'welcome']);
  });

  it('are logged off when they are too old, or when nobody needs them, and not before', within, async () => {
    const clock = new ManualClock();
    const opened = await ground('telnet', 1, { clock, pool: { idleMs: 60_000, maxAgeMs: 100_000 }, settings: { keepaliveMs: 0 } });
    const use = async (): Promise<void> => (await opened.pool.take(noAbort())).giveBack('home');
    await use();
    clock.advance(59_000);
    expect(states(opened)).toEqual(['idle']);
    await use();
    clock.advance(40_900);
    expect(states(opened)).toEqual(['idle']);
    expect(opened.pool.status().sessions[0]).toMatchObject({ uses: 2, ageMs: 99_900 });
    clock.advance(100);
    await expect.poll(() => states(opened), eventually).toEqual(['closed']);
    await use();
    clock.advance(60_000);
    await expect.poll(() => states(opened), eventually).toEqual(['closed']);
    expect(opened.host.sessions()).toEqual({ attached: 0, held: 0 });
    expect(opened.host.signOns()).toHaveLength(2);
  });

  it('of a call that never gives back are cut off at a stop', within, async () => {
    const opened = await ground('telnet', 2, { pool: { logOffTimeoutMs: 100 } });
    const idle = await opened.pool.take(noAbort());
    const kept = await opened.pool.take(noAbort());
    await idle.giveBack('home');
    await opened.pool.close();
    expect(kept.session.connected).toBe(false);
    await expect.poll(() => opened.host.sessions(), eventually).toEqual({ attached: 0, held: 1 });
  });

  it('with one user id twice are a mistake of the configuration', within, async () => {
    const host = await PracticeStockroom.start();
    open.push(host);
    expect(await codeOf(openPool('telnet', host, { users: ['GATE1', 'gate1'] }))).toBe('CONFIG_INVALID');
  });
});
