import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CandidateView } from '../../src/console/candidate.view.ts';
import { type Route } from '../../src/console/openapi.route.ts';
import { routes } from '../../src/console/openapi.routes.ts';
import { Journal } from '../../src/contract/journal.ts';
import { type GuardedGround, type Somebody, startGuardedGround, tokenOf } from '../support/guarded-ground.ts';

let ground: GuardedGround;
let published: string;

beforeAll(async () => {
  ground = await startGuardedGround();
  [published = ''] = await ground.send('R-201');
  await ground.published([published]);
}, 240_000);
afterAll(() => ground.stop());

/** An address of a route under which there is something. */
function addressOf({ path }: Route): string {
  const there: Readonly<Record<string, string>> = {
    id: published,
    system: 'depot',
    operation: 'reserve-stock',
    name: path.includes('cases') ? 'nudge-shelf--nudged' : 'nothing.js',
    turn: path.includes('bulks') ? 'stop' : 'hold',
    correlation: 'nothing',
    batch: '999999',
    seq: '999999',
    path: 'systems',
  };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => there[name] ?? 'nothing');
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** As any program could ask, with headers that a browser would not let a page set. Streams are left after their first words. */
function ask(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: string, url = ground.url): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}${path}`, { method: method.toUpperCase(), headers, agent: false }, (response) => {
      let text = '';
      const done = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (response.headers['content-type'] === 'text/event-stream') {
          done();
          request.destroy();
        }
      });
      response.on('end', done);
    });
    request.on('error', reject);
    request.end(body);
  });
}

const as = (who: Somebody): Record<string, string> => ({ authorization: `Bearer ${tokenOf(who)}` });
const json = { 'content-type': 'application/json' };
/** A body that every route refuses on its own: who is let in changes nothing by it. */
const nothing = '{"why":""}';

const guarded = routes.filter(({ role }) => role !== null);
const changing = routes.filter(({ method }) => method !== 'get');
const named = (of: readonly Route[]): readonly (readonly [string, Route])[] => of.map((route) => [`${route.method} ${route.path}`, route]);

const mayEnter = (who: Somebody, { role }: Route): boolean => {
  const ranks = { sender: 0, viewer: 1, operator: 2, admin: 3 };
  const own = { sven: 'sender', vera: 'viewer', anna: 'operator', ada: 'admin' } as const;
  if (role === 'sender') return who !== 'vera';
  return who !== 'sven' && ranks[own[who]] >= ranks[role ?? 'viewer'];
};

describe('who may do what', () => {
  it('there are routes to try', () => expect([guarded.length > 30, changing.length > 10]).toEqual([true, true]));

  it.each(named(guarded))('%s: nobody without a token, nor with a wrong one', async (_name, route) => {
    const wrong: readonly Readonly<Record<string, string>>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${tokenOf('ada')}` },
      { cookie: `token=${tokenOf('ada')}` },
    ];
    for (const headers of wrong) {
      const answer = await ask(route.method, addressOf(route), { ...json, ...headers }, route.method === 'get' ? undefined : nothing);
      expect(answer.status).toBe(401);
      expect(JSON.parse(answer.text)).toMatchObject({ message: expect.any(String), remedy: expect.any(String) });
    }
  });

  it.each(named(guarded))('%s: only roles that it is for; the others are told in words', async (_name, route) => {
    for (const who of ['sven', 'vera', 'anna', 'ada'] as const) {
      if (mayEnter(who, route) && route.method !== 'get') continue;
      const answer = await ask(route.method, addressOf(route), { ...json, ...as(who) }, route.method === 'get' ? undefined : nothing);
      // A case may hold sensitive fields: then it needs more.
      if (mayEnter(who, route) && !route.path.endsWith('/case')) expect([who, answer.status]).not.toEqual([who, 403]);
      else if (mayEnter(who, route)) expect([200, 403]).toContain(answer.status);
      else {
        expect([who, answer.status]).toEqual([who, 403]);
        expect(JSON.parse(answer.text)).toMatchObject({ code: 'NOT_ALLOWED', message: expect.stringContaining(`${who} is `) });
      }
    }
  });

  it('a viewer reveals nothing, by whatever route', async () => {
    const dry = { ...json, ...as('vera') };
    for (const answer of [
      await ask('get', `/api/translations/${published}?reveal=1`, as('vera')),
      await ask('post', `/api/translations/${published}/dry-run?reveal=1`, dry, '{}'),
      await ask('post', `/api/translations/${published}/dry-run`, dry, '{"data":{}}'),
      await ask('get', `/api/translations/${published}/case`, as('vera')),
      await ask('get', '/events?after=0', as('vera')),
    ])
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([403, 'NOT_ALLOWED']);
    const masked = await ask('get', `/api/translations/${published}`, as('vera'));
    expect([masked.text.includes('1234567'), masked.text.includes('••••')]).toEqual([false, true]);
  });
});

