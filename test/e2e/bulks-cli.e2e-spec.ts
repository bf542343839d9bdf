import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema, ownParts } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { Journal } from '../../src/contract/journal.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { PracticeServiceNow } from '../../src/practice/servicenow/servicenow.server.ts';
import { park, parkedId } from '../support/parked.ts';

const gatehouse = resolve(import.meta.dirname, '../../dist/gatehouse.js');
let folder: string;
let practice: PracticeServiceNow;
let gateway: RunningGateway;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-bulks-cli-'));
  practice = await PracticeServiceNow.start();
  const file = join(folder, 'gatehouse.yaml');
  writeFileSync(
    file,
    `journal: { path: ${join(folder, 'journal.db')}, reserveBytes: 0 }\nhttp: { port: 0 }\ngateway: { logLevel: error }\nsystems: { servicenow: { soap: { url: "${practice.url}", user: gatehouse, password: { env: PRACTICE } } } }\n`,
  );
  gateway = await run(loadConfig(configSchema(ownParts), { file, env: { PRACTICE: 'practice' } }));
  await park(
    gateway.app.get(Journal),
    Array.from({ length: 30 }, (_, n) => ({ ref: `R${n + 1}`, operation: n < 28 ? 'open-incident' : '', key: `R${n + 1}` })),
    'servicenow',
  );
});
afterAll(async () => {
  await gateway.stop();
  await practice.stop();
  rmSync(folder, { recursive: true, force: true });
});

function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const env = { ...process.env, NO_COLOR: '1', GATEHOUSE_URL: gateway.url };
    const child = execFile(process.execPath, [gatehouse, ...args], { env, cwd: folder, timeout: 60_000 }, (error, out, err) =>
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
    child.stdin?.end();
  });
}

describe('bulk actions on the command line', () => {
  it('counts first and does nothing unasked; then does it, and says what failed and why', async () => {
    const wanted = ['--system', 'servicenow', '--why', 'the order is void'];
    const unasked = await cli('bulk', 'replay', ...wanted);
    expect(unasked).toMatchObject({
      code: 1,
      err: expect.stringMatching(/30 translations\n +28 {2}servicenow open-incident\n +2 {2}servicenow \(no operation\)\n.*add --yes/s),
    });
    expect((await cli('bulks')).out).toContain('there is no bulk action');
    const slow = await cli('--json', 'bulk', 'discard', ...wanted, '--yes', '--no-wait', '--rate', '0.01');
    expect(JSON.parse(slow.out)).toMatchObject({ seq: 1, state: 'running', total: 30, perSecond: 0.01 });
    expect(await cli('bulks', 'stop', '1', '--why', 'not these')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/1 .*stopped +discard +\d of 30/),
    });
    expect((await cli('bulks', 'stop', '1', '--why', 'again')).code).toBe(1);
    const done = await cli('bulk', 'replay', ...wanted, '--yes', '--rate', '0');
    expect(done.code).toBe(1);
    expect(done.out).toMatch(/^ +2 {2}20.* done +replay +\d\d of \d\d done, 2 failed {2}local: the order is void\n/);
    expect(done.out).toMatch(/failed +[0-9a-f]{12} +servicenow +NOT_POSSIBLE: .*no operation/);
    expect((await cli('bulks')).out.split('\n')).toHaveLength(3);
    expect((await cli('bulks', 'show', '99')).code).toBe(3);
    expect((await cli('bulk', 'shout', ...wanted)).code).toBe(2);
    expect((await gateway.app.get(Journal).reader.story(parkedId('R28', 'open-incident', 'servicenow')))?.replays).toHaveLength(1);
  }, 180_000);
});
