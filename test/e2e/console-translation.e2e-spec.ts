import supertest from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { demoEvents } from '../../src/practice/demo-events.ts';
import { barriers } from '../support/accessibility.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { DemoGround } from '../support/demo-ground.ts';
import { TranslationPage } from '../support/translation-page.ts';

let ground: DemoGround;
let browser: ConsoleBrowser;

beforeAll(async () => {
  ground = await DemoGround.start();
  browser = await ConsoleBrowser.start();
  ground.systems.depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
}, 240_000);
afterEach(() => browser.closePages());
afterAll(async () => {
  await browser.close();
  await ground.stop();
}, 120_000);

/** Posts the event of the demo with this reference. */
async function post(ref: string): Promise<string> {
  const found = demoEvents().find(({ event }) => event.id === `demo-${ref}`);
  if (found === undefined) throw new Error(`the demo has no event ${ref}`);
  return ground.post(found.event.id, found.event.type, found.event.data);
}
const open = (id: string, person: 'anna' | 'vera' = 'anna', options: Parameters<ConsoleBrowser['page']>[0] = {}) =>
  TranslationPage.open(browser, ground, person, id, options);

describe('the page of one translation', () => {
  it('shows a refused order from event to reply, with the reason the system gave', async () => {
    const id = await post('S-104');
    await ground.becomes(id, 'published');
    const { page, timeline, pane, says } = await open(id, 'vera');
    await says('published');
    await pane('event').getByText('"NONE-7"').waitFor();
    await pane('reply').getByText('"NO_STOCK"').waitFor();
    const lines = (await timeline.getByRole('button').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/received .*com\.acme\.stock\.wanted\.v1/);
    expect(lines[1]).toMatch(/attempt 1 .* answered/);
    expect(lines[2]).toMatch(/Stock .*read · answered/);
    expect(lines[3]).toMatch(/reply .*com\.acme\.stock\.refused\.v1 · published/);
    await page.getByRole('link', { name: 'demo-S-104' }).click();
    await expect.poll(() => page.url()).toContain('/console/flows/demo-S-104');
    expect(browser.complaints).toEqual([]);
  });

  it.each([
    ['soap', 'R-201', 'published', /insertResponse|INC00/],
    ['terminal', 'RES-601', 'published', /MAIN MENU/],
    ['file', 'SHP-401', 'waiting', /SHP-401/],
  ] as const)('shows the exchange of a %s system in light, dark and on a phone', async (transport, ref, state, native) => {
    const id = await post(ref);
    await ground.becomes(id, state);
    const { page, pane } = await open(id);
    await pane('native').getByText(native).first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await barriers(page)).toEqual([]);
      await browser.picture(page, `translation-${transport}-${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 844 });
    await pane('event').waitFor({ state: 'hidden' });
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBeLessThanOrEqual(390);
    await browser.picture(page, `translation-${transport}-phone`);
    await page.getByRole('button', { name: 'event', exact: true }).click();
    await pane('event').waitFor();
    await pane('native').waitFor({ state: 'hidden' });
    expect(browser.complaints).toEqual([]);
  });

  it('is walked with the keyboard alone: lines, views, a decision, and back', async () => {
    await ground.becomes(await post('S-101'), 'published');
    const id = await ground.post('order-keys', 'com.acme.order.sent.v1', { orderId: 'O-DOUBT-KEYS', sku: 'BOLT' });
    await ground.becomes(id, 'parked');
    const { page, timeline, dialog, says } = await open(id);
    const current = (): Promise<string | null> => timeline.locator('[aria-current="true"]').getAttribute('id');
    await expect.poll(current).toMatch(/^entry-call-/);
    await page.keyboard.press('k');
    await expect.poll(current).toBe('entry-attempt-1');
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await expect.poll(current).toBe('entry-received');
    await page.keyboard.press('j');
    await expect.poll(current).toBe('entry-attempt-1');
    await page.keyboard.press('c');
    await page.getByRole('region', { name: 'Compare' }).waitFor();
    await page.keyboard.press('d');
    await page.getByRole('region', { name: 'Dry run' }).waitFor();
    await page.keyboard.press('e');
    await page.getByRole('region', { name: 'native' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('it did not').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    ground.systems.depot.clear();
    await page.keyboard.press('n');
    await dialog.getByRole('heading', { name: 'It did not happen' }).waitFor();
    await page.keyboard.type('the depot has no such order');
    await page.keyboard.press('Enter');
    await says('published');
    ground.systems.depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
    await page.keyboard.press('Escape');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/console/translations');
    expect(browser.complaints).toEqual([]);
  });

  it('has its data cut where it is asked to be, and what may be chosen, also for a viewer', async () => {
    const id = await ground.post('stock-CHOICES', 'com.acme.stock.wanted.v1', { requestId: 'S-NONE', customerId: 'C', sku: 'NONE-1', quantity: 1 });
    await ground.becomes(id, 'published');
    const ask = (path: string) => supertest(ground.url).get(`/api/translations/${id}${path}`).set('authorization', 'Bearer token-of-vera');
    const { body: cut } = await ask('?upTo=10').expect(200);
    expect(cut.event.data).toMatchObject({ text: '{"requestI', cut: true });
    expect(cut.event.data.size).toBeGreaterThan(10);
    expect((await ask('').expect(200)).body.event.data.cut).toBeUndefined();
    await ask('?upTo=-1').expect(409);
    const { body: choices } = await ask('/choices').expect(200);
    expect(choices).toMatchObject({ declared: true, inDoubt: [] });
    expect(choices.replies.map(({ type }: { type: string }) => type)).toEqual(['com.acme.stock.reserved.v1', 'com.acme.stock.refused.v1']);
    expect(choices.replies[1].fields[0]).toEqual({ name: 'requestId', kind: 'text', required: true, oneOf: [] });
  });

  it('says what it does not find, and where to look', async () => {
    const page = await browser.page();
    await page.addInitScript(() => sessionStorage.setItem('gatehouse.token', 'token-of-vera'));
    await page.goto(`${ground.url}/console/translations/ffffffffffff`);
    await page.getByRole('alert').getByText("there is no translation 'ffffffffffff'").waitFor();
    await page.getByRole('link', { name: 'To the list' }).waitFor();
    expect(browser.complaints).toEqual([]);
  });

  it('masks sensitive fields until an operator reveals them, which is recorded', async () => {
    const id = await post('R-202');
    await ground.becomes(id, 'published');
    const vera = await open(id, 'vera');
    await vera.pane('event').getByText('"••••"').waitFor();
    const refused = vera.page.getByRole('button', { name: 'Reveal masked fields' });
    expect(await refused.getAttribute('aria-disabled')).toBe('true');
    expect(await refused.getAttribute('title')).toBe('You are viewer: this needs operator');
    const { page, pane } = await open(id);
    await page.getByRole('button', { name: 'Reveal masked fields' }).click();
    await pane('event').getByText('"+49 30 1234567"').waitFor();
    await page.getByText('That you see them is recorded.').waitFor();
    expect(await ground.audited()).toContainEqual(expect.objectContaining({ who: 'anna', what: 'reveal', subject: id }));
    expect(browser.complaints).toEqual([]);
  });

  it('follows what happens, and the gateway that is started again under it', async () => {
    const id = await ground.post('order-restart', 'com.acme.order.sent.v1', { orderId: 'O-DOUBT-RESTART', sku: 'BOLT' });
    await ground.becomes(id, 'parked');
    const { page, says, timeline } = await open(id);
    await says('in doubt');
    await ground.stopGateway();
    await page.getByText('The gateway does not answer; it is tried again').waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'Adapters', exact: true }).click();
    await page.getByText('This part of the page is loaded when the gateway answers.').waitFor();
    await ground.startGateway();
    await page.getByRole('link', { name: 'servicenow' }).waitFor();
    expect(await page.getByText('The gateway does not answer').count()).toBe(0);
    await page.goBack();
    const { version } = (await ground.story(id)).translation;
    const request = { key: 'restart', translationId: id, version, who: 'bert', why: 'seen in the depot' };
    await ground.gateway.gateway.desk.act(request, { kind: 'happened', answer: { order: 'O-1' } });
    await says('published');
    await timeline.getByText('by bert: seen in the depot').waitFor();
    expect(browser.complaints).toEqual([]);
  });
});
