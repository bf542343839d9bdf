import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/gatehouse.ts';
import { type DryRunView } from '../../src/console/dry-run.view.ts';
import { type RunningGateway } from '../../src/main.ts';
import { agrees, expectedOf, runCase, waysOf } from '../../src/practice/cases.ts';
import { type ServiceNowDoor, startServiceNowDoor } from '../support/servicenow-door.ts';

let door: ServiceNowDoor;
let gateway: RunningGateway;
let folder: string;
type Role = 'viewer' | 'operator' | 'admin';

beforeAll(async () => {
  door = await startServiceNowDoor();
  ({ gateway, folder } = door);
});
afterAll(() => door.stop());

const phone = '+49 555 0199';
const bearer = (role: Role): string => `Bearer secret-${role}`;
const post = (role: Role, path: string, body: object) =>
  supertest(gateway.url).post(path).set('authorization', bearer(role)).set('content-type', 'application/json').send(JSON.stringify(body));
const get = (role: Role, path: string) => supertest(gateway.url).get(path).set('authorization', bearer(role));
const data = (requestId: string, more: object = {}) => ({ requestId, callerId: 'ann.lee', summary: 'No mail', callerPhone: phone, ...more });
const decided = { version: null, who: 'ann', why: 'a test' };

async function published(requestId: string, more: object = {}): Promise<string> {
  const body = { specversion: '1.0', id: requestId, source: '/portal', type: 'com.acme.service.requested.v1', datacontenttype: 'application/json' };
  const [taken] = await gateway.gateway.intake.post([{ attributes: body as never, data: Buffer.from(JSON.stringify(data(requestId, more))) }]);
  const id = taken?.translations[0]?.id ?? '';
  await ended(id);
  return id;
}
const ended = (id: string) =>
  expect
    .poll(async () => ((await get('viewer', `/api/translations/${id}`)).body as { translation: { state: string } }).translation.state)
    .toMatch(/published|parked/);
const audited = async (): Promise<string[]> =>
  ((await get('admin', '/api/audit?limit=20').expect(200)).body as { what: string; subject: string; why: string }[]).map(
    ({ what, subject, why }) => `${what} ${subject} ${why}`,
  );

/** What the command line prints. */
async function cli(...args: string[]): Promise<{ code: number; out: string }> {
  const written: string[] = [];
  const { write } = process.stdout;
  const listeners = process.stdout.listeners('error');
  process.stdout.write = ((text: string) => written.push(text) > 0) as never;
  process.env['GATEHOUSE_TOKEN'] = 'secret-operator';
  process.exitCode = 0;
  try {
    return { code: await main(['--url', gateway.url, ...args]), out: written.join('') };
  } finally {
    process.stdout.write = write;
    for (const each of process.stdout.listeners('error')) if (!listeners.includes(each)) process.stdout.off('error', each as never);
    delete process.env['GATEHOUSE_TOKEN'];
    process.exitCode = 0;
  }
}

