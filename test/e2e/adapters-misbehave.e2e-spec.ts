import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { type Code, Told, adapterWith, ask, reserve, startDepotRig } from '../support/depot.ts';
import { type Rig } from '../support/gateway.ts';

let depot: PracticeDepot;
beforeEach(async () => {
  depot = await PracticeDepot.start();
});
afterEach(() => depot.close());

async function parkedBy(code: Code, prepare: () => void = () => undefined): Promise<string> {
  await using rig = await startDepotRig(depot, adapterWith(code));
  prepare();
  const id = await ask(rig, 'A');
  await rig.settled();
  const { translation, replies } = await rig.story(id);
  expect(replies).toEqual([]);
  return `${translation.state} ${translation.failure?.code}`;
}

describe('adapter code that does what it must not', () => {
  it('rule 2: catching everything turns no doubt into a refusal', async () => {
    const code: Code = async ({ ref }, system) => {
      try {
        await system.call('Order', { ref, sku: 'BOLT' });
        return new Told('done');
      } catch {
        return new Told('refused, says the adapter');
      } finally {
        await Promise.resolve();
      }
    };
    expect(await parkedBy(code, () => depot.fault({ kind: 'commit-then-drop' }))).toBe('parked IN_DOUBT');
  });

  it('rule 2: a race between a call and anything else is a defect, not an answer', async () => {
    expect(
      await parkedBy(async ({ ref }, system) => Promise.race([reserve({ ref: `${ref}-1` }, system), reserve({ ref: `${ref}-2` }, system)])),
    ).toBe('parked CALL_LEFT_OPEN');
    expect(await parkedBy(async (event, system) => Promise.race([reserve(event, system), Promise.resolve(new Told('early'))]))).toBe(
      'parked CALL_LEFT_OPEN',
    );
  });

  it('rule 4: a forgotten await is parked; its answer stays, and the retry after the fix does not call again', async () => {
    const forgetful = await startDepotRig(
      depot,
      adapterWith((event, system) => {
        void reserve(event, system);
        return new Told('too early');
      }),
    );
    const id = await ask(forgetful, 'F');
    await forgetful.settled();
    expect((await forgetful.story(id)).translation.failure?.code).toBe('CALL_LEFT_OPEN');
    await forgetful.stop();
    const before = depot.ledger().length;
    await using fixed = await startDepotRig(depot, adapterWith(reserve), { folder: forgetful.folder });
    await fixed.gateway.desk.act({ key: 'k', translationId: id, version: null, who: 'ann', why: 'fixed' }, { kind: 'retry' });
    await fixed.settled();
    expect((await fixed.story(id)).translation.state).toBe('published');
    expect(depot.ledger().length).toBe(Math.max(before, 1));
  });

  it.each<[string, Code, string]>([
    ['throws', () => Promise.reject(new Error('boom')), 'DEFECT'],
    ['returns what it does not declare', () => ({ text: 'x' }) as Told, 'REPLY_INVALID'],
    ['returns an invalid reply', () => Object.assign(new Told(), { text: 7 }), 'REPLY_INVALID'],
    ['returns nothing', () => undefined as unknown as Told, 'REPLY_INVALID'],
    [
      'asks for a call nobody declares',
      async (_event, system) => new Told(String(await system.call('constructor' as never, {} as never))),
      'CALL_UNKNOWN',
    ],
    [
      'passes arguments that no JSON can hold',
      async (_event, system) => new Told(String(await system.call('Stock', { sku: 1n } as never))),
      'DEFECT',
    ],
    [
      'makes more than 1,000 calls',
      async (_event, system) => {
        for (;;) await system.call('Stock', { sku: 'BOLT' });
      },
      'TOO_MANY_CALLS',
    ],
  ])('rule 4: code that %s is parked', async (_what, code, expected) => {
    expect(await parkedBy(code)).toBe(`parked ${expected}`);
  });

  it('rule 3: the first run sees what a later one would: plain JSON', async () => {
    const seen: unknown[] = [];
    await using rig = await startDepotRig(
      depot,
      adapterWith(async ({ ref }, system) => {
        seen.push(await system.call('Reserve', { ref, sku: 'BOLT', qty: 1 }));
        return new Told(system.now());
      }),
    );
    await ask(rig, 'A');
    await rig.settled();
    expect(Object.getPrototypeOf(seen[0])).toBe(Object.prototype);
  });

  it('rule 24: twenty in a row parked with one code hold the operation, not the queue; resumed, the rest goes on', async () => {
    let broken = true;
    const code: Code = (event, system) => {
      if (broken) throw new Error('a bad deployment');
      return reserve(event, system);
    };
    await using rig = await startDepotRig(depot, adapterWith(code), { settings: { concurrency: 1 } });
    for (let n = 0; n < 60; n += 1) await ask(rig, `T${n}`);
    await expect.poll(() => rig.gateway.desk.systems()[0]?.heldOperations.length).toBe(1);
    await expect.poll(() => rig.gateway.desk.systems()[0]?.running).toBe(0);
    const parked = (await rig.rows({ states: ['parked'] })).length;
    expect(parked).toBeGreaterThanOrEqual(20);
    expect(parked).toBeLessThan(25);
    broken = false;
    await rig.gateway.desk.resume('depot', 'ask', 'ann', 'deployed again');
    await rig.settled();
    expect((await rig.rows({ states: ['published'] })).length).toBe(60 - parked);
  });
});

