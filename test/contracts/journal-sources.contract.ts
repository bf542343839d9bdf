import { describe, expect, it } from 'vitest';
import { type Chunk } from '../../src/contract/consignment.ts';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Arrival, type Journal } from '../../src/contract/journal.ts';
import { translationId } from '../../src/contract/translation-id.ts';
import { type OpenJournal, openedFor } from './journal.contract.ts';

const orders = { system: 'crm', source: 'orders' };
const known = [{ system: 'crm', operation: 'orders' }];
const nowMs = 1_000;

const event = (id: string, data = '{}'): CloudEvent => ({
  attributes: { specversion: '1.0', id, source: '/gatehouse/crm/orders', type: 'r.v1', subject: `S-${id}` },
  data: Buffer.from(data),
});

const parked = (id: string, bytes = 'bad'): Arrival => ({
  event: event(id, bytes),
  size: bytes.length,
  digest: 'd',
  correlation: id,
  hops: 0,
  translations: [
    {
      id: translationId('crm', 'orders', '/gatehouse/crm/orders', id),
      system: 'crm',
      operation: 'orders',
      key: null,
      businessKey: id,
      passWhenParked: true,
      keepBodies: true,
      begin: false,
      park: { code: 'RECORD_INVALID', message: 'does not fit' },
    },
  ],
});

const chunk = (claim: string, from: number, to: number, more: Partial<Chunk> = {}): Chunk => ({
  claim,
  from: { at: from, cursor: null },
  to: { at: to, cursor: null },
  events: [],
  parked: [],
  last: false,
  keepBodies: true,
  ...more,
});

const row = (key: string, digest = 1) => ({ key, digest: new Uint8Array(16).fill(digest) });

