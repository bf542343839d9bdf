import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Parts } from '../../src/app.module.ts';
import { Adapter, cannotTell, happened, once } from '../../src/contract/index.ts';
import { demoEvents } from '../../src/practice/demo-events.ts';
import { demoParts } from '../../src/practice/demo-systems.ts';
import { DepotAdapter, NudgeShelf, ReservePair, ReserveStock, SendOrder, depotCalls, depotLayout } from '../../src/practice/line/depot.adapter.ts';
import { barriers } from '../support/accessibility.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { DemoGround, tokenOf } from '../support/demo-ground.ts';
import { MismappedDepot } from '../support/mismapped-depot.ts';
import { TranslationPage, pageOf } from '../support/translation-page.ts';

/** The depot with its mapping mended; whether its book can be looked into is up to the test. */
let bookIsThere = false;
@Adapter({
  system: 'depot',
  about: 'A small depot, mapped as it should be.',
  layouts: [depotLayout],
  calls: {
    ...depotCalls,
    Reserve: once({ probe: async () => (bookIsThere ? happened({ reservation: 'R-9' }) : cannotTell('the book is away')) }),
  },
  operations: [ReserveStock, ReservePair, SendOrder, NudgeShelf],
})
class MendedDepot {}

const withDepot = (depot: typeof MendedDepot): Parts => ({
  ...demoParts,
  adapters: demoParts.adapters.map((each) => (each === DepotAdapter ? depot : each)),
});
const patience = { timeout: 60_000 };

let ground: DemoGround;
let browser: ConsoleBrowser;
beforeAll(async () => {
  ground = await DemoGround.start({ parts: withDepot(MismappedDepot), env: { GATEHOUSE_GATEWAY__MAXEVENTBYTES: '25000000' } });
  browser = await ConsoleBrowser.start();
}, 240_000);
afterAll(async () => {
  await browser.close();
  await ground.stop();
}, 120_000);

/** Posts the event of the demo with this reference. */
async function play(ref: string): Promise<string> {
  const found = demoEvents().find(({ event }) => event.id === `demo-${ref}`);
  if (found === undefined) throw new Error(`the demo has no event ${ref}`);
  return ground.post(found.event.id, found.event.type, found.event.data);
}
const want = (ref: string, customerId = `C-${ref}`) =>
  ground.post(ref, 'com.acme.stock.wanted.v1', { requestId: ref, customerId, sku: 'BOLT', quantity: 1 });
const row = (page: Page, key: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name: key, exact: true }) });
const booked = (ref: string): number => ground.systems.depot.ledger().filter((entry) => entry.ref === ref).length;
const decide = async (page: Page, why: string, verb: string | RegExp): Promise<void> => {
  await page.getByRole('dialog').getByLabel('Why').fill(why);
  await page.getByRole('dialog').getByRole('button', { name: verb }).click();
};

