import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from '../support/accessibility.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { ConsoleGround } from '../support/console-ground.ts';
import { writeLargeJournal } from '../support/large-journal.ts';

let browser: ConsoleBrowser;
let ground: ConsoleGround;

beforeAll(async () => {
  [ground, browser] = await Promise.all([ConsoleGround.start(), ConsoleBrowser.start()]);
}, 240_000);
afterAll(async () => {
  await browser.close();
  await ground.stop();
});

const rows = (page: Page) =>
  page
    .getByRole('grid')
    .getByRole('row', { includeHidden: false })
    .filter({ has: page.getByRole('gridcell') });
const row = (page: Page, key: string) => rows(page).filter({ has: page.getByRole('link', { name: key, exact: true }) });
const keys = async (page: Page): Promise<string[]> => rows(page).getByRole('link').allTextContents();
const list = async (query = ''): Promise<{ id: string; businessKey: string | null; eventId: string; state: string }[]> => {
  const response = await fetch(`${ground.url}/api/translations?limit=500${query}`);
  return ((await response.json()) as { rows: { id: string; businessKey: string | null; eventId: string; state: string }[] }).rows;
};
const settled = (count: number): Promise<void> => expect.poll(async () => (await list('&state=published')).length).toBeGreaterThanOrEqual(count);
const open = async (address = '', options: Parameters<ConsoleBrowser['page']>[0] = {}): Promise<Page> => {
  const page = await browser.page(options);
  await page.goto(`${ground.url}/console/translations${address}`);
  return page;
};

