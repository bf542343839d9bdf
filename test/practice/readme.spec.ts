import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { screens as ofMainframe } from '../../src/practice/mainframe/screens.ts';
import { screens as ofStockroom } from '../../src/practice/stockroom/screens.ts';
import { terminalFaultKinds } from '../../src/practice/terminal/terminal.faults.ts';

const practice = resolve(import.meta.dirname, '../../src/practice');
const text = (folder: string): string => readFileSync(resolve(practice, folder, 'README.md'), 'utf8');

describe('the READMEs of the practice terminals', () => {
  it('list every fault', () => {
    const rows = text('terminal').match(/^\| `.*/gm) ?? [];
    expect(terminalFaultKinds.filter((kind) => !rows.some((row) => row.includes(`\`${kind}\``)))).toEqual([]);
  });

  it.each([
    ['stockroom', ofStockroom],
    ['mainframe', ofMainframe],
  ])('of the %s lists every screen with its code, and every message', (folder, screens) => {
    const readme = text(folder);
    const entries = Object.entries(screens);
    expect(entries.length).toBeGreaterThan(10);
    expect(entries.filter(([name, { code }]) => !readme.includes(`| \`${name}\` | ${code === '' ? 'none' : code} |`)).map(([name]) => name)).toEqual(
      [],
    );
    const sources = ['screens.ts', 'host-session.ts'].map((file) => readFileSync(resolve(practice, folder, file), 'utf8')).join('');
    const messages = [...new Set(sources.match(/\b(?:SR-\d{3}|CU\d{3}[IEW])\b/g))];
    expect(messages.length).toBeGreaterThan(15);
    expect(messages.filter((code) => !readme.includes(code))).toEqual([]);
  });
});
