import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi } from '../../src/console/openapi.ts';
import { routes } from '../../src/console/openapi.routes.ts';
import { type Json } from '../../src/contract/json.ts';
import { type GuardedGround, type Somebody, startGuardedGround } from '../support/guarded-ground.ts';
import { servedRoutes } from '../support/routes.ts';

type Document = { readonly [key: string]: Json };

let ground: GuardedGround;
let published: string;
let doubtful: string;
let call: number;

beforeAll(async () => {
  ground = await startGuardedGround();
  ground.systems.depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
  [published = ''] = await ground.send('R-201');
  [doubtful = ''] = await ground.send('O-DOUBT');
  const others = (await Promise.all(['S-101', 'S-104', 'RES-601'].map((ref) => ground.send(ref)))).flat();
  await ground.send('SHP-401');
  await ground.published([published, ...others]);
  const { calls } = (await (await ground.ask('vera', `/api/translations/${published}`)).json()) as { calls: readonly { seq: number }[] };
  call = calls[0]?.seq ?? 0;
}, 240_000);
afterAll(() => ground.stop());

const document = openApi('1.2.3');
const shaped = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}');

/** Answers are compared with nothing left open: a property that is not described is found. */
const closed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const inside = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closed(each)]));
  return value['properties'] !== undefined && value['additionalProperties'] === undefined ? { ...inside, unevaluatedProperties: false } : inside;
};

const ajv = new Ajv2020({ strict: false });
ajv.addSchema({ $id: 'openapi', ...(closed(document) as object) });