describe('runs that are cut and go on', () => {
  const twoSteps =
    (second: string): Code =>
    async ({ ref }, system) => {
      await system.call('Reserve', { ref: `${ref}-1`, sku: 'BOLT', qty: 1 });
      const answer = await system.call('Reserve', { ref: `${ref}-${second}`, sku: 'BOLT', qty: 1 });
      return new Told('refused' in answer ? answer.refused : `${system.now()} ${system.id('x')} ${answer.reservation}`);
    };

  async function cut(code: Code, fault: Parameters<PracticeDepot['fault']>[0]): Promise<Rig> {
    depot.fault(fault);
    const rig = await startDepotRig(depot, adapterWith(code), { settings: { retry: { attempts: 50, firstMs: 60_000, maxMs: 60_000 } } });
    await ask(rig, 'A');
    await expect.poll(async () => (await rig.rows())[0]?.state).toBe('waiting');
    await rig.stop();
    depot.clear();
    return rig;
  }

  it('rule 5: code changed after the first effect is parked with both sides', async () => {
    const before = await cut(twoSteps('2'), { kind: 'busy', matching: 'A-2' });
    await using rig = await startDepotRig(
      depot,
      adapterWith(async ({ ref }, system) => reserve({ ref: `${ref}-other` }, system)),
      { folder: before.folder },
    );
    const [row] = await rig.rows();
    await rig.gateway.desk.act({ key: 'k', translationId: row?.id ?? '', version: null, who: 'ann', why: 'now' }, { kind: 'retry' });
    await rig.settled();
    const [parked] = await rig.rows();
    expect(parked).toMatchObject({
      state: 'parked',
      failure: { code: 'CODE_CHANGED', message: expect.stringMatching(/had left or been answered: Reserve .*asks for: Reserve/) },
    });
    expect(depot.ledger().map(({ ref }) => ref)).toEqual(['A-1']);
  });

  it('rule 5: an effect the code no longer asks for is parked too', async () => {
    const before = await cut(twoSteps('2'), { kind: 'busy', matching: 'A-2' });
    await using rig = await startDepotRig(
      depot,
      adapterWith(() => new Told('nothing to do')),
      { folder: before.folder },
    );
    const [row] = await rig.rows();
    await rig.gateway.desk.act({ key: 'k', translationId: row?.id ?? '', version: null, who: 'ann', why: 'now' }, { kind: 'retry' });
    await rig.settled();
    expect((await rig.rows())[0]?.failure?.code).toBe('CODE_CHANGED');
  });

  it('rule 5: code changed before the first effect starts from nothing', async () => {
    const readFirst: Code = async ({ ref }, system) => {
      await system.call('Stock', { sku: 'OLD' });
      return reserve({ ref }, system);
    };
    const before = await cut(readFirst, { kind: 'busy', matching: 'A BOLT' });
    await using rig = await startDepotRig(
      depot,
      adapterWith(async (event, system) => reserve({ ref: `${event.ref}-new` }, system)),
      { folder: before.folder },
    );
    const [row] = await rig.rows();
    await rig.gateway.desk.act({ key: 'k', translationId: row?.id ?? '', version: null, who: 'ann', why: 'now' }, { kind: 'retry' });
    await rig.settled();
    expect((await rig.rows())[0]?.state).toBe('published');
    expect(depot.ledger().map(({ ref }) => ref)).toEqual(['A-new']);
  });

  it('rule 5: a read from before an outage is asked again; an answered effect is not', async () => {
    depot.fault({ kind: 'busy', matching: 'A-1', times: 1 });
    depot.fault({ kind: 'busy', matching: 'A-2', times: 2 });
    const code: Code = async ({ ref }, system) => {
      await system.call('Stock', { sku: 'BOLT' });
      return twoSteps('2')({ ref }, system);
    };
    await using rig = await startDepotRig(depot, adapterWith(code));
    const id = await ask(rig, 'A');
    await rig.settled();
    const { calls, translation } = await rig.story(id);
    expect(translation.state).toBe('published');
    expect(calls.filter(({ name }) => name === 'Stock').map(({ run }) => run)).toEqual([1, 2]);
    expect(depot.ledger().map(({ ref }) => ref)).toEqual(['A-1', 'A-2']);
  });

  it('rule 1: now and id are the same in every run', async () => {
    depot.fault({ kind: 'busy', matching: 'A-2', times: 2 });
    const told = new Set<string>();
    const code: Code = async (event, system) => {
      told.add(`${system.now()} ${system.id('x')} ${system.id('y')}`);
      return twoSteps('2')(event, system);
    };
    await using rig = await startDepotRig(depot, adapterWith(code));
    await ask(rig, 'A');
    await rig.settled();
    expect(told.size).toBe(1);
  });

  it('rule 1: a pause holds no slot and is not made again', async () => {
    const code: Code = async (event, system) => {
      if (event.ref === 'slow') await system.pause(150);
      return reserve(event, system);
    };
    await using rig = await startDepotRig(depot, adapterWith(code), { settings: { concurrency: 1 } });
    const slow = await ask(rig, 'slow');
    await ask(rig, 'quick');
    await rig.settled();
    expect(depot.ledger().map(({ ref }) => ref)).toEqual(['quick', 'slow']);
    expect((await rig.story(slow)).translation).toMatchObject({ state: 'published', attempts: 1, runs: 2 });
  });
});
