import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Adapter, cannotTell, happened, once } from '../../src/contract/index.ts';
import { type Parts } from '../../src/app.module.ts';
import { demoParts } from '../../src/practice/demo-systems.ts';
import { DepotAdapter, NudgeShelf, ReservePair, ReserveStock, SendOrder, depotCalls, depotLayout } from '../../src/practice/line/depot.adapter.ts';
import { barriers } from '../support/accessibility.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { DemoGround } from '../support/demo-ground.ts';
import { TranslationPage } from '../support/translation-page.ts';

/** The depot whose orders can be asked for, with an answer that is not always clear. */
let depotIsClear = false;
@Adapter({
  system: 'depot',
  about: 'The practice depot; somebody can be asked about its orders.',
  layouts: [depotLayout],
  calls: { ...depotCalls, Reserve: once({ probe: async () => (depotIsClear ? happened({ reservation: 'R-9' }) : cannotTell('the book is away')) }) },
  operations: [ReserveStock, ReservePair, SendOrder, NudgeShelf],
})
class AskedDepot {}

const parts: Parts = { ...demoParts, adapters: demoParts.adapters.map((each) => (each === DepotAdapter ? AskedDepot : each)) };

let ground: DemoGround;
let browser: ConsoleBrowser;

beforeAll(async () => {
  ground = await DemoGround.start({ parts });
  browser = await ConsoleBrowser.start();
  ground.systems.depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
}, 240_000);
afterAll(async () => {
  await browser.close();
  await ground.stop();
}, 120_000);

const open = (id: string, person: 'anna' | 'bert' | 'vera' = 'anna') => TranslationPage.open(browser, ground, person, id);

/** An order whose work was done and whose answer was lost. */
async function doubtfulOrder(ref: string): Promise<string> {
  const id = await ground.post(`order-${ref}`, 'com.acme.order.sent.v1', { orderId: `O-DOUBT-${ref}`, sku: 'BOLT' });
  await ground.becomes(id, 'parked');
  return id;
}
const stock = (ref: string) => ({ requestId: ref, customerId: `C-${ref}`, sku: 'BOLT', quantity: 1 });
async function doubtfulStock(ref: string): Promise<string> {
  const id = await ground.post(`stock-${ref}`, 'com.acme.stock.wanted.v1', stock(`S-DOUBT-${ref}`));
  await ground.becomes(id, 'parked');
  return id;
}
const ordersOf = (ref: string): number => ground.systems.depot.ledger().filter((entry) => entry.ref === ref).length;

describe('a call in doubt is settled', () => {
  it('as happened, with an answer that the gateway has found good; the audit says who and why', async () => {
    const id = await doubtfulOrder('HAPPENED');
    const { page, says, act, dialog, decide, pane } = await open(id);
    await says('in doubt');
    expect(await act('Run the probe').getAttribute('title')).toBe('Order has no probe: look in the system and settle it as happened or did not');
    await act('It happened').click();
    const answer = dialog.getByLabel('The answer of Order');
    await answer.fill('{"order": ');
    await dialog.getByText('This is no JSON').waitFor();
    await answer.fill('{"wrong": 1}');
    await decide('seen in the depot', 'It happened');
    await page.getByRole('alert').getByText('this is no answer of Order').waitFor();
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'translation-happened');
    await answer.fill('{"order": "O-77"}');
    await dialog.getByRole('button', { name: 'It happened', exact: true }).click();
    await says('published');
    await pane('reply').getByText('"O-77"').waitFor();
    expect(ordersOf('O-DOUBT-HAPPENED')).toBe(1);
    expect(await ground.audited()).toContainEqual(expect.objectContaining({ who: 'anna', what: 'happened', subject: id, why: 'seen in the depot' }));
    expect(browser.complaints).toEqual([]);
  });

  it('as not happened, and is called again', async () => {
    const id = await doubtfulOrder('DIDNOT');
    const { says, act, decide, dialog, timeline } = await open(id);
    await act('It did not').click();
    await decide('', 'Call again');
    await dialog.getByText('Say why').waitFor();
    ground.systems.depot.clear();
    await decide('no such order there', 'Call again');
    await says('published');
    ground.systems.depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
    await timeline.getByText('by anna: no such order there').waitFor();
    expect(ordersOf('O-DOUBT-DIDNOT')).toBe(2);
    expect(browser.complaints).toEqual([]);
  });

  it('by its probe, once the probe can tell', async () => {
    depotIsClear = false;
    const id = await doubtfulStock('PROBE');
    const { says, act, decide, pane } = await open(id);
    await says('in doubt');
    depotIsClear = true;
    await act('Run the probe').click();
    await decide('the book is back', 'Run the probe');
    await says('published');
    await pane('reply').getByText('"R-9"').waitFor();
    expect(ordersOf('S-DOUBT-PROBE')).toBe(1);
    expect(browser.complaints).toEqual([]);
  });

  it('with an earlier answer as the example', async () => {
    const earlier = await ground.post('order-EARLIER', 'com.acme.order.sent.v1', { orderId: 'O-EARLIER', sku: 'BOLT' });
    await ground.becomes(earlier, 'published');
    const { act, dialog } = await open(await doubtfulOrder('EXAMPLE'));
    await act('It happened').click();
    await dialog.getByRole('button', { name: 'Begin with an earlier answer' }).click();
    await expect.poll(() => dialog.getByLabel('The answer of Order').inputValue()).toMatch(/"order": /);
    expect(browser.complaints).toEqual([]);
  });
});

