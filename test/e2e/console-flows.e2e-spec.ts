import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from '../support/accessibility.ts';
import { type AttentionGround, startAttentionGround } from '../support/attention-ground.ts';
import { ConsoleBrowser } from '../support/console.ts';

let ground: AttentionGround;
let browser: ConsoleBrowser;

beforeAll(async () => {
  ground = await startAttentionGround();
  browser = await ConsoleBrowser.start();
}, 240_000);
afterAll(async () => {
  await browser.close();
  await ground.stop();
});

const patience = { timeout: 60_000 };
const order = (ref: string, correlationid: string): Promise<string> =>
  ground.post('com.acme.order.sent.v1', ref, { orderId: ref, sku: 'BOLT' }, { correlationid });
interface Row {
  readonly state: string;
}
const statesOf = async (correlation: string): Promise<string> => {
  const { body } = await ground.api<{ rows: Row[] }>('vera', `/api/translations?correlation=${encodeURIComponent(correlation)}&limit=500`);
  return body.rows.map(({ state }) => state).join(' ');
};
const nodes = (page: Page) => page.locator('svg.flow a');

describe('a flow', () => {
  it('is asked for by its correlation id; without any there is a hint', async () => {
    const page = await browser.page();
    await ground.open(page, 'vera', 'flows');
    await page.getByText('No event has come yet').waitFor(patience);
    await page.getByLabel('Correlation id').fill('nobody/knows?');
    await page.keyboard.press('Enter');
    await page.getByText('There is no such flow').waitFor(patience);
    await page.close();
  });

  it('is offered among the recent ones, and drawn across systems with its states and as a list', async () => {
    await order('one', 'flow-1');
    await expect.poll(() => statesOf('flow-1'), patience).toBe('published published');
    const page = await browser.page();
    await ground.open(page, 'anna', 'flows');
    await page.getByRole('link', { name: 'flow-1' }).click();
    await expect.poll(() => nodes(page).count(), patience).toBe(5);
    const names = await nodes(page).evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
    expect(names).toEqual([
      'order.sent.v1 received, event com.acme.order.sent.v1',
      'send-order published, send-order of depot',
      'order.confirmed.v1 published, event com.acme.order.confirmed.v1',
      'shelve-order published, shelve-order of yard',
      expect.stringMatching(/, event test.told.v1$/),
    ]);
    await page.getByText('As a list').click();
    expect(await page.locator('.flow-list li').allInnerTexts()).toEqual([
      expect.stringContaining('com.acme.order.sent.v1'),
      expect.stringContaining('send-order'),
      expect.stringContaining('com.acme.order.confirmed.v1'),
      expect.stringContaining('shelve-order'),
      expect.stringContaining('test.told.v1'),
    ]);
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'flows-one');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'flows-one-dark');
    await page.close();
  });

  it('is walked by keyboard, each node a link', async () => {
    const page = await browser.page();
    await ground.open(page, 'vera', 'flows/flow-1');
    await expect.poll(() => nodes(page).count(), patience).toBe(5);
    for (let n = 0; n < 2; n += 1) await page.keyboard.press('j');
    const label = await page.evaluate('document.activeElement.getAttribute("aria-label")');
    expect(label).toMatch(/send-order of depot/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/console\/translations\/[0-9a-f]{32}/);
    await page.close();
  });

  it('is live: a state that changes is shown where the node stands', async () => {
    ground.depot.fault({ kind: 'commit-then-drop', matching: 'two' });
    const id = await order('two', 'flow-2');
    await expect.poll(() => statesOf('flow-2'), patience).toBe('parked');
    ground.depot.clear();
    const page = await browser.page();
    await ground.open(page, 'anna', 'flows/flow-2');
    await page.getByLabel('send-order in doubt').waitFor(patience);
    await browser.picture(page, 'flows-doubt');
    await ground.api('anna', `/api/translations/${id}/actions`, { act: { kind: 'did not' }, why: 'try again', key: 'again' });
    await page.getByLabel('send-order published').waitFor(patience);
    await expect.poll(() => nodes(page).count(), patience).toBe(5);
    await page.close();
  });

  it('of more than five hundred nodes is drawn and does not freeze the page', async () => {
    for (let n = 0; n < 120; n += 1) await order(`big-${n}`, 'flow-big');
    await expect.poll(async () => (await statesOf('flow-big')).match(/published/g)?.length, { timeout: 60_000 }).toBe(240);
    const page = await browser.page({ viewport: { width: 390, height: 844 } });
    await ground.open(page, 'vera', 'flows/flow-big');
    await expect.poll(() => nodes(page).count(), patience).toBe(600);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await page.evaluate('document.activeElement.closest("svg.flow") !== null')).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await browser.picture(page, 'flows-big-phone');
    await page.close();
    expect(browser.complaints).toEqual([]);
  });
});
