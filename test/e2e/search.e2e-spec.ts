import { IsString } from 'class-validator';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Parts, configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { Adapter, EventType, Operation, Sensitive } from '../../src/contract/index.ts';
import { type TranslationRow } from '../../src/contract/journal-reader.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { depotCalls, depotLayout } from '../../src/practice/line/depot.adapter.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineTransport } from '../../src/practice/line/line.transport.ts';
import { Told } from '../support/depot.ts';

@EventType('test.admitted.v1')
class Admitted {
  @IsString()
  @Sensitive()
  patient: string;

  @IsString()
  ward: string;
}

@EventType('test.ordered.v1')
class Ordered {
  @IsString()
  order: string;

  @IsString()
  customer: string;
}

@Operation({ accepts: Admitted, replies: [Told], key: 'ward', businessKey: 'patient' })
class Admit {
  translate(): Told {
    throw new Error('not today');
  }
}

@Operation({ accepts: Ordered, replies: [Told], businessKey: 'order' })
class Order {
  translate({ order }: Ordered): Told {
    return new Told(order);
  }
}

@Adapter({ system: 'depot', about: 'A depot under test.', layouts: [depotLayout], calls: depotCalls, operations: [Admit, Order] })
class WardAdapter {}

let folder: string;
let depot: PracticeDepot;
let gateway: RunningGateway;
const roles = ['viewer', 'operator', 'admin'] as const;
type Role = (typeof roles)[number];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-search-'));
  depot = await PracticeDepot.start();
  const file = join(folder, 'gatehouse.yaml');
  writeFileSync(
    file,
    `gateway: { logLevel: error }\njournal: { path: ${join(folder, 'journal.db')}, reserveBytes: 0 }\nsystems: { depot: { line: { port: ${depot.port} } } }
http:\n  port: 0\n  tokens:\n${['sender', ...roles].map((role) => `    - { name: ${role}-1, role: ${role}, token: { env: TOKEN_${role} } }`).join('\n')}\n`,
  );
  const parts: Parts = { adapters: [WardAdapter], transports: [new LineTransport()] };
  const env = Object.fromEntries(['sender', ...roles].map((role) => [`TOKEN_${role}`, `secret-${role}`]));
  gateway = await run(loadConfig(configSchema(parts), { file, env }), parts);
  for (const n of [1, 2, 3]) await post('test.admitted.v1', `A${n}`, { patient: `CANARY-${n}`, ward: 'ward-7' });
  for (const n of [1, 2, 3]) await post('test.ordered.v1', `O${n}`, { order: `CANDLES-${n}`, customer: 'c' });
  await vi.waitFor(
    async () => {
      expect(await eventIds('viewer', 'state=parked')).toEqual(['A1']);
      expect(await eventIds('viewer', 'state=published')).toHaveLength(3);
    },
    { timeout: 60_000 },
  );
});
afterAll(async () => {
  await gateway.stop();
  depot.close();
  rmSync(folder, { recursive: true, force: true });
});

const post = (type: string, id: string, data: object, attributes: object = {}) =>
  supertest(gateway.url)
    .post('/events')
    .set({ authorization: 'Bearer secret-sender', 'content-type': 'application/cloudevents+json' })
    .send(JSON.stringify({ specversion: '1.0', id, source: '/wards', type, data, ...attributes }))
    .expect(202);
const get = (role: Role, path: string) => supertest(gateway.url).get(path).set('authorization', `Bearer secret-${role}`);
const eventIds = async (role: Role, query: string): Promise<string[]> =>
  ((await get(role, `/api/translations?${query}`).expect(200)).body.rows as TranslationRow[]).map(({ eventId }) => eventId);