/** What a journal must do for sources, whatever it is made of. */
export function journalSourcesContract(name: string, open: () => Promise<OpenJournal>): void {
  const withJournal = openedFor(open, known);
  const begun = async (journal: Journal, claim: string, identity: string) => {
    await journal.claim(orders, claim, `${claim}.csv`, nowMs);
    return journal.identify(orders, claim, { identity, size: 9 }, nowMs);
  };
  const pending = async (journal: Journal): Promise<string[]> => (await journal.unpublished(0, 500)).map((each) => each.event.attributes.id);

  describe(`${name}: the journal's contract for sources`, () => {
    it('a claim is found after a crash, the oldest first, until it is put away', () =>
      withJournal(async (journal, opened) => {
        await journal.claim(orders, 'c1', 'a.csv', nowMs);
        await journal.claim(orders, 'c2', 'b.csv', nowMs);
        await journal.claim(orders, 'c1', 'a.csv', nowMs);
        const second = await opened.reopen();
        expect((await second.journal.consignments(orders)).map(({ claim, name: from, state }) => [claim, from, state])).toEqual([
          ['c1', 'a.csv', 'claimed'],
          ['c2', 'b.csv', 'claimed'],
        ]);
        await second.journal.recover(known);
        await second.journal.putAway(orders, 'c1', nowMs);
        expect(await second.journal.consignment(orders, 'c1')).toBeNull();
        expect(await second.journal.consignments({ ...orders, source: 'other' })).toEqual([]);
        await second.close();
      }));

    it('events and checkpoint are one commit: a chunk that does not follow the checkpoint is CHANGED and leaves nothing', () =>
      withJournal(async (journal, opened) => {
        expect((await begun(journal, 'c1', 'h1')).outcome).toBe('new');
        const { rows } = await journal.bringIn(orders, chunk('c1', 0, 2, { events: [event('e1'), event('e2')] }), 9, nowMs);
        expect(rows.map(({ translationSeq }) => translationSeq)).toEqual([null, null]);
        await expect(journal.bringIn(orders, chunk('c1', 0, 2, { events: [event('e1')] }), 9, nowMs)).rejects.toMatchObject({ code: 'CHANGED' });
        await expect(journal.bringIn(orders, chunk('c9', 0, 1), 9, nowMs)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        const second = await opened.reopen();
        await second.journal.recover(known);
        expect(await pending(second.journal)).toEqual(['e1', 'e2']);
        const again = await second.journal.identify(orders, 'c1', { identity: 'h1', size: 9 }, nowMs);
        expect([again.outcome, again.record.at, again.record.events]).toEqual(['resumed', 2, 2]);
        await second.journal.bringIn(orders, chunk('c1', 2, 3, { last: true }), 9, nowMs);
        expect(await second.journal.consignment(orders, 'c1')).toMatchObject({ state: 'done', at: 3 });
        await expect(second.journal.bringIn(orders, chunk('c1', 3, 4), 9, nowMs)).rejects.toMatchObject({ code: 'CHANGED' });
        await second.close();
      }));

    it('the same content again is a duplicate of the first, busy while that is not settled, and changed when the claim had other content', () =>
      withJournal(async (journal) => {
        await begun(journal, 'c1', 'h1');
        expect((await begun(journal, 'c2', 'h1')).outcome).toBe('busy');
        await journal.bringIn(orders, chunk('c1', 0, 1), 9, nowMs);
        expect((await journal.identify(orders, 'c1', { identity: 'h2', size: 9 }, nowMs)).outcome).toBe('changed');
        await journal.bringIn(orders, chunk('c1', 1, 1, { last: true }), 9, nowMs);
        const twin = await journal.identify(orders, 'c2', { identity: 'h1', size: 9 }, nowMs);
        expect([twin.outcome, twin.record.sameAs]).toEqual(['duplicate', 'c1.csv']);
        await journal.putAway(orders, 'c1', nowMs);
        await journal.putAway(orders, 'c2', nowMs);
        expect((await begun(journal, 'c3', 'h1')).outcome).toBe('duplicate');
        expect((await begun(journal, 'c4', 'h4')).outcome).toBe('new');
      }));

    it('content that was here and was lost half way goes on where it stood', () =>
      withJournal(async (journal) => {
        await begun(journal, 'c1', 'h1');
        await journal.bringIn(orders, chunk('c1', 0, 5, { events: [event('e1')] }), 9, nowMs);
        await journal.setAside(orders, 'c1', 'refused', parked('p1'), nowMs);
        await journal.putAway(orders, 'c1', nowMs);
        const again = await begun(journal, 'c2', 'h1');
        expect([again.outcome, again.record.at]).toEqual(['resumed', 5]);
      }));

    it('a parked piece is a translation with its bytes; retried, it is begun under the name of its source and may answer', () =>
      withJournal(async (journal) => {
        await begun(journal, 'c1', 'h1');
        await journal.bringIn(orders, chunk('c1', 0, 2, { parked: [parked('p1')] }), 9, nowMs);
        const [found] = (await journal.reader.list({ states: ['parked'] }, { limit: 9 })).rows;
        expect(found).toMatchObject({ operation: 'orders', failure: { code: 'RECORD_INVALID' } });
        expect(journal.tallies()).toEqual([{ system: 'crm', operation: 'orders', state: 'parked', detail: '', count: 1 }]);
        expect(await journal.consignment(orders, 'c1')).toMatchObject({ parked: 1 });
        const id = found?.id ?? '';
        await journal.act({ key: 'k1', translationId: id, version: null, act: { kind: 'retry' }, who: 'w', why: 'y' }, nowMs);
        const [started] = await journal.begin('crm', ['orders'], 9, { nowMs, suspects: false, build: 'b' });
        expect(Buffer.from(started?.event.data ?? []).toString()).toBe('bad');
        if (started !== undefined) await journal.answered(started, [event('mended')], nowMs);
        expect(await pending(journal)).toEqual(['mended']);
      }));

    it('a held consignment says what became of its translation, goes on when it is released, and is not suspected again', () =>
      withJournal(async (journal) => {
        await begun(journal, 'c1', 'h1');
        await journal.setAside(orders, 'c1', 'held', parked('w1'), nowMs);
        expect(await journal.consignment(orders, 'c1')).toMatchObject({ state: 'held', heldBy: 'parked', accepted: false });
        const id = (await journal.reader.list({}, { limit: 1 })).rows[0]?.id ?? '';
        await journal.act({ key: 'k1', translationId: id, version: null, act: { kind: 'discard' }, who: 'w', why: 'y' }, nowMs);
        expect(await journal.consignment(orders, 'c1')).toMatchObject({ heldBy: 'discarded' });
        await journal.release(orders, 'c1');
        expect(await journal.consignment(orders, 'c1')).toMatchObject({ state: 'claimed', heldBy: null, accepted: true });
      }));

    it('an event of a source that the bus refuses is parked under its source, retried as a publication, and discarded for good', () =>
      withJournal(async (journal) => {
        await begun(journal, 'c1', 'h1');
        const { rows } = await journal.bringIn(orders, chunk('c1', 0, 2, { events: [event('e1'), event('e2')] }), 9, nowMs);
        for (const { seq } of rows) await journal.unpublishable(seq, { code: 'UNPUBLISHABLE', message: 'too large' }, nowMs);
        const list = (await journal.reader.list({ states: ['parked'] }, { limit: 9 })).rows;
        expect(list.map(({ operation, businessKey }) => [operation, businessKey])).toEqual([
          ['orders', 'S-e2'],
          ['orders', 'S-e1'],
        ]);
        const [second, first] = list.map(({ id }) => id);
        const act = (key: string, translationId = '', kind: 'retry' | 'discard' = 'retry') =>
          journal.act({ key, translationId, version: null, act: { kind }, who: 'w', why: 'y' }, nowMs);
        await act('k1', first);
        expect(await pending(journal)).toEqual(['e1']);
        await journal.published((await journal.unpublished(0, 9))[0]?.seq ?? 0, true, nowMs);
        expect((await journal.reader.story(first ?? ''))?.translation.state).toBe('published');
        await act('k2', second, 'discard');
        expect(await pending(journal)).toEqual([]);
      }));

    it('the outbox says when it is full', () =>
      withJournal(async (journal) => {
        await begun(journal, 'c1', 'h1');
        expect((await journal.bringIn(orders, chunk('c1', 0, 2, { events: [event('e1'), event('e2')] }), 3, nowMs)).outboxFull).toBe(false);
        expect((await journal.bringIn(orders, chunk('c1', 2, 3, { events: [event('e3')] }), 3, nowMs)).outboxFull).toBe(true);
        expect([await journal.outboxHolds(3), await journal.outboxHolds(4)]).toEqual([true, false]);
        await journal.published((await journal.unpublished(0, 1))[0]?.seq ?? 0, true, nowMs);
        expect(await journal.outboxHolds(3)).toBe(false);
      }));

    it('rule 27: events of sources go when they are past keeping or, without payloads, at once; what is not published, and the content of files, stays', () =>
      withJournal(async (journal) => {
        await begun(journal, 'c1', 'h1');
        const { rows } = await journal.bringIn(orders, chunk('c1', 0, 3, { events: [event('e1'), event('e2')] }), 9, nowMs);
        const unkept = await journal.bringIn(orders, chunk('c1', 3, 4, { events: [event('e3')], keepBodies: false, last: true }), 9, nowMs);
        await journal.putAway(orders, 'c1', nowMs);
        await journal.published(rows[0]?.seq ?? 0, true, nowMs);
        await journal.published(unkept.rows[0]?.seq ?? 0, true, nowMs);
        const sweep = async (at: number): Promise<void> => {
          while (await journal.sweep({ keepMs: 1_000, dedupeMs: 5_000 }, 1_000, at));
        };
        await sweep(nowMs + 2_000);
        expect(await pending(journal)).toEqual(['e2']);
        expect((await begun(journal, 'c2', 'h1')).outcome).toBe('duplicate');
        await journal.putAway(orders, 'c2', nowMs);
        await sweep(nowMs + 6_000);
        expect((await begun(journal, 'c3', 'h1')).outcome).toBe('new');
        // A sequence that was given out is not given out again.
        const next = await journal.bringIn(orders, chunk('c3', 0, 1, { events: [event('e9')] }), 9, nowMs);
        expect(next.rows[0]?.seq).toBeGreaterThan(unkept.rows[0]?.seq ?? 0);
      }));

    it('a staged extract is compared with the current one, tells a key that is there twice, and becomes current with its last chunk', () =>
      withJournal(async (journal, opened) => {
        await journal.claim(orders, 'c1', 'a', nowMs);
        expect(await journal.snapshotRows(orders)).toBeNull();
        const first = await journal.beginSnapshot(orders, 'c1');
        expect(await journal.stage(orders, first, [row('a'), row('b'), row('a')])).toEqual({ kept: 0, twice: 'a' });
        const again = await journal.beginSnapshot(orders, 'c1');
        expect(await journal.stage(orders, again, [row('a'), row('b'), row('c')])).toEqual({ kept: 0, twice: null });
        expect(await journal.compare(orders, [row('a')])).toEqual(['created']);
        await journal.identify(orders, 'c1', { identity: 'h1', size: 1 }, nowMs);
        await journal.bringIn(orders, chunk('c1', 0, 3, { last: true }), 9, nowMs);
        await journal.putAway(orders, 'c1', nowMs);
        expect(await journal.snapshotRows(orders)).toBe(3);

        await journal.claim(orders, 'c2', 'b', nowMs);
        const second = await journal.beginSnapshot(orders, 'c2');
        expect(second).toBeGreaterThan(again);
        expect(await journal.stage(orders, second, [row('b', 2), row('c'), row('d')])).toEqual({ kept: 2, twice: null });
        expect(await journal.compare(orders, [row('b', 2), row('c'), row('d')])).toEqual(['updated', 'same', 'created']);
        expect(await journal.gone(orders, second, '', 2)).toEqual({ keys: ['a'], next: 'b' });
        expect(await journal.gone(orders, second, 'b', 2)).toEqual({ keys: [], next: null });
        const reopened = await opened.reopen();
        await reopened.journal.recover(known);
        expect(await reopened.journal.consignment(orders, 'c2')).toMatchObject({ generation: second });
        while (await reopened.journal.sweep({ keepMs: 1_000, dedupeMs: 5_000 }, 1_000, nowMs));
        expect(await reopened.journal.gone(orders, second, '', 9)).toEqual({ keys: ['a'], next: null });
        await reopened.close();
      }));

    it('its instance is drawn once, and another journal has another', () =>
      withJournal(async (journal, opened) => {
        const { instance } = journal;
        expect(instance).toMatch(/^[0-9a-f]{12}$/);
        const second = await opened.reopen();
        expect(second.journal.instance).toBe(instance);
        await second.close();
      }));
  });
}
