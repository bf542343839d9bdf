import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type BulkAct, type BulkRow, type BulkSelection } from '../../src/contract/bulk.ts';
import { type Journal, type TranslationRef } from '../../src/contract/journal.ts';
import { park, parkedId } from '../support/parked.ts';
import { type OpenJournal, openedFor } from './journal.contract.ts';

const known = [{ system: 'depot', operation: 'ask' }];
const parkedOnes: BulkSelection = { filter: { states: ['parked'], code: 'DEFECT' } };

async function parkedRefs(journal: Journal, count: number): Promise<readonly TranslationRef[]> {
  await park(
    journal,
    Array.from({ length: count }, (_, n) => ({ ref: `p${n + 1}` })),
  );
  return (await journal.reader.selected(parkedOnes, 1_000)).refs;
}

async function begun(journal: Journal, act: BulkAct['kind'], count = 3): Promise<number> {
  const refs = await parkedRefs(journal, count);
  const { seq } = await journal.bulks.start(startOf(act, refs.length), 1_000);
  await journal.bulks.freeze(seq, 1, refs, true);
  return seq;
}

const startOf = (kind: BulkAct['kind'], total: number) => ({
  key: randomUUID(),
  act: { kind },
  selection: parkedOnes,
  who: 'anna',
  why: 'it is back',
  perSecond: 7.5,
  total,
});
const turned = (bulk: number, to: 'stop' | 'resume', key: string = randomUUID()) => ({ key, bulk, turn: { to }, who: 'otto', why: 'lunch' });
const stateOf = async (journal: Journal, ref: string): Promise<string | undefined> => (await journal.reader.story(parkedId(ref)))?.translation.state;
const countsOf = (row: BulkRow | null): unknown => [row?.state, row?.total, row?.done, row?.failed, row?.skipped];

