import { createHash } from 'node:crypto';
import { type Place, type Region, within } from './place.ts';
import { plain, type Style, styleKey, sameStyle } from './style.ts';

/**
 * What a terminal shows, at one moment, for all kinds alike: VT over SSH or telnet, and 3270. A driver makes a `Screen` of what its host
 * sent; waits, maps and recordings know nothing else. It never changes, and holds nothing that the host wants hidden.
 */
export interface Cell {
  /** One character with its combining marks; a blank is ' '. Empty in the right half of a wide character. */
  readonly text: string;
  readonly width: 0 | 1 | 2;
  readonly style: Style;
}

/** A field of a 3270 screen. It may run over the end of a row, and of the screen. */
export interface Field extends Place {
  /** Cells, without that of the attribute. */
  readonly length: number;
  readonly protected: boolean;
  readonly numeric: boolean;
  readonly hidden: boolean;
  readonly modified: boolean;
}

/** What the keyboard allows. `waiting`: the host is at work; on VT: it has sent nothing since the last key. `operator-error`: a key was refused; only Reset helps. */
export type Lock = 'unlocked' | 'waiting' | 'operator-error' | 'disconnected';

export interface ScreenParts {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns texts, row by row: as `Cell.text`. */
  readonly texts: readonly string[];
  /** rows × columns styles, row by row. */
  readonly styles: readonly Style[];
  readonly cursor: Place;
  readonly lock: Lock;
  readonly fields?: readonly Field[];
}

export class Screen {
  readonly rows: number;
  readonly columns: number;
  readonly cursor: Place;
  readonly lock: Lock;
  /** In their order on the screen; empty on VT and on an unformatted 3270 screen. */
  readonly fields: readonly Field[];
  readonly #texts: readonly string[];
  readonly #styles: readonly Style[];
  readonly #lines: (string | undefined)[];

  constructor(parts: ScreenParts) {
    this.rows = parts.rows;
    this.columns = parts.columns;
    this.cursor = Object.freeze({ ...parts.cursor });
    this.lock = parts.lock;
    this.fields = parts.fields ?? [];
    this.#texts = parts.texts;
    this.#styles = parts.styles;
    this.#lines = Array.from({ length: parts.rows });
    Object.freeze(this);
  }

  /** A screen with nothing on it. */
  static blank(rows: number, columns: number, lock: Lock): Screen {
    const cells = rows * columns;
    return new Screen({
      rows,
      columns,
      lock,
      cursor: { row: 1, column: 1 },
      texts: Array.from({ length: cells }, () => ' '),
      styles: Array.from({ length: cells }, () => plain),
    });
  }

