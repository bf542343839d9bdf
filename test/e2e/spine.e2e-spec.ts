import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Journal } from '../../src/contract/journal.ts';
import { DepotAdapter } from '../../src/practice/line/depot.adapter.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineSettings, LineTransport } from '../../src/practice/line/line.transport.ts';
import { altered } from '../support/altered.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { walCommits } from '../support/wal-commits.ts';

let depot: PracticeDepot;
beforeEach(async () => {
  depot = await PracticeDepot.start();
});
afterEach(() => depot.close());

function start(options: Partial<RigOptions> & { settings?: object } = {}): Promise<Rig> {
  const line = Object.assign(new LineSettings(), { port: depot.port });
  return startRig({
    adapters: [DepotAdapter],
    transports: [new LineTransport()],
    systems: { depot: { settings: { ...options.settings }, transports: { line } } },
    ...options,
  });
}

const wanted = (requestId: string, more: object = {}) => ({ requestId, customerId: `C-${requestId}`, sku: 'BOLT', quantity: 1, ...more });

describe('the spine', () => {
  it('an event becomes native calls and a reply, every step journaled down to its bytes', async () => {
    await using rig = await start();
    const id = await rig.post('com.acme.stock.wanted.v1', wanted('A1'), {
      correlationid: 'case-7',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    });
    await rig.settled();
    const story = await rig.story(id);
    expect(story.translation).toMatchObject({ state: 'published', attempts: 1, runs: 1, businessKey: 'A1', key: 'C-A1', correlation: 'case-7' });
    expect(story.calls.map(({ name, state, effect }) => `${name} ${effect} ${state}`)).toEqual(['Stock read answered', 'Reserve once answered']);
    const sent = story.calls.flatMap((call) => call.parts).map(({ kind, body }) => `${kind} ${Buffer.from(body.bytes ?? []).toString()}`);
    expect(sent).toEqual([
      'sent LOGIN user=gatehouse password={{built-in}}',
      'received OK',
      'sent STOCK sku=BOLT',
      'received DONE onHand=100',
      'sent RESERVE ref=A1 sku=BOLT qty=1',
      'received PREPARED token=T1',
      'sent COMMIT token=T1',
      'received DONE reservation=R1',
    ]);
    const [reply] = await rig.replies();
    expect(JSON.parse(Buffer.from(reply?.data ?? []).toString())).toEqual({ requestId: 'A1', reservation: 'R1' });
    expect(reply?.attributes).toMatchObject({
      type: 'com.acme.stock.reserved.v1',
      correlationid: 'case-7',
      causationid: story.event.attributes.id,
      gatehousehops: '1',
      source: '/gatehouse/depot',
    });
    expect(reply?.attributes['traceparent']).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
    expect(depot.ledger().map(({ kind, ref }) => `${kind} ${ref}`)).toEqual(['reserve A1']);
  });

  it('a business refusal is an answer: it becomes a reply and is never tried again', async () => {
    await using rig = await start();
    const id = await rig.post('com.acme.pair.wanted.v1', { requestId: 'P1', left: 'BOLT', right: 'NONE-1' });
    await rig.settled();
    expect((await rig.story(id)).translation).toMatchObject({ state: 'published', attempts: 1 });
    expect((await rig.replies()).map(({ attributes }) => attributes.type)).toEqual(['com.acme.stock.refused.v1']);
  });

  it('rule 9: an answer that comes later makes its translation ready, also when it overtakes the run that waits for it', async () => {
    await using rig = await start();
    depot.fault({ kind: 'result-first', matching: 'early' });
    depot.fault({ kind: 'result-twice', matching: 'twice' });
    const ids = [];
    for (const orderId of ['plain', 'early', 'twice']) ids.push(await rig.post('com.acme.order.sent.v1', { orderId, sku: 'BOLT' }));
    await rig.settled();
    for (const id of ids) expect((await rig.story(id)).translation).toMatchObject({ state: 'published', attempts: 1 });
    expect((await rig.replies()).map(({ attributes }) => attributes.type)).toEqual(Array.from({ length: 3 }, () => 'com.acme.order.confirmed.v1'));
    expect(depot.ledger().filter(({ kind }) => kind === 'order')).toHaveLength(3);
  });

  it('a repeatable call without a reply event ends published at once', async () => {
    await using rig = await start();
    const id = await rig.post('com.acme.shelf.nudged.v1', { ref: 'N1', sku: 'BOLT' });
    await rig.settled();
    expect((await rig.story(id)).translation.state).toBe('published');
    expect(await rig.replies()).toEqual([]);
  });

  it('rule 13: the same event again is a duplicate of the first; the same id with other content is parked as reused, and only once', async () => {
    await using rig = await start();
    const first = await rig.post('com.acme.stock.wanted.v1', wanted('D1'), { id: 'same' });
    const again = await Promise.all([1, 2, 3].map(() => rig.post('com.acme.stock.wanted.v1', wanted('D1'), { id: 'same' })));
    expect(again).toEqual([first, first, first]);
    const reused = await rig.post('com.acme.stock.wanted.v1', wanted('D2'), { id: 'same' });
    expect(await rig.post('com.acme.stock.wanted.v1', wanted('D2'), { id: 'same' })).toBe(reused);
    await rig.settled();
    expect((await rig.story(first)).translation).toMatchObject({ state: 'published', duplicates: 3 });
    expect((await rig.story(reused)).translation).toMatchObject({ state: 'parked', duplicates: 1, failure: { code: 'EVENT_ID_REUSED' } });
    expect(depot.ledger().map(({ ref }) => ref)).toEqual(['D1']);
  });

  it('rule 15: twins in one tick are one translation', async () => {
    await using rig = await start();
    const ids = await Promise.all(Array.from({ length: 20 }, () => rig.post('com.acme.stock.wanted.v1', wanted('T1'), { id: 'twin' })));
    await rig.settled();
    expect(new Set(ids).size).toBe(1);
    expect(depot.ledger()).toHaveLength(1);
  });

  it('rules 11 and 12: a call that may have happened is probed; found, its answer is taken; not found, it is made again only when it can no longer happen', async () => {
    await using rig = await start();
    depot.fault({ kind: 'commit-then-drop', matching: 'lost', times: 1 });
    depot.fault({ kind: 'drop-before', matching: 'cut', times: 1 });
    depot.fault({ kind: 'commit-late', matching: 'late', ms: 450, times: 1 });
    for (const requestId of ['lost', 'cut', 'late']) await rig.post('com.acme.stock.wanted.v1', wanted(requestId));
    await rig.settled();
    expect((await rig.rows()).map(({ state, failure }) => `${state} ${failure?.code}`)).toEqual(
      Array.from({ length: 3 }, () => 'published undefined'),
    );
    expect(
      depot
        .ledger()
        .map(({ ref }) => ref)
        .sort(),
    ).toEqual(['cut', 'late', 'lost']);
  });

  it('rule 8: a call without a probe that may have happened is parked in doubt, and a person settles it three ways', async () => {
    await using rig = await start();
    depot.fault({ kind: 'commit-then-drop', matching: 'doubt' });
    const ids = [];
    for (const orderId of ['doubt-1', 'doubt-2']) ids.push(await rig.post('com.acme.order.sent.v1', { orderId, sku: 'BOLT' }));
    await rig.settled();
    const [first = '', second = ''] = ids;
    expect((await rig.story(first)).translation).toMatchObject({ state: 'parked', failure: { code: 'IN_DOUBT' } });
    depot.clear();
    const request = (translationId: string, key: string) => ({ translationId, key, version: null, who: 'ann', why: 'looked in the depot' });
    await expect(rig.gateway.desk.act(request(first, 'k1'), { kind: 'happened', answer: { order: 7 } })).rejects.toMatchObject({
      code: 'ANSWER_INVALID',
    });
    await expect(rig.gateway.desk.act(request(first, 'k1'), { kind: 'probe' })).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
    await rig.gateway.desk.act(request(first, 'k1'), { kind: 'happened', answer: { order: 'O-by-hand' } });
    // Sent again because the answer was lost: it is told what it came to. Somebody else is told that there is nothing in doubt any more.
    expect(await rig.gateway.desk.act(request(first, 'k1'), { kind: 'happened', answer: { order: 'O-by-hand' } })).toMatchObject({
      translationId: first,
      repeated: true,
    });
    await expect(rig.gateway.desk.act(request(first, 'k3'), { kind: 'happened', answer: { order: 'O-by-hand' } })).rejects.toMatchObject({
      code: 'NOT_POSSIBLE',
    });
    await rig.gateway.desk.act(request(second, 'k2'), { kind: 'did not' });
    await rig.settled();
    const orders = (await rig.replies()).map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as { order: string }).order);
    expect(orders.sort()).toEqual(['O-by-hand', 'O-doubt-2']);
    expect((await rig.story(first)).calls[0]).toMatchObject({ state: 'answered', answeredBy: 'person' });
  });

  it('a payload that breaks the contract is parked with the rule it breaks, and nothing is called', async () => {
    await using rig = await start();
    const id = await rig.post('com.acme.stock.wanted.v1', wanted('X1', { quantity: 'many' }));
    await rig.settled();
    expect((await rig.story(id)).translation).toMatchObject({
      state: 'parked',
      failure: { code: 'EVENT_INVALID', message: expect.stringContaining('quantity') },
    });
    expect((await rig.story(id)).calls).toEqual([]);
  });

  it('a graceful stop finishes what is at work and the next start finds nothing interrupted', async () => {
    const rig = await start();
    for (let n = 0; n < 50; n += 1) await rig.post('com.acme.stock.wanted.v1', wanted(`S${n}`));
    await rig.stop();
    await using again = await start({ folder: rig.folder });
    await again.settled();
    expect(again.logs.filter((log) => log.includes('were at work'))).toEqual([]);
    expect(depot.ledger()).toHaveLength(50);
    expect(await again.replies()).toHaveLength(50);
  });

  it('rule 29: an event with one effect costs a commit for its arrival, one for the call, and one for answer and end together', async () => {
    await using rig = await start();
    const path = join(rig.folder, 'journal.db');
    const costs: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const before = walCommits(path);
      const id = await rig.post('com.acme.shelf.nudged.v1', { ref: `N${n}`, sku: 'BOLT' });
      await rig.settled();
      expect((await rig.story(id)).calls.map(({ effect, state }) => `${effect} ${state}`)).toEqual(['repeatable answered']);
      costs.push(walCommits(path) - before);
    }
    // A machine that stands still in the middle of a commit makes two of one.
    expect(Math.min(...costs)).toBe(3);
  });

  it('rule 29: nobody waits for the record of an answer by itself', async () => {
    // Recorded, and nobody ever hears of it.
    const unheard = (record: (...args: unknown[]) => unknown, ...args: unknown[]): Promise<never> => (
      void record(...args),
      new Promise(() => undefined)
    );
    const journal = (of: Journal): Journal => altered(of, { called: unheard });
    await using rig = await start({ wrap: { journal } });
    for (const n of [1, 2, 3]) {
      const id = await rig.post('com.acme.stock.wanted.v1', wanted(`U${n}`));
      await rig.settled();
      expect((await rig.story(id)).translation.state).toBe('published');
    }
    expect((await rig.replies()).map(({ attributes }) => attributes.type)).toEqual(Array.from({ length: 3 }, () => 'com.acme.stock.reserved.v1'));
  });

  it('rule 35: replies that nobody hands over are published from the journal alone', async () => {
    // As when the process ends right after the commit.
    const journal = (of: Journal): Journal => altered(of, { answered: async (record, ...args) => (await record(...args), []) });
    const rig = await start({ wrap: { journal } });
    const id = await rig.post('com.acme.stock.wanted.v1', wanted('H1'));
    await expect.poll(async () => (await rig.story(id)).translation.state, { timeout: 20_000 }).toBe('answered');
    await rig.stop();
    await using again = await start({ folder: rig.folder });
    await again.settled();
    expect((await again.story(id)).translation.state).toBe('published');
    expect(await again.replies()).toHaveLength(1);
    expect(depot.ledger()).toHaveLength(1);
  });
});