describe('dry runs over the API', () => {
  it('a viewer may run a translation as it came; sensitive values are masked wherever they stand', async () => {
    const id = await published('V1');
    const { text, body } = await post('viewer', `/api/translations/${id}/dry-run`, {}).expect(200);
    expect(text).not.toContain('555');
    expect(body).toMatchObject({
      translationId: id,
      edited: false,
      calls: [
        {
          name: 'insert',
          effect: 'once',
          answeredBy: 'recorded',
          parts: [{ kind: 'sent', media: 'message/http', same: true, body: { masked: true } }],
        },
      ],
      replies: [{ type: 'com.acme.incident.opened.v1', same: true }],
      end: { end: 'replied' },
    } satisfies { [K in keyof DryRunView]?: unknown });
    expect((body as DryRunView).calls[0]?.parts[0]?.body.text).toContain('Phone: ••••');
  });

  it('who chooses the data could guess at what is masked: that, answers, revealing and trying need an operator', async () => {
    const id = await published('V2');
    const own = `/api/translations/${id}/dry-run`;
    const made = '/api/operations/servicenow/open-incident/dry-run';
    for (const [path, body] of [
      [own, { data: data('V2', { summary: phone }) }],
      [own, { answers: {} }],
      [`${own}?reveal=1`, {}],
      [made, { data: data('V2') }],
    ] as const)
      expect((await post('viewer', path, body)).status).toBe(403);
    const edited = await post('operator', own, { data: data('V2', { callerPhone: '+1 777 0000' }) }).expect(200);
    expect(edited.text).not.toMatch(/555|777/);
    expect(edited.body).toMatchObject({ edited: true, calls: [{ answeredBy: 'assumed', parts: [{ same: false }] }] });
    const tried = await post('operator', made, { data: data('V2') }).expect(200);
    expect(tried.body).toMatchObject({ translationId: null, end: { end: 'needs answer', calls: ['insert'] } });
    expect((tried.body as DryRunView).calls[0]?.parts[0]?.body.text).toContain(phone);
  });

  it('what is edited as it was shown keeps what was masked; a mask never becomes a value', async () => {
    const id = await published('V5');
    const { body } = await get('operator', `/api/translations/${id}`);
    const shown = JSON.parse((body as { event: { data: { text: string } } }).event.data.text) as { callerPhone: string };
    expect(shown.callerPhone).toBe('••••');
    const edited = { ...shown, summary: 'Still no mail' };
    const dry = await post('operator', `/api/translations/${id}/dry-run?reveal=1`, { data: edited }).expect(200);
    expect((dry.body as DryRunView).calls[0]?.parts[0]?.body.text).toContain(`Phone: ${phone}`);
    const moved = { ...shown, summary: 'Call ••••' };
    const replay = (changed: object) =>
      post('operator', `/api/translations/${id}/actions`, { act: { kind: 'replay', data: changed }, why: 'a test' });
    for (const refused of [await post('operator', `/api/translations/${id}/dry-run`, { data: moved }), await replay(moved)])
      expect([refused.status, (refused.body as { code: string }).code]).toEqual([409, 'NOT_POSSIBLE']);
    const replayed = await replay(edited).expect(200);
    const { translationId } = replayed.body as { translationId: string };
    await ended(translationId);
    expect((await get('operator', `/api/translations/${translationId}?reveal=1`)).text).toContain(phone);
  });

  it('revealing is recorded', async () => {
    const id = await published('V3');
    const { text } = await post('operator', `/api/translations/${id}/dry-run?reveal=1`, {}).expect(200);
    expect(text).toContain(phone);
    expect(await audited()).toContain(`reveal ${id} dry run`);
  });

  it('what is wrong with a request is said', async () => {
    const id = await published('V4');
    const own = `/api/translations/${id}/dry-run`;
    const codeOf = async (path: string, body: object): Promise<string> => ((await post('operator', path, body)).body as { code: string }).code;
    expect(await codeOf('/api/translations/abcdef012345/dry-run', {})).toBe('NOT_FOUND');
    expect(await codeOf('/api/operations/servicenow/nothing/dry-run', { data: {} })).toBe('NOT_FOUND');
    expect(await codeOf('/api/operations/servicenow/open-incident/dry-run', {})).toBe('NOT_POSSIBLE');
    expect(await codeOf(own, { answers: ['insert'] })).toBe('NOT_POSSIBLE');
    expect(await codeOf(own, { answers: { insert: { number: 7 } } })).toBe('ANSWER_INVALID');
  });
});

