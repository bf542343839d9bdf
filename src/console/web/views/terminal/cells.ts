import { type TerminalFrame, type TerminalRun } from '../../../../transports/terminal/inspection.ts';

/** What lies over a cell: a name to light, how it is outlined. */
export type Mark = 'anchor' | 'input' | 'output' | 'cursor';

/** Cells of a row that look alike. */
export interface Stretch {
  readonly text: string;
  readonly style: number;
  readonly marks: readonly Mark[];
  /** Index into the fields of the frame; −1 for none. */
  readonly field: number;
}

/** Characters that take two cells. @see https://www.unicode.org/reports/tr11/ */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

interface Cell {
  readonly text: string;
  readonly style: number;
}

/** One cell a column; the right half of a wide character is empty. */
function cellsOf(runs: readonly TerminalRun[], columns: number): Cell[] {
  const cells: Cell[] = [];
  for (const [text, style] of runs)
    for (const { segment } of characters.segment(text)) {
      cells.push({ text: segment, style });
      if (wide.test(segment)) cells.push({ text: '', style });
    }
  while (cells.length < columns) cells.push({ text: ' ', style: 0 });
  return cells.slice(0, columns);
}

/** A row of the screen in stretches, with the fields, the anchors and the cursor over it. Rows count from 1. */
export function stretchesOf(frame: TerminalFrame, row: number, marked: boolean): Stretch[] {
  const cells = cellsOf(frame.lines[row - 1] ?? [], frame.columns);
  const stretches: { text: string; style: number; marks: Mark[]; field: number }[] = [];
  for (const [index, { text, style }] of cells.entries()) {
    const column = index + 1;
    const field = marked
      ? frame.fields.findIndex(
          (each) => row >= each.row && row < each.row + each.height && column >= each.column && column < each.column + each.length,
        )
      : -1;
    const marks: Mark[] = [];
    if (marked && frame.anchors.some((each) => each.row === row && column >= each.column && column < each.column + each.length)) marks.push('anchor');
    const kind = frame.fields[field]?.kind;
    if (kind !== undefined) marks.push(kind);
    if (frame.cursor.row === row && frame.cursor.column === column) marks.push('cursor');
    const last = stretches.at(-1);
    if (last !== undefined && last.style === style && last.field === field && last.marks.join(' ') === marks.join(' ')) last.text += text;
    else stretches.push({ text, style, marks, field });
  }
  return stretches;
}

/** The screen as text, for reading aloud and copying. */
export const screenText = ({ lines }: TerminalFrame): string => lines.map((runs) => runs.map(([text]) => text).join('')).join('\n');

/** How long a frame stands when the film is played, ms: as long as it did, within what a person can follow. */
export function standsMs(frames: readonly TerminalFrame[], index: number, speed: number): number {
  const [here, next] = [frames[index], frames[index + 1]];
  if (here === undefined || next === undefined) return 0;
  return Math.min(2_000, Math.max(250, next.atMs - here.atMs)) / speed;
}
