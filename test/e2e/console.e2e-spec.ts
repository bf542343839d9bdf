import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema, ownParts } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { ConsoleBrowser } from '../support/console.ts';

let folder: string;
let gateway: RunningGateway;
let browser: ConsoleBrowser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
  const file = join(folder, 'tokens.yaml');
  writeFileSync(
    file,
    'http:\n  tokens:\n    - { name: anna, role: operator, token: { env: ANNA } }\n    - { name: vera, role: viewer, token: { env: VERA } }\n',
  );
  gateway = await run(
    loadConfig(configSchema(ownParts), {
      file,
      env: {
        GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
        GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
        GATEHOUSE_HTTP__PORT: '0',
        GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: 'http://127.0.0.1:9/',
        GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__USER: 'gatehouse',
        GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__PASSWORD__ENV: 'PRACTICE',
        PRACTICE: 'practice',
        ANNA: 'token-of-anna',
        VERA: 'token-of-vera',
      },
    }),
  );
  browser = await ConsoleBrowser.start();
}, 240_000);
afterAll(async () => {
  await browser.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the pages of the console', () => {
  it('are served with a policy that lets nothing run or be asked but their own', async () => {
    const page = await supertest(gateway.url).get('/console/translations/abcdef').expect(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(page.headers['content-security-policy']).toMatch(/require-trusted-types-for 'script'/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    const [, script = ''] = /src="(\/console\/assets\/[^"]+\.js)"/.exec(page.text) ?? [];
    const packed = await supertest(gateway.url).get(script).set('accept-encoding', 'gzip').expect(200);
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers['cache-control']).toContain('immutable');
    const plain = await supertest(gateway.url).get(script).set('accept-encoding', 'identity').expect(200);
    expect(plain.headers['content-encoding']).toBeUndefined();
  });

  it.each(['/console/assets/../index.html.gz', '/console/assets/%2e%2e%2f%2e%2e%2fmain.js', '/console/assets/nothing.js'])(
    '%s is nothing that was built',
    async (path) => {
      const answer = await supertest(gateway.url).get(path);
      expect([200, 404]).toContain(answer.status);
      expect(answer.text).not.toContain('import');
    },
  );

  it('ask for a token, say when it is wrong, and come in with the right one', async () => {
    const page = await browser.page();
    await page.goto(`${gateway.url}/console/`);
    await page.getByLabel('Token').fill('token-of-nobody');
    await page.getByRole('button', { name: 'Come in' }).click();
    await page.getByText('The gateway does not know this token').waitFor();
    await page.getByLabel('Token').fill('token-of-vera');
    await page.getByRole('button', { name: 'Come in' }).click();
    await expect.poll(() => page.title()).toBe('Translations · Gatehouse');
    await page.getByText('vera (viewer)').waitFor();
    await browser.picture(page, 'console-first');
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByLabel('Token').waitFor();
    expect(browser.complaints).toEqual([]);
  });
});
