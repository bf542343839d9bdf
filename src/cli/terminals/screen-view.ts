import { sgrOf } from '../../transports/terminal/screen/paint.ts';
import { type Screen } from '../../transports/terminal/screen/screen.ts';

/** The part of a screen that a terminal has room for: its first row and column, counted from 1, and its size. */
export interface View {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** As much as fits, from the top left, moved so far that the cursor can be seen. */
export function viewOf(screen: Screen, rows: number, columns: number): View {
  const first = (cursor: number, size: number, room: number): number => Math.max(1, Math.min(size - room + 1, Math.max(1, cursor - room + 1)));
  return {
    row: first(screen.cursor.row, screen.rows, rows),
    column: first(screen.cursor.column, screen.columns, columns),
    rows: Math.min(rows, screen.rows),
    columns: Math.min(columns, screen.columns),
  };
}

/** More marks than this upon one letter only smear the rows around it. */
const mostMarks = 4;

/**
 * A row of a screen for somebody's own terminal: characters that have a shape, looks (SGR) and columns (CHA), nothing else. What turns
 * the direction of writing, joins, or has no shape is left out.
 */
export function viewRow(screen: Screen, row: number, { column: first, columns }: View): string {
  let text = '';
  let looks = '0';
  for (let column = first; column < first + columns; column += 1) {
    const cell = screen.cell(row, column);
    const wanted = sgrOf(cell.style);
    if (wanted !== looks) text += `\x1b[${wanted}m`;
    looks = wanted;
    // Half of a wide character at either edge.
    const cut = (cell.width === 0 && column === first) || (cell.width === 2 && column === first + columns - 1);
    if (cell.width === 0 && !cut) continue;
    const shown = cut ? ' ' : shapeOf(cell.text);
    text += shown.padEnd(cut ? 1 : cell.width === 2 ? 2 - Math.min(1, shown.trim().length) : 1);
    // Terminals disagree about the width of what is not of the west: say where the next cell is.
    if (/[^\u0020-\u024f\u2500-\u259f]/.test(shown)) text += `\x1b[${column - first + 1 + Math.max(1, cell.width)}G`;
  }
  return `${text}\x1b[0m`;
}

function shapeOf(text: string): string {
  const [base = ' ', ...marks] = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu, '');
  return /^\p{M}/u.test(base) ? ' ' : [base, ...marks.slice(0, mostMarks)].join('');
}
