import { type Clock } from '../../src/contract/clock.ts';
import { type TerminalPool } from '../../src/transports/terminal/pool/session-pool.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { type StockroomOptions, PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { type Lent } from '../../src/transports/terminal/pool/landmarks.ts';
import { type Happening } from '../../src/transports/terminal/terminal.driver.ts';
import { mainframeLandmarks, stockroomLandmarks } from '../support/landmarks.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { need } from '../support/needs.ts';
import { type OpenedPool, type PoolOptions, type Protocol, noAbort, openPool } from '../support/pools.ts';

const within = { timeout: 60_000 };
const eventually = { timeout: 60_000, interval: 10 };
const users = (count: number): string[] => Array.from({ length: count }, (_, at) => `GATE${String(at + 1).padStart(2, '0')}`);

type Host = PracticeStockroom | PracticeMainframe;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function hostFor(protocol: Protocol, options: StockroomOptions = {}): Promise<Host> {
  if (protocol === 'tn3270') need('s3270', 's3270');
  const host = await (protocol === 'tn3270' ? PracticeMainframe : PracticeStockroom).start(options);
  open.push(host);
  return host;
}

async function poolFor(protocol: Protocol, host: Host, options: PoolOptions = {}): Promise<OpenedPool> {
  const opened = await openPool(protocol, host, options);
  open.push({ close: () => closing(opened.pool, options.clock) });
  return opened;
}

/** Waits are over only when a clock that is moved by hand is moved. */
async function closing(pool: TerminalPool, clock?: Clock): Promise<void> {
  let closed = false;
  const done = pool.close().finally(() => (closed = true));
  if (clock instanceof ManualClock) await expect.poll(() => (clock.advance(100), closed), eventually).toBe(true);
  await done;
}

const states = ({ pool }: OpenedPool): string[] => pool.status().sessions.map(({ state }) => state);
const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof GatehouseError ? error.code : String(error)),
  );

const marksOf = (protocol: Protocol) => (protocol === 'tn3270' ? mainframeLandmarks : stockroomLandmarks);

/** Into the enquiry, where a call may break. */
async function wander(protocol: Protocol, { session }: Lent): Promise<void> {
  const [choice, title] = protocol === 'tn3270' ? [{ row: 15, column: 25 }, 'CU20'] : [{ row: 15, column: 27 }, 'SR20'];
  await session.type('1', { name: 'choice', at: choice, width: 1 });
  await session.press('enter');
  const { end, why } = await session.wait({ name: title, anchors: [{ text: title, at: { row: 1, column: 2 } }] }, 10_000);
  if (end !== 'met') throw new Error(why);
}

