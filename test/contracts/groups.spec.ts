import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Grouping, defaultGrouping, groupKey, groupings } from '../../src/contract/groups.ts';
import { type TranslationRow } from '../../src/contract/journal-reader.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { type SqliteJournal, openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { largeJournalEndsMs, writeLargeJournal } from '../support/large-journal.ts';
import { arrival, leaving, receive } from './journal.contract.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-groups-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open = async (name: string): Promise<SqliteJournal> =>
  (await openSqliteJournal(Object.assign(new JournalSettings(), { path: join(folder, name), reserveBytes: 0 }), new SystemClock())).journal;

describe('groups of parked translations', () => {
  const rows = 4_000;
  let journal: SqliteJournal;
  let parked: TranslationRow[];
  beforeAll(async () => {
    await writeLargeJournal(join(folder, 'large.db'), rows);
    journal = await open('large.db');
    parked = [];
    for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null;) {
      const page = await journal.reader.list({ states: ['parked'] }, { limit: 500, before });
      parked.push(...page.rows);
      before = page.next;
    }
  });
  afterAll(() => journal.close());

  const valueOf = (row: TranslationRow, name: Grouping): string | null => {
    if (name === 'code') return row.failure?.code ?? null;
    if (name === 'native') return row.failure?.native ?? null;
    return name === 'day' ? new Date(row.receivedMs).toISOString().slice(0, 10) : row[name];
  };

  it.each([[defaultGrouping], [['day']], [['source', 'native']], [['type', 'day', 'system']], [[...groupings]]] as (readonly [
    readonly Grouping[],
  ])[])('by %j: each has its count, first and last arrival, doubts and arrivals by hour, the largest first', async (by) => {
    const expected = new Map<string, TranslationRow[]>();
    for (const row of parked) {
      const key = JSON.stringify(by.map((name) => valueOf(row, name)));
      expected.set(key, [...(expected.get(key) ?? []), row]);
    }
    const nowMs = largeJournalEndsMs + 3_600_000;
    const { groups, more, asOfMs } = await journal.reader.groups(by, nowMs);
    expect([more, asOfMs]).toEqual([expected.size > 1_000, nowMs]);
    expect(groups).toHaveLength(Math.min(1_000, expected.size));
    expect(groups.map(({ count }) => count)).toEqual(groups.map(({ count }) => count).sort((a, b) => b - a));
    for (const group of groups) {
      const members = expected.get(JSON.stringify(by.map((name) => group.by[name] ?? null))) ?? [];
      const arrivals = members.map(({ receivedMs }) => receivedMs);
      const ages = arrivals.map((ms) => 23 - Math.floor((nowMs - 1 - ms) / 3_600_000));
      expect(group).toEqual({
        by: Object.fromEntries(by.map((name) => [name, valueOf(members[0] as TranslationRow, name)])),
        count: members.length,
        inDoubt: members.filter(({ failure }) => failure?.code === 'IN_DOUBT').length,
        firstMs: Math.min(...arrivals),
        lastMs: Math.max(...arrivals),
        spark: Array.from({ length: 24 }, (_, hour) => ages.filter((age) => age === hour).length),
        note: null,
      });
    }
    for (const group of groups.slice(0, 20)) {
      const { seqs } = await journal.reader.selected({ group: group.by }, rows);
      const members = expected.get(JSON.stringify(by.map((name) => group.by[name] ?? null))) ?? [];
      expect([...seqs]).toEqual(members.map(({ seq }) => seq).toReversed());
    }
  });
});

