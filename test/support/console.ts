import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { need } from './needs.ts';

/** A busy machine draws a page in many times the usual time. */
const patientMs = 60_000;
const artefacts = resolve(import.meta.dirname, '../../test-artefacts');

/** A headless Chromium, and what a person would complain about: errors of scripts, refused by the policy, asked of other origins. */
export class ConsoleBrowser {
  readonly #browser: Browser;
  /** What went wrong on any page since the start. */
  readonly complaints: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<ConsoleBrowser> {
    const browser = await chromium.launch({
      executablePath: need('chromium', 'chromium'),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
    });
    return new ConsoleBrowser(browser);
  }

  /** A page in a context of its own, as of another person. */
  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(patientMs);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(`script: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource|net::ERR_/.test(message.text())) this.complaints.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      const at = page.url();
      if (at.startsWith('http') && !request.url().startsWith(new URL(at).origin)) this.complaints.push(`asked another origin: ${request.url()}`);
    });
    return page;
  }

  /** Keeps a picture of the page among the artefacts of the tests. */
  async picture(page: Page, name: string): Promise<void> {
    mkdirSync(artefacts, { recursive: true });
    await page.screenshot({ path: join(artefacts, `${name}.png`), fullPage: true });
  }

  /** Pages that stay open go on following the gateway. */
  async closePages(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