describe('replies that nobody awaited', () => {
  const replies = async (system: string, who: Somebody, words = ''): Promise<readonly CandidateView[]> => {
    const { status, text } = await ask('get', `/api/candidates/${system}${words}`, as(who));
    expect([who, words, status]).toEqual([who, words, 200]);
    return JSON.parse(text) as readonly CandidateView[];
  };

  it('are masked for everybody until somebody who may reveals them, which is on record', async () => {
    const answer = { account: '1234567' };
    for (const system of ['ledger', 'depot']) await ground.gateway.app.get(Journal).replied(system, 'nobody', answer, [], Date.now());
    for (const who of ['vera', 'anna', 'ada'] as const)
      expect(await replies('ledger', who)).toMatchObject([{ correlation: 'nobody', answer: '••••', masked: true }]);
    expect((await ask('get', '/api/candidates/ledger?reveal=1', as('vera'))).status).toBe(403);
    const reveals = async (): Promise<readonly string[]> => {
      const rows = JSON.parse((await ask('get', '/api/audit?limit=500', as('ada'))).text) as { who: string; what: string; subject: string }[];
      return rows
        .filter(({ what, subject }) => what === 'reveal' && ['ledger', 'depot'].includes(subject))
        .map(({ who, subject }) => `${who} ${subject}`);
    };
    expect(await reveals()).toEqual([]);
    expect(await replies('ledger', 'anna', '?reveal=1')).toMatchObject([{ answer, masked: false }]);
    expect(await reveals()).toEqual(['anna ledger']);
    // Nothing in what depot declares is sensitive.
    expect(await replies('depot', 'vera')).toMatchObject([{ answer, masked: false }]);
  });
});

describe('what leaves a row in the audit log', () => {
  const rows = async (): Promise<readonly { who: string; what: string; subject: string; why: string }[]> =>
    JSON.parse((await ask('get', '/api/audit?limit=500', as('ada'))).text) as { who: string; what: string; subject: string; why: string }[];
  const act = (path: string, body: object, method = 'post') =>
    ask(method, path, { ...json, ...as('anna'), 'idempotency-key': crypto.randomUUID() }, JSON.stringify(body));

  const acts: readonly (readonly [string, () => Promise<Answer>, string])[] = [
    ['a reveal', () => ask('get', `/api/translations/${published}?reveal=1`, as('anna')), 'reveal'],
    ['a dry run that reveals', () => ask('post', `/api/translations/${published}/dry-run?reveal=1`, { ...json, ...as('anna') }, '{}'), 'reveal'],
    ['a case that is saved', () => ask('get', `/api/translations/${published}/case`, as('anna')), 'reveal'],
    ['published events that a person reads', () => ask('get', '/events?after=0', as('anna')), 'reveal'],
    ['a system that is held', () => act('/api/systems/depot/hold', { why: 'audited' }), ''],
    ['a system that is resumed', () => act('/api/systems/depot/resume', { why: 'audited' }), ''],
    ['a connection that is checked', () => act('/api/systems/check', { system: 'depot', why: 'audited' }), 'check'],
    ['a replay', () => act(`/api/translations/${published}/actions`, { act: { kind: 'replay' }, why: 'audited' }), ''],
    ['a note of a group', () => act('/api/groups/note', { by: { code: 'IN_DOUBT' }, note: 'audited', owner: 'anna', version: null }, 'put'), ''],
    ['a bulk action', () => act('/api/bulks', { ids: [published], act: { kind: 'replay' }, why: 'audited', expected: 1 }), ''],
    [
      'an event that a person sends',
      () => {
        const headers = { 'content-type': 'application/cloudevents+json', 'gatehouse-why': 'audited', ...as('anna') };
        const data = { requestId: 'A-1', customerId: 'C', sku: 'BOLT', quantity: 1 };
        const event = { specversion: '1.0', id: crypto.randomUUID(), source: '/by/hand', type: 'com.acme.stock.wanted.v1', data };
        return ask('post', '/events', headers, JSON.stringify(event));
      },
      'send',
    ],
  ];

  it.each(acts)('%s', async (_what, doIt, what) => {
    const before = (await rows()).length;
    const answer = await doIt();
    expect(answer.status, answer.text).toBeLessThan(300);
    const added = (await rows()).slice(0, (await rows()).length - before);
    expect(added.length).toBeGreaterThanOrEqual(1);
    const own = added.filter(({ who }) => who === 'anna');
    expect(own.some((row) => (what === '' ? /audited|IN_DOUBT/.test(`${row.why} ${row.subject}`) : row.what === what))).toBe(true);
  });

  it.each(named(routes.filter(({ role, method, path }) => role === 'operator' && method === 'post' && /actions|bulks$|\{turn\}/.test(path))))(
    '%s does nothing without a reason',
    async (_name, route) => {
      const acted = route.path.includes('batches') ? 'close' : { kind: 'replay' };
      for (const why of [' ', '\u200b\u202e', { is: 'no text' }, undefined]) {
        const headers = { ...json, ...as('anna'), 'idempotency-key': 'x' };
        const answer = await ask(route.method, addressOf(route), headers, JSON.stringify({ act: acted, ids: [published], why }));
        expect([why, answer.status]).toEqual([why, 409]);
        expect(answer.text).toContain('why');
      }
    },
  );
});