describe('notes on groups', () => {
  let journal: SqliteJournal;
  let names = 0;
  const group = groupKey({ code: 'DEFECT', system: 'crm', operation: 'book' });
  const noting = { group, note: 'The mapping of umlauts; fixed in 2.4', owner: 'ann', who: 'bob', key: 'k1', version: null, forget: [] };
  beforeEach(async () => {
    journal = await open(`notes-${(names += 1)}.db`);
    await journal.recover([{ system: 'crm', operation: 'book' }]);
  });
  afterEach(() => journal.close());

  const park = async (id: string): Promise<void> => {
    const [received] = await receive(journal, arrival(id, { begin: true }));
    if (received?.started !== undefined) await journal.park(received.started, { code: 'DEFECT', message: 'x' }, 1_000);
  };

  it('a group is named alike in whatever order its values come', () => {
    expect(groupKey({ operation: 'book', code: 'DEFECT', system: 'crm' })).toBe(group);
    expect(groupKey({ code: null })).not.toBe(groupKey({}));
  });

  it('a note is shown with its group, changed and taken away, and each time in the audit log', async () => {
    await park('n1');
    const shown = async () => (await journal.reader.groups(defaultGrouping, null)).groups[0]?.note;
    expect(await shown()).toBe(null);
    const first = await journal.noteGroup(noting, 5_000);
    expect(first).toEqual({ note: noting.note, owner: 'ann', who: 'bob', atMs: 5_000, version: expect.any(Number) });
    expect(await shown()).toEqual(first);
    const version = first?.version ?? null;
    const second = await journal.noteGroup({ ...noting, note: '', owner: 'eve', key: 'k2', version }, 6_000);
    expect(await shown()).toEqual({ note: '', owner: 'eve', who: 'bob', atMs: 6_000, version: second?.version });
    expect(await journal.noteGroup({ ...noting, note: '', owner: '', key: 'k3', version: second?.version ?? null }, 7_000)).toBe(null);
    expect(await shown()).toBe(null);
    const audit = await journal.reader.audit({ limit: 9 });
    expect(audit.map(({ who, what, subject, why }) => [who, what, subject, why])).toEqual([
      ['bob', 'note', group, ''],
      ['bob', 'note', group, '(eve looks after it)'],
      ['bob', 'note', group, 'The mapping of umlauts; fixed in 2.4 (ann looks after it)'],
    ]);
  });

  it('rule 21: of two who write at once from what they saw the first is kept and the second is told; sent again it is done once', async () => {
    const mine = { ...noting, group: groupKey({ code: 'RACE' }), key: 'mine' };
    const first = await journal.noteGroup(mine, 5_000);
    expect(await journal.noteGroup(mine, 6_000)).toEqual(first);
    const theirs = { ...mine, note: 'The network', who: 'eve', key: 'theirs' };
    await expect(journal.noteGroup(theirs, 7_000)).rejects.toMatchObject({ code: 'CHANGED', message: expect.stringContaining('bob wrote') });
    const over = await journal.noteGroup({ ...theirs, version: first?.version ?? null }, 8_000);
    expect(over).toMatchObject({ note: 'The network', who: 'eve' });
    await expect(journal.noteGroup({ ...mine, key: 'again', version: first?.version ?? null }, 9_000)).rejects.toMatchObject({ code: 'CHANGED' });
    expect(await journal.noteGroup({ ...theirs, note: '', owner: '', key: 'away', version: over?.version ?? null }, 9_500)).toBe(null);
    // Taken away and written anew in between: what was seen first is not what stands there.
    await journal.noteGroup({ ...mine, key: 'anew' }, 9_600);
    await expect(journal.noteGroup({ ...theirs, key: 'late', version: over?.version ?? null }, 9_700)).rejects.toMatchObject({ code: 'CHANGED' });
    expect((await journal.reader.audit({ limit: 9 })).filter(({ subject }) => subject === mine.group)).toHaveLength(4);
  });

  it('old notes are past keeping only where nothing is parked; forgetting them rides with the next note', async () => {
    await park('n2');
    const empty = groupKey({ day: '1999-12-31' });
    const day = groupKey({ day: new Date(1_000).toISOString().slice(0, 10) });
    await journal.noteGroup(noting, 5_000);
    await journal.noteGroup({ ...noting, group: empty }, 5_000);
    await journal.noteGroup({ ...noting, group: day }, 5_000);
    expect(await journal.reader.emptyNotes(5_000)).toEqual([]);
    expect(await journal.reader.emptyNotes(5_001)).toEqual([empty]);
    await journal.noteGroup({ ...noting, group: groupKey({ code: 'OTHER' }), forget: [empty] }, 9_000);
    expect(await journal.reader.emptyNotes(9_000)).toEqual([]);
  });
});

