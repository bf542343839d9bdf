import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BulkAct, type BulkRow } from '../../src/contract/bulk.ts';
import { type Journal } from '../../src/contract/journal.ts';
import { translationId } from '../../src/contract/translation-id.ts';
import { argumentsDigest } from '../../src/gateway/identity.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { adapterWith, ask, reserve, startDepotRig } from '../support/depot.ts';
import { type Rig } from '../support/gateway.ts';
import { park, parkedId } from '../support/parked.ts';

const eventually = { timeout: 30_000, interval: 10 };
let depot: PracticeDepot;
let rig: Rig;
beforeEach(async () => {
  depot = await PracticeDepot.start();
  rig = await startDepotRig(depot, adapterWith(reserve));
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
  await depot.close();
});

/** A reservation that may or may not have been made, as an end of the process leaves it to a person. */
async function doubted(journal: Journal, ref: string): Promise<void> {
  const wanted = { id: translationId('depot', 'ask', '/test', ref), system: 'depot', operation: 'ask', key: null, businessKey: ref };
  const event = {
    attributes: { specversion: '1.0' as const, id: ref, source: '/test', type: 'test.asked.v1' },
    data: Buffer.from(JSON.stringify({ ref })),
  };
  const translations = [{ ...wanted, passWhenParked: false, keepBodies: true, begin: false, park: null }];
  await journal.receive([{ event, size: 9, digest: ref, correlation: ref, hops: 0, translations }], { nowMs: 1_000, build: 'b' });
  const [started] = await journal.begin('depot', ['ask'], 1, { nowMs: 1_000, suspects: false, build: 'b' });
  if (started === undefined) throw new Error('not begun');
  const args = { ref, sku: 'BOLT', qty: 1 };
  const leaving = { seq: null, name: 'Reserve', effect: 'once', digest: argumentsDigest(args), args, run: 1, leftMs: 1_000 } as const;
  const seq = await journal.leave(started, { ...leaving, deadlineMs: 1_100, probeOf: null, later: null }, 1_000);
  await journal.called(
    started,
    seq,
    { ...leaving, seq, deadlineMs: 1_100, probeOf: null, later: null },
    { state: 'in doubt', failure: { code: 'IN_DOUBT', message: 'lost' } },
    [],
    1_100,
  );
  await journal.park(started, { code: 'IN_DOUBT', message: 'lost' }, 1_200);
}

async function bulk(act: BulkAct, ids: readonly string[]): Promise<BulkRow | null> {
  const seq = await rig.gateway.bulks.begin({
    key: `k ${act.kind}`,
    act,
    selection: { ids },
    who: 'anna',
    why: 'asked',
    perSecond: 0,
    expected: null,
  });
  await expect.poll(async () => (await rig.journal.reader.bulk(seq))?.state, eventually).toBe('done');
  await rig.settled();
  return rig.journal.reader.bulk(seq);
}

describe('a bulk action', () => {
  it.each(['did not', 'probe'] as const)(
    'settles what is in doubt as %s: each calls again or asks, and is published; what is not in doubt fails',
    async (kind) => {
      // Nothing of them may begin before they are parked.
      await rig.gateway.desk.hold('depot', '', 'anna', 'set up');
      for (const ref of ['a', 'b', 'c']) await doubted(rig.journal, ref);
      await park(rig.journal, [{ ref: 'plain' }]);
      await rig.gateway.desk.resume('depot', '', 'anna', 'set up');
      const row = await bulk({ kind }, [...['a', 'b', 'c'].map((ref) => parkedId(ref)), parkedId('plain')]);
      expect([row?.done, row?.failed]).toEqual([3, 1]);
      const [failed] = await rig.journal.reader.bulkItems(row?.seq ?? 0, { state: 'failed', after: 0, limit: 9 });
      expect(failed).toMatchObject({
        translationId: parkedId('plain'),
        failure: { code: 'NOT_POSSIBLE', message: expect.stringContaining('no call in doubt') as string },
      });
      expect((await rig.rows({ states: ['published'] })).map(({ businessKey }) => businessKey).sort()).toEqual(['a', 'b', 'c']);
      expect(
        depot
          .ledger()
          .map(({ ref }) => ref)
          .sort(),
      ).toEqual(['a', 'b', 'c']);
    },
  );

  it('retries at its rate, which can be changed while it runs, and events are served meanwhile', async () => {
    await park(
      rig.journal,
      Array.from({ length: 400 }, (_, n) => ({ ref: `p${n}` })),
    );
    const seq = await rig.gateway.bulks.begin({
      key: 'r',
      act: { kind: 'retry' },
      selection: { filter: { states: ['parked'] } },
      who: 'anna',
      why: 'asked',
      perSecond: 10,
      expected: 400,
    });
    const id = await ask(rig, 'between');
    await expect.poll(async () => (await rig.story(id)).translation.state, eventually).toBe('published');
    expect((await rig.journal.reader.bulk(seq))?.state).toBe('running');
    expect(rig.gateway.bulks.pace((await rig.journal.reader.bulk(seq)) as BulkRow)).toMatchObject({ behind: null });
    await rig.gateway.bulks.turn({ key: 't', bulk: seq, turn: { to: 'rate', perSecond: 0 }, who: 'anna', why: 'faster' });
    await expect.poll(async () => (await rig.journal.reader.bulk(seq))?.done, eventually).toBe(400);
    await rig.settled(60_000);
    expect(depot.ledger()).toHaveLength(401);
  });

  it('stops in the middle of a group, and a gateway that stops leaves it to the next life', async () => {
    await park(
      rig.journal,
      Array.from({ length: 120 }, (_, n) => ({ ref: `s${n}` })),
    );
    await rig.gateway.desk.hold('depot', '', 'anna', 'set up');
    const selection = { filter: { states: ['parked' as const] } };
    const asking = { key: 'd', act: { kind: 'discard' as const }, selection, who: 'anna', why: 'asked', perSecond: 0, expected: 120 };
    const seq = await rig.gateway.bulks.begin(asking);
    await rig.gateway.bulks.turn({ key: 't', bulk: seq, turn: { to: 'stop' }, who: 'anna', why: 'wait' });
    const at = (await rig.journal.reader.bulk(seq))?.done ?? 0;
    expect(at).toBeLessThan(120);
    const discarded = (): number => rig.journal.tallies().find(({ state }) => state === 'discarded')?.count ?? 0;
    expect(discarded()).toBe(at);
    expect(await rig.gateway.bulks.begin(asking)).toBe(seq);
    await expect(rig.gateway.bulks.begin({ ...asking, act: { kind: 'retry' } })).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
    await rig.gateway.bulks.turn({ key: 'u', bulk: seq, turn: { to: 'resume' }, who: 'anna', why: 'on' });
    await rig.stop();
    const folder = rig.folder;
    rig = await startDepotRig(depot, adapterWith(reserve), { folder });
    await expect.poll(async () => (await rig.journal.reader.bulk(seq))?.state, eventually).toBe('done');
    expect(await rig.journal.reader.bulk(seq)).toMatchObject({ done: 120, failed: 0, skipped: 0 });
    expect(discarded()).toBe(120);
  });
});
