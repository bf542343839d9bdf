import { type Locator, type Page } from 'playwright-core';
import { type ConsoleBrowser } from './console.ts';
import { type DemoGround, type Person, tokenOf } from './demo-ground.ts';

type Options = Parameters<ConsoleBrowser['page']>[0];

/** A page of the console as somebody sees it who has come in with their token. */
export async function pageOf(browser: ConsoleBrowser, ground: DemoGround, person: Person, path: string, options: Options = {}): Promise<Page> {
  const page = await browser.page(options);
  await page.addInitScript((token) => sessionStorage.setItem('gatehouse.token', token), tokenOf(person));
  await page.goto(`${ground.url}/console/${path}`);
  return page;
}

/** The page of one translation, once it is there. */
export class TranslationPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: ConsoleBrowser, ground: DemoGround, person: Person, id: string, options: Options = {}): Promise<TranslationPage> {
    const page = await pageOf(browser, ground, person, `translations/${id}`, options);
    const opened = new TranslationPage(page);
    await opened.timeline.waitFor();
    await page.getByText(`${person} (`).waitFor();
    return opened;
  }

  get timeline(): Locator {
    return this.page.getByRole('list', { name: 'Timeline' });
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  readonly pane = (name: 'event' | 'native' | 'reply'): Locator => this.page.getByRole('region', { name, exact: true });

  readonly act = (name: string): Locator => this.page.getByRole('group', { name: 'Actions' }).getByRole('button', { name });

  /** Waits until the head says this state. */
  readonly says = (state: string): Promise<void> => this.page.getByRole('heading', { level: 1 }).getByText(state).waitFor({ timeout: 60_000 });

  /** Gives the reason and presses the button of the dialog that is open. */
  readonly decide = async (why: string, verb: string): Promise<void> => {
    await this.dialog.getByLabel('Why').fill(why);
    await this.dialog.getByRole('button', { name: verb, exact: true }).click();
  };
}
