import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema, ownParts, readConfig } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { PracticeServiceNow } from '../../src/practice/servicenow/servicenow.server.ts';

let folder: string;
let practice: PracticeServiceNow;
let open: RunningGateway;
let guarded: RunningGateway;

const env = (name: string, more: Record<string, string> = {}): Record<string, string> => ({
  GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
  GATEHOUSE_GATEWAY__MAXEVENTBYTES: '100000',
  GATEHOUSE_JOURNAL__PATH: join(folder, `${name}.db`),
  GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
  GATEHOUSE_HTTP__PORT: '0',
  GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: practice.url,
  GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__USER: 'gatehouse',
  GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__PASSWORD__ENV: 'PRACTICE',
  PRACTICE: 'practice',
  ...more,
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-http-'));
  practice = await PracticeServiceNow.start();
  open = await run(loadConfig(configSchema(ownParts), { env: env('open') }));
  const file = join(folder, 'tokens.yaml');
  const roles = ['sender', 'viewer', 'operator', 'admin'];
  const { writeFileSync } = await import('node:fs');
  writeFileSync(
    file,
    `http:\n  tokens:\n${roles.map((role) => `    - { name: ${role}-1, role: ${role}, token: { env: TOKEN_${role} } }`).join('\n')}\n`,
  );
  guarded = await run(
    loadConfig(configSchema(ownParts), { file, env: env('guarded', Object.fromEntries(roles.map((role) => [`TOKEN_${role}`, `secret-${role}`]))) }),
  );
});
afterAll(async () => {
  await open.stop();
  await guarded.stop();
  await practice.stop();
  rmSync(folder, { recursive: true, force: true });
});

const type = 'com.acme.service.requested.v1';
const event = (id: string, data: object = {}) => ({
  specversion: '1.0',
  id,
  source: '/portal',
  type,
  data: { requestId: id, callerId: `c-${id}`, summary: 'No network', ...data },
});
const post = (body: unknown, media = 'application/cloudevents+json') =>
  supertest(open.url).post('/events').set('content-type', media).send(JSON.stringify(body));
const done = async (id: string): Promise<void> => {
  await expect
    .poll(async () => ((await supertest(open.url).get(`/api/translations/${id}`)).body as { translation: { state: string } }).translation.state)
    .toBe('published');
};

describe('the event door', () => {
  it('rule 31: 202 with translation ids once journaled; the same post again answers with the first ids', async () => {
    const first = await post(event('D1')).expect(202);
    const again = await post(event('D1')).expect(202);
    const [translation] = first.body.events[0].translations;
    expect(translation).toMatchObject({
      system: 'servicenow',
      operation: 'open-incident',
      outcome: 'new',
      link: `/api/translations/${translation.id}`,
    });
    expect(again.body.events[0].translations[0]).toMatchObject({ id: translation.id, outcome: 'duplicate' });
    await done(translation.id);
  });

  it('binary mode and batches are taken; a batch with one that is no event stores nothing', async () => {
    const { data, ...attributes } = event('B1');
    const binary = supertest(open.url).post('/events').set('content-type', 'application/json');
    for (const [name, value] of Object.entries(attributes)) void binary.set(`ce-${name}`, value);
    await binary.send(JSON.stringify(data)).expect(202);
    await post([event('B2'), event('B3')], 'application/cloudevents-batch+json').expect(202);
    await post([event('B4'), { ...event('B5'), id: '' }], 'application/cloudevents-batch+json').expect(400);
    await post([event('B4'), { ...event('B5'), type: 'nobody.wants.this' }], 'application/cloudevents-batch+json').expect(422);
    const { body } = await supertest(open.url).get('/api/translations?eventId=B4');
    expect(body.rows).toEqual([]);
  });

  it.each([
    ['no JSON', '{', 400, 'NOT_AN_EVENT'],
    ['XML', '<event/>', 400, 'NOT_AN_EVENT'],
    ['an attribute missing', JSON.stringify({ specversion: '1.0', id: '1', type }), 400, 'NOT_AN_EVENT'],
    ['an unknown type', JSON.stringify({ ...event('X'), type: 'x.y' }), 422, 'EVENT_UNMATCHED'],
    ['too much data', JSON.stringify(event('X', { details: 'x'.repeat(150_000) })), 413, 'EVENT_TOO_LARGE'],
    ['50 MB', 'x'.repeat(50_000_000), 413, 'EVENT_TOO_LARGE'],
  ])('rule 31: %s is refused with its reason and stored nowhere', async (_what, body, status, code) => {
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const request = httpRequest(
        `${open.url}/events`,
        { method: 'POST', headers: { 'content-type': 'application/cloudevents+json', 'content-length': Buffer.byteLength(body) } },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' || error.code === 'ECONNRESET' ? undefined : reject(error)));
      request.end(body);
    });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ code, message: expect.any(String), remedy: expect.any(String) });
    expect(answer.text).not.toMatch(/node:|\.[jt]s:\d/);
  });
});

