import { type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from '../support/accessibility.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { type GuardedGround, type Somebody, startGuardedGround, tokenOf } from '../support/guarded-ground.ts';
import { portraits } from '../support/portraits.ts';

let ground: GuardedGround;
let browser: ConsoleBrowser;

beforeAll(async () => {
  ground = await startGuardedGround();
  browser = await ConsoleBrowser.start();
  const published = ['S-101', 'S-102', 'S-103', 'S-104', 'R-201', 'R-202', 'RES-601', 'ENQ-604', 'O-301'];
  const ids = (await Promise.all(published.map((ref) => ground.send(ref)))).flat();
  for (const ref of ['SHP-401', 'SHP-402', 'P-501']) await ground.send(ref);
  await ground.published(ids);
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

describe('the page of systems', { timeout: 120_000 }, () => {
  it('each system stands in a row with its state, its backlog and its last hour', async () => {
    const page = await opened('systems');
    const depot = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'depot' }) });
    await depot.getByText('open').waitFor();
    await depot.getByRole('img', { name: /Calls of depot of the last hour: [1-9]\d* answered, at most/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(6);
    expect(await page.evaluate<string>("getComputedStyle(document.querySelector('.bar')).display")).toBe('flex');
    await browser.picture(page, 'systems-light');
    await page.getByLabel('Colours').selectOption('dark');
    await browser.picture(page, 'systems-dark');
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('Colours').selectOption('light');
    expect(await barriers(page)).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });

  it('by keys alone: to the second system, its connection is checked, and back', async () => {
    const page = await opened('systems');
    await page.getByRole('link', { name: 'depot' }).waitFor();
    const focused = (): Promise<string> => page.evaluate<string>('document.activeElement.textContent');
    // A page that has just been drawn may not listen yet.
    await expect
      .poll(async () => {
        await page.keyboard.press('k');
        return focused();
      })
      .toBe('servicenow');
    await page.keyboard.press('j');
    await expect.poll(focused).toBe('depot');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'depot' }).waitFor();
    await page.keyboard.press('c');
    await page.getByText('answers').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Systems' }).waitFor();
    expect(browser.complaints).toEqual([]);
  });

  it.each(['depot', 'stockroom', 'carrier', 'ledger', 'servicenow'])('%s from near, in light, dark and on a phone', async (system) => {
    const page = await opened(`systems/${system}`);
    await page.getByRole('heading', { name: 'The last hour' }).waitFor();
    await portraits(browser, page, `system-${system}`);
    expect(browser.complaints).toEqual([]);
  });

  it('an operation is paused and resumed, each with its reason, which stands in the audit log', async () => {
    const page = await opened('systems/depot');
    await page.getByRole('button', { name: 'Pause reserve-stock' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Say why').waitFor();
    await page.getByLabel('Why').fill('the shelf is being counted');
    const late = await opened('systems/depot');
    await late.getByRole('button', { name: 'Pause reserve-stock' }).click();
    await late.getByLabel('Why').fill('the depot moves');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByText('held by anna: the shelf is being counted').waitFor();
    await late.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await late.getByRole('alert').getByText('somebody was quicker, now it is held by anna: the shelf is being counted').waitFor();
    await page.getByRole('button', { name: 'Resume reserve-stock' }).click();
    await page.getByLabel('Why').fill('counted');
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause reserve-stock' }).waitFor();
    const audit = (await (await ground.ask('ada', '/api/audit')).json()) as { who: string; why: string }[];
    expect(audit.some(({ why }) => why === 'the depot moves')).toBe(false);
    expect(audit).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ who: 'anna', why: 'counted' }),
        expect.objectContaining({ why: 'the shelf is being counted' }),
      ]),
    );
    expect(browser.complaints).toEqual([]);
  });

  it('a system that goes away is shown as down, with the reason and the next try; its errors are counted', async () => {
    const page = await opened('systems/depot');
    await ground.systems.depot.stop();
    await Promise.all(['S-110', 'S-111', 'S-112', 'S-113', 'S-114', 'S-115'].map((ref) => ground.send(ref)));
    await page.getByText('■ down').waitFor({ timeout: 60_000 });
    await page.getByText('tried again at').waitFor();
    await expect.poll(() => page.locator('.errors li').count(), { timeout: 60_000 }).toBeGreaterThan(0);
    await browser.picture(page, 'system-depot-down');
    await ground.systems.depot.reopen();
    await page.getByText('● open').first().waitFor({ timeout: 60_000 });
    expect(browser.complaints).toEqual([]);
  });

  it('who only looks sees the buttons with the reason why not', async () => {
    const page = await opened('systems/depot', 'vera');
    const pause = page.getByRole('button', { name: /^Pause \(You are viewer/ }).first();
    await pause.waitFor();
    expect(await pause.getAttribute('aria-disabled')).toBe('true');
    expect(await pause.getAttribute('title')).toBe('You are viewer: this needs operator');
    expect(browser.complaints).toEqual([]);
  });

  it('a system that is not there is said, with a way back', async () => {
    const page = await opened('systems/nothing');
    await page.getByText('There is no system nothing').waitFor();
    await page.getByRole('link', { name: 'All systems' }).click();
    await page.getByRole('heading', { level: 1, name: 'Systems' }).waitFor();
    expect(browser.complaints).toEqual([]);
  });
});
