import { Canvas, look } from './canvas.ts';

/** Unchanged cells between two changed ones are rewritten when that is shorter than moving the cursor over them. */
const shortGap = 4;
const worthErasing = 4;

/**
 * Turns canvases into VT220 sequences as curses does: only what changed since the last one, cursor addressing, erase to end of line, line
 * drawing through the G0 set.
 */
export class Painter {
  #shown: Canvas | null = null;
  #look = -1;
  #at: { row: number; column: number } | null = null;

  /** The whole screen is unknown from here on. */
  forget(): void {
    this.#shown = null;
  }

  paint(next: Canvas): string {
    let out = '';
    if (this.#shown === null || this.#shown.rows !== next.rows || this.#shown.columns !== next.columns) {
      out += '\x1b(B\x1b[m\x1b[H\x1b[2J';
      this.#look = look.plain;
      this.#at = { row: 0, column: 0 };
      this.#shown = new Canvas(next.rows, next.columns);
    }
    for (let row = 0; row < next.rows; row += 1) out += this.#row(row, next, this.#shown);
    out += this.#attire(look.plain) + this.#go(next.cursor.row, next.cursor.column);
    this.#shown = next;
    return out;
  }

  #row(row: number, next: Canvas, shown: Canvas): string {
    const base = row * next.columns;
    const differs = (column: number): boolean =>
      next.chars[base + column] !== shown.chars[base + column] || next.looks[base + column] !== shown.looks[base + column];
    const blank = (canvas: Canvas, column: number): boolean => canvas.chars[base + column] === ' ' && canvas.looks[base + column] === look.plain;
    let end = next.columns;
    while (end > 0 && !differs(end - 1)) end -= 1;
    if (end === 0) return '';
    let tail = next.columns;
    while (tail > 0 && blank(next, tail - 1)) tail -= 1;
    const erases = end - tail >= worthErasing;
    if (erases) end = tail;
    let out = '';
    for (let column = 0; column < end;) {
      if (!differs(column)) {
        column += 1;
        continue;
      }
      let stop = column + 1;
      for (let gap = 0; stop + gap < end && gap <= shortGap;) {
        if (differs(stop + gap)) {
          stop += gap + 1;
          gap = 0;
        } else gap += 1;
      }
      out += this.#go(row, column) + this.#cells(next, base, column, stop);
      this.#at = stop < next.columns ? { row, column: stop } : null;
      column = stop;
    }
    if (erases) out += this.#go(row, tail) + this.#attire(look.plain) + '\x1b[K';
    return out;
  }

  #cells(canvas: Canvas, base: number, from: number, to: number): string {
    let out = '';
    for (let column = from; column < to; column += 1)
      out += this.#attire(canvas.looks[base + column] as number) + (canvas.chars[base + column] as string);
    return out;
  }

  #go(row: number, column: number): string {
    const at = this.#at;
    this.#at = { row, column };
    if (at?.row === row && at.column === column) return '';
    if (at?.row === row && column > at.column) return `\x1b[${column - at.column === 1 ? '' : column - at.column}C`;
    if (at?.row === row && at.column - column < 4) return '\b'.repeat(at.column - column);
    if (at !== null && column === 0 && row === at.row + 1) return '\r\n';
    return `\x1b[${row + 1};${column + 1}H`;
  }

  #attire(as: number): string {
    const was = this.#look;
    if (was === as) return '';
    this.#look = as;
    const charset = (was & look.line) === (as & look.line) ? '' : as & look.line ? '\x1b(0' : '\x1b(B';
    if ((was & 7) === (as & 7)) return charset;
    return `${charset}\x1b[0${as & look.bold ? ';1' : ''}${as & look.underline ? ';4' : ''}${as & look.reverse ? ';7' : ''}m`;
  }
}
