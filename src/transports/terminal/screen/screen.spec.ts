import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VtDisplay } from '../vt/vt.display.ts';
import { paint } from './paint.ts';
import { Screen } from './screen.ts';

function shown(text: string, rows = 6, columns = 20): Promise<Screen> {
  const display = new VtDisplay(rows, columns, () => undefined);
  return new Promise((resolve) =>
    display.feed(text, () => {
      resolve(display.snapshot());
      display.dispose();
    }),
  );
}

describe('a screen', () => {
  it('has the hash that it has in every process', async () => {
    expect((await shown('MENU \x1b[1mbold\x1b[0m 日本\x1b[7m')).hash()).toBe('b3330003484897d5');
    expect(Screen.blank(6, 20, 'unlocked').hash()).toBe((await shown('')).hash());
  });

  it('differs by characters and styles, not by cursor and lock', async () => {
    const menu = await shown('MENU');
    expect((await shown('MENU\x1b[3;3H')).locked('waiting').hash()).toBe(menu.hash());
    for (const other of ['MENV', '\x1b[7mMENU', '\x1b[31mMENU', '\x1b[1mMENU', 'MENU\x1b[2;1H.']) {
      const screen = await shown(other);
      expect([screen.hash() === menu.hash(), screen.looksLike(menu)]).toEqual([false, false]);
    }
  });

  it('a volatile region counts for nothing, and everything else does', async () => {
    const clock = [{ row: 1, column: 15, width: 5 }];
    const [one, two, other] = [await shown('MENU          12:01'), await shown('MENU          \x1b[7m12:02'), await shown('MENV          12:01')];
    expect([one.hash(clock) === two.hash(clock), one.looksLike(two, clock), one.looksLike(two)]).toEqual([true, true, false]);
    expect([one.hash(clock) === other.hash(clock), one.looksLike(other, clock)]).toEqual([false, false]);
  });

  it('concealed text is blank', async () => {
    const screen = await shown('user \x1b[8mgeheim\x1b[0m!');
    expect(screen.text().trimEnd()).toBe('user       !');
    expect(screen.cell(1, 6)).toMatchObject({ text: ' ', style: { hidden: true } });
  });

  it('finds text by its cell, also behind wide characters, and not half of one', async () => {
    const screen = await shown('日本X\r\n  SKU: 4711');
    expect(screen.find('X')).toEqual({ row: 1, column: 5 });
    expect(screen.find('4711', { row: 2, column: 5 })).toEqual({ row: 2, column: 8 });
    expect(screen.find('4711', { row: 2, column: 5, width: 6 })).toBeNull();
    expect(screen.find('4711', { row: 1, column: 1 })).toBeNull();
    expect([
      screen.shows('本X', { row: 1, column: 3 }),
      screen.shows('X', { row: 1, column: 4 }),
      screen.shows('SKU', { row: 9, column: 9 }),
    ]).toEqual([true, false, false]);
  });

  it('hides a text that runs over the end of a row', async () => {
    const screen = (await shown('12345678901234567canary-secret')).without(['canary-secret']);
    expect(screen.text().trimEnd()).toBe('12345678901234567');
    expect(screen.cell(2, 1).style.hidden).toBe(true);
  });

  it('what is painted shows the same screen again, whole or over the one before', async () => {
    const sgr = fc.constantFrom('\x1b[0m', '\x1b[1m', '\x1b[2m', '\x1b[4m', '\x1b[7m', '\x1b[31m', '\x1b[48;5;200m', '\x1b[38;2;1;2;3m', '\x1b[5m');
    const piece = fc.oneof(
      fc.string({ maxLength: 8 }).map((text) => text.replaceAll(/\p{C}/gu, '')),
      sgr,
      fc.constantFrom('日', 'é', '┌', '\r\n', '\x1b[2;5H', '\x1b[K'),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(text, text, async (first, second) => {
        const [one, two] = [await shown(first), await shown(second)];
        expect((await shown(paint(one))).looksLike(one)).toBe(true);
        const after = await shown(paint(one) + paint(two, one));
        expect([after.looksLike(two), after.cursor]).toEqual([true, two.cursor]);
        expect(after.hash()).toBe(two.hash());
      }),
    );
  });
});
