import { once } from 'node:events';
import { type AddressInfo, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { FleetingMemory } from '../support/fleeting-memory.ts';
import { hostKey } from '../support/host-key.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { need } from '../support/needs.ts';
import { type OpenedPool, type PoolOptions, noAbort, openPool } from '../support/pools.ts';

const eventually = { timeout: 60_000, interval: 5 };
const within = { timeout: 60_000 };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function stockroom(options: Parameters<typeof PracticeStockroom.start>[0] = {}): Promise<PracticeStockroom> {
  const host = await PracticeStockroom.start(options);
  open.push(host);
  return host;
}

/** Time goes on by itself until it is done. */
async function passing<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let done = false;
  const settled = work.finally(() => (done = true));
  settled.catch(() => undefined);
  await expect.poll(() => (clock.advance(50), done), eventually).toBe(true);
  return settled;
}

async function poolOf(
  host: PracticeStockroom | PracticeMainframe,
  options: PoolOptions = {},
  protocol: 'ssh' | 'telnet' | 'tn3270' = 'telnet',
): Promise<OpenedPool> {
  const opened = await openPool(protocol, host, options);
  const { clock } = options;
  open.push({ close: () => (clock instanceof ManualClock ? passing(clock, opened.pool.close()) : opened.pool.close()) });
  return opened;
}

const errorOf = async (promise: Promise<unknown>): Promise<GatehouseError> =>
  promise.then(
    () => new GatehouseError('DEFECT', 'it did not fail'),
    (error: unknown) => error as GatehouseError,
  );
const codeOf = async (promise: Promise<unknown>): Promise<string> => (await errorOf(promise)).code;
/** For a door that is none of the practice systems'. */
const { key: doorKey, print: doorPrint } = hostKey();
const outcomes = (host: PracticeStockroom | PracticeMainframe): string[] => host.signOns().map(({ is }) => is);

describe('a wrong password', () => {
  it.each(['telnet', 'tn3270'] as const)('is tried once over %s, by many calls and over restarts, until it is changed', within, async (protocol) => {
    if (protocol === 'tn3270') need('s3270', 's3270');
    const host = await (protocol === 'tn3270' ? PracticeMainframe : PracticeStockroom).start();
    open.push(host);
    const first = await poolOf(host, { password: 'wrong-one' }, protocol);
    const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(first.pool.take(noAbort()))));
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'CREDENTIALS_REFUSED'));
    expect([await codeOf(first.pool.take(noAbort())), await codeOf(first.pool.check(noAbort()))]).toEqual([
      'CREDENTIALS_REFUSED',
      'CREDENTIALS_REFUSED',
    ]);
    expect(first.pool.fault?.class).toBe('system');
    await first.pool.close();

    const second = await poolOf(host, { password: 'wrong-one', memory: first.memory }, protocol);
    expect(second.pool.fault?.code).toBe('CREDENTIALS_REFUSED');
    expect(second.pool.status().sessions[0]?.state).toBe('refused');
    expect(await codeOf(second.pool.take(noAbort()))).toBe('CREDENTIALS_REFUSED');
    expect(outcomes(host)).toEqual(['wrong-password']);

    const third = await poolOf(host, { memory: first.memory }, protocol);
    expect(third.pool.fault).toBeNull();
    await (await third.pool.take(noAbort())).giveBack('home');
    expect(outcomes(host)).toEqual(['wrong-password', 'welcome']);
  });

  it('is tried once more when a person resumes the system', within, async () => {
    const host = await stockroom();
    const { pool } = await poolOf(host, { password: 'wrong-one' });
    await codeOf(pool.take(noAbort()));
    await pool.resumed();
    expect(pool.fault).toBeNull();
    await Promise.all([1, 2, 3].map(() => codeOf(pool.take(noAbort()))));
    expect(outcomes(host)).toHaveLength(2);
    host.password = 'wrong-one';
    await pool.resumed();
    await (await pool.take(noAbort())).giveBack('home');
    expect(pool.status()).toMatchObject({ logIns: 1, failedLogIns: 2 });
  });

  it('of twenty user ids is tried for one of them', within, async () => {
    const users = Array.from({ length: 20 }, (_, at) => `GATE${at}`);
    const host = await stockroom({ users });
    const { pool } = await poolOf(host, { password: 'wrong-one', users });
    const codes = await Promise.all(users.map(() => codeOf(pool.take(noAbort()))));
    expect(new Set(codes)).toEqual(new Set(['CREDENTIALS_REFUSED']));
    expect(host.signOns()).toEqual([{ user: 'gate0', is: 'wrong-password' }]);
  });

  it('over which the door of SSH drops the line without a word is an unclear log-in: two a day, also over restarts', within, async () => {
    let shown = 0;
    const door = new ssh2.Server({ hostKeys: [doorKey] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (context) => {
        if (context.method === 'none') return context.reject(['password', 'keyboard-interactive']);
        shown += 1;
        return (client as unknown as { _sock: Socket })._sock.destroy();
      });
    }).listen(0, '127.0.0.1');
    await once(door, 'listening');
    open.push({ close: async () => void door.close() });
    const clock = new ManualClock();
    const options = { clock, settings: { port: (door.address() as AddressInfo).port, hostKeys: [doorPrint] } };
    const host = await stockroom();
    const first = await poolOf(host, options, 'ssh');
    for (let n = 0; n < 3; n += 1) {
      expect(await codeOf(first.pool.take(noAbort()))).toBe('NO_SESSION');
      clock.advance(3_600_000);
    }
    expect(shown).toBe(2);
    await first.pool.close();
    const second = await poolOf(host, { ...options, memory: first.memory }, 'ssh');
    expect(await codeOf(second.pool.take(noAbort()))).toBe('NO_SESSION');
    expect(shown).toBe(2);
    clock.advance(86_400_000);
    expect(await codeOf(second.pool.take(noAbort()))).toBe('NO_SESSION');
    expect(shown).toBe(3);
  });

  it('at the door of SSH is shown once, and then not even when the host is away', within, async () => {
    const host = await stockroom();
    const first = await poolOf(host, { password: 'wrong-one' }, 'ssh');
    expect(await codeOf(first.pool.take(noAbort()))).toBe('CREDENTIALS_REFUSED');
    await host.stop();
    expect(await codeOf(first.pool.take(noAbort()))).toBe('CREDENTIALS_REFUSED');
    expect((await poolOf(host, { password: 'wrong-one', memory: first.memory }, 'ssh')).pool.fault).not.toBeNull();
    const other = await poolOf(host, { memory: first.memory }, 'ssh');
    expect(await codeOf(other.pool.take(noAbort()))).toBe('UNREACHABLE');
    expect(first.memory.values.size).toBe(0);
  });

  it('that nobody configured is a fault of the system, and nothing is typed', within, async () => {
    const host = await stockroom();
    const { pool } = await poolOf(host, { settings: { users: [], user: 'gatehouse' } });
    expect((await errorOf(pool.take(noAbort()))).message).toContain('none is configured');
    expect(outcomes(host)).toEqual([]);
  });
});

