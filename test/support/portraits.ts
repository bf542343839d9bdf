import { type Page } from 'playwright-core';
import { expect } from 'vitest';
import { barriers } from './accessibility.ts';
import { type ConsoleBrowser } from './console.ts';

/** A page as it stands, in light, dark and on a phone: pictured, free of barriers, and no wider than the phone. */
export async function portraits(browser: ConsoleBrowser, page: Page, name: string): Promise<void> {
  await browser.picture(page, `${name}-light`);
  expect(await barriers(page)).toEqual([]);
  await page.getByLabel('Colours').selectOption('dark');
  await browser.picture(page, `${name}-dark`);
  expect(await barriers(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 800 });
  await browser.picture(page, `${name}-phone`);
  expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
}