  /** The cell; outside the screen a blank one. */
  cell(row: number, column: number): Cell {
    const at = this.#index(row, column);
    const text = this.#texts[at] ?? ' ';
    return { text, width: text === '' ? 0 : this.#texts[at + 1] === '' && column < this.columns ? 2 : 1, style: this.#styles[at] ?? plain };
  }

  /** One row in full width. */
  line(row: number): string {
    if (row < 1 || row > this.rows) return '';
    return (this.#lines[row - 1] ??= this.#texts.slice((row - 1) * this.columns, row * this.columns).join(''));
  }

  /** The rows of the region, or of the screen, joined by newlines, without blanks at their ends. */
  text(region: Region = { row: 1, column: 1, height: this.rows }): string {
    const lines: string[] = [];
    for (let row = region.row; row < region.row + (region.height ?? 1); row += 1)
      lines.push(this.#slice(row, region.column, region.width).replace(/ +$/, ''));
    return lines.join('\n');
  }

  /** The content of a field with its blanks, over the ends of rows; a hidden one is all blank. */
  fieldText(field: Field): string {
    const from = this.#index(field.row, field.column);
    let text = '';
    for (let at = 0; at < field.length; at += 1) text += this.#texts[(from + at) % this.#texts.length] ?? '';
    return text;
  }

  /** The field that the cell belongs to. The cell of an attribute belongs to none. */
  fieldAt(place: Place): Field | undefined {
    const cells = this.rows * this.columns;
    const at = this.#index(place.row, place.column);
    return this.fields.find((field) => (at - this.#index(field.row, field.column) + cells) % cells < field.length);
  }

  /** Where the text stands first, reading by rows; it does not run over the end of a row. */
  find(text: string, region: Region = { row: 1, column: 1, height: this.rows }): Place | null {
    if (text === '') return null;
    for (let row = region.row; row < region.row + (region.height ?? 1); row += 1) {
      const at = this.#slice(row, region.column, region.width).indexOf(text);
      if (at >= 0) return { row, column: this.#columnOf(row, region.column, at) };
    }
    return null;
  }

  /** Whether the text stands exactly here. */
  shows(text: string, { row, column }: Place): boolean {
    return text !== '' && this.#texts[this.#index(row, column)] !== '' && this.#slice(row, column, undefined).startsWith(text);
  }

  /** Whether a person would see the same, cursor and lock apart, outside the `volatile` regions. */
  looksLike(other: Screen, volatile: readonly Region[] = []): boolean {
    if (this === other) return true;
    if (this.rows !== other.rows || this.columns !== other.columns) return false;
    const masks = volatile.length === 0 ? null : this.#masks(volatile);
    for (let at = 0; at < this.#texts.length; at += 1) {
      if (this.#texts[at] === other.#texts[at] && sameStyle(this.#styles[at] ?? plain, other.#styles[at] ?? plain)) continue;
      if (masks === null || masks[at] !== 1) return false;
    }
    return true;
  }

  /**
   * Tells screens apart, in every process alike: size, characters and styles, without cursor and lock, and without the `volatile` regions.
   * 16 hexadecimal digits of SHA-256.
   */
  hash(volatile: readonly Region[] = []): string {
    const masks = volatile.length === 0 ? null : this.#masks(volatile);
    const sum = createHash('sha256').update(`${this.rows}x${this.columns}\n`);
    const parts: string[] = [];
    let style: Style = plain;
    for (let at = 0; at < this.#texts.length; at += 1) {
      const masked = masks?.[at] === 1;
      const here = masked ? plain : (this.#styles[at] ?? plain);
      if (here !== style && !sameStyle(here, style)) parts.push(`\u0001${styleKey(here)}\u0002`);
      style = here;
      parts.push(masked ? '\u0003' : this.#texts[at] === '' ? '\u0004' : (this.#texts[at] ?? ' '));
    }
    return sum.update(parts.join('')).digest('hex').slice(0, 16);
  }

  /** The same screen under another lock, the cursor elsewhere. */
  locked(lock: Lock, cursor: Place = this.cursor): Screen {
    const same = lock === this.lock && cursor.row === this.cursor.row && cursor.column === this.cursor.column;
    return same ? this : new Screen({ ...this.#parts(), lock, cursor });
  }

  /**
   * The same screen with the cells hidden in which one of the texts stands, also over the ends of rows: what a host echoes of a secret
   * must not leave the driver.
   */
  without(texts: readonly string[]): Screen {
    const all = this.#texts.join('');
    const found = texts.filter((text) => text !== '' && all.includes(text));
    if (found.length === 0) return this;
    const hidden = [...this.#texts];
    const styles = [...this.#styles];
    const offsets = this.#offsets();
    for (const text of found)
      for (let at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + 1))
        for (let cell = 0; cell < hidden.length; cell += 1) {
          const offset = offsets[cell] ?? 0;
          if (offset < at || offset >= at + text.length) continue;
          hidden[cell] = ' ';
          styles[cell] = hiddenStyle;
        }
    return new Screen({ ...this.#parts(), texts: hidden, styles });
  }

  #parts(): ScreenParts {
    const { rows, columns, cursor, lock, fields } = this;
    return { rows, columns, cursor, lock, fields, texts: this.#texts, styles: this.#styles };
  }

  /** Where the text of each cell begins in the text of all. */
  #offsets(): number[] {
    let offset = 0;
    return this.#texts.map((text) => {
      const here = offset;
      offset += text.length;
      return here;
    });
  }

  #index(row: number, column: number): number {
    return row < 1 || row > this.rows || column < 1 || column > this.columns ? -1 : (row - 1) * this.columns + column - 1;
  }

  #slice(row: number, column: number, width: number | undefined): string {
    if (row < 1 || row > this.rows) return '';
    if (column <= 1 && (width === undefined || width >= this.columns)) return this.line(row);
    const from = (row - 1) * this.columns + Math.max(1, column) - 1;
    const to = width === undefined ? row * this.columns : Math.min(row * this.columns, (row - 1) * this.columns + column - 1 + width);
    return this.#texts.slice(from, to).join('');
  }

  /** The column in which the n-th UTF-16 unit of a slice stands. */
  #columnOf(row: number, column: number, units: number): number {
    const first = Math.max(1, column);
    let seen = 0;
    for (let here = first; here <= this.columns; here += 1) {
      const text = this.#texts[this.#index(row, here)] ?? '';
      if (text !== '' && seen >= units) return here;
      seen += text.length;
    }
    return this.columns;
  }

  #masks(volatile: readonly Region[]): Uint8Array {
    const masks = new Uint8Array(this.rows * this.columns);
    for (const region of volatile)
      for (let row = Math.max(1, region.row); row < region.row + (region.height ?? 1) && row <= this.rows; row += 1)
        for (let column = Math.max(1, region.column); column <= this.columns; column += 1)
          if (within({ row, column }, region, this.columns)) masks[(row - 1) * this.columns + column - 1] = 1;
    return masks;
  }
}

const hiddenStyle: Style = Object.freeze({ ...plain, hidden: true });
