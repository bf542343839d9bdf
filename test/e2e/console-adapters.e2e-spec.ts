import { type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AdapterView } from '../../src/console/adapters.view.ts';
import { demoParts } from '../../src/practice/demo-systems.ts';
import { Catalogue } from '../../src/contract/catalogue.ts';
import { instanceOf } from '../../src/gateway/payload.ts';
import { barriers } from '../support/accessibility.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { type GuardedGround, type Somebody, startGuardedGround, tokenOf } from '../support/guarded-ground.ts';
import { portraits } from '../support/portraits.ts';

let ground: GuardedGround;
let browser: ConsoleBrowser;

beforeAll(async () => {
  ground = await startGuardedGround();
  browser = await ConsoleBrowser.start();
}, 240_000);
afterEach(() => browser.closePages());
afterAll(async () => {
  await browser.close();
  await ground.stop();
});

async function opened(path: string, who: Somebody = 'anna', options: Parameters<ConsoleBrowser['page']>[0] = {}): Promise<Page> {
  const page = await browser.page(options);
  await page.addInitScript((token) => sessionStorage.setItem('gatehouse.token', token), tokenOf(who));
  await page.goto(`${ground.url}/console/${path}`);
  await page.getByText(`${who} (`).waitFor();
  return page;
}

const catalogue = new Catalogue(demoParts.adapters);

describe('the catalogue of adapters over the API', () => {
  it.each([...catalogue.systems.keys()])('%s: every event has an example that its own rules accept', async (system) => {
    const view = (await (await ground.ask('vera', `/api/adapters/${system}`)).json()) as AdapterView;
    expect(view.operations.length).toBeGreaterThan(0);
    for (const { name, accepts, replies } of view.operations) {
      const operation = catalogue.operation(system, name);
      if (operation === undefined) throw new Error(`no ${name}`);
      await instanceOf(operation.accepts, accepts.example, 'EVENT_INVALID');
      for (const { type, example } of replies) {
        const payload = operation.replies.get(type);
        if (payload !== undefined) await instanceOf(payload, example, 'REPLY_INVALID');
      }
      expect(accepts.exampleOf !== null).toBe(view.cases?.some(({ of, parked }) => of === name && parked.length === 0));
    }
  });

  it('a case is run from its recording and passes; one that is not there is said', async () => {
    const run = (name: string) => ground.ask('anna', `/api/adapters/servicenow/cases/${name}/run`, { method: 'POST' });
    expect(await (await run('open-incident--opened')).json()).toMatchObject({ passed: true, differences: [] });
    const missing = await run('..%2F..%2Fledger%2Fcases%2Fcustomers--first-night');
    expect([missing.status, ((await missing.json()) as { code: string }).code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('the page of adapters', { timeout: 120_000 }, () => {
  it('each adapter stands with what it does; AsyncAPI is downloaded', async () => {
    const page = await opened('adapters', 'vera');
    await page.getByRole('link', { name: 'open-incident' }).waitFor();
    expect(await page.evaluate<string>("getComputedStyle(document.querySelector('.bar')).display")).toBe('flex');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download AsyncAPI' }).click();
    expect((await download).suggestedFilename()).toBe('asyncapi.json');
    await portraits(browser, page, 'adapters');
    expect(browser.complaints).toEqual([]);
  });

  it.each(['servicenow', 'carrier', 'ledger', 'stockroom', 'depot'])('%s from near, in light, dark and on a phone', async (system) => {
    const page = await opened(`adapters/${system}`);
    await page.getByRole('heading', { name: 'Try it' }).waitFor();
    await portraits(browser, page, `adapter-${system}`);
    expect(browser.complaints).toEqual([]);
  });

  it('an event is run dry: what would be sent is shown, and nothing is', async () => {
    const before = ground.systems.servicenow.ledger().length;
    const page = await opened('adapters/servicenow');
    await page.getByLabel('summary').fill('No <network> in room 7');
    await page.getByRole('button', { name: 'Run it dry' }).click();
    await page.getByText('It goes no further without an answer to').waitFor();
    await page.getByText('No &lt;network&gt; in room 7').first().waitFor();
    await browser.picture(page, 'adapter-dry-run');
    expect(await barriers(page)).toEqual([]);
    expect(ground.systems.servicenow.ledger()).toHaveLength(before);
    expect(browser.complaints).toEqual([]);
  });

  it('what breaks a rule is said in the words of the gateway', async () => {
    const page = await opened('adapters/servicenow');
    await page.getByLabel('requestId').fill('');
    await page.getByRole('button', { name: 'Run it dry' }).click();
    await page.getByText('requestId breaks').waitFor();
    await page.getByRole('button', { name: 'As JSON' }).click();
    await page.getByLabel('Data of the event, as JSON').fill('{');
    await page.getByRole('button', { name: 'Run it dry' }).click();
    await page.getByText('This is no JSON').waitFor();
    expect(browser.complaints).toEqual([]);
  });

  it('an event is sent with a reason; a link leads to its translation, and the sending is in the audit log', async () => {
    const page = await opened('adapters/depot');
    await page.getByRole('button', { name: 'Send it…' }).click();
    await page.getByLabel('Why').fill('bin 7 → a check after the count');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    const link = page.getByRole('link', { name: /^depot reserve-stock / });
    await link.waitFor();
    const id = (await link.getAttribute('href'))?.split('/').at(-1) ?? '';
    await ground.published([id]);
    const [row] = (await (await ground.ask('ada', '/api/audit')).json()) as object[];
    expect(row).toMatchObject({ who: 'anna', what: 'send', why: 'bin 7 → a check after the count' });
    expect(browser.complaints).toEqual([]);
  });

  it('cases are run from the page, and say that they passed', async () => {
    const page = await opened('adapters/depot');
    await page.getByRole('button', { name: 'Run all' }).click();
    await page.getByText(/^(\d+) of \1 passed$/).waitFor({ timeout: 60_000 });
    await expect
      .poll(async () => (await page.getByText('✓ passed').count()) > 0 && (await page.getByText('it runs').count()) === 0, { timeout: 60_000 })
      .toBe(true);
    await browser.picture(page, 'adapter-cases');
    expect(browser.complaints).toEqual([]);
  });

  it('by keys alone: to the next operation, and into its form', async () => {
    const page = await opened('adapters/depot');
    await page.getByRole('heading', { name: 'Try it' }).waitFor();
    // A page that has just been drawn may not listen yet.
    await expect
      .poll(async () => {
        await page.keyboard.press('k');
        return page.url();
      })
      .toContain('operation=reserve-stock');
    await page.keyboard.press('j');
    await expect.poll(() => page.url()).toContain('operation=reserve-pair');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Adapters' }).waitFor();
    expect(browser.complaints).toEqual([]);
  });

  it('who only looks may neither run it dry nor send it, and is told why', async () => {
    const page = await opened('adapters/depot', 'vera');
    const send = page.getByRole('button', { name: /Send it/ });
    await send.waitFor();
    expect([await send.getAttribute('aria-disabled'), await send.getAttribute('title')]).toEqual(['true', 'You are viewer: this needs operator']);
    const event = { specversion: '1.0', id: 'x', source: '/x', type: 'com.acme.stock.wanted.v1', data: {} };
    const refused = await ground.ask('vera', '/events', {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(event),
    });
    expect(refused.status).toBe(403);
    expect(browser.complaints).toEqual([]);
  });
});