describe('a log-in that leads to no session', () => {
  it('rests longer each time while the user id is still logged on, and never asks earlier', within, async () => {
    const host = await stockroom({ held: 'refuse', holdMs: 3_600_000 });
    const clock = new ManualClock();
    const { pool } = await poolOf(host, { clock, pool: { whenLoggedOn: 'wait', logInWaitMs: 10_000, logOffTimeoutMs: 100 } });
    const lent = await passing(clock, pool.take(noAbort()));
    host.cut();
    await expect.poll(() => lent.session.connected, eventually).toBe(false);
    await lent.giveBack({ broken: new GatehouseError('UNREACHABLE', 'cut') });
    await expect.poll(() => pool.status().sessions[0]?.state).toBe('closed');
    for (const waitMs of [10_000, 20_000, 40_000]) {
      const error = await errorOf(passing(clock, pool.take(noAbort())));
      expect(error.code).toBe('NO_SESSION');
      expect(error.native).toBe('SR-014');
      const tried = host.signOns().length;
      clock.advance(waitMs - 5_000);
      expect((await errorOf(pool.take(noAbort()))).message).toContain('is not logged in again before');
      expect(pool.status().sessions[0]?.state).toBe('resting');
      expect(host.signOns()).toHaveLength(tried);
      clock.advance(5_000);
    }
    expect(outcomes(host)).toEqual(['welcome', 'held', 'held', 'held']);
  });

  it('without a clear end is made twice a day at most, over restarts, and again the day after', within, async () => {
    const host = await stockroom({ held: 'ask' });
    const clock = new ManualClock();
    const memory = new FleetingMemory();
    const options = { clock, memory, pool: { logInWaitMs: 1_000 } };
    host.fault({ kind: 'drop-before', screen: 'sign-on' });
    for (let restart = 0; restart < 4; restart += 1) {
      const { pool } = await poolOf(host, options);
      expect(['NO_SESSION', 'UNREACHABLE']).toContain(await codeOf(passing(clock, pool.take(noAbort()))));
      clock.advance(60_000);
    }
    host.clear();
    const { pool } = await poolOf(host, options);
    expect((await errorOf(pool.take(noAbort()))).message).toContain('2 log-ins in 24 hours have had no clear end');
    expect(outcomes(host)).toEqual([]);
    clock.advance(86_400_000);
    await (await passing(clock, pool.take(noAbort()))).giveBack('home');
    expect(outcomes(host)).toEqual(['welcome']);
    expect(memory.values.size).toBe(0);
  });

  it('of one user id leaves a call to the next that is free', within, async () => {
    const users = ['GATE1', 'GATE2'];
    const host = await stockroom({ users });
    host.fault({ kind: 'session-limit', times: 1 });
    const { pool } = await poolOf(host, { users });
    const lent = await pool.take(noAbort());
    expect(lent.user).toBe('GATE2');
    expect(pool.status().sessions.map(({ state }) => state)).toEqual(['resting', 'lent']);
    await lent.giveBack('home');
  });

  it('as every user id has reached its limit, says so to each call that waits', within, async () => {
    const users = ['GATE1', 'GATE2'];
    const host = await stockroom({ users });
    host.fault({ kind: 'session-limit' });
    const { pool } = await poolOf(host, { users });
    const codes = await Promise.all([1, 2, 3].map(() => codeOf(pool.take(noAbort()))));
    expect(codes).toEqual(['NO_SESSION', 'NO_SESSION', 'NO_SESSION']);
    expect(host.signOns()).toHaveLength(0);
  });
});
