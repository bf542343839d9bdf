import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Screen } from '../screen/screen.ts';
import { plain, type Style } from '../screen/style.ts';
import { Atlas } from './atlas.ts';
import { mapMistakes } from './check-maps.ts';
import { type ScreenMap } from './screen-map.ts';
import { readRows, type TableLayout } from './table.ts';

function screen(lines: readonly string[], bright: readonly number[] = []): Screen {
  const texts = Array.from({ length: 24 }, (_, row) => (lines[row] ?? '').padEnd(80).slice(0, 80).split('')).flat();
  const styles = texts.map((_, at): Style => (bright.includes(Math.floor(at / 80) + 1) ? { ...plain, intensity: 'bright' } : plain));
  return new Screen({ rows: 24, columns: 80, texts, styles, cursor: { row: 1, column: 1 }, lock: 'unlocked' });
}
const map = (name: string, text: string, more: Partial<ScreenMap> = {}): ScreenMap => ({
  name,
  anchors: [{ text, at: { row: 1, column: 1 } }],
  ...more,
});
const home = map('home', 'HOME', { kind: 'home' });
const found = (maps: readonly ScreenMap[], seen: Screen): string => {
  const recognised = new Atlas(maps, 0).recognise(seen);
  if (recognised.is === 'one') return recognised.map.name;
  return recognised.is === 'none' ? 'none' : recognised.maps.map(({ name }) => name).join(' and ');
};

describe('a screen is recognised', () => {
  const error = map('error', 'ERR', { kind: 'error', anchors: [{ text: 'ERR', within: { row: 24, column: 1 } }] });
  const message = map('message', '', { kind: 'interstitial', anchors: [{ text: 'MESSAGE', within: { row: 5, column: 1, height: 10 } }] });

  it('by its anchors', () => expect(found([home, map('list', 'LIST')], screen(['LIST']))).toBe('list'));
  it('not when an anti-anchor stands', () =>
    expect(found([map('list', 'LIST', { absent: [{ text: 'END', within: { row: 2, column: 1 } }] })], screen(['LIST', '  END']))).toBe('none'));
  it('by what lies over it first', () => {
    const lines = ['HOME', '', '', '', '', '', 'MESSAGE'];
    lines[23] = 'ERR 7';
    expect(found([home, error, message], screen(lines))).toBe('message');
    lines[6] = '';
    expect(found([home, error, message], screen(lines))).toBe('error');
  });
  it('as several when several fit', () =>
    expect(found([map('a', 'LIST'), map('b', 'X', { anchors: [{ text: 'IST', within: { row: 1, column: 1 } }] })], screen(['LIST']))).toBe(
      'a and b',
    ));
  it('by the look of an anchor, wherever in a region it stands', () => {
    const bright = map('error', 'ERR', { anchors: [{ text: 'ERR', within: { row: 1, column: 1, height: 3 }, style: { intensity: 'bright' } }] });
    expect(found([bright], screen(['ERR', 'ERR']))).toBe('none');
    expect(found([bright], screen(['ERR', 'ERR'], [2]))).toBe('error');
  });

  it('by at most one of maps whose anchors stand at one place and differ', () => {
    const text = fc.stringMatching(/^[A-Z]{1,6}$/);
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 8 }), fc.nat(), (texts, which) => {
        const maps = texts.map((each, at) => map(`m${at}`, each, at === 0 ? { kind: 'home' } : {}));
        const overlapping = mapMistakes(maps).filter((mistake) => mistake.includes('fits'));
        const shown = texts[which % texts.length] as string;
        const prefixes = texts.filter((each) => shown.startsWith(each));
        expect(found(maps, screen([shown])).split(' and ')).toHaveLength(prefixes.length);
        if (prefixes.length > 1) expect(overlapping.length).toBeGreaterThan(0);
        if (texts.every((one) => texts.every((other) => one === other || !one.startsWith(other)))) expect(overlapping).toEqual([]);
      }),
    );
  });
});

