import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoEvents } from '../../src/practice/demo-events.ts';
import { stumblingBlocks } from '../support/axe.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { DemoGround, type Person, tokenOf } from '../support/demo-ground.ts';

let ground: DemoGround;
let browser: ConsoleBrowser;

beforeAll(async () => {
  ground = await DemoGround.start({ GATEHOUSE_GATEWAY__MAXEVENTBYTES: '25000000' });
  browser = await ConsoleBrowser.start();
  ground.systems.depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
}, 240_000);
afterAll(async () => {
  await browser.close();
  await ground.stop();
}, 120_000);

/** The event of the demo with this reference. */
const demo = (ref: string) => {
  const found = demoEvents().find(({ event }) => event.id === `demo-${ref}`);
  if (found === undefined) throw new Error(`the demo has no event ${ref}`);
  return found.event;
};
const postDemo = (ref: string): Promise<string> => ground.post(`demo-${ref}`, demo(ref).type, demo(ref).data);

async function pageOf(person: Person, path: string, options: Parameters<ConsoleBrowser['page']>[0] = {}): Promise<Page> {
  const page = await browser.page(options);
  await page.addInitScript((token) => sessionStorage.setItem('gatehouse.token', token), tokenOf(person));
  await page.goto(`${ground.url}/console/${path}`);
  return page;
}
const open = async (person: Person, id: string, query = '', options: Parameters<ConsoleBrowser['page']>[0] = {}): Promise<Page> => {
  const page = await pageOf(person, `translations/${id}${query}`, options);
  await page.getByRole('list', { name: 'Timeline' }).waitFor();
  await page.getByText(`${person} (`).waitFor();
  return page;
};
const button = (page: Page, name: string) => page.getByRole('group', { name: 'Actions' }).getByRole('button', { name });
async function decide(page: Page, why: string, verb: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why').fill(why);
  await dialog.getByRole('button', { name: verb, exact: true }).click();
}

/** An order whose work was done and whose answer was lost. */
async function inDoubt(ref: string): Promise<string> {
  const id = await ground.post(`order-${ref}`, 'com.acme.order.sent.v1', { orderId: ref, sku: 'BOLT' });
  await ground.becomes(id, 'parked');
  return id;
}

describe('the page of one translation', () => {
  it('shows a refused order from event to reply, with the reason the system gave', async () => {
    const id = await postDemo('S-104');
    await ground.becomes(id, 'published');
    const page = await open('vera', id, '?at=received');
    await page.getByRole('heading', { level: 1 }).getByText('published').waitFor();
    await page.getByRole('region', { name: 'event' }).getByText('"NONE-7"').waitFor();
    await page.getByRole('region', { name: 'reply', exact: true }).getByText('"NO_STOCK"').waitFor();
    expect(await page.getByRole('list', { name: 'Timeline' }).getByRole('button').allInnerTexts()).toHaveLength(4);
    expect(browser.complaints).toEqual([]);
  });

  it.each([
    ['soap', 'R-201', 'published'],
    ['terminal', 'RES-601', 'published'],
    ['file', 'SHP-401', 'waiting'],
  ] as const)('shows the exchange of a %s system', async (transport, ref, state) => {
    const id = await postDemo(ref);
    await ground.becomes(id, state);
    const page = await open('anna', id);
    await page.getByRole('region', { name: 'native', exact: true }).getByRole('combobox', { name: 'Call' }).waitFor();
    await browser.picture(page, `translation-${transport}`);
    expect(await stumblingBlocks(page)).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });
});

describe('a call in doubt', () => {
  it('that happened is answered by a person and published, and the audit says who and why', async () => {
    const id = await inDoubt('O-DOUBT-1');
    const page = await open('anna', id);
    await page.getByRole('heading', { level: 1 }).getByText('in doubt').waitFor();
    await browser.picture(page, 'translation-in-doubt');
    await button(page, 'It happened').click();
    await page.getByRole('dialog').getByLabel('The answer of Order').fill('{"wrong": 1}');
    await decide(page, 'seen in the depot', 'It happened');
    await page.getByRole('alert').getByText('this is no answer of Order').waitFor();
    await browser.picture(page, 'translation-happened');
    await page.getByRole('dialog').getByLabel('The answer of Order').fill('{"order": "O-77"}');
    await page.getByRole('dialog').getByRole('button', { name: 'It happened', exact: true }).click();
    await page.getByRole('heading', { level: 1 }).getByText('published').waitFor();
    await page.getByRole('region', { name: 'reply', exact: true }).getByText('"O-77"').waitFor();
    expect(await ground.audited()).toContainEqual(expect.objectContaining({ who: 'anna', what: 'happened', subject: id, why: 'seen in the depot' }));
    expect(browser.complaints).toEqual([]);
  });
});
