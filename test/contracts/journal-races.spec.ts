import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedBus } from '../../src/bus/embedded/embedded.bus.ts';
import { type Delivery } from '../../src/contract/bus.ts';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type OperatorAct, type Started } from '../../src/contract/journal.ts';
import { Secret } from '../../src/contract/secret.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { EncryptionSettings, JournalSettings } from '../../src/journal/journal.settings.ts';
import { type SqliteJournal, openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { type SqliteSpool } from '../../src/journal/sqlite/sqlite.spool.ts';
import { arrival, leaving, receive } from './journal.contract.ts';

const system = 'crm';
const operation = 'book';
const known = [{ system, operation }];
const beginning = { nowMs: 2_000, suspects: false, build: 'b1' };
const parked = { code: 'DEFECT', message: 'x' } as const;
const reply = (id: string): CloudEvent => ({
  attributes: { specversion: '1.0', id, source: '/gatehouse/crm', type: 'r.v1' },
  data: Buffer.from('{"ok":true}'),
});

let folder: string;
let path: string;
let journal: SqliteJournal;
let spool: SqliteSpool;
let fatals: Error[];

async function open(): Promise<void> {
  const settings = Object.assign(new JournalSettings(), { path, reserveBytes: 0 });
  ({ journal, spool } = await openSqliteJournal(settings, new SystemClock(), { fatal: (error) => void fatals.push(error) }));
}
async function reopen(): Promise<void> {
  await journal.close();
  await open();
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-races-'));
  path = join(folder, 'journal.db');
  fatals = [];
  await open();
  await journal.recover(known);
});
afterEach(async () => {
  await journal.close().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

async function begun(id: string = randomUUID(), more: Parameters<typeof arrival>[1] = {}): Promise<Started> {
  const [received] = await receive(journal, arrival(id, { begin: true, ...more }));
  if (received?.started === undefined) throw new Error('not started');
  return received.started;
}
const begin = (limit = 9): Promise<readonly Started[]> => journal.begin(system, [operation], limit, beginning);
const act = (translationId: string, what: OperatorAct) =>
  journal.act({ key: randomUUID(), translationId, version: null, act: what, who: 'ann', why: 'test' }, 5_000);
const stateOf = async (id: string) => (await journal.reader.story(id))?.translation;
const count = (sql: string): number => {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(db.prepare(sql).get()?.['n']);
  } finally {
    db.close();
  }
};

describe('one key, never two at work (rule 17)', () => {
  it('one that was let by others and whose time has come waits for the one at work', async () => {
    const first = await begun('k1', { key: 'K' });
    await receive(journal, arrival('k2', { key: 'K' }));
    await journal.wait(first, { for: 'time', dueMs: 9_000, failure: null, counts: true }, 3_000);
    await act(first.id, { kind: 'pass' });
    const [second] = await begin();
    expect(second).toBeDefined();
    await journal.wake(10_000);
    expect(await begin()).toEqual([]);
    if (second !== undefined) await journal.answered(second, [], 3_000);
    expect((await begin()).map(({ id }) => id)).toEqual([first.id]);
  });

  it('one that waits for its system and was let by others waits for the one at work', async () => {
    const first = await begun('k1', { key: 'K' });
    await receive(journal, arrival('k2', { key: 'K' }));
    await journal.wait(first, { for: 'system', failure: null }, 3_000);
    await act(first.id, { kind: 'pass' });
    expect(await begin()).toHaveLength(1);
    await journal.setAvailability({ system, operation: '', availability: 'open', failure: null, sinceMs: 1, who: 'x' }, 'y');
    expect(await begin()).toEqual([]);
  });

  it('a retried one that waits its turn does not get the key when somebody behind it is discarded', async () => {
    const first = await begun('k1', { key: 'K' });
    const [, third] = await receive(journal, arrival('k2', { key: 'K' }), arrival('k3', { key: 'K' }));
    await journal.park(first, parked, 3_000);
    await act(first.id, { kind: 'pass' });
    expect(await begin()).toHaveLength(1);
    await act(first.id, { kind: 'retry' });
    await act(third?.id ?? '', { kind: 'discard' });
    expect(await begin()).toEqual([]);
  });

  it('parked ones of one key that are retried out of turn run one after the other', async () => {
    await receive(journal, arrival('k1', { key: 'K' }), arrival('k2', { key: 'K' }));
    await journal.recover([]);
    const rows = (await journal.reader.list({ key: 'K' }, { limit: 9 })).rows.toReversed();
    for (const { id } of rows.toReversed()) await act(id, { kind: 'retry' });
    expect(await begin()).toHaveLength(1);
  });

  it('a late reply to one that was let by others does not put two at work', async () => {
    const first = await begun('k1', { key: 'K' });
    await receive(journal, arrival('k2', { key: 'K' }));
    const seq = await journal.leave(first, leaving(first, { later: { correlation: 'R', expiresMs: 9_000 } }), 3_000);
    await journal.called(first, seq, leaving(first), { state: 'calling', failure: null }, [], 3_000);
    await journal.park(first, { code: 'REPLY_TIMEOUT', message: 'x' }, 3_000);
    await act(first.id, { kind: 'pass' });
    expect(await begin()).toHaveLength(1);
    await journal.replied(system, 'R', 'late', [], 4_000);
    expect(await begin()).toEqual([]);
  });
});

describe('a key with a long line behind it (rule 18)', () => {
  it('is looked up by index, whoever is at work', () => {
    const db = new DatabaseSync(path, { readOnly: true });
    const plan = db
      .prepare(
        "EXPLAIN QUERY PLAN SELECT 1 FROM translation WHERE system = ? AND key = ? AND seq <> ? AND holds = 1 AND (ready = 1 OR state IN ('running', 'waiting')) LIMIT 1",
      )
      .all('s', 'k', 1);
    db.close();
    expect(plan.map((step) => step['detail']).join()).toContain('translation_key_active (system=? AND key=?');
  });
});

describe('replies that come at a bad moment (rule 9)', () => {
  async function timedOut(): Promise<{ started: Started; seq: number }> {
    const first = await begun('r1');
    const later = { correlation: 'R', expiresMs: 9_000 };
    const seq = await journal.leave(first, leaving(first, { later }), 3_000);
    await journal.called(first, seq, leaving(first, { later }), { state: 'calling', failure: null }, [], 3_000);
    await journal.wait(first, { for: 'reply', dueMs: 9_000 }, 3_000);
    await journal.wake(10_000);
    const [started] = await begin();
    if (started === undefined) throw new Error('not woken');
    return { started, seq };
  }

  it('a reply that comes while the run is about to park for it makes it ready instead', async () => {
    const { started } = await timedOut();
    expect(await journal.replied(system, 'R', 'late', [], 11_000)).toBe('answered');
    await journal.park(started, { code: 'REPLY_TIMEOUT', message: 'x' }, 11_000);
    const [again] = await begin();
    expect(again?.recorded[0]).toMatchObject({ state: 'answered', answer: 'late' });
  });

  it('a call whose reply came meanwhile does not leave again', async () => {
    const { started, seq } = await timedOut();
    expect(await journal.replied(system, 'R', 'late', [], 11_000)).toBe('answered');
    await expect(journal.leave(started, leaving(started, { seq }), 11_000)).rejects.toMatchObject({ class: 'transient' });
  });

  it('an answer the run has seen is not replaced by a late reply', async () => {
    const { started, seq } = await timedOut();
    await journal.called(started, seq, leaving(started, { seq }), { state: 'answered', answer: 'probed', by: 'probe' }, [], 11_000);
    expect(await journal.replied(system, 'R', 'late', [], 11_500)).toBe('evidence');
    await journal.wait(started, { for: 'time', dueMs: 12_000, failure: null, counts: true }, 11_600);
    await journal.wake(12_000);
    expect((await begin())[0]?.recorded[0]?.answer).toBe('probed');
  });
});

describe('calls', () => {
  it('rule 5: a repeatable call that has left stays law when making it again does not even leave', async () => {
    const first = await begun('e1');
    const seq = await journal.leave(first, leaving(first, { effect: 'repeatable' }), 3_000);
    await journal.called(first, seq, leaving(first, { effect: 'repeatable' }), { state: 'calling', failure: null }, [], 3_000);
    await journal.wait(first, { for: 'time', dueMs: 4_000, failure: null, counts: true }, 3_000);
    await journal.wake(4_000);
    const [second] = await begin();
    if (second === undefined) throw new Error('not woken');
    const again = leaving(second, { effect: 'repeatable', seq, leftMs: null });
    await journal.called(second, seq, again, { state: 'not sent', failure: { code: 'UNREACHABLE', message: 'x' } }, [], 5_000);
    await journal.wait(second, { for: 'time', dueMs: 6_000, failure: null, counts: true }, 5_000);
    await journal.wake(6_000);
    expect((await begin())[0]?.recorded).toMatchObject([{ name: 'Create', state: 'calling' }]);
  });
});

describe('what stays and what goes', () => {
  it('rule 25: a large duplicate leaves no chunks behind', async () => {
    const data = JSON.stringify('x'.repeat(300_000));
    await receive(journal, arrival('big', { data }));
    const before = count('SELECT count(*) AS n FROM body_chunk');
    await receive(journal, arrival('big', { data }));
    expect(count('SELECT count(*) AS n FROM body_chunk')).toBe(before);
  });

  it('rule 33: with payload none, a reply that a local queue and the log hold keeps its bytes', async () => {
    const started = await begun('n1', { keepBodies: false });
    const [row] = await journal.answered(started, [reply('r1')], 3_000);
    await spool.handOver(row?.seq ?? 0, ['billing'], 4_000);
    expect((await spool.fetch('billing', 0, 9)).map(({ event }) => Buffer.from(event.data).toString())).toEqual(['{"ok":true}']);
    expect((await spool.log(0, 9)).map(({ event }) => event.attributes.id)).toEqual(['r1']);
  });

  it('rule 22: after retention and a restart, feed positions and sequences go on', async () => {
    const started = await begun('f1');
    await journal.answered(started, [], 3_000);
    const row = await stateOf(started.id);
    while (await journal.sweep({ keepMs: 1_000, dedupeMs: 1_000_000 }, 50, 50_000));
    await reopen();
    await journal.recover(known);
    const [next] = await receive(journal, arrival('f2'));
    const after = await stateOf(next?.id ?? '');
    expect(after?.seq).toBeGreaterThan(row?.seq ?? 0);
    expect(after?.changed).toBeGreaterThan(row?.changed ?? 0);
    await receive(journal, arrival('f1'));
    expect((await stateOf(next?.id ?? ''))?.duplicates).toBe(0);
  });

  it('rule 15: an identity is not forgotten while its translation is kept', async () => {
    const started = await begun('i1');
    await journal.answered(started, [], 3_000);
    while (await journal.sweep({ keepMs: 1_000_000, dedupeMs: 10 }, 50, 50_000));
    expect((await receive(journal, arrival('i1')))[0]?.outcome).toBe('duplicate');
  });

  it('rule 9: the native bytes of a reply nobody awaits are kept', async () => {
    await journal.replied(system, 'NOBODY', 'x', [{ kind: 'received', atMs: 1, media: 'text/plain', bytes: Buffer.from('native') }], 3_000);
    expect(count('SELECT count(*) AS n FROM candidate_part p JOIN body b ON b.id = p.body')).toBe(1);
  });
});

describe('the file', () => {
  it('somebody who holds the write lock for a moment does not end the gateway', async () => {
    const holder = new Worker(
      `const { DatabaseSync } = require('node:sqlite'); const { parentPort } = require('node:worker_threads');
       const db = new DatabaseSync(${JSON.stringify(path)}); db.exec('BEGIN IMMEDIATE'); parentPort.postMessage('held');
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); db.exec('COMMIT'); db.close();`,
      { eval: true },
    );
    await new Promise((resolve) => holder.once('message', resolve));
    await receive(journal, arrival('w1'));
    expect(fatals).toEqual([]);
    await holder.terminate();
  });

  it('rule 25: chunks whose record never came are gone at the next start', async () => {
    await journal.close();
    const db = new DatabaseSync(path);
    db.exec("INSERT INTO body_chunk VALUES (99, 0, x'00')");
    db.close();
    await open();
    expect(count('SELECT count(*) AS n FROM body_chunk')).toBe(0);
  });

  it('a key that is none is refused before anything is written, and is not shown', async () => {
    await journal.close();
    const encryption = Object.assign(new EncryptionSettings(), { key: new Secret('env:KEY', 'tooshort') });
    const settings = Object.assign(new JournalSettings(), { path, reserveBytes: 0, encryption });
    const refused = await openSqliteJournal(settings, new SystemClock()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('tooshort') });
  });

  it('what is asked after the close is refused, not thrown into the process', async () => {
    await journal.close();
    await expect(receive(journal, arrival('c1'))).rejects.toMatchObject({ code: 'STOPPING' });
  });
});