describe('maps with mistakes', () => {
  it.each<[string, ScreenMap[], string]>([
    ['without a home', [map('a', 'A')], "one map is of the kind 'home', not 0"],
    ['of one name', [home, map('a', 'A'), map('a', 'B')], "two maps are called 'a'"],
    ['with a name that is none', [home, map('a b', 'A')], "map 'a b': its name must be letters, digits and hyphens"],
    ['with a blank anchor', [home, map('a', ' ')], "map 'a': an anchor is blank"],
    ['outside of the screen', [home, map('a', 'A', { anchors: [{ text: 'A', at: { row: 0, column: 1 } }] })], 'an anchor is outside of every screen'],
    ['with a way back from home', [{ ...home, back: 'f3' }], "map 'home': it is home: there is no way back from it"],
    ['where one is contained in the other', [home, map('a', 'LIST'), map('b', 'LIST OF ITEMS')], "a screen with the anchors of 'b' fits 'a' too"],
    ['that are equal', [home, map('a', 'LIST'), map('b', 'LIST')], "fits 'b' too"],
    ['that no screen fits', [home, map('a', 'LIST', { absent: [{ text: 'LIST', within: { row: 1, column: 1 } }] })], "map 'a': no screen fits it"],
    [
      'of which anchors exclude each other',
      [
        home,
        map('a', 'X', {
          anchors: [
            { text: 'AB', at: { row: 1, column: 1 } },
            { text: 'XY', at: { row: 1, column: 2 } },
          ],
        }),
      ],
      "map 'a': no screen fits it",
    ],
    [
      'with a date that has no day',
      [home, map('a', 'A', { outputs: { d: { at: { row: 2, column: 1, width: 7 }, type: 'date', format: 'MM.YYYY' } } })],
      "the output 'd' has the date format 'MM.YYYY'",
    ],
    [
      'with a table without rows',
      [home, map('a', 'A', { tables: { t: { row: 2, rows: 0, columns: { c: { column: 1, width: 1 } } } } })],
      "the table 't' has 0 rows",
    ],
    [
      'with a typed secret',
      [home, map('a', 'A', { inputs: { p: { at: { row: 2, column: 1 }, width: 8, hidden: true, type: 'whole' } } })],
      "the input 'p' is hidden",
    ],
  ])('%s are told', (_what, maps, mistake) => {
    expect(mapMistakes(maps).join('\n')).toContain(mistake);
  });

  it('that one tells from the other by an anti-anchor have none', () => {
    const absent = [{ text: 'OF ITEMS', at: { row: 1, column: 6 } }];
    expect(mapMistakes([home, map('a', 'LIST', { absent }), map('b', 'LIST OF ITEMS')])).toEqual([]);
  });
});

describe('a table', () => {
  const table: TableLayout = {
    row: 2,
    rows: 5,
    columns: { sku: { column: 1, width: 8 }, count: { column: 10, width: 5, type: 'whole', required: false } },
  };

  it('gives back the rows that are shown, whatever they are', () => {
    const row = fc.record({ sku: fc.stringMatching(/^[A-Z0-9]{1,8}$/), count: fc.option(fc.nat({ max: 99_999 })) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
        const lines = ['TITLE', ...rows.map(({ sku, count }) => `${sku.padEnd(9)}${count === null ? '' : String(count).padStart(5)}`)];
        expect(readRows(table, screen(lines))).toEqual({ rows });
      }),
    );
  });

  it('ends with the first blank row', () => expect(readRows(table, screen(['', 'A', '', 'B']))).toEqual({ rows: [{ sku: 'A', count: null }] }));
  it('says where a value is none', () =>
    expect(readRows(table, screen(['', 'A', 'B        7x']))).toEqual({ wrong: "the column 'count' in row 3 of the screen is no whole number" }));
});
