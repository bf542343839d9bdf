import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../contract/errors.ts';
import { checkTyping } from './typing.ts';
import { repertoireOf } from './tn3270/code-page.ts';
import { Charset } from './vt/charset.ts';
import { VtDisplay } from './vt/vt.display.ts';

const at = { row: 3, column: 5 };
const input = { name: 'sku', at };

describe('a value that may be typed', () => {
  it('fills no cell but its own, and presses nothing, whatever it is', async () => {
    const character = fc.oneof(
      { weight: 8, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
      {
        weight: 2,
        arbitrary: fc
          .array(fc.constantFrom('\n', '\t', '\x1b', '\x9b', '\x7f', '\u2028', '\u200d', '\u202e', '日', 'e\u0301', '👍', 'é', '\u0000', '\ud800'))
          .map((all) => all.join('')),
      },
    );
    let typed = 0;
    await fc.assert(
      fc.asyncProperty(character, fc.constantFrom('utf-8', 'iso-8859-1', 'ascii'), async (value, charset) => {
        const repertoire = new Charset(charset as 'utf-8');
        try {
          checkTyping('stock', value, input, 8, repertoire, null);
        } catch (error) {
          expect(error).toBeInstanceOf(GatehouseError);
          expect((error as GatehouseError).code).toBe('CALL_REFUSED_ARGUMENTS');
          if (value.length > 3) expect((error as GatehouseError).message).not.toContain(value);
          return;
        }
        typed += 1;
        const answers: string[] = [];
        const display = new VtDisplay(6, 40, (answer) => answers.push(answer));
        await new Promise<void>((resolve) => display.feed(`\x1b[3;13H|\x1b[3;5H`, resolve));
        await new Promise<void>((resolve) => display.feed(repertoire.decode(repertoire.encode(value)), resolve));
        const screen = display.snapshot();
        display.dispose();
        expect([screen.cell(3, 13).text, screen.cursor.row, answers]).toEqual(['|', 3, []]);
        expect(screen.text({ row: 3, column: 5, width: 8 }).normalize()).toBe(value.normalize().replace(/ +$/, ''));
        expect(screen.text().trim().replace('|', '').trim()).toBe(value.trim());
      }),
      { numRuns: 1_500 },
    );
    expect(typed).toBeGreaterThan(50);
  });

  it('in 3270 is of the code page', () => {
    const has = (page: string, text: string): boolean[] => [...text].map((character) => repertoireOf('stock', page).has(character));
    expect(has('cp037', 'aé¤€日\n\xad')).toEqual([true, true, true, false, false, false, false]);
    expect(has('cp1140', 'aé¤€')).toEqual([true, true, false, true]);
    expect(() => repertoireOf('stock', 'cp930')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
