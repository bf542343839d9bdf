import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleBrowser } from '../support/console.ts';
import { DemoGround } from '../support/demo-ground.ts';
import { TranslationPage } from '../support/translation-page.ts';

let ground: DemoGround;
let browser: ConsoleBrowser;

beforeAll(async () => {
  ground = await DemoGround.start({ env: { GATEHOUSE_GATEWAY__MAXEVENTBYTES: '25000000' } });
  browser = await ConsoleBrowser.start();
}, 240_000);
afterAll(async () => {
  await browser.close();
  await ground.stop();
}, 120_000);

const type = 'com.acme.service.requested.v1';
const open = (id: string) => TranslationPage.open(browser, ground, 'anna', id);
const script = '<script>globalThis.hacked = 1</script><img src=x onerror="globalThis.hacked = 1">';

describe('what strangers send is shown as text', () => {
  it('markup, turned directions, escape sequences and NUL', async () => {
    const hostile = `${script} \u202egnp.exe \u001b[2J\u001b[31m \u0000 \u200b end`;
    const id = await ground.post(`${script}\u202e`, type, { requestId: 'R-HOSTILE', callerId: 'ann.lee', summary: hostile });
    await ground.becomes(id, 'parked');
    const { page, pane } = await open(id);
    // The event holds it as JSON escapes, the attributes and the head as characters.
    await pane('event').getByRole('group', { name: 'event' }).getByText('globalThis.hacked').waitFor();
    expect(await page.getByRole('main').innerText()).toContain(`${script}⟨U+202E⟩`);
    const shown = await page.getByRole('main').evaluate((main) => main.textContent);
    for (const unseen of ['\u202e', '\u001b', '\u0000', '\u200b']) expect(shown).not.toContain(unseen);
    await page.getByText('Attributes').first().click();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByRole('button', { name: 'Dry run', exact: true }).click();
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await page.locator('main script, main img').count()).toBe(0);
    await browser.picture(page, 'translation-hostile');
    expect(browser.complaints).toEqual([]);
  });

  it('what a system answers, too', async () => {
    const id = await ground.post('R-FAULT', type, { requestId: 'R-FAULT', callerId: 'nobody<script>', summary: script });
    await ground.becomes(id, 'published');
    const { page, pane } = await open(id);
    await pane('native').getByText('globalThis.hacked').first().waitFor();
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(browser.complaints).toEqual([]);
  });

  it('bytes that are no UTF-8, in hex', async () => {
    const bytes = Uint8Array.from({ length: 3_000 }, (_, n) => (n * 7) % 256);
    const id = await ground.post('binary', 'com.acme.stock.wanted.v1', bytes);
    await ground.becomes(id, 'parked');
    const { page, pane } = await open(id);
    await pane('event').getByText('000000 00 07 0e 15').waitFor();
    await pane('event').getByRole('button', { name: 'Show more' }).click();
    await pane('event').getByText('000bb0').waitFor();
    await page.getByRole('button', { name: 'Copy event in base64' }).waitFor();
    await browser.picture(page, 'translation-binary');
    expect(browser.complaints).toEqual([]);
  });

  it('20 MB, in pieces: the beginning at once, all of it when asked for, and the page goes on answering', async () => {
    const details = `${'0123456789'.repeat(2_000_000)}the end`;
    const id = await ground.post('large', 'com.acme.stock.wanted.v1', {
      requestId: 'S-LARGE',
      details,
      list: Array.from({ length: 1_000 }, () => ({})),
    });
    await ground.becomes(id, 'parked');
    const { page, pane, timeline } = await open(id);
    await pane('event').getByText('The first 200.0 kB of 20.0 MB are shown.').waitFor();
    await pane('event').getByRole('button', { name: 'Load all 20.0 MB' }).click();
    await pane('event').getByText('"S-LARGE"').waitFor({ timeout: 60_000 });
    await pane('event')
      .getByRole('button', { name: /Show more/ })
      .waitFor();
    await pane('event')
      .getByRole('button', { name: /"list"/ })
      .click();
    await pane('event')
      .getByRole('button', { name: /Show 100 more/ })
      .waitFor();
    expect(await page.locator('main *').count()).toBeLessThan(1_500);
    await page.keyboard.press('k');
    await expect.poll(() => timeline.locator('[aria-current="true"]').getAttribute('id')).toBe('entry-received');
    expect(browser.complaints).toEqual([]);
  });

  it('JSON nested 20,000 deep, level by level', async () => {
    const deep = Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    const response = await fetch(`${ground.url}/events`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer token-of-anna',
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': 'deep',
        'ce-source': '/shop',
        'ce-type': 'com.acme.stock.wanted.v1',
      },
      body: deep,
    });
    const { events } = (await response.json()) as { events: { translations: { id: string }[] }[] };
    const id = events[0]?.translations[0]?.id ?? '';
    await ground.becomes(id, 'parked');
    const { pane } = await open(id);
    await pane('event').getByRole('button', { name: /…/ }).first().click();
    expect(browser.complaints).toEqual([]);
  });
});
