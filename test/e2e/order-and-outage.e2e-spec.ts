import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, type OutgoingEvent } from '../../src/contract/bus.ts';
import { type Link, type Transport } from '../../src/contract/transport.ts';
import { OpenInterval, OpeningHours } from '../../src/contract/settings.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { type Code, Told, adapterWith, ask, reserve, startDepotRig } from '../support/depot.ts';
import { type Rig, eventOf } from '../support/gateway.ts';
import { ManualClock } from '../support/manual-clock.ts';

let depot: PracticeDepot;
beforeEach(async () => {
  depot = await PracticeDepot.start();
});
afterEach(() => depot.close());

const refs = (): string[] => depot.ledger().map(({ ref }) => ref);
const by = (translationId: string, key: string) => ({ translationId, key, version: null, who: 'ann', why: 'a reason' });

/** A wall clock that can be set. */
class SettableClock extends SystemClock {
  offsetMs = 0;
  override wallMs(): number {
    return super.wallMs() + this.offsetMs;
  }
}

/** What stands where one of `changes` stands is it; all else is the target's. */
function changed<T extends object>(target: T, changes: Partial<Record<keyof T, unknown>>): T {
  return new Proxy(target, {
    get: (object, property) => {
      const value: unknown = changes[property as keyof T] ?? Reflect.get(object, property, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

describe('order', () => {
  it('rule 17: translations of one key run one after the other in order of arrival, other keys beside them', async () => {
    depot.fault({ kind: 'busy', matching: 'k1-03', times: 2 });
    await using rig = await startDepotRig(depot, adapterWith(reserve, { keyed: true }), { settings: { concurrency: 8 } });
    for (let n = 0; n < 12; n += 1) for (const group of ['k1', 'k2']) await ask(rig, `${group}-${String(n).padStart(2, '0')}`, { group });
    await rig.settled();
    for (const group of ['k1', 'k2'])
      expect(refs().filter((ref) => ref.startsWith(group))).toEqual(Array.from({ length: 12 }, (_, n) => `${group}-${String(n).padStart(2, '0')}`));
  });

  it('rule 17: a parked one holds those behind it, visibly, until a person discards it or lets them by', async () => {
    const code: Code = (event, system) => {
      if (event.ref.startsWith('bad')) throw new Error('bad');
      return reserve(event, system);
    };
    await using rig = await startDepotRig(depot, adapterWith(code, { keyed: true }));
    const [bad1, , bad2] = [
      await ask(rig, 'bad-1', { group: 'k' }),
      await ask(rig, 'next', { group: 'k' }),
      await ask(rig, 'bad-2', { group: 'k' }),
      await ask(rig, 'last', { group: 'k' }),
    ];
    await expect.poll(async () => (await rig.rows({ states: ['parked'] })).length).toBe(1);
    expect((await rig.rows({ states: ['received'] })).map(({ behind }) => behind)).toEqual([bad1, bad1, bad1]);
    expect(refs()).toEqual([]);
    await rig.gateway.desk.act(by(bad1 ?? '', 'd'), { kind: 'discard' });
    await expect.poll(async () => (await rig.rows({ states: ['parked'] })).length).toBe(1);
    expect(refs()).toEqual(['next']);
    await rig.gateway.desk.act(by(bad2 ?? '', 'p'), { kind: 'pass' });
    await rig.settled();
    expect(refs()).toEqual(['next', 'last']);
  });

  it('rule 17: whenParked pass lets the next one by itself; a key that cannot be read parks and holds nothing', async () => {
    const code: Code = (event, system) => {
      if (event.ref.startsWith('bad')) throw new Error('bad');
      return reserve(event, system);
    };
    await using rig = await startDepotRig(depot, adapterWith(code, { keyed: true, whenParked: 'pass' }));
    await ask(rig, 'bad', { group: 'k' });
    await ask(rig, 'good', { group: 'k' });
    const unreadable = await ask(rig, 'keyless');
    await rig.settled();
    expect(refs()).toEqual(['good']);
    expect((await rig.story(unreadable)).translation.failure?.code).toBe('KEY_UNREADABLE');
  });

  it('rule 18: 100,000 behind one key cost the others nothing', async () => {
    await using rig = await startDepotRig(depot, adapterWith(reserve, { keyed: true }), { settings: { backlogWaiting: 1_000_000 } });
    depot.fault({ kind: 'slow', matching: 'head', ms: 250, times: 1 });
    await rig.gateway.desk.hold('depot', '', 'ann', 'while it fills');
    await ask(rig, 'head', { group: 'crowd' });
    for (let page = 0; page < 100; page += 1)
      await rig.gateway.intake.post(Array.from({ length: 1_000 }, (_, n) => eventOf('test.asked.v1', { ref: `c-${page}-${n}`, group: 'crowd' })));
    await ask(rig, 'other', { group: 'other' });
    const behind = rig.journal.tallies().find(({ detail }) => detail === 'behind')?.count;
    expect(behind).toBe(100_000);
    // What is asked for when a slot is free looks at two ready rows, not at a hundred thousand.
    await rig.gateway.desk.resume('depot', '', 'ann', 'go');
    await expect.poll(() => refs().includes('other')).toBe(true);
    expect(refs().indexOf('other')).toBeLessThan(20);
  });
});

describe('outages', () => {
  it.each([
    ['refuses connections', async () => depot.stop(), async () => depot.reopen()],
    ['accepts and never answers', async () => depot.fault({ kind: 'silent' }), async () => depot.clear()],
    ['refuses every request', async () => depot.fault({ kind: 'drop-before' }), async () => depot.clear()],
  ])('rule 23: while the system %s, attempts stay 1 and nothing is parked; all is done after it heals', async (_what, breaks, heals) => {
    await using rig = await startDepotRig(depot, adapterWith(reserve), { settings: { callTimeoutMs: 1_000, settleMs: 20 } });
    await ask(rig, 'warm');
    await rig.settled();
    await breaks();
    await rig.gateway.intake.post(Array.from({ length: 500 }, (_, n) => eventOf('test.asked.v1', { ref: `o-${n}` })));
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability).toBe('down');
    await heals();
    await rig.settled(60_000);
    const states = rig.journal.tallies().map(({ state, count }) => `${count} ${state}`);
    expect(states).toEqual(['501 published']);
    expect(new Set(refs()).size).toBe(refs().length);
    expect((await rig.rows()).filter(({ attempts }) => attempts !== 1)).toEqual([]);
  });

  it('rule 23: a run that waits for a system which was opened before the wait was written does not wait for ever', async () => {
    let first = true;
    let rig: Rig | null = null;
    const overtaken = (transport: Transport): Transport =>
      changed(transport, {
        open: async (surroundings: Parameters<Transport['open']>[0]) => {
          const link = await transport.open(surroundings);
          return changed(link, {
            exchange: async (...args: Parameters<Link['exchange']>) => {
              if (!first) return link.exchange(...args);
              first = false;
              await rig?.gateway.desk.hold('depot', '', 'ann', 'a moment');
              const outcome = await link.exchange(...args);
              await rig?.gateway.desk.resume('depot', '', 'ann', 'it is over');
              return outcome;
            },
          });
        },
      });
    await using held = await startDepotRig(depot, adapterWith(reserve), { wrap: { transport: overtaken } });
    rig = held;
    const id = await ask(held, 'A');
    await held.settled();
    expect((await held.story(id)).translation).toMatchObject({ state: 'published', runs: 2 });
    expect(refs()).toEqual(['A']);
  });

  it('rule 23: a poison event that trips the breaker is parked in the end, and the others go on', async () => {
    depot.fault({ kind: 'busy', matching: 'poison' });
    await using rig = await startDepotRig(depot, adapterWith(reserve), { settings: { breaker: { failures: 2, probeMs: 20, maxProbeMs: 40 } } });
    const poison = await ask(rig, 'poison');
    for (let n = 0; n < 30; n += 1) await ask(rig, `fine-${n}`);
    await rig.settled();
    expect((await rig.story(poison)).translation.failure?.code).toBe('RETRIES_EXHAUSTED');
    expect(refs()).toHaveLength(30);
  });

  it('rule 24: a password that expires with 1,000 in flight holds the system, parks nothing, and is tried no further', async () => {
    await using rig = await startDepotRig(depot, adapterWith(reserve), { settings: { concurrency: 10 } });
    depot.password = 'changed';
    await rig.gateway.intake.post(Array.from({ length: 1_000 }, (_, n) => eventOf('test.asked.v1', { ref: `p-${n}` })));
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability).toBe('held');
    await expect.poll(() => rig.gateway.desk.systems()[0]?.running).toBe(0);
    expect(rig.journal.tallies().filter(({ state }) => state === 'parked')).toEqual([]);
    depot.password = 'practice';
    await rig.gateway.desk.resume('depot', '', 'ann', 'password put right');
    await rig.settled(60_000);
    expect(refs()).toHaveLength(1_000);
  });
});

describe('clocks', () => {
  it.each([86_400_000, -86_400_000])(
    'rule 37: the wall clock jumping by %i ms makes no probe believe too early and no retry wait a day',
    async (jumpMs) => {
      const clock = new SettableClock();
      await using rig = await startDepotRig(depot, adapterWith(reserve), { clock, settings: { callTimeoutMs: 200, settleMs: 400 } });
      depot.fault({ kind: 'commit-late', matching: 'late', ms: 300, times: 1 });
      depot.fault({ kind: 'busy', matching: 'again', times: 1 });
      const ids = [await ask(rig, 'late'), await ask(rig, 'again')];
      await expect.poll(() => depot.faultsLeft()).toBe(0);
      clock.offsetMs = jumpMs;
      await rig.settled();
      await depot.caughtUp();
      for (const id of ids) expect((await rig.story(id)).translation.state).toBe('published');
      expect(refs().sort()).toEqual(['again', 'late']);
    },
  );
});

describe('politeness', () => {
  it('rule 36: outside its hours nothing leaves and nothing is used up; when they begin, everything goes', async () => {
    const clock = new ManualClock();
    clock.jumpWall(Date.parse('2026-11-20T06:59:58.500Z') - clock.wallMs());
    const hours = Object.assign(new OpeningHours(), {
      zone: 'Europe/Berlin',
      weekly: [Object.assign(new OpenInterval(), { days: ['fri'], from: '08:00', to: '18:00' })],
    });
    await using rig = await startDepotRig(depot, adapterWith(reserve), { clock, settings: { hours } });
    for (let n = 0; n < 5; n += 1) await ask(rig, `h-${n}`);
    expect(rig.gateway.desk.systems()[0]).toMatchObject({ availability: 'closed', untilMs: Date.parse('2026-11-20T07:00:00Z') });
    expect(refs()).toEqual([]);
    clock.advance(1_500);
    await rig.settled();
    expect(refs()).toHaveLength(5);
    expect((await rig.rows()).every(({ attempts }) => attempts === 1)).toBe(true);
  });

  it('rule 36: a call leaves only if its deadline falls before closing', async () => {
    const clock = new SettableClock();
    clock.offsetMs = Date.parse('2026-11-20T16:59:59.900Z') - Date.now();
    const hours = Object.assign(new OpeningHours(), {
      zone: 'Europe/Berlin',
      weekly: [Object.assign(new OpenInterval(), { days: ['fri'], from: '08:00', to: '18:00' })],
    });
    await using rig = await startDepotRig(depot, adapterWith(reserve), { clock, settings: { hours } });
    await ask(rig, 'too-late');
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability).toBe('closed');
    expect(refs()).toEqual([]);
    expect(rig.journal.tallies()).toMatchObject([{ state: 'received', count: 1 }]);
  });

  it('rule 31: when the backlog of a system is full, the door says so and stores nothing; held ones go on when it is resumed', async () => {
    await using rig = await startDepotRig(depot, adapterWith(reserve), { settings: { backlog: 5 } });
    await rig.gateway.desk.hold('depot', '', 'ann', 'maintenance');
    for (let n = 0; n < 5; n += 1) await ask(rig, `b-${n}`);
    await expect(ask(rig, 'one too many')).rejects.toMatchObject({ code: 'BACKLOG_FULL' });
    expect(await rig.rows()).toHaveLength(5);
    await rig.gateway.desk.resume('depot', '', 'ann', 'done');
    await rig.settled();
    await ask(rig, 'fits again');
    await rig.settled();
    expect(refs()).toHaveLength(6);
  });
});

describe('people and races', () => {
  it('rule 21: an action under the same key happens once; one on an old version is told CHANGED', async () => {
    await using rig = await startDepotRig(
      depot,
      adapterWith(() => Promise.reject(new Error('no'))),
    );
    const id = await ask(rig, 'A');
    await rig.settled();
    const { version } = (await rig.story(id)).translation;
    const first = await rig.gateway.desk.act({ ...by(id, 'same'), version }, { kind: 'discard' });
    const again = await rig.gateway.desk.act({ ...by(id, 'same'), version }, { kind: 'discard' });
    expect([first.repeated, again.repeated, again.state]).toEqual([false, true, 'discarded']);
    await expect(rig.gateway.desk.act({ ...by(id, 'other'), version }, { kind: 'retry' })).rejects.toMatchObject({ code: 'CHANGED' });
    await expect(rig.gateway.desk.act(by(id, 'third'), { kind: 'retry' })).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
    await expect(rig.gateway.desk.act({ ...by(id, 'x'), why: ' ' }, { kind: 'retry' })).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
    expect((await rig.story(id)).actions).toHaveLength(1);
  });

  it('rule 41: discard may publish a declared reply; a replay is a translation of its own with lineage', async () => {
    let broken = true;
    await using rig = await startDepotRig(
      depot,
      adapterWith((event, system) => (broken ? Promise.reject(new Error('no')) : reserve(event, system))),
    );
    const id = await ask(rig, 'A');
    await rig.settled();
    await expect(rig.gateway.desk.act(by(id, 'd0'), { kind: 'discard', reply: { type: 'test.other.v1', data: {} } })).rejects.toMatchObject({
      code: 'REPLY_INVALID',
    });
    await rig.gateway.desk.act(by(id, 'd1'), { kind: 'discard', reply: { type: 'test.told.v1', data: { text: 'sorry' } } });
    broken = false;
    const replay = await rig.gateway.desk.act(by(id, 'r'), { kind: 'replay', data: { ref: 'edited' } });
    await rig.settled();
    await expect.poll(async () => (await rig.replies()).length).toBe(2);
    expect(replay.translationId).not.toBe(id);
    expect((await rig.story(id)).replays).toEqual([replay.translationId]);
    expect((await rig.story(replay.translationId)).translation).toMatchObject({ state: 'published', replayOf: id });
    expect(refs()).toEqual(['edited']);
  });

  it('rule 19: a reply the bus will not take parks its own translation, and the rest goes on', async () => {
    let refusing = true;
    const picky = (bus: Bus): Bus =>
      new Proxy(bus, {
        get: (target, property) => {
          if (property === 'publish')
            return async (event: OutgoingEvent) =>
              refusing && Buffer.from(event.event.data).toString().includes('big')
                ? { end: 'refused', reason: 'too large for the bus' }
                : target.publish(event);
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    await using rig = await startDepotRig(
      depot,
      adapterWith(({ ref }) => new Told(ref)),
      { wrap: { bus: picky } },
    );
    const big = await ask(rig, 'big');
    for (let n = 0; n < 20; n += 1) await ask(rig, `r-${n}`);
    await rig.settled();
    expect((await rig.story(big)).translation.failure?.code).toBe('UNPUBLISHABLE');
    expect(await rig.replies()).toHaveLength(20);
    refusing = false;
    await rig.gateway.desk.act(by(big, 'r'), { kind: 'retry' });
    await rig.settled();
    expect((await rig.story(big)).translation.state).toBe('published');
  });

  it('rule 34: an event that has passed more than 50 translations is parked as a loop', async () => {
    await using rig = await startDepotRig(depot, adapterWith(reserve));
    const id = await rig.post('test.asked.v1', { ref: 'A' }, { gatehousehops: '51' });
    await rig.settled();
    expect((await rig.story(id)).translation.failure?.code).toBe('LOOP');
  });
});
