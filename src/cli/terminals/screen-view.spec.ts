import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Screen } from '../../transports/terminal/screen/screen.ts';
import { VtDisplay } from '../../transports/terminal/vt/vt.display.ts';
import { viewOf, viewRow } from './screen-view.ts';

async function shown(output: string, rows = 6, columns = 20): Promise<Screen> {
  const display = new VtDisplay(rows, columns, () => undefined);
  await new Promise<void>((resolve) => display.feed(output, resolve));
  const screen = display.snapshot();
  display.dispose();
  return screen;
}
const row = (screen: Screen, at: number, columns = screen.columns, column = 1): string =>
  viewRow(screen, at, { row: 1, column, rows: screen.rows, columns });

/** All that a person's terminal may be told in a row: looks, columns, and characters that have a shape. */
// oxlint-disable-next-line no-control-regex
const harmless = /^(?:\x1b\[\d+(?:;\d+)*m|\x1b\[\d+G|[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}])*$/u;

describe('a row for the terminal of a person', () => {
  it('shows text, looks and wide characters where they are', async () => {
    const screen = await shown('\x1b[7mAB\x1b[0m日x\x1b[2;1H─┐');
    expect(row(screen, 1, 6)).toBe('\x1b[0;7mAB\x1b[0m日\x1b[5Gx \x1b[0m');
    expect(row(screen, 2, 4)).toBe('─┐  \x1b[0m');
  });

  it('half a wide character at an edge is a blank', async () => {
    const screen = await shown('a日b');
    expect(row(screen, 1, 2)).toBe('a \x1b[0m');
    expect(row(screen, 1, 2, 3)).toBe(' b\x1b[0m');
  });

  it('directions, joiners and heaps of marks are left out', async () => {
    const screen = await shown(`a\u202eb\u200dc${'\u0301'.repeat(30)}d\ue000`);
    expect(row(screen, 1, 6).replace(/\u0301+/, (marks) => `<${marks.length}>`)).toMatch(/^abc<4>.*d/);
    expect(row(screen, 1)).toMatch(harmless);
  });

  it('nothing that a host says makes it anything but text, looks and columns', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('\x1b]0;x\x07', '\x1b[31;44m', '\x1b[8m', '日', '👍🏽', '\u202e', '\x1b[3;7H', '\x0e'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 10 }),
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 8 }),
        async (pieces, columns, rows) => {
          const screen = await shown(pieces.join(''));
          const view = viewOf(screen, rows, columns);
          expect(view.row + view.rows - 1).toBeLessThanOrEqual(screen.rows);
          expect(view.column + view.columns - 1).toBeLessThanOrEqual(screen.columns);
          for (let at = view.row; at < view.row + view.rows; at += 1) expect(viewRow(screen, at, view)).toMatch(harmless);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the part that fits', () => {
  it('begins at the top left, and goes with the cursor', async () => {
    const screen = await shown('\x1b[6;20H');
    expect(viewOf(screen, 6, 20)).toEqual({ row: 1, column: 1, rows: 6, columns: 20 });
    expect(viewOf(screen, 4, 10)).toEqual({ row: 3, column: 11, rows: 4, columns: 10 });
    expect(viewOf(screen.locked('unlocked', { row: 1, column: 1 }), 4, 10)).toEqual({ row: 1, column: 1, rows: 4, columns: 10 });
    expect(viewOf(screen, 60, 200)).toEqual({ row: 1, column: 1, rows: 6, columns: 20 });
  });
});
