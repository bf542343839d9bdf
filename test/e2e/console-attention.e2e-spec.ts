import { type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal } from '../../src/contract/journal.ts';
import { barriers } from '../support/accessibility.ts';
import { type AttentionGround, startAttentionGround } from '../support/attention-ground.ts';
import { ConsoleBrowser } from '../support/console.ts';
import { park } from '../support/parked.ts';

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

/** What a stranger may call an order: it turns the direction of text, is HTML and colours a terminal. */
const hostile = 'doubt-4\u202e<img/src=x>\u001b[31m';

const patience = { timeout: 60_000 };
const stateOf = async (id: string): Promise<string> => {
  const { body } = await ground.api<{ translation: { state: string; failure: { code: string } | null } }>('vera', `/api/translations/${id}`);
  return [body.translation.state, body.translation.failure?.code].filter(Boolean).join(' ');
};
const becomes = (id: string, state: string) => expect.poll(() => stateOf(id), patience).toBe(state);
const order = async (ref: string): Promise<string> => ground.post('com.acme.order.sent.v1', encodeURIComponent(ref), { orderId: ref, sku: 'BOLT' });
async function doubtful(...refs: readonly string[]): Promise<string[]> {
  ground.depot.fault({ kind: 'commit-then-drop', matching: 'doubt' });
  const ids: string[] = [];
  for (const ref of refs) {
    const id = await order(ref);
    await becomes(id, 'parked IN_DOUBT');
    ids.push(id);
  }
  ground.depot.clear();
  return ids;
}
const invalid = (ref: string): Promise<string> =>
  ground.post('com.acme.stock.wanted.v1', ref, { requestId: ref, customerId: `C-${ref}`, sku: 'BOLT', quantity: 'many' });
const shown = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor(patience);
const decide = async (page: Page, why: string, verb: string | RegExp): Promise<void> => {
  await page.getByRole('dialog').getByLabel('Why').fill(why);
  await page.getByRole('dialog').getByRole('button', { name: verb }).click();
};

