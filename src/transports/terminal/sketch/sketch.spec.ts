import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { type Screen } from '../screen/screen.ts';
import { VtDisplay } from '../vt/vt.display.ts';
import { sketchesOf, sketchText } from './map-sketch.ts';
import { runsOf, VisitedScreens } from './visited-screens.ts';

async function screen(...lines: string[]): Promise<Screen> {
  const display = new VtDisplay(24, 80, () => undefined);
  await new Promise<void>((resolve) => display.feed(lines.map((line, at) => `\x1b[${at + 1};1H${line}`).join(''), resolve));
  const shown = display.snapshot();
  display.dispose();
  return shown;
}
const menu = (clock: string): Promise<Screen> =>
  screen(` SR10      MAIN MENU     ${clock}`, '', '   1. Stock', '   2. Orders', '', '   Choice . . : _', ' Enter=Go on');
const form = (sku: string): Promise<Screen> =>
  screen(' SR30      RESERVATION', '', '   SKU  . . . : '.padEnd(17) + sku.padEnd(8, '_'), '', '', '', ' Enter=Check  F3=Menu');

describe('screens on the way', () => {
  it('texts are told by the blanks between them', async () => {
    expect(runsOf(await screen('', ' SR10   MAIN MENU 1   X', '   SKU . : __ab'))).toEqual([
      { row: 2, column: 2, text: 'SR10' },
      { row: 2, column: 9, text: 'MAIN MENU 1' },
      { row: 3, column: 4, text: 'SKU . :' },
      { row: 3, column: 14, text: 'ab' },
    ]);
  });

  it('one screen seen twice is one, with what stood there both times; another is another', async () => {
    const visited = new VisitedScreens();
    visited.see(await menu('PAGE A'));
    visited.see(await form(''));
    visited.see(await form('AB-100'));
    visited.see(await menu('PAGE B'));
    expect(visited.all.map(({ stable }) => stable.map(({ text }) => text))).toEqual([
      ['SR10', 'MAIN MENU', '1. Stock', '2. Orders', 'Choice . . :', 'Enter=Go on'],
      ['SR30', 'RESERVATION', 'SKU', 'Enter=Check', 'F3=Menu'],
    ]);
  });

  it('two that look alike are two when a person gives them two names', async () => {
    const visited = new VisitedScreens();
    visited.see(await menu('DAY'));
    visited.name('menu-by-day');
    visited.see(await menu('NIGHT'));
    expect(visited.all).toHaveLength(1);
    visited.name('menu-by-night');
    visited.name('menu-by-night');
    expect(visited.all.map(({ name, screen }) => [name, screen.find('NIGHT') !== null])).toEqual([
      ['menu-by-day', false],
      ['menu-by-night', true],
    ]);
  });

  it('pages of a list are one screen, by their head and foot', async () => {
    const visited = new VisitedScreens();
    const page = (from: number): Promise<Screen> =>
      screen(
        ' SR40   STOCK LIST',
        '  SKU       NAME       BIN',
        ...Array.from({ length: 6 }, (_, at) => `  SKU-${from + at}  item ${from + at}  bin ${from + at}`),
        ' N=Next  F3=Menu',
      );
    visited.see(await page(100));
    visited.see(await page(200));
    expect(visited.all).toHaveLength(1);
  });
});

describe('a sketch of a map', () => {
  it('has the texts that tell the screen from the others, a name by its title, and inputs where something was typed', async () => {
    const visited = new VisitedScreens();
    visited.see(await menu('12:30:01'));
    visited.see(await form(''));
    visited.typed({ row: 3, column: 18, hidden: false });
    const [first, second] = sketchesOf(visited.all);
    expect(first).toMatchObject({ name: 'main-menu', login: false, inputs: [] });
    expect(first?.anchors.map(({ text }) => text)).toEqual(['SR10', 'MAIN MENU']);
    expect(second).toMatchObject({ name: 'reservation', inputs: [{ name: 'sku', at: { row: 3, column: 18 }, width: 8, guessed: true }] });
  });

  it('an input is as wide as it looks: underlined, or with a sign in each cell', async () => {
    const visited = new VisitedScreens();
    visited.see(await screen(' ORDER', ' SKU: \x1b[4m          \x1b[0m', ' Quantity: ....', ' Note:', ' Enter=Go on'));
    for (const [row, column] of [
      [2, 7],
      [3, 12],
      [4, 8],
    ] as const)
      visited.typed({ row, column, hidden: false });
    expect(sketchesOf(visited.all)[0]?.inputs.map(({ name, width }) => [name, width])).toEqual([
      ['sku', 10],
      ['quantity', 4],
      ['note', 73],
    ]);
  });

  it('names given by a person are kept, and no two screens have the same', async () => {
    const visited = new VisitedScreens();
    visited.see(await menu(''));
    visited.name('home');
    visited.see(await screen('MAIN MENU', 'quite', 'another', 'screen', 'altogether'));
    visited.see(await screen('', 'MAIN MENU', '', 'and a', '', 'third'));
    expect(sketchesOf(visited.all).map(({ name }) => name)).toEqual(['home', 'main-menu', 'main-menu-2']);
  });

  it('whatever the host showed, it is TypeScript, and says in its literals what stood there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 5 }), async (lines) => {
        const visited = new VisitedScreens();
        visited.see(await screen(...lines, "it's */ `${x}` \\ \u202e // over"));
        visited.typed({ row: 1, column: 1, hidden: true });
        const text = sketchText('a/*b\n', sketchesOf(visited.all));
        const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true });
        expect(diagnostics).toEqual([]);
        const code = ts.transpile(text.replace(/^import .*$/m, 'const screenMap = (map) => maps.push(map);')).replaceAll('export ', '');
        // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
        const maps = new Function(`const maps = [];${code}; return maps;`)() as {
          anchors: { text: string; at: { row: number; column: number } }[];
        }[];
        const shown = visited.all[0]?.screen;
        expect(maps.length).toBe(1);
        for (const { text: anchor, at } of maps[0]?.anchors ?? []) expect(shown?.shows(anchor, at)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