describe.each(['ssh', 'telnet', 'tn3270'] as const)('the session pool over %s', (protocol) => {
  it('lends one session at home to one call at a time, and the same one again', within, async () => {
    const host = await hostFor(protocol);
    const opened = await poolFor(protocol, host);
    expect(states(opened)).toEqual(['closed']);
    const first = await opened.pool.take(noAbort());
    expect(marksOf(protocol).place(first.session.screen()).kind).toBe('home');
    expect(states(opened)).toEqual(['lent']);
    const second = opened.pool.take(noAbort());
    expect(opened.pool.status().waiting).toBe(1);
    await first.giveBack('home');
    expect((await second).session).toBe(first.session);
    await (await second).giveBack('home');
    expect(host.signOns()).toHaveLength(1);
    expect(opened.pool.status().sessions[0]).toMatchObject({ user: 'gatehouse', state: 'idle', uses: 2, error: null });
  });

  it('rule 10: what a call left elsewhere is brought home before it is lent again, also when it was said to be at home', within, async () => {
    const host = await hostFor(protocol);
    const { pool } = await poolFor(protocol, host);
    for (const how of ['home', { broken: new GatehouseError('SCREEN_UNEXPECTED', 'lost') }] as const) {
      const lent = await pool.take(noAbort());
      await wander(protocol, lent);
      await lent.giveBack(how);
      const next = await pool.take(noAbort());
      expect(marksOf(protocol).place(next.session.screen()).kind).toBe('home');
      await next.giveBack('home');
    }
    expect(host.signOns()).toHaveLength(1);
  });

  it('a message that came while it was idle is gone when it is lent', within, async () => {
    const host = await hostFor(protocol);
    const { pool } = await poolFor(protocol, host);
    const before = await pool.take(noAbort());
    await before.giveBack('home');
    host.broadcast('BACK AT NOON');
    // A 3270 shows it when it is asked.
    if (protocol !== 'tn3270') await expect.poll(() => before.session.screen().text(), eventually).toContain('BACK AT NOON');
    const lent = await pool.take(noAbort());
    expect(lent.session.screen().text()).not.toContain('BACK AT NOON');
    expect(marksOf(protocol).place(lent.session.screen()).kind).toBe('home');
    await lent.giveBack('home');
    expect(host.signOns()).toHaveLength(1);
  });

  it('logs off in order at a stop, what is idle at once and what is lent when it comes back', within, async () => {
    const host = await hostFor(protocol, { users: users(2) });
    const opened = await poolFor(protocol, host, { users: users(2) });
    const lent = [await opened.pool.take(noAbort()), await opened.pool.take(noAbort())];
    await lent[0]?.giveBack('home');
    const closed = opened.pool.close();
    expect(await codeOf(opened.pool.take(noAbort()))).toBe('STOPPING');
    await lent[1]?.giveBack('home');
    await closed;
    expect(host.sessions()).toEqual({ attached: 0, held: 0 });
    expect(opened.memory.values.size).toBe(0);
  });

  it('after the host was down the next call has a session, and until then each says that it is unreachable', within, async () => {
    const host = await hostFor(protocol);
    const opened = await poolFor(protocol, host);
    await (await opened.pool.take(noAbort())).giveBack('home');
    await host.stop();
    if (protocol !== 'tn3270') await expect.poll(() => states(opened), eventually).toEqual(['closed']);
    // The program s3270 may hear of it a moment later.
    const taken = (): Promise<void> => opened.pool.take(noAbort()).then((lent) => lent.giveBack('home'));
    await expect.poll(() => codeOf(taken()), eventually).toBe('UNREACHABLE');
    expect(await codeOf(opened.pool.check(noAbort()))).toBe('UNREACHABLE');
    await host.reopen();
    await (await opened.pool.take(noAbort())).giveBack('home');
    expect(states(opened)).toEqual(['idle']);
    expect(host.signOns().map(({ is }) => is)).toEqual(['welcome', 'welcome']);
  });

  it('a half-open session is found by its keepalive and closed, and the next call has one', within, async () => {
    const host = await hostFor(protocol);
    const clock = new ManualClock();
    const opened = await poolFor(protocol, host, {
      clock,
      pool: { keepaliveMs: 60_000, keepaliveKey: 'enter', recoverTimeoutMs: 2_000 },
      settings: { keepaliveMs: 0 },
    });
    await (await opened.pool.take(noAbort())).giveBack('home');
    clock.advance(60_000);
    await expect.poll(() => states(opened), eventually).toEqual(['idle']);
    expect(host.faultsLeft()).toBe(0);
    host.fault({ kind: 'half-open', times: 1 });
    clock.advance(60_000);
    await expect.poll(() => host.faultsLeft(), eventually).toBe(0);
    await expect.poll(() => (clock.advance(250), states(opened)), eventually).toEqual(['closed']);
    await (await opened.pool.take(noAbort())).giveBack('home');
    expect(host.signOns().map(({ is }) => is)).toEqual(['welcome', 'held']);
  });

  it('observers see the session from what stands on, and only while it is theirs', within, async () => {
    const host = await hostFor(protocol);
    const { pool } = await poolFor(protocol, host);
    const seen: Happening[] = [];
    const first = await pool.take(noAbort());
    first.observe((happening) => void seen.push(happening));
    expect(seen.map(({ kind }) => kind)).toEqual(['opened', 'screen']);
    await first.session.press('f9');
    expect(seen.map(({ kind }) => kind)).toContain('pressed');
    await first.giveBack('home');
    const second = await pool.take(noAbort());
    const before = seen.length;
    await wander(protocol, second);
    await second.giveBack('home');
    expect(seen).toHaveLength(before);
    expect(() => first.observe(() => undefined)).toThrow('given back before');
  });
});