describe('what takes memory and time', () => {
  /** The answer to a request of which only the head was sent. */
  const answerTo = (headers: Readonly<Record<string, string>>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${ground.url}/events`, { method: 'POST', headers, agent: false }, ({ statusCode }) => {
        resolve(statusCode);
        request.destroy();
      });
      request.on('error', reject);
      request.flushHeaders();
    });
  const large = { 'content-length': '15000000' };
  const inPieces = { 'transfer-encoding': 'chunked' };

  it('a body is not waited for from somebody who may not come in, nor a large one from a viewer', async () => {
    expect([await answerTo(large), await answerTo({ ...inPieces, authorization: 'Bearer wrong' })]).toEqual([401, 401]);
    expect([await answerTo({ ...large, ...as('vera') }), await answerTo({ ...inPieces, ...as('vera') })]).toEqual([413, 413]);
    expect(await answerTo({ ...large, ...as('sven'), origin: 'https://evil.example' })).toBe(403);
  });

  it('one caller has 200 streams open at most, and may open one when another is closed', async () => {
    const streams: AbortController[] = [];
    const stream = async (): Promise<number> => {
      const aborter = new AbortController();
      streams.push(aborter);
      return (await ground.ask('ada', '/api/changes', { signal: aborter.signal })).status;
    };
    expect(new Set(await Promise.all(Array.from({ length: 200 }, stream)))).toEqual(new Set([200]));
    expect([await stream(), (await ground.ask('ada', '/api/caller')).status]).toEqual([429, 200]);
    expect((await ask('get', '/api/changes', as('vera'))).status).toBe(200);
    for (const aborter of streams.slice(0, 10)) aborter.abort();
    await expect.poll(stream, { timeout: 30_000 }).toBe(200);
    for (const aborter of streams) aborter.abort();
  });

  it('an address of any length and of any letters is answered as a problem', async () => {
    for (const [path, status] of [
      [`/api/flows/${'c'.repeat(1_024)}`, 404],
      [`/api/flows/${encodeURIComponent('/shop/ä 1?#')}`, 404],
      [`/api/flows/${'c'.repeat(10_000)}`, 414],
      ['/api/flows/%ff', 400],
      ['/api/translations/__proto__', 404],
      ['/api/systems/constructor/pulse', 404],
    ] as const) {
      const answer = await ask('get', path, as('vera'));
      expect([path, answer.status, answer.headers['x-content-type-options']]).toEqual([path, status, 'nosniff']);
      expect(JSON.parse(answer.text)).toEqual({ code: expect.any(String), message: expect.any(String), remedy: expect.any(String) });
    }
  });
});

describe('what a page of somebody else can do', () => {
  const elsewhere = { origin: 'https://evil.example' };

  it.each(named(changing))('%s: a foreign origin is refused, whoever asks', async (_name, route) => {
    for (const origin of ['https://evil.example', 'null', ground.url.replace(/:\d+$/, ':1')])
      expect((await ask(route.method, addressOf(route), { ...json, ...as('ada'), origin }, nothing)).status).toBe(403);
  });

  it.each(named(changing.filter(({ path }) => path !== '/events' && !path.includes('/cases/'))))(
    '%s: what a form can send is no request',
    async (_name, route) => {
      for (const media of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'text/json', 'application/jsonp']) {
        const answer = await ask(route.method, addressOf(route), { ...as('ada'), 'content-type': media }, nothing);
        expect([media, answer.status]).toEqual([media, 409]);
        expect(answer.text).toContain('send application/json');
      }
    },
  );

  it('events are not taken from a form', async () => {
    for (const media of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])
      expect((await ask('post', '/events', { ...as('sven'), 'content-type': media }, '{}')).status).toBe(400);
  });

  it.each(named(routes))('%s: no other origin may read the answer, no cookie is set', async (_name, route) => {
    const answer = await ask(route.method, addressOf(route), { ...json, ...elsewhere, ...as('vera') }, route.method === 'get' ? undefined : nothing);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-') || name === 'set-cookie')).toEqual([]);
  });

  it('a preflight is not answered', async () => {
    const answer = await ask('options', '/api/systems', { ...elsewhere, 'access-control-request-method': 'POST' });
    expect(answer.status).toBe(404);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('no header and no field makes one method another', async () => {
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const answer = await ask('get', '/api/systems/depot/hold', { ...as('ada'), [name]: 'POST' });
      expect(answer.status).toBe(404);
    }
    for (const method of ['put', 'patch', 'delete', 'trace']) {
      const answer = await ask(method, '/api/systems/depot/hold?_method=POST', { ...json, ...as('ada') }, '{"why":"x","_method":"POST"}');
      expect([400, 404]).toContain(answer.status);
    }
    const held = JSON.parse((await ask('get', '/api/systems', as('vera'))).text) as { system: string; availability: string }[];
    expect(held.find(({ system }) => system === 'depot')?.availability).toBe('open');
  });

  it('every answer says that it is no page, is not kept and is not guessed at; every page has its policy', async () => {
    for (const route of routes) {
      const answer = await ask(route.method, addressOf(route), { ...json, ...as('vera') }, route.method === 'get' ? undefined : nothing);
      expect([route.path, answer.headers['x-content-type-options']]).toEqual([route.path, 'nosniff']);
      if (answer.headers['content-type'] === 'text/event-stream') continue;
      expect([route.path, String(answer.headers['content-security-policy'])]).toEqual([route.path, expect.stringContaining("default-src 'none'")]);
      if (route.path.startsWith('/api')) expect([route.path, answer.headers['cache-control']]).toEqual([route.path, 'no-store']);
    }
    const page = await ask('get', '/console/systems');
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/);
  });
});

describe('a gateway without tokens, which is open to this machine', () => {
  let open: GuardedGround;
  beforeAll(async () => {
    open = await startGuardedGround({ open: true });
  });
  afterAll(() => open.stop());

  it.each(named(routes))('%s: under another name, as after a rebinding of DNS, there is nothing', async (_name, route) => {
    for (const host of ['evil.example', 'evil.example:8480', '127.0.0.1.evil.example', 'localhost.evil.example'])
      expect((await ask(route.method, addressOf(route), { ...json, host }, route.method === 'get' ? undefined : nothing, open.url)).status).toBe(403);
  });

  it.each(named(changing))('%s: a page of another origin does nothing', async (_name, route) => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1'])
      expect((await ask(route.method, addressOf(route), { ...json, origin }, nothing, open.url)).status).toBe(403);
  });

  it.each(named(guarded))('%s: a picture or a frame of another page asks for nothing', async (_name, route) => {
    for (const site of ['cross-site', 'same-site'])
      expect(
        (await ask(route.method, addressOf(route), { ...json, 'sec-fetch-site': site }, route.method === 'get' ? undefined : nothing, open.url))
          .status,
      ).toBe(403);
    if (route.method === 'get')
      expect((await ask('get', addressOf(route), { 'sec-fetch-site': 'same-origin' }, undefined, open.url)).status).not.toBe(403);
  });
});

describe('what people send has a bound, and whoever goes over it is told which', { timeout: 60_000 }, () => {
  const long = (most: number): string => 'x'.repeat(most + 1);
  const one = (): string => `/api/translations/${published}`;
  const dataOver = { requestId: 'A-1', customerId: 'C', sku: long(4_000_000), quantity: 1 };
  const note = { by: { code: 'IN_DOUBT' }, version: null };
  const bulk = (more: object) => () => ({ act: { kind: 'retry' }, ids: [published], why: 'x', key: 'x', ...more });
  const refusal = { type: 'com.acme.stock.refused.v1', data: { text: long(65_536) } };
  const bounds: readonly (readonly [string, string, () => string, object | (() => object), number, RegExp])[] = [
    ['why of an act', 'post', () => `${one()}/actions`, { act: { kind: 'replay' }, why: long(2_000) }, 409, /'why' has 2001 .* 2000/],
    ['key of an act', 'post', () => `${one()}/actions`, { act: { kind: 'replay' }, why: 'x', key: long(128) }, 409, /'key' has 129 .* 128/],
    ['version of an act', 'post', () => `${one()}/actions`, { act: { kind: 'replay' }, why: 'x', version: '1' }, 409, /'version' is/],
    [
      'data of a replay',
      'post',
      () => `${one()}/actions`,
      { act: { kind: 'replay', data: dataOver }, why: 'x' },
      413,
      /servicenow open-incident: .*replay has \d+ bytes; at most 4000000/,
    ],
    ['type of a reply', 'post', () => `${one()}/actions`, { act: { kind: 'discard', reply: { type: 7, data: {} } }, why: 'x' }, 409, /'reply' has/],
    ['why of a batch', 'post', () => '/api/batches/9/actions', { act: 'close', why: long(2_000) }, 409, /'why' has/],
    ['key of a batch', 'post', () => '/api/batches/9/actions', { act: 'close', why: 'x', key: long(128) }, 409, /'key' has/],
    ['why of a hold', 'post', () => '/api/systems/depot/hold', { why: long(2_000) }, 409, /'why' has/],
    ['operation of a hold', 'post', () => '/api/systems/depot/hold', { why: 'x', operation: ['a'] }, 409, /'operation' is the name/],
    ['why of a check', 'post', () => '/api/systems/check', { system: 'depot', why: long(2_000) }, 409, /'why' has/],
    ['system of a check', 'post', () => '/api/systems/check', { system: 7 }, 409, /'system' is the name/],
    ['note', 'put', () => '/api/groups/note', { ...note, key: 'x', note: long(2_000) }, 409, /'note' has 2001/],
    ['owner', 'put', () => '/api/groups/note', { ...note, key: 'x', owner: long(200) }, 409, /'owner' has 201/],
    ['key of a note', 'put', () => '/api/groups/note', note, 409, /'key' of your own making/],
    ['version of a note', 'put', () => '/api/groups/note', { by: note.by, key: 'x' }, 409, /'version' is that of the note/],
    ['value of a group', 'put', () => '/api/groups/note', { by: { code: long(2_000) }, key: 'x', version: null }, 409, /'by' has the values/],
    ['why of a bulk', 'post', () => '/api/bulks', bulk({ why: long(2_000) }), 409, /'why' has/],
    ['key of a bulk', 'post', () => '/api/bulks', bulk({ key: long(128) }), 409, /'key' has/],
    ['ids of a bulk', 'post', () => '/api/bulks', bulk({ ids: Array.from({ length: 1_001 }, () => 'a'.repeat(32)) }), 409, /1 to 1000/],
    ['condition of a bulk', 'post', () => '/api/bulks', bulk({ ids: undefined, filter: { code: long(512) } }), 409, /'code' has at most 512/],
    [
      'refusal of a bulk',
      'post',
      () => '/api/bulks',
      bulk({ act: { kind: 'discard', reply: refusal } }),
      409,
      /^servicenow open-incident: .* 65536 .*say less/,
    ],
    ['body of a bulk', 'post', () => '/api/bulks', bulk({ more: long(300_000) }), 409, /the body has \d+ bytes; at most 262144/],
    ['why of a turn', 'post', () => '/api/bulks/9/stop', { key: 'x', why: long(2_000) }, 409, /'why' has/],
    ['data of a dry run', 'post', () => `${one()}/dry-run`, { data: dataOver }, 413, /dry run has \d+ bytes; at most 4000000/],
    ['answers of a dry run', 'post', () => `${one()}/dry-run`, { answers: { Reserve: long(4_000_000) } }, 422, /answered has \d+ bytes/],
    ['data of a dry run of nothing', 'post', () => '/api/operations/depot/reserve-stock/dry-run', { data: dataOver }, 413, /at most 4000000/],
    ['words of a search', 'get', () => `/api/translations?text=${long(200)}`, {}, 409, /'text' has at most 200/],
    ['value of a search', 'get', () => `/api/translations?code=${long(512)}`, {}, 409, /'code' has at most 512/],
  ];

  it.each(bounds)('%s', async (_what, method, path, body, status, words) => {
    const headers = { ...json, ...as('anna') };
    const answer = await ask(method, path(), headers, method === 'get' ? undefined : JSON.stringify(typeof body === 'function' ? body() : body));
    expect([answer.status, (JSON.parse(answer.text) as { message: string }).message.slice(0, 300)]).toEqual([status, expect.stringMatching(words)]);
  });
});