describe('two people at once', () => {
  it('one wins; the other is told who did what and why, and nothing of theirs is done', async () => {
    const id = await doubtfulOrder('TWO');
    const [anna, bert] = [await open(id, 'anna'), await open(id, 'bert')];
    for (const { act, dialog } of [anna, bert]) {
      await act('It happened').click();
      await dialog.getByLabel('The answer of Order').fill('{"order": "O-1"}');
    }
    await anna.decide('anna saw it', 'It happened');
    await anna.says('published');
    await bert.dialog.getByText('It has changed since you opened this').waitFor();
    await bert.decide('bert saw it', 'It happened');
    const told = bert.page.getByRole('alert');
    await told.getByText('Nothing was done').waitFor();
    expect(await told.innerText()).toMatch(/anna decided “happened” at .*: anna saw it\..*Now it is published/s);
    await browser.picture(bert.page, 'translation-two-people');
    await bert.dialog.getByRole('button', { name: 'Cancel' }).click();
    await bert.says('published');
    expect((await ground.story(id)).actions).toHaveLength(1);
    expect(browser.complaints).toEqual([]);
  });

  it('a viewer sees every action, disabled with the reason', async () => {
    const { page, act } = await open(await doubtfulOrder('VIEWER'), 'vera');
    for (const name of ['It happened', 'It did not', 'Retry', 'Replay as new', 'Discard'])
      expect(await act(name).getAttribute('title')).toBe('You are viewer: this needs operator');
    await act('It did not').click({ force: true });
    await page.keyboard.press('n');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(browser.complaints).toEqual([]);
  });
});

