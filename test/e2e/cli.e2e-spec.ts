import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema, ownParts } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { isNewEnough, pinnedNode } from '../../src/launcher/launch.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { PracticeServiceNow } from '../../src/practice/servicenow/servicenow.server.ts';

const root = resolve(import.meta.dirname, '../..');
const gatehouse = join(root, 'dist/gatehouse.js');
let folder: string;
let practice: PracticeServiceNow;
let gateway: RunningGateway | null = null;
let url = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  practice = await PracticeServiceNow.start();
  const file = join(folder, 'gatehouse.yaml');
  writeFileSync(
    file,
    `journal: { path: ${join(folder, 'journal.db')}, reserveBytes: 0 }\nhttp: { port: 0 }\ngateway: { logLevel: error }\nsystems: { servicenow: { retry: { firstMs: 10 }, soap: { url: "${practice.url}", user: gatehouse, password: { env: PRACTICE } } } }\n`,
  );
  gateway = await run(loadConfig(configSchema(ownParts), { file, env: { PRACTICE: 'practice' } }));
  url = gateway.url;
});
afterAll(async () => {
  await gateway?.stop();
  await practice.stop();
  rmSync(folder, { recursive: true, force: true });
});

function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const env = { ...process.env, PRACTICE: 'practice', NO_COLOR: '1', GATEHOUSE_URL: url, GATEHOUSE_CONFIG: join(folder, 'gatehouse.yaml') };
    execFile(process.execPath, [gatehouse, ...args], { env, cwd: folder, timeout: 60_000 }, (error, out, err) =>
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
  });
}

const type = 'com.acme.service.requested.v1';
const emit = (id: string, data: object) =>
  cli('emit', '--type', type, '--id', id, '--data', JSON.stringify({ requestId: id, callerId: 'ann', summary: 'x', ...data }), '--wait');

describe('the command line', () => {
  it('sends an event, waits for it, and shows its whole story down to the bytes', async () => {
    const sent = await emit('C1', {});
    expect([sent.code, sent.out]).toEqual([0, expect.stringContaining('published')]);
    const id = sent.out.slice(0, 32);
    const { out } = await cli('show', id.slice(0, 10));
    expect(out).toContain('<correlation_id>C1</correlation_id>');
    expect(out).toContain('authorization: Basic {{env:PRACTICE}}');
    expect(out).toMatch(/reply {2}com\.acme\.incident\.opened\.v1.*, readable at GET \/events/);
    expect(JSON.parse((await cli('--json', 'show', id)).out)).toMatchObject({ translation: { id, state: 'published' } });
  });

  it('hostile text reaches the terminal escaped', async () => {
    const sent = await emit('C2', { details: '\u202e\u009b2J' });
    expect(sent.code).toBe(0);
    const { out } = await cli('show', sent.out.slice(0, 32));
    expect(out).toContain('\\u{202e}');
    expect(out).not.toMatch(/[\u202e\u009b]/);
  });

  it('lists by state, discards with a reason, and says what is not possible', async () => {
    const bad = await emit('C3', { urgency: 'whenever' });
    expect([bad.code, bad.out]).toEqual([1, expect.stringContaining('EVENT_INVALID')]);
    const id = bad.out.slice(0, 32);
    expect((await cli('list', '--state', 'parked')).out).toContain(id.slice(0, 8));
    expect((await cli('list', '--text', 'C3 defect')).out).toContain('no translation fits');
    expect((await cli('list', '--text', 'C3 event_inv', '--over', '0s', '--state', 'parked,waiting')).out).toContain(id.slice(0, 8));
    expect((await cli('list', '--in-doubt')).out).toContain('no translation fits');
    expect(await cli('list', '--over', 'soon')).toMatchObject({ code: 1, err: expect.stringContaining("'overMs' is a whole number") });
    expect((await cli('groups', '--by', 'system,code')).out).toMatch(/1 {2}EVENT_INVALID servicenow/);
    expect(await cli('groups', '--by', 'colour')).toMatchObject({ code: 1, err: expect.stringContaining('code, system, operation') });
    expect((await cli('discard', id)).code).toBe(2);
    expect(await cli('settle', id, '--did-not', '--why', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('no call in doubt') });
    expect(await cli('discard', id, '--why', 'sender will mend it')).toMatchObject({ code: 0, out: expect.stringContaining('discarded') });
    expect((await cli('retry', id, '--why', 'x')).code).toBe(1);
  });

  it('exit codes say what happened', async () => {
    expect((await cli('show', 'ffffffff')).code).toBe(3);
    expect((await cli('nonsense')).code).toBe(2);
    expect((await cli('--help')).code).toBe(0);
    expect(await cli('--url', 'http://127.0.0.1:1', 'systems')).toMatchObject({ code: 4, err: expect.stringContaining('gatehouse start') });
    expect((await cli('--config', '/nowhere.yaml', 'config')).code).toBe(6);
    expect((await cli('emit', '--type', 'x.y', '--data', '{')).code).toBe(1);
  });

  it('holds, resumes and checks systems', async () => {
    expect((await cli('hold', 'servicenow', '--why', 'x')).out).toContain('held');
    expect((await cli('systems')).out).toMatch(/servicenow\s+held/);
    expect((await cli('resume', 'servicenow', '--why', 'x')).out).toContain('open');
    expect(await cli('check')).toMatchObject({ code: 0, out: expect.stringContaining('answers') });
  });

  it('the configuration is shown without its secrets', async () => {
    const { code, out } = await cli('config');
    expect([code, out]).toEqual([0, expect.stringContaining('{{env:PRACTICE}}')]);
    expect(out).not.toContain('"practice"');
  });

  it('a reader that has seen enough is no mistake', () => {
    const { stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${gatehouse}" asyncapi | true`], { encoding: 'utf8', cwd: folder });
    expect(stderr).toBe('');
  });

  it('rule 39: when no gateway runs it opens the journal itself, under the same lock', async () => {
    const before = (await cli('--json', 'list')).out;
    await gateway?.stop();
    gateway = null;
    const { out, err } = await cli('--json', 'list');
    expect(err).toContain('the journal is opened directly');
    expect((JSON.parse(out) as { rows: object[] }).rows).toHaveLength((JSON.parse(before) as { rows: object[] }).rows.length);
    expect((await cli('list', '--text', 'C3', '--state', 'discarded')).out).toContain('C3');
    expect(await cli('list', '--state', 'lost')).toMatchObject({ code: 1, err: expect.stringContaining('received, running, waiting') });
    expect((await cli('groups')).out).toContain('nothing is parked');
    expect(await cli('settle', 'ffffffff', '--probe', '--why', 'x')).toMatchObject({ code: 4, err: expect.stringContaining('running gateway') });
  });
});

describe('the demo', () => {
  it('plays to its end and agrees with the ledgers of the practice systems', async () => {
    const { code, out } = await cli('--json', 'demo', '--once');
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { events: 33, published: 32, refused: 5, parked: 1, inDoubt: 1, duplicates: 2, broughtIn: 7, lost: 0, mismatches: 0 },
    ]);
  });
});

describe('the launcher', () => {
  it('knows which Node is new enough, and finds the one npm brought', () => {
    expect(['20.20.2', '22.1.0', '24.0.0', '26.1.0'].map(isNewEnough)).toEqual([false, false, true, true]);
    if (process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64'))
      expect(pinnedNode(gatehouse)).toMatch(/node-linux-(?:x64|arm64)\/bin\/node$/);
    expect(pinnedNode('/nowhere/else.js')).toBeNull();
  });
});
