import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, asyncProperty, assert, constantFrom, integer, record, string } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Canvas, look } from '../../src/practice/stockroom/canvas.ts';
import { Painter } from '../../src/practice/stockroom/painter.ts';
import { TmuxTerminal } from '../support/tmux-terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-painter-'));
const terminal = TmuxTerminal.start(['true']);
afterAll(() => {
  terminal.stop();
  rmSync(folder, { recursive: true });
});

const put = record({
  row: integer({ min: 0, max: 23 }),
  column: integer({ min: 0, max: 79 }),
  text: string({ unit: constantFrom('a', 'B', ' ', 'é', '9'), minLength: 1, maxLength: 90 }),
  as: constantFrom(look.plain, look.bold, look.reverse, look.underline, look.bold | look.reverse),
});
const box = record({
  row: integer({ min: 0, max: 20 }),
  column: integer({ min: 0, max: 70 }),
  height: integer({ min: 2, max: 4 }),
  width: integer({ min: 2, max: 10 }),
});
const change = record({ keeps: constantFrom(true, true, true, false), puts: array(put, { maxLength: 4 }), boxes: array(box, { maxLength: 2 }) });

/** Line drawing as a terminal shows it. */
function shownOf(canvas: Canvas): string {
  const drawing: Readonly<Record<string, string>> = { j: '┘', k: '┐', l: '┌', m: '└', q: '─', x: '│' };
  return Array.from({ length: canvas.rows }, (_, row) =>
    canvas.chars
      .slice(row * canvas.columns, (row + 1) * canvas.columns)
      .map((char, column) => ((canvas.looks[row * canvas.columns + column] as number) & look.line ? (drawing[char] ?? char) : char))
      .join('')
      .trimEnd(),
  ).join('\n');
}

describe('the painter', () => {
  it('whatever was shown before, a real terminal ends with the last canvas and its cursor', async () => {
    let run = 0;
    await assert(
      asyncProperty(array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        run += 1;
        const painter = new Painter();
        let canvas = new Canvas(24, 80);
        let bytes = '';
        for (const { keeps, puts, boxes } of changes) {
          const next = new Canvas(24, 80);
          if (keeps) canvas.chars.forEach((char, at) => (next.chars[at] = char));
          if (keeps) next.looks.set(canvas.looks);
          for (const { row, column, height, width } of boxes) next.box(row, column, height, width);
          for (const { row, column, text, as } of puts) next.put(row, column, text, as);
          next.cursor = { row: puts[0]?.row ?? 0, column: puts[0]?.column ?? 0 };
          bytes += painter.paint(next);
          canvas = next;
        }
        const file = join(folder, `run-${run}`);
        // The title says when all is painted: an OSC sequence leaves the screen alone.
        writeFileSync(file, `${bytes}\x1b]2;run-${run}\x1b\\`);
        terminal.rerun(['sh', '-c', `stty raw -echo; cat ${file}; exec sleep 60`]);
        await expect.poll(() => terminal.title(), { interval: 5 }).toBe(`run-${run}`);
        expect(terminal.screen().trimEnd()).toBe(shownOf(canvas).trimEnd());
        expect(terminal.cursor()).toEqual(canvas.cursor);
      }),
      { numRuns: 60 },
    );
  });

  it('repaints what changed and nothing else', () => {
    const painter = new Painter();
    const before = new Canvas(24, 80).put(3, 10, 'Quantity: 12').put(20, 0, 'Ready');
    before.cursor = { row: 3, column: 22 };
    painter.paint(before);
    const after = new Canvas(24, 80).put(3, 10, 'Quantity: 123').put(20, 0, 'Ready');
    after.cursor = { row: 3, column: 23 };
    expect(painter.paint(after)).toBe('3');
    expect(painter.paint(after)).toBe('');
    const emptied = new Canvas(24, 80).put(20, 0, 'Ready');
    expect(painter.paint(emptied)).toBe('\x1b[4;1H\x1b[K\x1b[1;1H');
  });

  it('moves absolutely after the last column, where terminals do not agree on where the cursor is', () => {
    const full = new Canvas(24, 80).put(5, 78, 'ab');
    full.cursor = { row: 5, column: 78 };
    expect(new Painter().paint(full)).toBe('\x1b(B\x1b[m\x1b[H\x1b[2J\x1b[6;79Hab\x1b[6;79H');
  });
});