describe('a translation', () => {
  it('is discarded with a declared refusal whose form knows what the event knows', async () => {
    const id = await doubtfulOrder('DISCARD');
    const { act, dialog, decide, says, pane, page } = await open(id);
    await act('Discard').click();
    await dialog.getByLabel('Whoever waits').selectOption('com.acme.order.rejected.v1');
    expect(await dialog.getByLabel('orderId').inputValue()).toBe('O-DOUBT-DISCARD');
    await dialog.getByLabel('code').fill('GIVEN_UP');
    await dialog.getByLabel('reason').fill('the depot burned down');
    await browser.picture(page, 'translation-discard');
    await decide('agreed with the shop', 'Discard');
    await says('discarded');
    await pane('reply').getByText('"the depot burned down"').waitFor();
    expect((await ground.story(id)).replies[0]?.attributes.type).toBe('com.acme.order.rejected.v1');
    expect(browser.complaints).toEqual([]);
  });

  it('is replayed with an edited event, and both know each other', async () => {
    const id = await ground.post('stock-REPLAY', 'com.acme.stock.wanted.v1', stock('S-REPLAY'));
    await ground.becomes(id, 'published');
    const { page, act, dialog, decide, says, pane } = await open(id);
    await act('Replay as new').click();
    await dialog.getByLabel('edited').check();
    const editor = dialog.getByLabel('Data of the event');
    expect(JSON.parse(await editor.inputValue())).toEqual(stock('S-REPLAY'));
    await editor.fill(JSON.stringify({ ...stock('S-REPLAY'), sku: 'NONE-1' }));
    await browser.picture(page, 'translation-replay');
    await decide('another article', 'Replay');
    await pane('event').getByText('"NONE-1"').waitFor();
    await says('published');
    await page.getByRole('link', { name: id.slice(0, 8) }).click();
    await pane('event').getByText('"BOLT"').waitFor();
    const [replay = ''] = (await ground.story(id)).replays;
    await page.getByRole('link', { name: replay.slice(0, 8) }).waitFor();
    expect(browser.complaints).toEqual([]);
  });

  it('is saved as a case, and its commands are copied', async () => {
    const id = await ground.post('stock-CASE', 'com.acme.stock.wanted.v1', stock('S-CASE'));
    await ground.becomes(id, 'published');
    const { page } = await open(id);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByText('Copy for a shell').click();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a case' }).click();
    const saved = readFileSync(await (await saving).path());
    expect(saved.subarray(257, 262).toString()).toBe('ustar');
    expect(saved.toString('latin1')).toContain('event.json');
    await page.getByRole('button', { name: 'Copy gatehouse retry' }).click();
    const clipboard = (): Promise<string> => page.evaluate<string>('navigator.clipboard.readText()');
    await expect.poll(clipboard).toBe(`gatehouse retry ${id} --why '…' --url ${ground.url}`);
    await page.getByRole('button', { name: 'Copy curl of the event' }).click();
    await expect.poll(clipboard).toContain('"requestId":"S-CASE"');
    expect(await clipboard()).not.toContain('token-of');
    expect(browser.complaints).toEqual([]);
  });
});

describe('before anything is sent', () => {
  it('a dry run shows what an edited event would send and reply, and sends nothing', async () => {
    const id = await ground.post('stock-DRY', 'com.acme.stock.wanted.v1', stock('S-DRY'));
    await ground.becomes(id, 'published');
    const { page } = await open(id);
    await page.keyboard.press('d');
    const dry = page.getByRole('region', { name: 'Dry run' });
    await dry.getByText('It would publish a reply').waitFor();
    await dry.getByRole('button', { name: 'Edit the event' }).click();
    await dry.getByLabel('Data of the event').fill(JSON.stringify({ ...stock('S-DRY'), quantity: 7 }));
    await dry.getByRole('button', { name: 'Run again' }).click();
    await dry.getByText('"qty": 7').waitFor();
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'translation-dry-run');
    expect(ordersOf('S-DRY')).toBe(1);
    expect(browser.complaints).toEqual([]);
  });

  it('it is compared with an earlier translation of the same operation', async () => {
    for (const ref of ['S-ONE', 'S-OTHER'])
      await ground.becomes(await ground.post(`stock-${ref}`, 'com.acme.stock.wanted.v1', stock(ref)), 'published');
    const other = await ground.post('stock-S-THIRD', 'com.acme.stock.wanted.v1', stock('S-THIRD'));
    await ground.becomes(other, 'published');
    const { page } = await open(other);
    await page.keyboard.press('c');
    const compare = page.getByRole('region', { name: 'Compare' });
    const choice = compare.getByRole('combobox', { name: 'Translation to compare with' });
    const option = choice.locator('option', { hasText: 'S-OTHER' });
    await option.waitFor({ state: 'attached' });
    await choice.selectOption((await option.getAttribute('value')) ?? '');
    await compare.getByRole('region', { name: 'event' }).getByText('"S-OTHER"').waitFor();
    await compare.getByRole('region', { name: 'event' }).getByText('"S-THIRD"').waitFor();
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'translation-compare');
    expect(browser.complaints).toEqual([]);
  });
});