/** Bulk actions: frozen whole, done once to each, whatever ends the process in between. */
export function journalBulksContract(name: string, open: () => Promise<OpenJournal>): void {
  const withJournal = openedFor(open, known);

  describe(`${name}: bulk actions`, () => {
    it('a selection is what the search finds, of one moment, oldest first, with the versions that were read', () =>
      withJournal(async (journal) => {
        await park(journal, [{ ref: 'p1' }, { ref: 'other', code: 'EVENT_INVALID' }, { ref: 'p2' }, { ref: 'lost', operation: '' }]);
        const { refs, groups, first } = await journal.reader.selected(parkedOnes, 100);
        const rows = (await journal.reader.list({ code: 'DEFECT' }, { limit: 10 })).rows.map(({ seq, version }) => ({ seq, version }));
        expect(refs).toEqual(rows.toReversed());
        expect(first).toEqual([parkedId('p1'), parkedId('p2'), parkedId('lost', '')]);
        expect(groups).toEqual([
          { system: 'depot', operation: 'ask', count: 2 },
          { system: 'depot', operation: '', count: 1 },
        ]);
        const named = await journal.reader.selected({ ids: [parkedId('p2'), parkedId('none'), parkedId('p2')] }, 100);
        expect(named.refs).toHaveLength(1);
      }));

    it('nothing of a bulk is done before its whole selection stands there, and what stands there can be taken out again', () =>
      withJournal(async (journal, opened) => {
        const refs = await parkedRefs(journal, 5);
        const { seq } = await journal.bulks.start(startOf('retry', 5), 1_000);
        await journal.bulks.freeze(seq, 1, refs.slice(0, 2), false);
        expect(await journal.bulks.next(10)).toBeNull();
        const second = await opened.reopen();
        try {
          const { bulks, reader } = second.journal;
          expect((await bulks.halfFrozen()).map((row) => row.seq)).toEqual([seq]);
          await expect(bulks.freeze(seq, 1, refs, true)).rejects.toMatchObject({ code: 'CHANGED' });
          expect([await bulks.thaw(seq, 1), await bulks.thaw(seq, 10)]).toEqual([true, false]);
          await bulks.freeze(seq, 1, refs, true);
          await expect(bulks.freeze(seq, 6, refs, true)).rejects.toMatchObject({ code: 'CHANGED' });
          await expect(bulks.thaw(seq, 10)).rejects.toMatchObject({ code: 'CHANGED' });
          expect((await bulks.next(10))?.items.map(({ place, translationId }) => [place, translationId])).toEqual(
            [1, 2, 3, 4, 5].map((n) => [n, parkedId(`p${n}`)]),
          );
          expect(countsOf(await reader.bulk(seq))).toEqual(['running', 5, 0, 0, 0]);
        } finally {
          await second.close();
        }
      }));

    it('rule 21: the same key begins nothing more', () =>
      withJournal(async (journal) => {
        const start = startOf('retry', 1);
        const first = await journal.bulks.start(start, 1_000);
        expect(await journal.bulks.start({ ...start, why: 'again' }, 2_000)).toEqual({ seq: first.seq, repeated: true });
        expect(await journal.bulks.keyed(start.key)).toMatchObject({ seq: first.seq, who: 'anna', why: 'it is back', perSecond: 7.5 });
        expect(await journal.bulks.keyed('another')).toBeNull();
      }));

    it('rule 21: what is done and the end of its row are one commit: asked again, nothing is done', () =>
      withJournal(async (journal, opened) => {
        const seq = await begun(journal, 'replay');
        const ends = await Promise.all([1, 1, 2].map((place) => journal.bulks.act({ bulk: seq, place }, { kind: 'replay' }, 2_000)));
        expect(ends.map(({ state, result }) => [state, result !== null])).toEqual([
          ['done', true],
          ['done', false],
          ['done', true],
        ]);
        const second = await opened.reopen();
        try {
          const again = await second.journal.bulks.act({ bulk: seq, place: 2 }, { kind: 'replay' }, 3_000);
          expect(again).toEqual({ state: 'done', result: null });
          expect((await second.journal.bulks.next(10))?.items.map(({ place }) => place)).toEqual([3]);
          expect((await second.journal.reader.story(parkedId('p1')))?.replays).toHaveLength(1);
          expect((await second.journal.reader.story(parkedId('p2')))?.replays).toHaveLength(1);
          expect(countsOf(await second.journal.reader.bulk(seq))).toEqual(['running', 3, 2, 0, 0]);
        } finally {
          await second.close();
        }
      }));

    it('rule 21: one that changed since is skipped, one that is refused stays open until it is said to have failed, the rest go on', () =>
      withJournal(async (journal) => {
        const seq = await begun(journal, 'pass');
        await journal.act({ key: 'by hand', translationId: parkedId('p2'), version: null, act: { kind: 'retry' }, who: 'otto', why: 'x' }, 1_500);
        const at = (place: number) => ({ bulk: seq, place });
        await expect(journal.bulks.act(at(1), { kind: 'pass' }, 2_000)).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
        expect((await journal.bulks.act(at(2), { kind: 'pass' }, 2_000)).state).toBe('skipped');
        expect((await journal.bulks.act(at(3), { kind: 'discard' }, 2_000)).result).toMatchObject({ state: 'discarded', system: 'depot' });
        expect((await journal.bulks.next(9))?.items.map(({ place }) => place)).toEqual([1]);
        await journal.bulks.refuse(at(1), { code: 'NOT_POSSIBLE', message: 'it holds no key' }, 2_500);
        await journal.bulks.refuse(at(3), { code: 'NOT_POSSIBLE', message: 'too late' }, 2_600);
        expect(countsOf(await journal.reader.bulk(seq))).toEqual(['done', 3, 1, 1, 1]);
        const items = await journal.reader.bulkItems(seq, { after: 0, limit: 10 });
        expect(items.map(({ state, failure }) => [state, failure?.code])).toEqual([
          ['failed', 'NOT_POSSIBLE'],
          ['skipped', 'CHANGED'],
          ['done', undefined],
        ]);
        for (const state of ['failed', 'skipped', 'done'] as const)
          expect((await journal.reader.bulkItems(seq, { state, after: 0, limit: 10 })).map((item) => item.state)).toEqual([state]);
        expect(await stateOf(journal, 'p3')).toBe('discarded');
      }));

    it('a stop holds for whatever was asked before it and has not been done, and it goes on where it stopped', () =>
      withJournal(async (journal) => {
        const seq = await begun(journal, 'retry');
        const [before, , after] = await Promise.all([
          journal.bulks.act({ bulk: seq, place: 1 }, { kind: 'retry' }, 2_000),
          journal.bulks.turn(turned(seq, 'stop', 'k'), 2_000),
          journal.bulks.act({ bulk: seq, place: 2 }, { kind: 'retry' }, 2_000),
        ]);
        await journal.bulks.refuse({ bulk: seq, place: 3 }, { code: 'DEFECT', message: 'x' }, 2_000);
        expect([before.state, after.state]).toEqual(['done', 'open']);
        expect(await journal.bulks.next(9)).toBeNull();
        await journal.bulks.turn(turned(seq, 'stop', 'k'), 2_100);
        await expect(journal.bulks.turn(turned(seq, 'stop'), 2_100)).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
        await journal.bulks.turn({ key: 'r', bulk: seq, turn: { to: 'rate', perSecond: 2 }, who: 'otto', why: 'slowly' }, 2_200);
        await journal.bulks.turn(turned(seq, 'resume'), 2_300);
        const work = await journal.bulks.next(9);
        expect([work?.bulk.perSecond, work?.items.map(({ place }) => place)]).toEqual([2, [2, 3]]);
        for (const place of [2, 3]) await journal.bulks.act({ bulk: seq, place }, { kind: 'retry' }, 3_000);
        await expect(journal.bulks.turn(turned(seq, 'stop'), 4_000)).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
        await expect(journal.bulks.turn(turned(999, 'stop'), 4_000)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        const audit = (await journal.reader.audit({ limit: 50 })).filter(({ subject }) => subject === `bulk ${seq}`).toReversed();
        expect(audit.map(({ who, what, why }) => [who, what, why])).toEqual([
          ['anna', 'bulk retry', 'it is back (3 translations)'],
          ['otto', 'bulk stop', 'lunch'],
          ['otto', 'bulk rate 2', 'slowly'],
          ['otto', 'bulk resume', 'lunch'],
          ['anna', 'bulk done', '3 done, 0 failed, 0 skipped'],
        ]);
        const [action] = (await journal.reader.story(parkedId('p1')))?.actions ?? [];
        expect(action).toMatchObject({ kind: 'retry', who: 'anna', why: `bulk ${seq}: it is back` });
      }));

    it('one after the other, the oldest first; each change is newer in the feed than all before, over a restart too', () =>
      withJournal(async (journal, opened) => {
        const first = await begun(journal, 'retry', 1);
        const { seq: second } = await journal.bulks.start(startOf('discard', 1), 1_000);
        await journal.bulks.freeze(second, 1, (await journal.reader.selected(parkedOnes, 9)).refs, true);
        const feed = async (from: Journal, changedAfter: number) => from.reader.bulks({ changedAfter, limit: 10 });
        expect((await journal.bulks.next(9))?.bulk.seq).toBe(first);
        await journal.bulks.act({ bulk: first, place: 1 }, { kind: 'retry' }, 2_000);
        const before = await feed(journal, 0);
        expect(before.map(({ seq, state }) => [seq, state])).toEqual([
          [second, 'running'],
          [first, 'done'],
        ]);
        const position = before.at(-1)?.changed ?? 0;
        const again = await opened.reopen();
        try {
          expect((await again.journal.bulks.next(9))?.bulk.seq).toBe(second);
          const end = await again.journal.bulks.act({ bulk: second, place: 1 }, { kind: 'discard' }, 2_000);
          expect(end.state).toBe('skipped');
          expect((await feed(again.journal, position)).map(({ seq }) => seq)).toEqual([second]);
          expect((await again.journal.reader.bulks({ limit: 1 })).map(({ seq }) => seq)).toEqual([second]);
          expect((await again.journal.reader.bulks({ before: second, limit: 9 })).map(({ seq }) => seq)).toEqual([first]);
        } finally {
          await again.close();
        }
      }));

    it('an action key that somebody has used for something else does not pass for done', () =>
      withJournal(async (journal) => {
        const seq = await begun(journal, 'retry', 2);
        await journal.act(
          { key: `bulk ${seq}/1`, translationId: parkedId('p2'), version: null, act: { kind: 'discard' }, who: 'mallory', why: 'x' },
          1_500,
        );
        await expect(journal.bulks.act({ bulk: seq, place: 1 }, { kind: 'retry' }, 2_000)).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
        expect(await stateOf(journal, 'p1')).toBe('parked');
      }));

    it('one that could not be frozen ends with nothing done, and says why', () =>
      withJournal(async (journal) => {
        const { seq } = await journal.bulks.start(startOf('retry', 9), 1_000);
        await journal.bulks.abandon(seq, 'more fit now', 2_000);
        expect(await journal.reader.bulk(seq)).toMatchObject({ state: 'done', total: 0, note: 'more fit now', endedMs: 2_000 });
        expect(await journal.bulks.halfFrozen()).toEqual([]);
        await expect(journal.bulks.abandon(seq, 'x', 2_000)).rejects.toMatchObject({ code: 'CHANGED' });
      }));

    it('rule 27: goes when it is past keeping and has ended; a translation that is gone is skipped', () =>
      withJournal(async (journal) => {
        const seq = await begun(journal, 'discard', 2);
        await journal.act({ key: 'h', translationId: parkedId('p1'), version: null, act: { kind: 'discard' }, who: 'otto', why: 'x' }, 1_000);
        const sweep = async (nowMs: number): Promise<void> => {
          while (await journal.sweep({ keepMs: 10_000, dedupeMs: 10_000 }, 5, nowMs));
        };
        await sweep(50_000);
        expect((await journal.bulks.next(9))?.items[0]).toMatchObject({ place: 1, translationId: null });
        expect((await journal.bulks.act({ bulk: seq, place: 1 }, { kind: 'discard' }, 50_000)).state).toBe('skipped');
        await journal.bulks.act({ bulk: seq, place: 2 }, { kind: 'discard' }, 50_000);
        await sweep(55_000);
        expect(countsOf(await journal.reader.bulk(seq))).toEqual(['done', 2, 1, 0, 1]);
        await sweep(70_000);
        expect(await journal.reader.bulk(seq)).toBeNull();
        expect(await journal.reader.bulkItems(seq, { after: 0, limit: 9 })).toEqual([]);
        expect((await journal.bulks.start(startOf('retry', 1), 80_000)).seq).toBeGreaterThan(seq);
      }));
  });
}
