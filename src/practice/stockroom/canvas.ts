/** How a cell looks; added up. `line` cells hold a character of the DEC line drawing set. */
export const look = { plain: 0, bold: 1, underline: 2, reverse: 4, line: 8 } as const;

/** One screenful of cells, every one a single column wide. What does not fit is cut. */
export class Canvas {
  readonly rows: number;
  readonly columns: number;
  readonly chars: string[];
  readonly looks: Uint8Array;
  /** Where the cursor stands when all is painted, from 0. */
  cursor = { row: 0, column: 0 };

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.chars = ' '.repeat(rows * columns).split('');
    this.looks = new Uint8Array(rows * columns);
  }

  put(row: number, column: number, text: string, as: number = look.plain): this {
    if (row < 0 || row >= this.rows) return this;
    let at = column;
    for (const char of text) {
      if (at >= this.columns) break;
      if (at >= 0) {
        this.chars[row * this.columns + at] = char;
        this.looks[row * this.columns + at] = as;
      }
      at += 1;
    }
    return this;
  }

  rule(row: number, column = 0, width: number = this.columns): this {
    return this.put(row, column, 'q'.repeat(width), look.line);
  }

  /** A frame of line drawing with nothing but blanks inside. */
  box(row: number, column: number, height: number, width: number): this {
    this.put(row, column, `l${'q'.repeat(width - 2)}k`, look.line);
    for (let n = 1; n < height - 1; n += 1) {
      this.put(row + n, column, 'x', look.line)
        .put(row + n, column + 1, ' '.repeat(width - 2))
        .put(row + n, column + width - 1, 'x', look.line);
    }
    return this.put(row + height - 1, column, `m${'q'.repeat(width - 2)}j`, look.line);
  }

  /** What can be read on it, a line a row without blanks at the end; line drawing shows as blanks. */
  text(): string {
    const rows: string[] = [];
    for (let row = 0; row < this.rows; row += 1) {
      let line = '';
      for (let at = row * this.columns; at < (row + 1) * this.columns; at += 1)
        line += (this.looks[at] as number) & look.line ? ' ' : (this.chars[at] as string);
      rows.push(line.trimEnd());
    }
    return rows.join('\n');
  }
}