describe('somebody new', { timeout: 120_000 }, () => {
  it('comes in with a token and, by keys alone, finds the order that was refused, sees why, and goes back', async () => {
    await ground.becomes(await play('R-201'), 'published');
    const id = await play('R-203');
    await ground.becomes(id, 'published');
    const page = await browser.page();
    await page.goto(`${ground.url}/console/`);
    await page.getByLabel('Token').waitFor();
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'walk-lock');
    await page.keyboard.type(tokenOf('anna'));
    await page.keyboard.press('Enter');
    await row(page, 'R-203').getByText('com.acme.incident.refused.v1').waitFor();
    await row(page, 'R-201').getByText('com.acme.incident.opened.v1').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('search').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('nobody');
    await row(page, 'R-201').waitFor({ state: 'detached' });
    await row(page, 'R-203').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/translations/${id}`);
    const native = page.getByRole('region', { name: 'native', exact: true });
    await native.getByText('<caller_id>').waitFor();
    await native.getByText('Caller not found').first().waitFor();
    await page.getByRole('region', { name: 'reply', exact: true }).getByText('"CALLER_UNKNOWN"').waitFor();
    await page.keyboard.press('Escape');
    await row(page, 'R-203').waitFor();
    expect(new URL(page.url()).searchParams.get('text')).toBe('nobody');
    await page.context().close();
  });

  it('points at a field of a file, and its bytes light up beside its picture and its value', async () => {
    const id = await play('P-501');
    await ground.becomes(id, 'waiting');
    const { page, pane } = await TranslationPage.open(browser, ground, 'vera', id);
    const amount = pane('native').getByRole('row', { name: /^amount/ });
    await amount.waitFor();
    expect(await amount.innerText()).toMatch(/45\s+8\s+S9\(13\)V99 COMP-3\s+1250\.00/);
    expect(await pane('native').locator('.byte-lit').count()).toBe(0);
    await amount.hover();
    // In hex and as text.
    await expect.poll(() => pane('native').locator('.byte-lit').count()).toBe(16);
    const lit = pane('native').locator('.byte-lit:not(.hex-text *)');
    expect((await lit.allInnerTexts()).join('').replaceAll(' ', '')).toMatch(/^0+125000c$/);
    expect(await amount.getAttribute('title')).toMatch(/^0+125000c$/);
    await browser.picture(page, 'walk-field');
    await page.context().close();
  });

  it('steps through the film of the screens, with the keys between them and why each wait ended', async () => {
    const id = await play('RES-601');
    await ground.becomes(id, 'published');
    const { page } = await TranslationPage.open(browser, ground, 'vera', id);
    const film = page.getByRole('region', { name: 'Film of the screens' });
    await film.getByText(/Screen 1 of/).waitFor();
    expect(await film.locator('.strip kbd').allInnerTexts()).toContain('enter');
    await film.getByRole('button', { name: /Next screen/ }).click();
    await film.getByText(/Screen 2 of/).waitFor();
    await film.getByText(/✓ The wait ended after .* \(met\)/).waitFor();
    await page.keyboard.press('ArrowRight');
    await film.getByText(/Screen 3 of/).waitFor();
    await browser.picture(page, 'walk-film');
    await page.context().close();
  });
});

describe('a mapping that was wrong', { timeout: 120_000 }, () => {
  const refs = ['S-701', 'S-702', 'S-703'];

  it('parks a group; mended and started again under two people, it shows in a dry run what would be sent otherwise, and is retried in bulk until all are published', async () => {
    const ids: string[] = [];
    for (const ref of refs) ids.push(await want(ref));
    for (const id of ids) await ground.becomes(id, 'parked');
    const anna = await pageOf(browser, ground, 'anna', 'attention');
    const bert = await pageOf(browser, ground, 'bert', 'translations?system=depot');
    await anna.locator('.group', { hasText: 'CALL_REFUSED_ARGUMENTS · depot · reserve-stock' }).getByText('3 parked').waitFor();
    await bert.mouse.move(5, 5);
    for (const ref of refs) await row(bert, ref).locator('.state-parked').waitFor();

    await ground.stopGateway();
    for (const page of [anna, bert]) await page.getByText('The gateway does not answer').waitFor(patience);
    await ground.startGateway(withDepot(MendedDepot));
    await want('S-704');
    await row(bert, 'S-704').locator('.state-published').waitFor(patience);

    const { page } = await TranslationPage.open(browser, ground, 'anna', ids[0] ?? '');
    // The call that was refused stands behind the one that was answered before it.
    const calls = page.getByRole('list', { name: 'Timeline' }).locator('[id^=entry-call-]');
    expect((await calls.allInnerTexts()).map((text) => /Stock|Reserve/.exec(text)?.[0])).toEqual(['Stock', 'Reserve']);
    await page.keyboard.press('d');
    const dry = page.getByRole('region', { name: 'Dry run' });
    // Its transport has no view of its own: the bytes are beside each other.
    const sent = dry.getByRole('group', { name: 'Both as text' });
    await sent.getByText('STOCK sku=C-S-701').waitFor(patience);
    await sent.getByText('STOCK sku=BOLT').waitFor();
    await browser.picture(page, 'walk-dry-run');
    expect(booked('S-701')).toBe(0);
    await page.context().close();

    await anna.getByRole('link', { name: /CALL_REFUSED_ARGUMENTS · depot · reserve-stock/ }).click();
    await anna.getByRole('button', { name: 'Retry' }).click();
    await anna.getByRole('dialog').getByText('Retry 3 translations').waitFor();
    await decide(anna, 'the mapping is mended', 'Retry 3');
    await anna.waitForURL(/attention\/bulks\/\d+/);
    await anna.locator('.bulk-done').waitFor(patience);
    await anna.getByText('3 of 3').waitFor();
    await browser.picture(anna, 'walk-bulk');
    for (const ref of refs) await row(bert, ref).locator('.state-published').waitFor(patience);
    expect(refs.map(booked)).toEqual([1, 1, 1]);
    expect((await ground.story(ids[0] ?? '')).actions).toMatchObject([{ kind: 'retry', who: 'anna', why: 'bulk 1: the mapping is mended' }]);
    await Promise.all([anna.context().close(), bert.context().close()]);
  });
});

describe('three in doubt', { timeout: 120_000 }, () => {
  it('are settled at the desk one after the other, by keys: it happened, it did not, the probe', async () => {
    const order = (ref: string) => ground.post(ref, 'com.acme.order.sent.v1', { orderId: ref, sku: 'BOLT' });
    ground.systems.depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
    const [seen, unseen, asked] = [await order('DOUBT-1'), await order('DOUBT-2'), await want('DOUBT-3')];
    for (const id of [seen, unseen, asked]) await ground.becomes(id, 'parked');
    ground.systems.depot.clear();
    bookIsThere = true;
    const page = await pageOf(browser, ground, 'anna', 'attention');
    await page.locator('.group').first().waitFor();
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: /In doubt/ }).waitFor();
    // The newest first; when one is settled, the next comes up.
    const at = (ref: string) => page.getByRole('heading', { name: new RegExp(`in doubt depot .*${ref}`) }).waitFor(patience);
    await at('DOUBT-3');
    await page.keyboard.press('j');
    await at('DOUBT-2');
    await page.keyboard.press('k');
    await at('DOUBT-3');
    await page.keyboard.press('p');
    await decide(page, 'the book is back', 'Run the probe');
    await ground.becomes(asked, 'published');
    await at('DOUBT-2');
    await page.keyboard.press('n');
    await decide(page, 'it is not in the book', 'Call again');
    await ground.becomes(unseen, 'published');
    await at('DOUBT-1');
    await page.keyboard.press('y');
    await page.getByLabel('The answer of Order, as JSON').fill('{ "order": "O-77" }');
    await decide(page, 'it is in the book', 'It happened');
    await ground.becomes(seen, 'published');
    await page.getByRole('heading', { name: 'In doubt 0' }).waitFor(patience);
    await page.getByText('Nothing is left in doubt').waitFor(patience);
    await browser.picture(page, 'walk-settled');
    expect(['DOUBT-1', 'DOUBT-2', 'DOUBT-3'].map(booked)).toEqual([1, 2, 1]);
    await page.context().close();
  });
});

describe('what strangers send', { timeout: 120_000 }, () => {
  it('stands in the list as text whatever it is made of, 20 MB of it too, and opens', async () => {
    const type = 'com.acme.stock.wanted.v1';
    const script = '<script>globalThis.hacked = 1</script>\u202egnp\u001b[31m';
    // The id of an event has no control characters: the door keeps them out.
    const sent = [
      await ground.post('script', type, { requestId: script, customerId: script, sku: script, quantity: 1 }),
      await ground.post('bad-utf-8', type, Uint8Array.from([0x7b, 0x22, 0xc3, 0x28, 0xff, 0xfe, 0x22, 0x7d])),
      await ground.post(
        'binary',
        type,
        Uint8Array.from({ length: 2_000 }, (_, n) => (n * 31) % 256),
      ),
      await ground.post('large', type, { requestId: 'x'.repeat(20_000_000) }),
    ];
    for (const id of sent.slice(1)) await ground.becomes(id, 'parked');
    const page = await pageOf(browser, ground, 'anna', 'translations?system=depot');
    for (const key of ['bad-utf-8', 'binary', 'large']) await row(page, key).locator('.state-parked').waitFor(patience);
    expect((await row(page, 'large').innerText()).length).toBeLessThan(2_000);
    await page.keyboard.press('j');
    await page.getByRole('region', { name: 'The row at hand' }).waitFor();
    const shown = await page.locator('main').evaluate((main) => main.textContent);
    expect(shown).toContain('<script>globalThis.hacked = 1</script>⟨U+202E⟩gnp⟨U+001B⟩[31m');
    for (const hidden of ['\u202e', '\u001b']) expect(shown).not.toContain(hidden);
    await browser.picture(page, 'walk-hostile');
    for (const id of sent) {
      await page.goto(`${ground.url}/console/translations/${id}`);
      await page.getByRole('list', { name: 'Timeline' }).waitFor(patience);
    }
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    await page.context().close();
  });

  it('no page complained', () => {
    expect(browser.complaints).toEqual([]);
  });
});