describe('searches', () => {
  it('rule 42: a text finds nothing in masked keys for those who may not reveal them, and everything else', async () => {
    expect(await eventIds('viewer', 'text=CAN')).toEqual(['O3', 'O2', 'O1']);
    expect(await eventIds('operator', 'text=CAN')).toEqual(['O3', 'O2', 'O1', 'A3', 'A2', 'A1']);
    expect(await eventIds('viewer', 'text=CANARY-1')).toEqual([]);
    expect(await eventIds('operator', 'text=CANARY-1')).toEqual(['A1']);
    // The ward is no secret, and a word says which of them.
    expect(await eventIds('viewer', 'text=ward')).toEqual(['A3', 'A2', 'A1']);
    expect(await eventIds('viewer', 'text=ward%20A2')).toEqual(['A2']);
    await get('viewer', '/api/translations?businessKey=CANARY-1').expect(403);
    await get('viewer', '/api/translations/counts?key=ward-7').expect(403);
    await get('viewer', '/api/changes?businessKey=CANARY-1').expect(403);
  });

  it('rule 42: counts say no more of masked keys than the list does', async () => {
    const counts = async (role: Role) => (await get(role, '/api/translations/counts?text=CANARY').expect(200)).body;
    const none = { count: 0, more: false };
    expect(await counts('viewer')).toMatchObject({ parked: none, received: none, published: none, inDoubt: none });
    expect(await counts('operator')).toMatchObject({ parked: { count: 1, more: false }, received: { count: 2, more: false }, published: none });
  });

  it('finds by event type, code, id and state; several with commas', async () => {
    const [{ id }] = (await get('viewer', '/api/translations?eventId=O2')).body.rows as [TranslationRow];
    expect(await eventIds('viewer', `text=${id.slice(0, 10)}`)).toEqual(['O2']);
    expect(await eventIds('viewer', 'text=ordered')).toEqual(['O3', 'O2', 'O1']);
    expect(await eventIds('viewer', 'text=defect')).toEqual(['A1']);
    expect(await eventIds('viewer', 'state=parked,received&system=depot,other&operation=admit')).toEqual(['A3', 'A2', 'A1']);
    expect(await eventIds('viewer', 'overMs=0&state=received&from=2020-01-01&to=2999-01-01T00:00:00Z')).toEqual(['A3', 'A2']);
    expect(await eventIds('viewer', 'inDoubt=1')).toEqual([]);
    expect((await get('viewer', '/api/translations/counts?state=parked')).body).toMatchObject({
      published: { count: 3, more: false },
      received: { count: 2 },
    });
  });

  it.each([
    ['state=parked,lost', "'state' is one or more of received, running, waiting, parked, answered, published, discarded"],
    ['overMs=soon', "'overMs' is a whole number"],
    ['limit=-1', "'limit' is a whole number"],
    ['before=x', "'before' is a whole number"],
    ['from=yesterday', "'from' is no ISO 8601 time"],
    ['from=2026-01-02&to=2026-01-01', "'from' is before 'to'"],
    ['inDoubt=maybe', "'inDoubt' is 1 or 0"],
    ['state=parked&state=waiting', "'state' is given once"],
    ['sate=parked', "there is no parameter 'sate'; there are text, state, "],
    ['text=(201 letters)', "'text' has at most 200 characters and 8 words"],
    ['text=a%20b%20c%20d%20e%20f%20g%20h%20i', "'text' has at most 200 characters and 8 words"],
    ['system=(600 letters)', "'system' has at most 512 characters"],
  ])('what means nothing is refused by the name of its parameter: %s', async (asked, message) => {
    const query = asked.replace(/\((\d+) letters\)/, (_, n) => 'x'.repeat(Number(n)));
    const { body } = await get('viewer', `/api/translations?${query}`).expect(409);
    expect(body).toMatchObject({ code: 'NOT_POSSIBLE', message: expect.stringContaining(message), remedy: expect.any(String) });
  });
});

