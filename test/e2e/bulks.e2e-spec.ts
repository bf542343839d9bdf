import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema, ownParts } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type BulkItemsView, type BulkSelectionView, type BulkStoryView, type BulkView } from '../../src/console/bulk.view.ts';
import { type Code } from '../../src/contract/errors.ts';
import { Journal } from '../../src/contract/journal.ts';
import { type TranslationRow } from '../../src/contract/journal-reader.ts';
import { Spool } from '../../src/contract/spool.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { PracticeServiceNow } from '../../src/practice/servicenow/servicenow.server.ts';
import { park, parkedId } from '../support/parked.ts';

const eventually = { timeout: 180_000, interval: 20 };
const within = { timeout: 300_000 };
const operation = 'open-incident';
const idOf = (ref: string): string => parkedId(ref, operation, 'servicenow');
let folder: string;
let practice: PracticeServiceNow;
let running: RunningGateway;

async function start(): Promise<RunningGateway> {
  const file = join(folder, 'gatehouse.yaml');
  const roles = ['viewer', 'operator', 'admin'];
  writeFileSync(
    file,
    `http:\n  port: 0\n  tokens:\n${roles.map((role) => `    - { name: ${role}-1, role: ${role}, token: { env: TOKEN_${role} } }`).join('\n')}
gateway: { logLevel: error }
journal: { path: ${join(folder, 'journal.db')}, reserveBytes: 0 }
systems: { servicenow: { backlog: 100000, soap: { url: "${practice.url}", user: gatehouse, password: { env: PRACTICE } } } }
`,
  );
  const tokens = Object.fromEntries(roles.map((role) => [`TOKEN_${role}`, `secret-${role}`]));
  return run(loadConfig(configSchema(ownParts), { file, env: { PRACTICE: 'practice', ...tokens } }));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-bulks-'));
  practice = await PracticeServiceNow.start();
  running = await start();
});
afterAll(async () => {
  await running.stop();
  await practice.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Role = 'viewer' | 'operator' | 'admin';
const bearer = (role: Role): [string, string] => ['authorization', `Bearer secret-${role}`];
async function asked<T>(method: 'get' | 'post', path: string, body: object | null = null, role: Role = 'operator'): Promise<T & { status: number }> {
  const agent = supertest(running.url);
  const request = (method === 'get' ? agent.get(`/api${path}`) : agent.post(`/api${path}`)).set(...bearer(role));
  const { status, body: answer } = await (body === null ? request : request.set('content-type', 'application/json').send(JSON.stringify(body)));
  return { ...(answer as T), status };
}
const post = <T = BulkView & { code: string; message: string }>(path: string, body: object, role: Role = 'operator') =>
  asked<T>('post', path, body, role);
const get = <T>(path: string, role: Role = 'viewer') => asked<T>('get', path, null, role);

let keys = 0;
const request = (act: unknown, selection: object, more: object = {}) => {
  keys += 1;
  return { act, ...selection, why: 'ServiceNow is back', key: `k${keys}`, ...more };
};
const coded = (code: Code) => ({ filter: { system: 'servicenow', code } });

async function parked(prefix: string, count: number, code: Code = 'DEFECT'): Promise<string[]> {
  const refs = Array.from({ length: count }, (_, n) => `${prefix}-${n + 1}`);
  await park(
    running.app.get(Journal),
    refs.map((ref) => ({
      ref,
      code,
      operation,
      key: `caller-${ref}`,
      type: 'com.acme.service.requested.v1',
      data: { requestId: ref, callerId: `caller-${ref}`, summary: 'No network' },
    })),
    'servicenow',
  );
  return refs;
}

async function ended(seq: number): Promise<BulkStoryView> {
  await expect.poll(async () => (await get<BulkView>(`/bulks/${seq}`)).state, eventually).toBe('done');
  return get<BulkStoryView>(`/bulks/${seq}`);
}
const stateOf = async (ref: string): Promise<string | undefined> =>
  (await get<{ translation: { state: string } }>(`/translations/${idOf(ref)}`)).translation.state;

/** Reads the stream of changes until `enough`. @returns what it told, and the last position */
async function changes(after: number | null, enough: (views: readonly BulkView[]) => boolean): Promise<{ views: BulkView[]; last: number }> {
  const aborter = new AbortController();
  const response = await fetch(`${running.url}/api/bulks/changes${after === null ? '' : `?after=${after}`}`, {
    headers: { authorization: 'Bearer secret-viewer' },
    signal: aborter.signal,
  });
  const views: BulkView[] = [];
  let [text, last] = ['', 0];
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    for (const [, id, data] of text.matchAll(/id: (\d+)\ndata: (.*)\n\n/g)) {
      expect(Number(id)).toBeGreaterThan(last);
      last = Number(id);
      views.push(JSON.parse(data ?? '') as BulkView);
    }
    text = text.slice(text.lastIndexOf('\n\n') + 2);
    if (enough(views)) break;
  }
  aborter.abort();
  return { views, last };
}

describe('bulk actions', () => {
  it('of 10,000 parked translations: counted, confirmed, retried once each, with progress as it happens', within, async () => {
    await parked('many', 10_000);
    await post('/systems/servicenow/hold', { why: 'so that nothing runs' });
    const selection = coded('DEFECT');
    expect(await post<BulkSelectionView>('/bulks/selection', selection)).toMatchObject({
      count: 10_000,
      groups: [{ system: 'servicenow', operation, count: 10_000 }],
    });
    // What a search cannot name selects as many, in whatever order it comes.
    const { rows } = await get<{ rows: TranslationRow[] }>('/translations?limit=1');
    const group = { native: null, source: rows[0]?.source, code: 'DEFECT' };
    expect(await post<BulkSelectionView>('/bulks/selection', { group })).toMatchObject({ count: 10_000 });
    const asking = request('retry', { group }, { rate: 0, expected: 10_000 });
    const watching = changes(null, (views) => views.at(-1)?.state === 'done');
    const begun = await post('/bulks', asking);
    expect(begun).toMatchObject({ status: 201, total: 10_000, who: 'operator-1', why: 'ServiceNow is back', perSecond: 0 });
    expect(begun.selection).toEqual({ group });
    const again = await post('/bulks', { ...asking, group: { code: 'DEFECT', source: group.source, native: null } });
    expect([again.status, again.seq]).toEqual([201, begun.seq]);
    expect(await ended(begun.seq)).toMatchObject({ done: 10_000, failed: 0, skipped: 0, troubles: [], perSecondNow: 0 });
    const { views, last } = await watching;
    expect(views.length).toBeGreaterThan(5);
    expect(views.at(-1)).toMatchObject({ seq: begun.seq, done: 10_000 });
    expect((await changes(last - 1, (told) => told.length > 0)).views).toHaveLength(1);
    // They are ready and wait for their system.
    const tallies = running.gateway.desk.tallies().filter(({ count }) => count > 0);
    expect(tallies).toEqual([expect.objectContaining({ state: 'received', detail: '', count: 10_000 })]);
    const audit = await running.app.get(Journal).reader.audit({ limit: 500 });
    expect(audit.filter(({ what }) => what === 'retry').length).toBeGreaterThan(400);
    expect(audit.filter(({ subject }) => subject === `bulk ${begun.seq}`).map(({ what }) => what)).toEqual(['bulk done']);
  });

  it('a viewer sees them and starts, stops and resumes none', within, async () => {
    const [first] = await parked('viewed', 1, 'CODE_CHANGED');
    const asking = request('discard', coded('CODE_CHANGED'));
    expect([(await post('/bulks', asking, 'viewer')).status, (await post('/bulks/selection', asking, 'viewer')).status]).toEqual([403, 403]);
    for (const turn of ['stop', 'resume', 'rate'])
      expect((await post(`/bulks/1/${turn}`, { why: 'x', key: 'x', rate: 1 }, 'viewer')).status).toBe(403);
    expect((await get<{ rows: BulkView[] }>('/bulks')).rows.length).toBeGreaterThan(0);
    expect(await stateOf(first ?? '')).toBe('parked');
  });

  it('what cannot be meant is refused with words, and nothing is begun', within, async () => {
    await parked('odd', 101, 'TOO_MANY_CALLS');
    const before = (await get<{ rows: BulkView[] }>('/bulks')).rows.length;
    const mistakes: readonly [object, RegExp][] = [
      [request('retry', coded('STALLED')), /no translation fits/],
      [request('retry', coded('TOO_MANY_CALLS')), /101 translations fit: confirm with expected: 101/],
      [request('retry', coded('TOO_MANY_CALLS'), { expected: 100 }), /101 translations fit by now, more than the 100/],
      [request('retry', { filter: { sytem: 'servicenow' } }), /'sytem' is none/],
      [request('retry', { filter: {} }), /no condition/],
      [request('retry', { filter: { system: ['a'] } }), /'system' is none/],
      [request('retry', {}), /one of 'filter', 'ids' and 'group'/],
      [request('retry', { ids: ['a1b2c3'] }), /whole translation ids/],
      [request('retry', { group: {} }), /'group' has the values of a group/],
      [request('retry', { group: { source: '/portal', sytem: 'servicenow' } }), /'group' has the values of a group/],
      [request('retry', { group: { day: '2026-02-31x' } }), /'group' has the values of a group/],
      [request('happened', coded('TOO_MANY_CALLS')), /one by one/],
      [request('shout', coded('TOO_MANY_CALLS')), /'act' is one of/],
      [request('retry', coded('TOO_MANY_CALLS'), { why: ' ' }), /say why/],
      [request('retry', coded('TOO_MANY_CALLS'), { key: undefined }), /send a 'key'/],
      [request('retry', coded('TOO_MANY_CALLS'), { rate: -1 }), /how many a second/],
      [request('retry', coded('TOO_MANY_CALLS'), { expected: 'all' }), /whole number/],
    ];
    for (const [body, words] of mistakes) expect(await post('/bulks', body)).toMatchObject({ status: 409, message: expect.stringMatching(words) });
    expect((await get<{ rows: BulkView[] }>('/bulks')).rows).toHaveLength(before);
    expect((await get('/bulks/999')).status).toBe(404);
    expect((await post('/bulks/999/stop', { why: 'x', key: 'x' })).status).toBe(404);
  });

  it('stops where it is, tells whoever was slower, and goes on with the rest', within, async () => {
    const refs = await parked('slow', 60, 'TOO_MANY_CALLS');
    const selection = { ids: refs.map(idOf) };
    const seen = await get<{ translation: { version: number } }>(`/translations/${idOf('slow-1')}`);
    const { seq } = await post('/bulks', request('discard', selection, { rate: 5 }));
    await expect.poll(async () => (await get<BulkView>(`/bulks/${seq}`)).done, eventually).toBeGreaterThan(0);
    const stop = { why: 'wait', key: 'stop-once' };
    const stopped = await post(`/bulks/${seq}/stop`, stop);
    expect(stopped).toMatchObject({ status: 200, state: 'stopped' });
    expect((await post(`/bulks/${seq}/stop`, stop)).status).toBe(200);
    expect(stopped.done).toBeLessThan(60);
    // Somebody looked before the bulk came by: told.
    const late = await post(`/translations/${idOf('slow-1')}/actions`, { act: { kind: 'retry' }, why: 'x', version: seen.translation.version });
    expect(late).toMatchObject({ status: 409, code: 'CHANGED' });
    // Somebody was faster than the bulk: it is told.
    expect((await post(`/translations/${idOf('slow-60')}/actions`, { act: { kind: 'retry' }, why: 'x' })).status).toBe(200);
    expect((await get<BulkView>(`/bulks/${seq}`)).done).toBe(stopped.done);
    expect(await post(`/bulks/${seq}/rate`, { rate: 0, why: 'faster', key: 'r1' })).toMatchObject({ status: 200, perSecond: 0, state: 'stopped' });
    expect((await post(`/bulks/${seq}/resume`, { why: 'on', key: 'r2' })).status).toBe(200);
    const story = await ended(seq);
    expect([story.done, story.failed, story.skipped]).toEqual([59, 0, 1]);
    expect(story.troubles).toEqual([
      expect.objectContaining({ translationId: idOf('slow-60'), state: 'skipped', failure: expect.objectContaining({ code: 'CHANGED' }) as object }),
    ]);
    expect([await stateOf('slow-1'), await stateOf('slow-59'), await stateOf('slow-60')]).toEqual(['discarded', 'discarded', 'received']);
    expect((await get<BulkItemsView>(`/bulks/${seq}/items?state=skipped`)).rows).toHaveLength(1);
    expect((await get<BulkItemsView>(`/bulks/${seq}/items?state=done&after=57&limit=500`)).rows).toHaveLength(2);
    expect(await post(`/bulks/${seq}/stop`, { why: 'x', key: 'late' })).toMatchObject({ status: 409, code: 'NOT_POSSIBLE' });
  });

  it(
    'a discard publishes a declared refusal for each, with the reason and its own values; what is not declared is refused at once',
    within,
    async () => {
      const refs = await parked('refuse', 3, 'REPLY_INVALID');
      const type = 'com.acme.incident.refused.v1';
      const data = { requestId: '{{event.requestId}}', code: 'GIVEN_UP', reason: '{{reason}} ({{businessKey}})' };
      const withReply = (reply: object) => request({ kind: 'discard', reply }, coded('REPLY_INVALID'));
      expect(await post('/bulks', withReply({ type: 'x.y', data }))).toMatchObject({ status: 422, code: 'REPLY_INVALID' });
      expect(await post('/bulks', withReply({ type, data: { ...data, reason: '{{why}}' } }))).toMatchObject({ status: 409, code: 'NOT_POSSIBLE' });
      expect(await post('/bulks', withReply({ type, data: { code: 'X' } }))).toMatchObject({ status: 422, code: 'REPLY_INVALID' });
      const { seq } = await post('/bulks', withReply({ type, data }));
      expect(await ended(seq)).toMatchObject({ done: 3, failed: 0 });
      const spool = running.app.get(Spool);
      await expect
        .poll(
          async () =>
            (await spool.log(0, 500))
              .filter(({ event }) => event.attributes.type === type)
              .map(({ event }) => JSON.parse(Buffer.from(event.data).toString()) as object),
          eventually,
        )
        .toEqual(refs.map((ref) => ({ requestId: ref, code: 'GIVEN_UP', reason: `ServiceNow is back (${ref})` })));
      expect((await get<BulkView>(`/bulks/${seq}`)).act).toMatchObject({ reply: { type, data: '••••' } });
      expect((await get<BulkView>(`/bulks/${seq}`, 'operator')).act).toMatchObject({ reply: { data } });
    },
  );

  it('goes on after a restart, one after the other, and does nothing twice', within, async () => {
    const refs = await parked('restart', 80, 'CALL_LEFT_OPEN');
    const first = await post('/bulks', request('replay', { ids: refs.map(idOf) }, { rate: 8 }));
    const second = await post('/bulks', request('discard', { ids: refs.slice(0, 5).map(idOf) }, { rate: 0 }));
    await expect.poll(async () => (await get<BulkView>(`/bulks/${first.seq}`)).done, eventually).toBeGreaterThan(2);
    expect(await get<BulkView>(`/bulks/${second.seq}`)).toMatchObject({ state: 'running', done: 0, behind: first.seq, leftMs: null });
    await running.stop();
    running = await start();
    const between = await get<BulkView>(`/bulks/${first.seq}`);
    expect(between.done).toBeLessThan(80);
    await post(`/bulks/${first.seq}/rate`, { rate: 0, why: 'enough of that', key: 'faster' });
    expect(await ended(first.seq)).toMatchObject({ done: 80, failed: 0, skipped: 0 });
    expect(await ended(second.seq)).toMatchObject({ done: 5 });
    for (const ref of refs) expect((await running.app.get(Journal).reader.story(idOf(ref)))?.replays, ref).toHaveLength(1);
  });
});