describe('what needs a person', () => {
  it('says that nothing does, and what to do next', async () => {
    const page = await browser.page();
    await ground.open(page, 'vera', 'attention');
    await shown(page, 'Nothing needs a person');
    await page.getByRole('link', { name: 'In doubt' }).click();
    await shown(page, 'Nothing is in doubt');
    await page.getByRole('link', { name: 'Bulk actions' }).click();
    await shown(page, 'No bulk action is kept');
    await page.close();
  });

  it('stands in groups, those in doubt first, with what the code means, and follows what comes without moving under the pointer', async () => {
    await order('ord-1');
    for (const n of [1, 2, 3]) await invalid(`inv-${n}`);
    await doubtful('doubt-1', 'doubt-2');
    const page = await browser.page();
    await ground.open(page, 'anna', 'attention');
    const groups = page.locator('.group');
    await expect.poll(() => groups.count(), patience).toBe(2);
    await expect
      .poll(() => groups.nth(0).innerText(), patience)
      .toMatch(/IN_DOUBT · depot · send-order[^]*A call that must happen once[^]*2 parked[^]*2 in doubt/);
    await expect.poll(() => groups.nth(1).innerText(), patience).toMatch(/EVENT_INVALID · depot · reserve-stock[^]*breaks the contract[^]*3 parked/);
    await groups.nth(1).hover();
    await park(ground.gateway.app.get(Journal), [{ ref: 'later', code: 'DEFECT' }], 'counter');
    await expect.poll(() => groups.count(), patience).toBe(3);
    expect(await groups.nth(2).innerText()).toContain('DEFECT');
    await browser.picture(page, 'attention-groups');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'attention-groups-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await barriers(page)).toEqual([]);
    await page.close();
  });

  it('is grouped by what one likes, in the address', async () => {
    const page = await browser.page();
    await ground.open(page, 'vera', 'attention?by=system');
    await expect.poll(() => page.locator('.group').count(), patience).toBe(2);
    await page.getByLabel('code', { exact: true }).check();
    await expect.poll(() => page.locator('.group').count(), patience).toBe(3);
    expect(page.url()).toContain('by=code%2Csystem');
    await page.close();
  });

  it('has a note and an owner, written in its place; who may not write sees why', async () => {
    const page = await browser.page();
    await ground.open(page, 'anna', 'attention');
    const group = page.locator('.group', { hasText: 'EVENT_INVALID' });
    await group.getByRole('button', { name: 'Add a note' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.name'), patience).toBe('note');
    await page.keyboard.type('the shop sends words <script>alert(1)</script>');
    await page.keyboard.press('Enter');
    await group.getByText('the shop sends words <script>alert(1)</script>').waitFor(patience);
    expect(await group.innerText()).toContain('anna');
    await page.close();
    const other = await browser.page();
    await ground.open(other, 'vera', 'attention');
    const button = other.locator('.group', { hasText: 'EVENT_INVALID' }).getByRole('button', { name: /Change the note/ });
    await button.waitFor(patience);
    expect(await button.getAttribute('title')).toBe('You are viewer: this needs operator');
    await other.close();
  });

  it('rule 21: whose note was overtaken by another’s sees both, and says which stays', async () => {
    const write = async (who: 'anna' | 'bert', words: string): Promise<Page> => {
      const page = await browser.page();
      await ground.open(page, who, 'attention');
      await page.locator('.group', { hasText: 'EVENT_INVALID' }).getByRole('button', { name: 'Change the note' }).click();
      await page.getByLabel('Note').fill(words);
      return page;
    };
    const anna = await write('anna', 'mine');
    const bert = await write('bert', 'theirs');
    await bert.keyboard.press('Enter');
    await bert.getByRole('button', { name: 'Change the note' }).waitFor(patience);
    await anna.keyboard.press('Enter');
    const told = anna.getByRole('alert');
    await told.getByText('Somebody wrote another note while you wrote').waitFor(patience);
    expect([await told.innerText(), await anna.getByLabel('Note').inputValue()]).toEqual([expect.stringContaining('theirs (bert'), 'mine']);
    expect(await barriers(anna)).toEqual([]);
    await anna.getByRole('button', { name: 'Save mine instead' }).click();
    await anna.locator('.note p', { hasText: 'mine' }).waitFor(patience);
    await anna.close();
    await bert.close();
  });

  it('is reached by the keyboard alone: a group, its members, the choice of some', async () => {
    const page = await browser.page();
    await ground.open(page, 'anna', 'attention');
    await expect.poll(() => page.locator('.group').count(), patience).toBe(3);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await shown(page, '3 parked');
    await expect.poll(() => page.locator('tbody tr').count(), patience).toBe(3);
    const focused = async (): Promise<unknown> => {
      await page.keyboard.press('k');
      return page.evaluate('document.activeElement.className');
    };
    await expect.poll(focused, patience).toBe('member-id');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await shown(page, '2 chosen');
    await browser.picture(page, 'attention-members');
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.group').count(), patience).toBe(3);
    await page.close();
  });
});

describe('what a person wants to know before they decide', () => {
  it('is told to whoever may see translations, and to nobody else', async () => {
    const [id = ''] = (await ground.api<{ rows: { id: string }[] }>('vera', '/api/translations?inDoubt=1')).body.rows.map((row) => row.id);
    expect(await ground.api('vera', '/api/codes')).toMatchObject({
      status: 200,
      body: { IN_DOUBT: { class: 'ambiguous', remedy: expect.any(String) } },
    });
    expect(await ground.api('vera', `/api/translations/${id}/doubts`)).toMatchObject({
      status: 200,
      body: {
        calls: [
          {
            name: 'Order',
            noProbe: 'Order has no probe: look in depot yourself',
            noAnswer: null,
            skeleton: { order: '' },
            skeletonOf: expect.stringMatching(/^[0-9a-f]{32}$/),
            wants: ['order must be a text'],
          },
        ],
      },
    });
    expect(await ground.api('vera', '/api/translations/ffffffff/doubts')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await ground.api('vera', '/api/operations/depot/nothing/refusals')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    for (const path of ['/api/codes', `/api/translations/${id}/doubts`, '/api/operations/depot/send-order/refusals'])
      expect((await fetch(`${ground.gateway.url}${path}`)).status).toBe(401);
  });
});

describe('what is held', () => {
  it('is said above its group, with since when and why, and is resumed there by who may', async () => {
    await ground.api('bert', '/api/systems/depot/hold', { operation: 'send-order', why: 'the mapping is wrong <script>alert(1)</script>' });
    const page = await browser.page();
    await ground.open(page, 'vera', 'attention');
    const held = page.locator('.held');
    await held.getByText(/held by bert: the mapping is wrong <script>alert\(1\)<\/script>/).waitFor(patience);
    expect(await held.getByRole('button', { name: /^Resume depot send-order/ }).getAttribute('title')).toBe('You are viewer: this needs operator');
    expect(await barriers(page)).toEqual([]);
    await page.close();
    const other = await browser.page();
    await ground.open(other, 'anna', `attention?group=${encodeURIComponent(JSON.stringify({ code: 'IN_DOUBT', system: 'yard', operation: 'x' }))}`);
    await shown(other, 'Nothing of this group');
    expect(await other.locator('.held').count()).toBe(0);
    await ground.open(other, 'anna', 'attention');
    await other.locator('.held').getByRole('link', { name: 'See what of it is parked' }).click();
    await other
      .locator('.held')
      .getByRole('button', { name: /^Resume depot send-order/ })
      .click();
    await decide(other, 'it is mended', 'Resume');
    await expect.poll(() => other.locator('.held').count(), patience).toBe(0);
    await other.close();
  });
});

describe('a bulk action', () => {
  it('says how many before it starts, discards them with a declared refusal in their own words, and shows its progress', async () => {
    const page = await browser.page();
    await ground.open(
      page,
      'anna',
      `attention?group=${encodeURIComponent(JSON.stringify({ code: 'EVENT_INVALID', system: 'depot', operation: 'reserve-stock' }))}`,
    );
    await expect.poll(() => page.locator('tbody tr').count(), patience).toBe(3);
    await page.getByLabel('Choose all on this page').check();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByText('Discard 3 translations').waitFor(patience);
    await page.getByLabel('Publish').selectOption('com.acme.stock.refused.v1');
    expect(await page.getByLabel(/Its data/).inputValue()).toBe(
      JSON.stringify({ requestId: '{{event.requestId}}', code: '{{code}}', reason: '{{reason}}' }, null, 2),
    );
    await browser.picture(page, 'attention-discard');
    expect(await barriers(page)).toEqual([]);
    await decide(page, 'the shop will send them again', 'Discard 3');
    await page.waitForURL(/attention\/bulks\/\d+/);
    await shown(page, '3 of 3');
    await shown(page, 'done');
    // What went well leads on, too.
    await page.getByRole('button', { name: 'Done 3', pressed: true }).waitFor(patience);
    await expect.poll(() => page.locator('.bulk-items a').count(), patience).toBe(3);
    await browser.picture(page, 'attention-bulk');
    expect(await barriers(page)).toEqual([]);
    await page.close();
    const replies = await ground.api<{ rows: { state: string }[] }>(
      'vera',
      '/api/translations?code=EVENT_INVALID&state=discarded,published,answered',
    );
    expect(replies.status).toBe(200);
  });

  it('of ten thousand goes on when its page is closed, is found again, changes its rate, stops and goes on', async () => {
    const journal = ground.gateway.app.get(Journal);
    await park(
      journal,
      Array.from({ length: 10_000 }, (_, n) => ({ ref: `many-${n}`, code: 'ANSWER_INVALID' as const })),
      'counter',
    );
    // Retried ones wait, so that nothing but the bulk is at work.
    await ground.api('anna', '/api/systems/counter/hold', { why: 'until the bulk is through' });
    const page = await browser.page();
    await ground.open(page, 'anna', 'attention');
    await page.locator('.group', { hasText: 'ANSWER_INVALID' }).getByText('10,000').waitFor(patience);
    await page.locator('.group', { hasText: 'ANSWER_INVALID' }).getByRole('link').first().click();
    const rows = page.locator('tbody tr');
    await expect.poll(() => rows.count(), patience).toBe(50);
    const newest = await rows.first().innerText();
    await page.getByRole('button', { name: 'Older' }).click();
    await expect.poll(async () => (await rows.count()) === 50 && (await rows.first().innerText()) !== newest, patience).toBe(true);
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog').getByText('Retry 10,000 translations').waitFor(patience);
    await page.getByLabel(/At most so many a second/).fill('20');
    await decide(page, 'the answer is understood now', 'Retry 10,000');
    await page.waitForURL(/attention\/bulks\/\d+/);
    const address = page.url();
    await shown(page, 'running');
    await page.close();
    const again = await browser.page();
    await ground.open(again, 'anna', 'attention/bulks');
    await again.getByRole('link', { name: /Retry/ }).click();
    await again.waitForURL(address);
    await again.getByRole('button', { name: 'Stop', exact: true }).click();
    await decide(again, 'let us look first', 'Stop');
    await again.locator('.bulk-stopped').waitFor(patience);
    const stopped = await again.locator('.bulk-now').innerText();
    expect(stopped).not.toContain('10,000 of 10,000');
    await again.getByRole('button', { name: 'Change the rate' }).click();
    await again
      .getByRole('dialog')
      .getByLabel(/At most/)
      .fill('0');
    await decide(again, 'it is safe', 'Change');
    await again.getByRole('button', { name: 'Resume' }).click();
    await decide(again, 'it is safe', 'Resume');
    await browser.picture(again, 'attention-bulk-running');
    await again.locator('.bulk-done').waitFor({ timeout: 120_000 });
    await shown(again, '10,000 of 10,000');
    await again.getByRole('button', { name: 'Done 10,000' }).waitFor(patience);
    await again.getByRole('button', { name: 'Show more (9,900 are left)' }).click();
    await expect.poll(() => again.locator('.bulk-items a').count(), patience).toBe(200);
    await again.close();
  }, 240_000);

  it('says what failed and why', async () => {
    const { body } = await ground.api<{ rows: { id: string }[] }>('anna', '/api/translations?code=IN_DOUBT&state=parked');
    const page = await browser.page();
    await ground.open(
      page,
      'anna',
      `attention?group=${encodeURIComponent(JSON.stringify({ code: 'IN_DOUBT', system: 'depot', operation: 'send-order' }))}`,
    );
    await expect.poll(() => page.locator('tbody tr').count(), patience).toBe(body.rows.length);
    await page.getByRole('button', { name: 'Run the probe' }).click();
    await decide(page, 'perhaps it knows', /Run the probe 2/);
    await page.waitForURL(/attention\/bulks\/\d+/);
    await page.getByRole('button', { name: 'Failed 2' }).waitFor(patience);
    await shown(page, /Order has no probe/);
    await page.close();
  });
});

describe('the in-doubt desk', () => {
  it('shows the evidence and settles by keyboard: it happened with an answer that the gateway checks, then the next comes up, it did not', async () => {
    const { body } = await ground.api<{ rows: { id: string }[] }>('anna', '/api/translations?inDoubt=1');
    const [first = '', second = ''] = body.rows.map(({ id }) => id);
    const page = await browser.page();
    await ground.open(page, 'anna', 'attention/doubt');
    await shown(page, 'Did Order happen in depot?');
    await shown(page, 'What was asked');
    await shown(page, /"ref": "doubt-2"/);
    await shown(page, /Order has no probe: look in depot yourself/);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'attention-doubt-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'attention-doubt');
    await page.keyboard.press('y');
    const answer = page.getByLabel('The answer of Order, as JSON');
    expect(JSON.parse(await answer.inputValue())).toEqual({ order: '' });
    await browser.picture(page, 'attention-happened');
    await answer.fill('{ "order": 7 }');
    await decide(page, 'seen in the depot', 'It happened');
    await page.getByRole('alert').getByText('order must be a text').waitFor(patience);
    await answer.fill('{ "order": "O-by-hand" }');
    await decide(page, 'seen in the depot', 'It happened');
    await shown(page, /"ref": "doubt-1"/);
    await becomes(first, 'published');
    await page.keyboard.press('n');
    await decide(page, 'not in the depot', 'Call again');
    await becomes(second, 'published');
    await shown(page, /Settled by anna/);
    await page.close();
    const { body: told } = await ground.api<{ actions: { kind: string; who: string; why: string }[] }>('vera', `/api/translations/${first}`);
    expect(told.actions).toEqual([expect.objectContaining({ kind: 'happened', who: 'anna', why: 'seen in the depot' })]);
  });

  it('runs the probe where there is one', async () => {
    ground.depot.fault({ kind: 'commit-late', matching: 'hazy', ms: 6_000, times: 1 });
    const id = await ground.post('test.secured.v1', 'hazy', { ref: 'hazy' });
    await becomes(id, 'parked IN_DOUBT');
    await expect.poll(() => ground.depot.ledger().filter(({ ref }) => ref === 'hazy').length, patience).toBe(1);
    const page = await browser.page();
    await ground.open(page, 'anna', `attention/doubt?at=${id}`);
    await shown(page, 'The probe asked');
    await page.keyboard.press('p');
    await decide(page, 'the yard has written it down', 'Run the probe');
    await becomes(id, 'published');
    await page.close();
  });

  it('settles a batch once for all its members', async () => {
    const ids: string[] = [];
    for (const parcelId of ['P-1', 'P-2', 'P-3']) ids.push(await ground.post('test.parcel.v1', parcelId, { parcelId, depot: 'D1', by: 'Hourly' }));
    for (const id of ids) await becomes(id, 'parked IN_DOUBT');
    const page = await browser.page();
    await ground.open(page, 'anna', `attention/doubt?system=parcels`);
    await shown(page, 'Batches in doubt: one decision for all their members');
    await shown(page, /parcels Hourly.*3 members/);
    await shown(page, /what is decided here holds for all its members/);
    await shown(page, 'As file');
    expect(await barriers(page)).toEqual([]);
    await browser.picture(page, 'attention-batch');
    await page.getByRole('button', { name: 'It did not: make it again' }).click();
    await decide(page, 'the carrier has no file', 'It did not: make it again');
    for (const id of ids) await becomes(id, 'published');
    await page.getByText('Batches in doubt').waitFor({ ...patience, state: 'detached' });
    await page.close();
  });

  it('lets one of two people win, and tells the other who it was', async () => {
    const [id = ''] = await doubtful('doubt-3');
    const [page, other] = [await browser.page(), await browser.page()];
    await ground.open(page, 'anna', `attention/doubt?at=${id}`);
    await ground.open(other, 'bert', `attention/doubt?at=${id}`);
    await shown(page, /"ref": "doubt-3"/);
    await shown(other, /"ref": "doubt-3"/);
    await page.keyboard.press('y');
    await page.getByLabel('The answer of Order, as JSON').fill('{ "order": "O-of-anna" }');
    await other.keyboard.press('n');
    await decide(page, 'anna was first', 'It happened');
    await becomes(id, 'published');
    await decide(other, 'bert was second', 'Call again');
    await other.getByRole('alert').filter({ hasText: 'no call in doubt' }).waitFor(patience);
    await shown(other, 'anna has settled it meanwhile');
    await other.keyboard.press('Escape');
    await shown(other, /Settled by anna/);
    expect(ground.depot.ledger().filter(({ kind, ref }) => kind === 'order' && ref === 'doubt-3')).toHaveLength(1);
    await Promise.all([page.close(), other.close()]);
  });

  it('lets nobody press what they may not, and works on a phone', async () => {
    await doubtful(hostile);
    const page = await browser.page({ viewport: { width: 390, height: 844 } });
    await ground.open(page, 'vera', 'attention/doubt');
    const button = page.getByRole('button', { name: /It happened/ });
    await button.waitFor(patience);
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await shown(page, 'doubt-4⟨U+202E⟩<img/src=x>⟨U+001B⟩[31m');
    expect(await button.getAttribute('title')).toBe('You are viewer: this needs operator');
    await page.keyboard.press('y');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await browser.picture(page, 'attention-doubt-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.goto(`${ground.gateway.url}/console/attention`);
    await page.locator('.group').first().waitFor(patience);
    await browser.picture(page, 'attention-groups-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.close();
  });

  it('misses nothing of what changed while the gateway was away from the page', async () => {
    const page = await browser.page();
    await ground.open(page, 'anna', 'attention');
    await page.locator('.group', { hasText: 'IN_DOUBT' }).getByText('1', { exact: true }).waitFor(patience);
    await page.context().setOffline(true);
    await doubtful('doubt-5');
    await page.context().setOffline(false);
    await page.locator('.group', { hasText: 'IN_DOUBT' }).getByText('2', { exact: true }).waitFor(patience);
    await page.close();
  });

  it('has shown everything without a complaint of the browser', () => expect(browser.complaints).toEqual([]));
});