describe('a translation saved as a case', () => {
  const caseOf = (name: string) => ({ name: `servicenow/${name}`, system: 'servicenow', folder: join(folder, 'cases', name) });
  const saved = async (id: string, name: string): Promise<ReturnType<typeof caseOf>> => {
    const each = caseOf(name);
    expect(await cli('save-case', id, '--out', each.folder)).toMatchObject({
      code: 0,
      out: expect.stringContaining('gatehouse cases servicenow --recorded') as string,
    });
    return each;
  };

  it('is an archive that tar unpacks, and needs the right to reveal what is in it', async () => {
    const id = await published('C1');
    expect((await get('viewer', `/api/translations/${id}/case`)).status).toBe(403);
    const { headers, body } = await get('operator', `/api/translations/${id}/case`)
      .buffer(true)
      .parse(bytesOf as never)
      .expect(200);
    expect(headers['content-disposition']).toBe('attachment; filename="open-incident--incident-opened.tar"');
    expect(await audited()).toContain(`reveal ${id} saved as a case`);
    const at = join(folder, 'unpacked');
    mkdirSync(at);
    writeFileSync(join(at, 'case.tar'), body as Buffer);
    execFileSync('tar', ['-xf', 'case.tar'], { cwd: at });
    expect(readdirSync(join(at, 'open-incident--incident-opened')).sort()).toEqual(['event.json', 'exchange.json', 'reply.json', 'saved.json']);
  });

  it.each([
    ['opened', {}],
    ['refused', { callerId: 'nobody' }],
    ['parked', { callerId: 'bob.may', urgency: 'whenever' }],
  ])('passes from its recording: %s', async (name, more) => {
    const each = await saved(await published(`C2-${name}`, more), `open-incident--${name}`);
    expect(waysOf(each)).toEqual(['recorded']);
    expect(agrees(await runCase(each, 'recorded'), expectedOf(each), 'recorded')).toBe(true);
    expect(existsSync(join(each.folder, 'parked.json'))).toBe(name === 'parked');
    // It can fail.
    writeFileSync(join(each.folder, 'reply.json'), '[{ "type": "com.acme.incident.opened.v1", "data": {} }]');
    expect(agrees(await runCase(each, 'recorded'), expectedOf(each), 'recorded')).toBe(false);
  });

  it('passes also when it was a replay, whose ids are others than those of an event that comes for the first time', async () => {
    const id = await published('C3');
    const { translationId } = await gateway.gateway.desk.act(
      { ...decided, key: 'c3', translationId: id },
      { kind: 'replay', data: data('C3', { summary: 'Still no mail' }) },
    );
    await ended(translationId);
    const each = await saved(translationId, 'open-incident--replayed');
    expect(readFileSync(join(each.folder, 'exchange.json'), 'utf8')).toContain('Still no mail');
    expect(agrees(await runCase(each, 'recorded'), expectedOf(each), 'recorded')).toBe(true);
  });

  it('is not made of what has not come to its end, nor over another', async () => {
    const id = await published('C4', { callerId: 'eve.roe', urgency: 'whenever' });
    await gateway.gateway.desk.act({ ...decided, key: 'c4', translationId: id }, { kind: 'discard' });
    expect((await get('operator', `/api/translations/${id}/case`)).body).toMatchObject({
      code: 'NOT_POSSIBLE',
      message: expect.stringContaining('discarded') as string,
    });
    const opened = await published('C5');
    await saved(opened, 'open-incident--twice');
    expect((await cli('save-case', opened, '--out', join(folder, 'cases/open-incident--twice'))).code).toBe(1);
  });
});

describe('gatehouse dry-run', () => {
  it('tells in plain words what would be sent instead, line by line', async () => {
    const id = await published('D1');
    const same = await cli('dry-run', id);
    expect(same).toMatchObject({ code: 0, out: expect.stringMatching(/insert \(once\) {2}answered as it was then\n.*the same as then/) as string });
    expect(same.out).not.toContain('555');
    const file = join(folder, 'edited.json');
    writeFileSync(file, JSON.stringify(data('D1', { summary: 'No mail\u202e at all' })));
    const { out } = await cli('dry-run', id, '--data', file);
    expect(out).toContain('      - <short_description>No mail</short_description>');
    expect(out).toContain('      + <short_description>No mail\\u{202e} at all</short_description>');
    expect(out).toMatch(/reply {2}com\.acme\.incident\.opened\.v1 {2}the same as then/);
  });

  it('tries an event that nobody has posted, with an answer that is given', async () => {
    const [event, answers] = ['event.json', 'answers.json'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(event, JSON.stringify(data('D2')));
    const command = ['dry-run', '--system', 'servicenow', '--operation', 'open-incident', '--data', event];
    expect(await cli(...command)).toMatchObject({ code: 1, out: expect.stringContaining('needs an answer of insert') as string });
    writeFileSync(answers, JSON.stringify({ insert: { sys_id: 'a', number: 'INC7' } }));
    expect(await cli(...command, '--answers', answers)).toMatchObject({ code: 0, out: expect.stringContaining('"number": "INC7"') as string });
    expect((await cli('dry-run')).code).toBe(2);
  });
});

const bytesOf = (response: NodeJS.ReadableStream, done: (error: Error | null, body: Buffer) => void): void => {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks)));
};
