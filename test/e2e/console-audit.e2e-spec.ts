import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from '../support/accessibility.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { ConsoleGround } from '../support/console-ground.ts';

let browser: ConsoleBrowser;
let ground: ConsoleGround;
let ids: readonly string[];

beforeAll(async () => {
  [ground, browser] = await Promise.all([ConsoleGround.start({ guarded: true }), ConsoleBrowser.start()]);
  ids = await ground.want(
    Array.from({ length: 6 }, (_, n) => `BAD-${n}`),
    { quantity: -1 },
  );
}, 240_000);
afterAll(async () => {
  await browser.close();
  await ground.stop();
});

async function open(who: 'anna' | 'vera' | 'ada', path: string, options: Parameters<ConsoleBrowser['page']>[0] = {}): Promise<Page> {
  const page = await browser.page(options);
  await page.goto(`${ground.url}/console/${path}`);
  await page.getByLabel('Token').fill(`token-of-${who}`);
  await page.getByRole('button', { name: 'Come in' }).click();
  await page.getByText(`${who} (`).waitFor();
  return page;
}
const act = (path: string, body: object, who = 'anna'): Promise<Response> =>
  fetch(`${ground.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer token-of-${who}` },
    body: JSON.stringify(body),
  });
const entries = (page: Page) => page.getByRole('row').filter({ has: page.getByRole('cell') });

describe('what is selected in the list', () => {
  it('may not be touched by a viewer, who is told why', async () => {
    const page = await open('vera', 'translations?state=parked');
    await page.getByRole('checkbox', { name: 'Select depot reserve-stock BAD-5' }).check();
    const discard = page.getByRole('button', { name: /Discard/ });
    expect(await discard.getAttribute('aria-disabled')).toBe('true');
    expect(await discard.getAttribute('title')).toBe('You are viewer: this needs operator');
    // Playwright would wait for it to be enabled.
    await discard.click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.context().close();
  });

  it('is discarded in bulk for a reason that is asked for, and the list shows what became of each', async () => {
    const page = await open('anna', 'translations?state=parked');
    for (const key of ['BAD-5', 'BAD-4', 'BAD-3']) await page.getByRole('checkbox', { name: `Select depot reserve-stock ${key}` }).check();
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Discard 3 translations' });
    await dialog.getByRole('button', { name: 'Discard', exact: true }).click();
    await dialog.getByText('Say why').waitFor();
    await browser.picture(page, 'translations-discard');
    await dialog.getByLabel('Why').fill('the shop has sent <b>nonsense</b>');
    await dialog.getByRole('button', { name: 'Discard', exact: true }).click();
    await page.getByText('discard: 3 of 3 done').waitFor();
    const left = page.getByRole('row').filter({ hasText: 'does not fit the search any more' });
    await expect.poll(() => left.count()).toBe(3);
    await browser.picture(page, 'translations-discarded');
    expect(await barriers(page)).toEqual([]);
    await page.context().close();
  });
});

describe('the audit log', () => {
  it('is shown to an admin alone, and others are told so', async () => {
    for (const who of ['vera', 'anna'] as const) {
      const page = await open(who, 'audit');
      await page.getByText('this needs admin').waitFor();
      expect(await entries(page).count()).toBe(0);
      await page.context().close();
    }
  });

  it('tells who did what to what and why, and leads there', async () => {
    await act('/api/systems/depot/hold', { why: 'stocktaking' });
    await act('/api/systems/depot/resume', { why: 'it is over' });
    await fetch(`${ground.url}/api/translations/${ids[0]}?reveal=1`, { headers: { authorization: 'Bearer token-of-anna' } });
    const page = await open('ada', 'audit');
    await entries(page).first().waitFor();
    const texts = (await entries(page).allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    expect(texts[0]).toContain(`anna reveal translation ${ids[0]?.slice(0, 8)}`);
    expect(texts.some((text) => /anna held depot .*stocktaking/.test(text))).toBe(true);
    expect(texts.filter((text) => text.includes('anna discard translation') && text.includes('the shop has sent <b>nonsense</b>'))).toHaveLength(3);
    await browser.picture(page, 'audit');
    await entries(page).first().getByRole('link').click();
    await page.waitForURL(`**/console/translations/${ids[0]}`);
    await page.context().close();
  });

  it('goes back page by page, and each page has an address', async () => {
    for (let n = 0; n < 105; n += 1) await act(`/api/systems/depot/${n % 2 === 0 ? 'hold' : 'resume'}`, { why: `turn ${n}` });
    const page = await open('ada', 'audit');
    await page.getByText('turn 104').waitFor();
    expect(await entries(page).count()).toBe(100);
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('stocktaking').waitFor();
    expect(new URL(page.url()).searchParams.get('before')).toMatch(/^\d+$/);
    expect(await page.getByText('turn 104').count()).toBe(0);
    await page.goBack();
    await page.getByText('turn 104').waitFor();
    await page.context().close();
  });

  it('is read by screen readers, in the light and in the dark, and on a phone', async () => {
    for (const [name, options] of [
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
    ] as const) {
      const page = await open('ada', 'audit', options);
      await entries(page).first().waitFor();
      await browser.picture(page, `audit-${name}`);
      expect(await barriers(page)).toEqual([]);
      expect(
        await page.getByRole('main').evaluate(({ ownerDocument: { documentElement } }) => documentElement.scrollWidth - documentElement.clientWidth),
      ).toBe(0);
      await page.context().close();
    }
  });

  it('no page complained', () => {
    expect(browser.complaints).toEqual([]);
  });
});