/** What is wrong with an answer, by the schema of its route. */
function wrong(method: string, path: string, status: string, media: string, body: unknown): string | null {
  const pointer = ['paths', path, method, 'responses', status, 'content', media, 'schema'].map((each) =>
    encodeURIComponent(each.replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  const validate = ajv.compile({ $ref: `openapi#/${pointer.join('/')}` });
  return validate(body) ? null : JSON.stringify(validate.errors?.slice(0, 3));
}

describe('the OpenAPI document', () => {
  it('every route that the gateway serves is described, and nothing else', () => {
    const served = servedRoutes(ground.gateway).map(({ method, path }) => `${method} ${path}`);
    expect(served.length).toBeGreaterThan(30);
    expect(routes.map(({ method, path }) => `${method} ${shaped(path)}`).toSorted()).toEqual([...new Set(served)].toSorted());
  });

  it('every reference leads to something in it, and every schema is used', () => {
    const found = new Set<string>();
    JSON.stringify(document, (key, value: unknown) => {
      if (key === '$ref') found.add(String(value).slice('#/components/schemas/'.length));
      return value;
    });
    const { schemas } = document['components'] as { schemas: Document };
    expect([...found].toSorted()).toEqual(Object.keys(schemas).toSorted());
  });

  it('no two operations have one name', () => {
    const names = Object.values(document['paths'] as Record<string, Document>).flatMap((methods) =>
      Object.values(methods).map((operation) => (operation as Document)['operationId']),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('it is served to whoever may look', async () => {
    const answer = await ground.ask('vera', '/api/openapi.json');
    expect(answer.status).toBe(200);
    expect((await answer.json()) as Document).toMatchObject({ openapi: '3.1.0' });
  });

  const asked: readonly (readonly [string, () => string, Somebody?])[] = [
    ['/api/translations', () => '/api/translations?limit=10'],
    ['/api/translations/counts', () => '/api/translations/counts?system=depot'],
    ['/api/translations/searched', () => '/api/translations/searched'],
    ['/api/translations/{id}', () => `/api/translations/${published}`],
    ['/api/translations/{id}', () => `/api/translations/${doubtful}`],
    ['/api/translations/{id}/choices', () => `/api/translations/${doubtful}/choices`],
    ['/api/translations/{id}/doubts', () => `/api/translations/${doubtful}/doubts`],
    ['/api/translations/{id}/case', () => `/api/translations/${published}/case?as=json`, 'anna'],
    ['/api/translations/{id}/calls/{call}/native', () => `/api/translations/${published}/calls/${call}/native`],
    ['/api/tallies', () => '/api/tallies'],
    ['/api/groups', () => '/api/groups?by=code,system'],
    ['/api/codes', () => '/api/codes'],
    ['/api/operations/{system}/{operation}/refusals', () => '/api/operations/servicenow/open-incident/refusals'],
    ['/api/bulks', () => '/api/bulks'],
    ['/api/systems', () => '/api/systems'],
    ['/api/pulses', () => '/api/pulses'],
    ['/api/systems/{system}/pulse', () => '/api/systems/depot/pulse'],
    ['/api/systems/{system}/pulse', () => '/api/systems/carrier/pulse'],
    ['/api/batches/{system}', () => '/api/batches/carrier'],
    ['/api/candidates/{system}', () => '/api/candidates/carrier'],
    ['/api/numbers/{system}', () => '/api/numbers/carrier'],
    ['/api/adapters', () => '/api/adapters'],
    ...['servicenow', 'depot', 'carrier', 'ledger', 'stockroom'].map(
      (system) => ['/api/adapters/{system}', () => `/api/adapters/${system}`] as const,
    ),
    ['/api/caller', () => '/api/caller'],
    ['/api/audit', () => '/api/audit', 'ada'],
    ['/api/asyncapi.json', () => '/api/asyncapi.json'],
    ['/health/live', () => '/health/live'],
    ['/health/ready', () => '/health/ready'],
  ];

  it.each(asked.map(([path, address, who = 'vera']) => ({ path, address, who })))(
    'GET $path answers as it is described',
    async ({ path, address, who }) => {
      const answer = await ground.ask(who, address());
      expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([200, 'application/json']);
      expect(wrong('get', path, '200', 'application/json', await answer.json())).toBeNull();
    },
  );

  it('GET /api/flows/{correlation} answers as it is described', async () => {
    const { translation } = (await (await ground.ask('vera', `/api/translations/${published}`)).json()) as { translation: { correlation: string } };
    const answer = await ground.ask('vera', `/api/flows/${encodeURIComponent(translation.correlation)}`);
    expect(wrong('get', '/api/flows/{correlation}', '200', 'application/json', await answer.json())).toBeNull();
  });

  const send = (who: 'anna', address: string, body: object, method = 'POST') =>
    ground.ask(who, address, {
      method,
      headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      body: JSON.stringify(body),
    });
  const stock = { requestId: 'W-1', customerId: 'C-7', sku: 'BOLT', quantity: 2 };
  const changed: readonly (readonly [string, string, () => string, () => object, number])[] = [
    ['post', '/api/systems/check', () => '/api/systems/check', () => ({}), 200],
    ['post', '/api/systems/{system}/{turn}', () => '/api/systems/ledger/hold', () => ({ why: 'a test' }), 200],
    ['post', '/api/systems/{system}/{turn}', () => '/api/systems/ledger/resume', () => ({ why: 'a test' }), 200],
    ['post', '/api/adapters/{system}/cases/{name}/run', () => '/api/adapters/depot/cases/nudge-shelf--nudged/run', () => ({}), 200],
    ['post', '/api/operations/{system}/{operation}/dry-run', () => '/api/operations/depot/reserve-stock/dry-run', () => ({ data: stock }), 200],
    ['post', '/api/translations/{id}/dry-run', () => `/api/translations/${published}/dry-run`, () => ({}), 200],
    ['put', '/api/groups/note', () => '/api/groups/note', () => ({ by: { code: 'IN_DOUBT' }, note: 'looked at', owner: 'anna', version: null }), 200],
    ['post', '/api/bulks/selection', () => '/api/bulks/selection', () => ({ ids: [doubtful] }), 200],
    ['post', '/api/bulks', () => '/api/bulks', () => ({ ids: [doubtful], act: { kind: 'did not' }, why: 'a test', expected: 1 }), 201],
    [
      'post',
      '/api/translations/{id}/actions',
      () => `/api/translations/${published}/actions`,
      () => ({ act: { kind: 'replay' }, why: 'a test' }),
      200,
    ],
  ];

  it.each(changed)('%s %s answers as it is described (%#)', async (method, path, address, body, status) => {
    const answer = await send('anna', address(), body(), method.toUpperCase());
    const given = await answer.json();
    expect([answer.status, given]).toEqual([status, expect.anything()]);
    expect(wrong(method, path, String(status), 'application/json', given)).toBeNull();
  });

  it('the bulk action that was begun answers as it is described', async () => {
    const { rows } = (await (await ground.ask('vera', '/api/bulks')).json()) as { rows: { seq: number }[] };
    const seq = rows[0]?.seq ?? 0;
    const one = await ground.ask('vera', `/api/bulks/${seq}`);
    expect(wrong('get', '/api/bulks/{seq}', '200', 'application/json', await one.json())).toBeNull();
    const items = await ground.ask('vera', `/api/bulks/${seq}/items`);
    expect(wrong('get', '/api/bulks/{seq}/items', '200', 'application/json', await items.json())).toBeNull();
  });

  it('a refusal is the problem that is described', async () => {
    const answer = await ground.ask('vera', '/api/translations/ffffffffffff');
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(wrong('get', '/api/translations/{id}', '404', 'application/problem+json', await answer.json())).toBeNull();
  });
});