describe('the feed of changes', () => {
  interface Message {
    readonly id: number;
    readonly data: Partial<TranslationRow> & { left?: true };
  }

  /** Reads until so many messages with data have come. */
  async function read(query: string, count: number, meanwhile: () => Promise<unknown> = () => Promise.resolve(), lastId?: number) {
    const aborter = new AbortController();
    const headers = { authorization: 'Bearer secret-viewer', ...(lastId === undefined ? {} : { 'last-event-id': String(lastId) }) };
    const response = await fetch(`${gateway.url}/api/changes?${query}`, { headers, signal: aborter.signal });
    let text = '';
    let messages: Message[] = [];
    let first: number | null = null;
    let done = false;
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      first ??= Number(/^id: (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
      messages = [...text.matchAll(/id: (\d+)\ndata: (.*)\n\n/g)].map(([, id, data]) => ({
        id: Number(id),
        data: JSON.parse(data ?? '') as Message['data'],
      }));
      if (!done) await meanwhile();
      done = true;
      if (messages.length >= count) break;
    }
    aborter.abort();
    return { first, messages, text };
  }

  it('rule 42: rows are masked as in the list', async () => {
    const { messages, text } = await read('after=0', 6);
    expect(text).not.toContain('CANARY');
    const admitted = messages.filter(({ data }) => data.operation === 'admit');
    expect(admitted.length).toBeGreaterThan(0);
    for (const { data } of admitted) expect(data).toMatchObject({ businessKey: '••••', key: 'ward-7' });
  });

  it('it begins with where it is; what the filter does not fit is left out, and what may have fitted leaves', async () => {
    const { first, messages } = await read('operation=order&state=parked,waiting', 1, () =>
      post('test.ordered.v1', 'O4', { order: 'X-4', customer: 'c' }),
    );
    expect(first).toBeGreaterThan(0);
    expect(messages[0]?.id).toBeGreaterThan(first ?? 0);
    expect(messages[0]?.data).toEqual({ seq: expect.any(Number), id: expect.any(String), changed: messages[0]?.id, left: true });
    await expect.poll(async () => (await eventIds('viewer', 'eventId=O4&state=published')).length).toBe(1);
    // Who was away meanwhile reads on from there.
    const { messages: later } = await read('eventId=O4', 1, undefined, first ?? 0);
    expect(later.at(-1)?.data).toMatchObject({ eventId: 'O4', state: 'published' });
  });

  it('a filter that means nothing is refused before the stream begins', async () => {
    await get('viewer', '/api/changes?state=lost').expect(409);
  });
});

describe('groups', () => {
  it('what is parked is grouped as asked; a note is an operator’s, is shown with its group, and is in the audit log', async () => {
    const by = { code: 'DEFECT', system: 'depot', operation: 'admit' };
    const group = async () => (await get('viewer', '/api/groups').expect(200)).body.groups[0];
    expect(await group()).toMatchObject({ by, count: 1, inDoubt: 0, note: null });
    expect((await group()).spark).toHaveLength(24);
    const put = (role: Role, body: object) =>
      supertest(gateway.url)
        .put('/api/groups/note')
        .set({ authorization: `Bearer secret-${role}`, 'content-type': 'application/json' })
        .send(JSON.stringify(body));
    await put('viewer', { by, note: 'x', key: 'x', version: null }).expect(403);
    const mine = { by, note: 'known', owner: 'ann', key: 'mine', version: null };
    const written = (await put('operator', mine).expect(200)).body.note;
    expect((await put('operator', mine).expect(200)).body.note).toEqual(written);
    expect((await put('operator', { ...mine, note: 'theirs', key: 'theirs' }).expect(409)).body).toMatchObject({
      code: 'CHANGED',
      message: expect.stringMatching(/operator-1 wrote another note .* read both/),
    });
    expect(await group()).toMatchObject({
      note: { note: 'known', owner: 'ann', who: 'operator-1', atMs: expect.any(Number), version: written.version },
    });
    const daily = (await get('viewer', '/api/groups?by=day,code').expect(200)).body.groups[0];
    expect(daily).toMatchObject({ by: { code: 'DEFECT' }, note: null });
    // It may have been parked before midnight.
    expect([0, 1].map((ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10))).toContain(daily.by.day);
    expect((await get('admin', '/api/audit')).body[0]).toMatchObject({ who: 'operator-1', what: 'note', why: 'known (ann looks after it)' });
    for (const wrong of [
      { by: {} },
      { by: { colour: 'red' } },
      { by: { code: 7 } },
      { by: { day: 'today' } },
      { by, note: 'x'.repeat(2_001) },
      { by, owner: 7 },
    ])
      expect((await put('operator', { key: 'x', version: null, ...wrong }).expect(409)).body.code).toBe('NOT_POSSIBLE');
    expect((await get('viewer', '/api/groups?by=code,colour').expect(409)).body.message).toContain(
      'code, system, operation, type, source, day, native',
    );
  });
});

describe('flows', () => {
  it('a correlation id shows what it connects, with masked rows; an unknown one is not there', async () => {
    await post('test.ordered.v1', 'O9', { order: 'X-9', customer: 'c' }, { correlationid: 'flow-9' });
    await expect.poll(async () => (await eventIds('viewer', 'eventId=O9&state=published')).length).toBe(1);
    const { body } = await get('viewer', '/api/flows/flow-9').expect(200);
    expect(body).toMatchObject({
      correlation: 'flow-9',
      more: false,
      translations: [{ eventId: 'O9', state: 'published' }],
      edges: [{ kind: 'publishes' }, { from: '/wards O9', kind: 'starts' }],
    });
    expect(body.events).toHaveLength(2);
    expect((await get('viewer', '/api/flows/A1').expect(200)).text).not.toContain('CANARY');
    await get('viewer', '/api/flows/nobody').expect(404);
  });
});
