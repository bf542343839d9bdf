import { describe, expect, it } from 'vitest';
import { type ParkedGroup } from '../contract/groups.ts';
import { type Page, type TranslationRow } from '../contract/journal-reader.ts';
import { filled } from './pages.ts';
import { groupLine } from './search-command.ts';

describe('the line of a group', () => {
  const group: ParkedGroup = {
    by: { code: 'DEFECT', system: 'crm', native: null },
    count: 12,
    inDoubt: 3,
    firstMs: Date.UTC(2026, 10, 20, 8),
    lastMs: Date.UTC(2026, 10, 21, 9, 14, 3, 250),
    spark: [...Array.from({ length: 22 }, () => 0), 1, 8],
    note: { note: 'umlauts\u001b[2J\nsecond line', owner: 'ann', who: 'bob', version: 1, atMs: 1 },
  };

  it('says how many, what they have in common, since when, how it went, and what is known; nothing of it moves the cursor', () => {
    const line = groupLine(group);
    expect(line).toMatch(
      /^ {5}12 {2}DEFECT crm - +2026-11-20T08:00:00Z … 2026-11-21T09:14:03Z {2} {22}▁█ {2}3 in doubt {2}\(ann\) umlauts\\x1b\[2J$/,
    );
  });

  it('without doubts and notes it ends with the arrivals', () => {
    expect(groupLine({ ...group, inDoubt: 0, note: null })).toMatch(/▁█$/);
  });
});

describe('a page of the command line', () => {
  const row = (seq: number): TranslationRow => ({ seq }) as TranslationRow;

  it('is filled from short ones, each asked for behind the last, until it is full or there are no more', async () => {
    const asked: unknown[] = [];
    const pages: Page[] = [
      { rows: [], next: 90 },
      { rows: [row(80)], next: 70 },
      { rows: [row(60), row(50)], next: 50 },
    ];
    const ask = (position: unknown): Promise<Page> => Promise.resolve(pages[asked.push(position) - 1] as Page);
    expect(await filled({ limit: 3, before: 100 }, ask)).toEqual({ rows: [row(80), row(60), row(50)], next: 50 });
    expect(asked).toEqual([
      { limit: 3, before: 100 },
      { limit: 3, before: 90 },
      { limit: 2, before: 70 },
    ]);
    expect(await filled({ limit: 9_999 }, (position) => Promise.resolve({ rows: [row(position.limit)], next: null }))).toEqual({
      rows: [row(500)],
      next: null,
    });
  });
});
