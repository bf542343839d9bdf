import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BulkAct, type BulkRow } from '../../src/contract/bulk.ts';
import { type Code } from '../../src/contract/errors.ts';
import { type Journal } from '../../src/contract/journal.ts';
import { translationId } from '../../src/contract/translation-id.ts';
import { argumentsDigest } from '../../src/gateway/identity.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { adapterWith, ask, reserve, startDepotRig } from '../support/depot.ts';
import { type Rig } from '../support/gateway.ts';
import { park, parkedId } from '../support/parked.ts';

const eventually = { timeout: 60_000, interval: 10 };
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

  it('that was cut off while it was being frozen is frozen anew, of no more than was agreed to', async () => {
    await park(rig.journal, [{ ref: 'f1' }, { ref: 'f2' }, { ref: 'f3' }, { ref: 'g1', code: 'STALLED' }, { ref: 'h1', code: 'CALL_UNKNOWN' }]);
    await rig.gateway.desk.hold('depot', '', 'anna', 'set up');
    const cutOff = async (code: Code, total: number): Promise<number> => {
      const selection = { filter: { states: ['parked' as const], code } };
      const act = { kind: 'retry' as const };
      const { seq } = await rig.journal.bulks.start({ key: code, act, selection, who: 'anna', why: 'x', perSecond: 0, total }, 1_000);
      const { seqs, versions } = await rig.journal.reader.selected(selection, 10);
      await rig.journal.bulks.freeze(seq, 1, [{ seq: seqs[0] ?? 0, version: versions[0] ?? 0 }], false);
      return seq;
    };
    const fewer = await cutOff('DEFECT', 4);
    const more = await cutOff('STALLED', 1);
    const none = await cutOff('CALL_UNKNOWN', 1);
    const byHand = (ref: string) => ({ key: ref, translationId: parkedId(ref), version: null, who: 'otto', why: 'x' });
    await rig.gateway.desk.act(byHand('f1'), { kind: 'retry' });
    await rig.gateway.desk.act(byHand('h1'), { kind: 'retry' });
    await park(rig.journal, [{ ref: 'g2', code: 'STALLED' }]);
    await rig.stop();
    rig = await startDepotRig(depot, adapterWith(reserve), { folder: rig.folder });
    const row = (seq: number) => rig.journal.reader.bulk(seq);
    // Whoever asks again is answered when it is frozen, whoever does that.
    const again = { key: 'DEFECT', act: { kind: 'retry' as const }, who: 'anna', why: 'x', perSecond: 0, expected: 4 };
    expect(await rig.gateway.bulks.begin({ ...again, selection: { filter: { states: ['parked'], code: 'DEFECT' } } })).toBe(fewer);
    expect((await row(fewer))?.state).not.toBe('freezing');
    await expect
      .poll(async () => [(await row(fewer))?.state, (await row(more))?.state, (await row(none))?.state], eventually)
      .toEqual(['done', 'done', 'done']);
    expect(await row(fewer)).toMatchObject({ total: 2, done: 2, note: null });
    expect(await row(more)).toMatchObject({ total: 0, done: 0, note: expect.stringContaining('more fit now') as string });
    expect(await row(none)).toMatchObject({ total: 0, done: 0, note: expect.stringContaining('nothing fits') as string });
    expect((await rig.rows({ code: 'STALLED' })).map(({ state }) => state)).toEqual(['parked', 'parked']);
  });

  it('with a refusal that one of them cannot fill in fails for that one alone', async () => {
    await park(rig.journal, [{ ref: 'r1', data: { ref: 'r1', text: 'a' } }, { ref: 'r2' }, { ref: 'r3', data: { ref: 'r3', text: 'c' } }]);
    const row = await bulk(
      { kind: 'discard', reply: { type: 'test.told.v1', data: { text: '{{event.text}}: {{reason}}' } } },
      ['r1', 'r2', 'r3'].map((ref) => parkedId(ref)),
    );
    expect([row?.done, row?.failed]).toEqual([2, 1]);
    const [failed] = await rig.journal.reader.bulkItems(row?.seq ?? 0, { state: 'failed', after: 0, limit: 9 });
    expect(failed).toMatchObject({
      translationId: parkedId('r2'),
      failure: { code: 'REPLY_INVALID', message: expect.stringContaining('event.text') as string },
    });
    await expect
      .poll(async () => (await rig.replies()).map(({ data }) => Buffer.from(data).toString()), eventually)
      .toEqual(['{"text":"a: asked"}', '{"text":"c: asked"}']);
    expect((await rig.rows({ states: ['parked'] })).map(({ id }) => id)).toEqual([parkedId('r2')]);
  });
});