describe('the embedded bus', () => {
  it('rule 33: what is published before a system consumes again after a restart is kept for it', async () => {
    const bus = new EmbeddedBus(spool, new SystemClock());
    const consumer = await bus.consume('billing', ['r.#'], () => undefined);
    await consumer.close();
    await bus.close();
    const started = await begun('b1');
    await journal.answered(started, [reply('r1')], 3_000);
    await reopen();
    await journal.recover(known);
    const again = new EmbeddedBus(spool, new SystemClock());
    for (const row of await journal.unpublished(0, 9)) expect(await again.publish(row)).toMatchObject({ routed: true });
    const delivery = await new Promise<Delivery>((resolve) => void again.consume('billing', ['r.#'], resolve));
    expect('event' in delivery.content && delivery.content.event.attributes.id).toBe('r1');
    delivery.ack();
    await again.close();
  }, 5_000);
});

describe('a reply that reached no queue', () => {
  it('rule 19: keeps its body under payload none, and can be published again', async () => {
    const started = await begun('gone', { keepBodies: false });
    const [row] = await journal.answered(started, [reply('r1')], 3_000);
    await journal.published(row?.seq ?? 0, false, 3_100);
    const request = { key: 'again', translationId: started.id, version: null, who: 'ann', why: 'a queue is bound by now' };
    expect(await journal.act({ ...request, act: { kind: 'republish' } }, 4_000)).toMatchObject({ state: 'answered' });
    const [again] = await journal.unpublished(0, 10);
    expect(Buffer.from(again?.event.data ?? []).toString()).toBe('{"ok":true}');
  });
});