describe('flows', () => {
  it('events, translations, replies that start others, and replays hang together', async () => {
    const journal = await open('flow.db');
    await journal.recover([{ system: 'crm', operation: 'book' }]);
    const begin = async (id: string, source: string, type: string) => {
      const each = arrival(id, { begin: true, id: `${Buffer.from(id).toString('hex').padEnd(32, '0')}` });
      const event: CloudEvent = { ...each.event, attributes: { ...each.event.attributes, source, type } };
      const [received] = await receive(journal, { ...each, event, correlation: 'order-1' });
      if (received?.started === undefined) throw new Error('not started');
      return received.started;
    };
    const first = await begin('order-1', '/shop', 'placed.v1');
    await journal.leave(first, leaving(first), 1_000);
    const reply = (id: string): CloudEvent => ({
      attributes: { specversion: '1.0', id, source: '/gatehouse/crm', type: 'booked.v1' },
      data: Buffer.from('{}'),
    });
    const [published, pending] = await journal.answered(first, [reply('r1'), reply('r2')], 2_000);
    await journal.published(published?.seq ?? 0, false, 3_000);
    const second = await begin('r1', '/gatehouse/crm', 'booked.v1');
    await journal.park(second, { code: 'DEFECT', message: 'x' }, 4_000);
    await journal.act({ key: 'k', translationId: second.id, version: null, act: { kind: 'replay' }, who: 'ann', why: 'again' }, 5_000);
    const flow = await journal.reader.flow('order-1');
    const replay = flow?.translations[2]?.id ?? '';
    expect(pending).toBeDefined();
    expect(flow?.translations.map(({ id, state }) => [id, state])).toEqual([
      [first.id, 'answered'],
      [second.id, 'parked'],
      [replay, 'received'],
    ]);
    expect(new Set(flow?.events)).toEqual(
      new Set([
        {
          node: '/gatehouse/crm r1',
          id: 'r1',
          source: '/gatehouse/crm',
          type: 'booked.v1',
          state: 'published',
          routed: false,
          readable: false,
          publishedMs: 3_000,
        },
        {
          node: '/gatehouse/crm r2',
          id: 'r2',
          source: '/gatehouse/crm',
          type: 'booked.v1',
          state: 'pending',
          routed: null,
          readable: false,
          publishedMs: null,
        },
        { node: '/shop order-1', id: 'order-1', source: '/shop', type: 'placed.v1', state: null, routed: null, readable: false, publishedMs: null },
      ]),
    );
    expect(new Set(flow?.edges)).toEqual(
      new Set([
        { from: '/shop order-1', to: first.id, kind: 'starts' },
        { from: first.id, to: '/gatehouse/crm r1', kind: 'publishes' },
        { from: first.id, to: '/gatehouse/crm r2', kind: 'publishes' },
        { from: '/gatehouse/crm r1', to: second.id, kind: 'starts' },
        { from: second.id, to: replay, kind: 'is replayed as' },
      ]),
    );
    expect(flow?.more).toBe(false);
    expect(await journal.reader.flow('nobody')).toBe(null);
    await journal.close();
  });

  it('of more than 500 translations the first 500 are told, and that there are more', async () => {
    const journal = await open('long-flow.db');
    await journal.recover([]);
    await journal.receive(
      Array.from({ length: 501 }, (_, n) => ({ ...arrival(`f${n}`), correlation: 'one' })),
      { nowMs: 1_000, build: 'b' },
    );
    const flow = await journal.reader.flow('one');
    expect([flow?.translations.length, flow?.more, flow?.events.length]).toEqual([500, true, 500]);
    expect(flow?.translations[0]?.eventId).toBe('f0');
    await journal.close();
  });
});