describe('the list of translations', () => {
  it('of an empty journal says how the first event is sent, and shows it when it comes', async () => {
    const page = await open();
    await page.getByText('No event has come yet').waitFor();
    await page.getByText(`curl -X POST ${ground.url}/events`).waitFor();
    await browser.picture(page, 'translations-nothing-yet');
    await ground.want(['FIRST']);
    await row(page, 'FIRST').waitFor();
    await row(page, 'FIRST').getByText('published').waitFor();
    await page.context().close();
  });

  it('shows what comes while nobody looks at a row, the newest first, each where it stood as it changes', async () => {
    const page = await open();
    await row(page, 'FIRST').waitFor();
    await page.mouse.move(5, 5);
    await ground.want(['L-1', 'L-2', 'L-3']);
    await row(page, 'L-3').getByText('published').waitFor();
    expect(await keys(page)).toEqual(['L-3', 'L-2', 'L-1', 'FIRST']);
    await page.context().close();
  });

  it('moves nothing under the pointer, tells what is new, and shows it when asked', async () => {
    const page = await open();
    await row(page, 'L-1').hover();
    const before = await keys(page);
    await ground.want(['P-1', 'P-2']);
    await page.getByRole('button', { name: '2 new' }).waitFor();
    expect(await keys(page)).toEqual(before);
    await page.getByRole('button', { name: '2 new' }).click();
    await row(page, 'P-2').waitFor();
    expect((await keys(page)).slice(0, 3)).toEqual(['P-2', 'P-1', 'L-3']);
    await page.context().close();
  });

  it('stands still while it is paused, and goes on', async () => {
    const page = await open();
    await row(page, 'P-2').waitFor();
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Paused' }).waitFor();
    await ground.want(['PAUSE-1']);
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await keys(page)).not.toContain('PAUSE-1');
    await page.keyboard.press('p');
    await row(page, 'PAUSE-1').waitFor();
    await page.context().close();
  });

  it('is searched by one box and by states with counts, all of it in the address', async () => {
    ground.depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
    await ground.want(['NONE-1'], { sku: 'NONE-7' });
    await ground.order(['O-DOUBT']);
    await ground.want(['BAD-1'], { quantity: -1 });
    const page = await open();
    await row(page, 'O-DOUBT').locator('.state-in-doubt').waitFor();
    await row(page, 'BAD-1').getByText('EVENT_INVALID').waitFor();
    await page.getByRole('button', { name: /in doubt 1$/ }).click();
    await expect.poll(() => keys(page)).toEqual(['O-DOUBT']);
    expect(page.url()).toContain('inDoubt=1');
    await page.goBack();
    await page.getByRole('button', { name: /parked 2$/ }).click();
    await expect.poll(() => keys(page)).toEqual(['BAD-1', 'O-DOUBT']);
    await page.keyboard.press('/');
    await page.keyboard.type('BAD');
    await expect.poll(() => keys(page)).toEqual(['BAD-1']);
    const address = new URL(page.url()).search;
    expect(address).toContain('state=parked');
    expect(address).toContain('text=BAD');
    const other = await open(address);
    await expect.poll(() => keys(other)).toEqual(['BAD-1']);
    expect(await other.getByRole('searchbox', { name: 'Search' }).inputValue()).toBe('BAD');
    await browser.picture(other, 'translations-search');
    await page.context().close();
    await other.context().close();
  });

  it('has every other condition behind one button, and each can be taken away', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('combobox', { name: 'System' }).selectOption('depot');
    await page.getByLabel('Error code').fill('EVENT_INVALID');
    await page.getByLabel('Error code').press('Enter');
    await expect.poll(() => keys(page)).toEqual(['BAD-1']);
    await browser.picture(page, 'translations-filters');
    await page.getByLabel('Took over').fill('30 d');
    await page.getByLabel('Took over').press('Enter');
    await page.getByText('Nothing fits this search').waitFor();
    await page.getByText('There are some without one of these').waitFor();
    await browser.picture(page, 'translations-nothing-fits');
    await page.getByRole('button', { name: /without took over 30 d/ }).click();
    await expect.poll(() => keys(page)).toEqual(['BAD-1']);
    await page.getByRole('button', { name: 'Take away: error code EVENT_INVALID' }).click();
    await expect.poll(async () => (await keys(page)).length).toBeGreaterThan(2);
    await page.context().close();
  });

  it.each([
    ['?state=stuck', "'state' is one or more of"],
    ['?from=yesterday', "'from' is no ISO 8601 time"],
    ['?over=long', "'overMs' is a whole number"],
  ])('says of %s what the gateway says', async (address, words) => {
    const page = await open(address);
    await page.getByRole('alert').getByText(words).waitFor();
    await page.context().close();
  });

  it('is walked with the keyboard, and the back button brings back where one was', async () => {
    await ground.want(Array.from({ length: 150 }, (_, n) => `W-${n}`));
    await settled(155);
    const page = await open('?system=depot');
    await row(page, 'W-149').waitFor();
    for (let n = 0; n < 60; n += 1) await page.keyboard.press('j');
    await page.keyboard.press('k');
    await row(page, 'W-91').and(page.locator('[id]')).waitFor();
    const active = await page.getByRole('grid').getAttribute('aria-activedescendant');
    expect(await row(page, 'W-91').getAttribute('id')).toBe(active);
    await page.getByRole('region', { name: 'The row at hand' }).getByText('com.acme.stock.reserved.v1').waitFor();
    const top = await page.getByRole('grid').evaluate((grid) => grid.scrollTop);
    expect(top).toBeGreaterThan(500);
    const id = (await list('&businessKey=W-91'))[0]?.id ?? '';
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/console/translations/${id}`);
    await page.goBack();
    await row(page, 'W-91').waitFor();
    await expect.poll(() => page.getByRole('grid').evaluate((grid) => grid.scrollTop)).toBe(top);
    await expect.poll(() => page.getByRole('grid').getAttribute('aria-activedescendant')).toBe(active);
    await page.reload();
    await row(page, 'W-91').waitFor();
    await expect.poll(() => page.getByRole('grid').getAttribute('aria-activedescendant')).toBe(active);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('grid').getAttribute('aria-activedescendant')).toBeNull();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('select the row').waitFor();
    await page.context().close();
  });

  it('selects rows by the keyboard and the shift key, and lets go of them', async () => {
    const page = await open('?text=W-');
    await row(page, 'W-149').waitFor();
    for (const key of ['j', 'x', 'j', 'j', 'x']) await page.keyboard.press(key);
    await page.getByText('2 selected').waitFor();
    await row(page, 'W-140')
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] });
    await page.getByText('9 selected').waitFor();
    await browser.picture(page, 'translations-selected');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByText('9 selected').count()).toBe(0);
    await page.context().close();
  });

  it('is read by screen readers, in the light and in the dark, and on a phone', async () => {
    for (const [name, options] of [
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
    ] as const) {
      const page = await open('', options);
      await rows(page).first().waitFor();
      await page.getByRole('button', { name: /published \d+$/ }).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.getByText('1 selected').waitFor();
      await browser.picture(page, `translations-${name}`);
      expect(await barriers(page)).toEqual([]);
      expect(
        await page.getByRole('main').evaluate(({ ownerDocument: { documentElement } }) => documentElement.scrollWidth - documentElement.clientWidth),
      ).toBe(0);
      await page.context().close();
    }
  });

  it('shows what strangers wrote as text, in one line, the whole of it at hand', async () => {
    const hostile = [
      '<script>globalThis.executed = 1</script>',
      '\u202eevitacol\u202c\u0000\u001b[31mred',
      `long ${'x'.repeat(10_000)}`,
      '<img src=x onerror=alert(1)>',
    ];
    for (const [n, requestId] of hostile.entries()) await ground.want([`HOSTILE-${n}`], { requestId });
    const page = await open();
    await expect.poll(async () => (await keys(page)).some((key) => key.includes('onerror'))).toBe(true);
    expect(await page.evaluate(() => 'executed' in globalThis)).toBe(false);
    const shown = (await keys(page)).join('\n');
    expect(shown).toContain('<script>globalThis.executed = 1</script>');
    expect(shown).toContain('⟨U+202E⟩');
    expect(shown).toContain('⟨U+001B⟩[31m');
    for (const sign of ['\u202e', '\u001b', '\0']) expect(shown).not.toContain(sign);
    const heights = await rows(page).evaluateAll((all) => [...new Set(all.map((each) => each.getBoundingClientRect().height))]);
    expect(heights).toEqual([28]);
    expect(shown.length).toBeLessThan(5_000);
    await browser.picture(page, 'translations-hostile');
    await page.context().close();
  });

  it('misses nothing when the gateway is started again under it', async () => {
    await ground.want(['LONG-BEFORE']);
    const page = await open();
    await rows(page).first().waitFor();
    await page.mouse.move(5, 5);
    await ground.want(['BEFORE']);
    await row(page, 'BEFORE').waitFor();
    // Some are on their way when it stops, and change after it has come back.
    await ground.want(Array.from({ length: 20 }, (_, n) => `DURING-${n}`));
    await ground.stopGateway();
    await page.getByText('The gateway does not answer').waitFor();
    await ground.startGateway();
    const sent = Array.from({ length: 30 }, (_, n) => `AFTER-${n}`);
    await ground.want(sent);
    await expect.poll(async () => (await keys(page)).includes('AFTER-29')).toBe(true);
    await expect.poll(async () => (await list()).filter(({ state }) => state !== 'published' && state !== 'parked').length).toBe(0);
    const expected = (await list()).slice(0, 30).map(({ businessKey, eventId, state }) => `${businessKey ?? eventId} ${state}`);
    const shown = async (): Promise<string[]> =>
      (
        await rows(page).evaluateAll((all) =>
          all.map((each) => `${each.querySelector('a')?.textContent} ${each.querySelector('.state')?.textContent.replace(/^\S+ /, '')}`),
        )
      ).slice(0, 30);
    await expect.poll(shown).toEqual(expected);
    await expect.poll(() => page.getByText('The gateway does not answer').count()).toBe(0);
    await page.context().close();
  });

  it('finds whole words of what was said and answered, also as it comes, and says where it looks', async () => {
    const page = await open('?text=washer');
    await page.getByText('Whole words are found in what was said and answered, too (depot)').waitFor();
    await page.getByText('Nothing fits this search').waitFor();
    await ground.want(['BODY-1'], { sku: 'X-WASHER-9' });
    await row(page, 'BODY-1').waitFor();
    expect(await keys(page)).toEqual(['BODY-1']);
    await page.context().close();
  });

  it('leaves the six connections of a browser to the tab that is looked at, and brings others up to date when they are', async () => {
    const first = await browser.page();
    const context = first.context();
    // Without a window no tab is ever hidden: the page is told what a browser would tell it.
    await context.addInitScript('globalThis.away = true; Object.defineProperty(document, "hidden", { get: () => globalThis.away });');
    const look = (page: Page, away: boolean) => page.evaluate(`globalThis.away = ${away}; document.dispatchEvent(new Event('visibilitychange'))`);
    const tabs = [first, ...(await Promise.all(Array.from({ length: 7 }, () => context.newPage())))];
    for (const tab of tabs) await tab.goto(`${ground.url}/console/translations`);
    for (const tab of tabs) await rows(tab).first().waitFor();
    for (const [key, tab] of [
      ['TAB-FIRST', first],
      ['TAB-LAST', tabs.at(-1) ?? first],
    ] as const) {
      await look(tab, false);
      await ground.want([key]);
      await row(tab, key).waitFor();
      await look(tab, true);
    }
    await look(first, false);
    await row(first, 'TAB-LAST').waitFor();
    await context.close();
  });

  it('no page complained', () => {
    expect(browser.complaints).toEqual([]);
  });
});

describe('a list of a hundred thousand', () => {
  let large: ConsoleGround;
  beforeAll(async () => {
    large = await ConsoleGround.start({ journal: (path) => writeLargeJournal(path, 100_000) });
  }, 240_000);
  afterAll(() => large.stop());

  it('asks for one page and draws what is seen; far below it draws no more, and reads again what it let go', async () => {
    const page = await browser.page();
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname === '/api/translations') asked.push(search);
    });
    await page.goto(`${large.url}/console/translations`);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: /published [\d,]+$/ }).waitFor();
    expect(asked).toEqual(['?limit=100']);
    expect(await rows(page).count()).toBeLessThanOrEqual(60);
    const grid = page.getByRole('grid');
    for (let n = 1; n <= 20; n += 1) {
      await grid.evaluate((element) => (element.scrollTop = element.scrollHeight));
      await expect.poll(() => grid.evaluate((element) => element.scrollHeight / 28)).toBeGreaterThan(100 * (n + 1));
    }
    expect(await page.locator('.list-row').count()).toBeLessThanOrEqual(61);
    const deepest = asked.length;
    await grid.evaluate((element) => (element.scrollTop = 0));
    await page.locator('#row-100000').waitFor();
    expect(asked.length).toBeGreaterThan(deepest);
    expect(asked.at(-1)).not.toContain('before=');
    await expect.poll(() => page.locator('.list-gap').count()).toBe(0);
    await page.context().close();
    expect(browser.complaints).toEqual([]);
  });

  it('shows a row that the address names among its neighbours, however deep, and goes to the newest when asked', async () => {
    const page = await browser.page();
    await page.goto(`${large.url}/console/translations?row=50000`);
    const named = page.locator('#row-50000');
    await named.waitFor();
    expect(await page.getByRole('grid').getAttribute('aria-activedescendant')).toBe('row-50000');
    await page.locator('#row-50002').waitFor();
    await page.locator('#row-49999').waitFor();
    await expect
      .poll(() =>
        named.evaluate((element) => {
          const grid = element.closest('[role=grid]')?.getBoundingClientRect();
          const own = element.getBoundingClientRect();
          return grid !== undefined && own.top >= grid.top && own.bottom <= grid.bottom;
        }),
      )
      .toBe(true);
    await page.getByRole('button', { name: 'to the newest' }).click();
    await page.locator('#row-100000').waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.has('row')).toBe(false);
    await page.context().close();
    expect(browser.complaints).toEqual([]);
  });
});