describe('streams', () => {
  it('rule 33: published events come in order and a reader resumes where it was', async () => {
    for (const id of ['S1', 'S2', 'S3']) await done((await post(event(id))).body.events[0].translations[0].id as string);
    const read = async (after: string, count: number): Promise<{ id: number; data: { causationid: string } }[]> => {
      const aborter = new AbortController();
      const response = await fetch(`${open.url}/events`, { headers: { 'last-event-id': after }, signal: aborter.signal });
      const entries: { id: number; data: { causationid: string } }[] = [];
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += new TextDecoder().decode(chunk as Uint8Array);
        for (const match of text.matchAll(/id: (\d+)\ndata: (.*)\n\n/g))
          entries.push({ id: Number(match[1]), data: JSON.parse(match[2] ?? '') as { causationid: string } });
        if (entries.length >= count) break;
        entries.length = 0;
      }
      aborter.abort();
      return entries;
    };
    const all = await read('0', 3);
    const rest = await read(String(all[1]?.id), 1);
    expect(rest[0]).toEqual(all[2]);
  });
});

describe('who may come in', () => {
  const as = (role: string) => ({ authorization: `Bearer secret-${role}` });
  const api = () => supertest(guarded.url);

  it('without a token or with a wrong one: nobody', async () => {
    await api().get('/api/translations').expect(401);
    await api().get('/api/translations').set('authorization', 'Bearer wrong').expect(401);
    await api()
      .post('/events')
      .set('content-type', 'application/cloudevents+json')
      .send(JSON.stringify(event('T0')))
      .expect(401);
    await api().get('/metrics').expect(401);
    await api().get('/health/live').expect(200);
    await api().get('/health/ready').expect(200);
  });

  it('each role may do what it is for, and no more', async () => {
    const posted = await api()
      .post('/events')
      .set({ ...as('sender'), 'content-type': 'application/cloudevents+json' })
      .send(JSON.stringify(event('T1', { callerPhone: 'CANARY-5551' })))
      .expect(202);
    const { id } = posted.body.events[0].translations[0] as { id: string };
    await api().get('/api/translations').set(as('sender')).expect(403);
    await api().get('/api/translations').set(as('viewer')).expect(200);
    const action = (role: string) =>
      api()
        .post(`/api/translations/${id}/actions`)
        .set({ ...as(role), 'content-type': 'application/json' })
        .send(JSON.stringify({ act: { kind: 'retry' }, why: 'x' }));
    expect((await action('viewer')).status).toBe(403);
    expect([409, 404]).toContain((await action('operator')).status);
    await api().get('/api/audit').set(as('operator')).expect(403);
    await api().get('/api/audit').set(as('admin')).expect(200);
  });

  it('rule 42: sensitive values are masked wherever they stand; revealing needs the right and is in the audit log', async () => {
    const posted = await api()
      .post('/events')
      .set({ ...as('sender'), 'content-type': 'application/cloudevents+json' })
      .send(JSON.stringify(event('T2', { callerPhone: 'CANARY-5552 <&>' })))
      .expect(202);
    const { id } = posted.body.events[0].translations[0] as { id: string };
    await expect.poll(async () => (await api().get(`/api/translations/${id}`).set(as('viewer'))).body.translation.state).toBe('published');
    const masked = await api().get(`/api/translations/${id}`).set(as('viewer'));
    expect(masked.text).not.toContain('CANARY-5552');
    expect(masked.text).toContain('••••');
    await api().get(`/api/translations/${id}?reveal=1`).set(as('viewer')).expect(403);
    expect((await api().get(`/api/translations/${id}?reveal=1`).set(as('operator'))).text).toContain('CANARY-5552');
    expect((await api().get('/api/audit').set(as('admin'))).body[0]).toMatchObject({ who: 'operator-1', what: 'reveal', subject: id });
  });

  it('a page of another origin, or another name for this machine, gets nothing done', async () => {
    await supertest(open.url).get('/api/systems').set('host', 'evil.example').expect(403);
    await supertest(open.url)
      .post('/api/systems/servicenow/hold')
      .set({ origin: 'http://evil.example', 'content-type': 'application/json' })
      .send('{"why":"x"}')
      .expect(403);
    await supertest(open.url).post('/api/systems/servicenow/hold').set('content-type', 'text/plain').send('{"why":"x"}').expect(409);
  });

  it('without tokens it does not listen beyond loopback', () => {
    process.env['GATEHOUSE_HTTP__HOST'] = '0.0.0.0';
    process.env['GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL'] = practice.url;
    try {
      expect(() => readConfig(undefined)).toThrow(/not loopback/);
    } finally {
      delete process.env['GATEHOUSE_HTTP__HOST'];
      delete process.env['GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL'];
    }
  });
});

describe('systems', () => {
  it('a person holds and resumes; the check says how it is; ready speaks for bus and journal, not for systems', async () => {
    const turn = (what: string) =>
      supertest(open.url).post(`/api/systems/servicenow/${what}`).set('content-type', 'application/json').send('{"why":"maintenance"}').expect(200);
    expect((await turn('hold')).body).toMatchObject({ availability: 'held', reason: expect.stringContaining('maintenance') });
    expect((await supertest(open.url).get('/health/ready').expect(200)).body).toMatchObject({
      ready: true,
      systems: [{ system: 'servicenow', availability: 'held' }],
    });
    expect((await supertest(open.url).get('/metrics')).text).toContain('gatehouse_system_open{system="servicenow"} 0');
    expect((await turn('resume')).body).toMatchObject({ availability: 'open' });
    const checked = await supertest(open.url).post('/api/systems/check').set('content-type', 'application/json').send('{}');
    expect(checked.body).toEqual([
      { system: 'bus', transport: 'embedded', ok: true, message: 'answers' },
      { system: 'servicenow', transport: 'soap', ok: true, message: 'answers' },
    ]);
  });
});
