import { type Masking, type Span, mask } from '../../../contract/masking.ts';
import { type TerminalField, type TerminalRun, type TerminalStyle } from '../inspection.ts';
import { fits } from '../maps/atlas.ts';
import { type ScreenMap } from '../maps/screen-map.ts';
import { type TableLayout } from '../maps/table.ts';
import { type Region } from './place.ts';
import { type Screen } from './screen.ts';
import { type Style, plain, sameStyle } from './style.ts';

const mostStyles = 1_000;
const mostFields = 400;
const longestValue = 500;

/** What a person sees of a screen, and what the map of it says of its cells. */
export interface SketchedScreen {
  readonly lines: readonly (readonly TerminalRun[])[];
  readonly anchors: readonly { readonly row: number; readonly column: number; readonly length: number }[];
  readonly fields: readonly TerminalField[];
}

/** Draws the screens of one film; they share their styles. */
export class ScreenSketch {
  readonly styles: TerminalStyle[] = [{}];
  readonly #known = new Map<string, number>([['{}', 0]]);
  readonly #masking: Masking;

  constructor(masking: Masking) {
    this.#masking = masking;
  }

  draw(screen: Screen, map: ScreenMap | null): SketchedScreen {
    const fields = map === null ? [] : fieldsOf(map, screen).slice(0, mostFields);
    const covers = this.#covers(screen, fields);
    const lines = Array.from({ length: screen.rows }, (_, index) => this.#line(screen, index + 1, covers));
    while (lines.length > 0 && lines.at(-1)?.length === 0) lines.pop();
    return {
      lines,
      anchors: map === null || !fits(map, screen) ? [] : anchorsOf(map, screen),
      fields: fields.map((field) => (isCovered(field, covers, screen.columns) ? { ...field, value: mask, masked: true } : field)),
    };
  }

  #line(screen: Screen, row: number, covers: Uint8Array | null): TerminalRun[] {
    const runs: { text: string; style: number }[] = [];
    let before: { style: Style; masked: boolean } | null = null;
    for (let column = 1; column <= screen.columns; column += 1) {
      const { text, style } = screen.cell(row, column);
      const masked = covers?.[(row - 1) * screen.columns + column - 1] === 1;
      const shown = masked ? (text === '' ? '' : '•') : text;
      const run = runs.at(-1);
      if (run !== undefined && before !== null && before.masked === masked && sameStyle(before.style, style)) run.text += shown;
      else runs.push({ text: shown, style: this.#style(style, masked) });
      before = { style, masked };
    }
    const last = runs.at(-1);
    if (last !== undefined && last.style === 0) last.text = last.text.trimEnd();
    return runs.filter(({ text }) => text !== '').map(({ text, style }) => [text, style] as const);
  }

  #style(style: Style, masked: boolean): number {
    const told = styleOf(style, masked);
    const key = JSON.stringify(told);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.styles.length >= mostStyles) return 0;
    this.#known.set(key, this.styles.length);
    return this.styles.push(told) - 1;
  }

  /** 1 for each cell that may not be seen. */
  #covers(screen: Screen, fields: readonly TerminalField[]): Uint8Array | null {
    if (this.#masking.isNone) return null;
    const covers = new Uint8Array(screen.rows * screen.columns);
    for (let row = 1; row <= screen.rows; row += 1) this.#coverText(screen, row, row, covers);
    // A long value goes on in the next row.
    for (let row = 1; row < screen.rows; row += 1) this.#coverText(screen, row, row + 1, covers);
    for (const field of fields) if (this.#masking.hides(field.value.replaceAll(/\s+/g, ' '))) cover(covers, field, screen.columns);
    return covers;
  }

  #coverText(screen: Screen, from: number, to: number, covers: Uint8Array): void {
    let text = '';
    const cells: number[] = [];
    for (let row = from; row <= to; row += 1)
      for (let column = 1; column <= screen.columns; column += 1) {
        const { text: here } = screen.cell(row, column);
        for (let unit = 0; unit < here.length; unit += 1) cells.push((row - 1) * screen.columns + column - 1);
        text += here;
      }
    for (const [begin, end] of this.#spans(text)) for (let unit = begin; unit < end; unit += 1) covers[cells[unit] ?? 0] = 1;
  }

  /** Words that are all of a row's text between gaps count as values that stand alone: short ones, and those that were cut. */
  #spans(text: string): Span[] {
    const found = this.#masking.in(text).filter(([from, to]) => to - from < text.length || text.trim() === text);
    for (const { 0: word, index } of text.matchAll(/\S+(?: \S+)*/g)) if (this.#masking.hides(word)) found.push([index, index + word.length]);
    return found;
  }
}

function styleOf(style: Style, masked: boolean): TerminalStyle {
  if (style === plain && !masked) return {};
  return {
    ...(style.intensity === 'bright' ? { bright: true as const } : {}),
    ...(style.intensity === 'dim' ? { dim: true as const } : {}),
    ...(style.reverse ? { reverse: true as const } : {}),
    ...(style.underline ? { underline: true as const } : {}),
    ...(style.blink ? { blink: true as const } : {}),
    ...(style.hidden ? { hidden: true as const } : {}),
    ...(masked ? { masked: true as const } : {}),
    ...(style.foreground === null ? {} : { foreground: style.foreground }),
    ...(style.background === null ? {} : { background: style.background }),
  };
}

function anchorsOf({ anchors }: ScreenMap, screen: Screen): { row: number; column: number; length: number }[] {
  return anchors.flatMap((anchor) => {
    const place = 'at' in anchor ? (screen.shows(anchor.text, anchor.at) ? anchor.at : null) : screen.find(anchor.text, anchor.within);
    return place === null ? [] : [{ row: place.row, column: place.column, length: anchor.text.length }];
  });
}

function fieldsOf({ inputs = {}, outputs = {}, tables = {} }: ScreenMap, screen: Screen): TerminalField[] {
  const field = (name: string, kind: TerminalField['kind'], at: Region): TerminalField => {
    const length = Math.max(0, Math.min(at.width ?? screen.columns, screen.columns - at.column + 1));
    const value = screen.text(at).trim().slice(0, longestValue);
    return { name, kind, row: at.row, column: at.column, length, height: at.height ?? 1, value };
  };
  return [
    ...Object.entries(inputs).map(([name, { at, width, hidden }]) => ({
      ...field(name, 'input', { ...at, width }),
      ...(hidden === true ? { value: '', masked: true as const } : {}),
    })),
    ...Object.entries(outputs).map(([name, { at }]) => field(name, 'output', at)),
    ...Object.entries(tables).flatMap(([name, table]) => cellsOf(name, table, screen, field)),
  ];
}

function cellsOf(
  name: string,
  { row, rows, columns }: TableLayout,
  screen: Screen,
  field: (name: string, kind: TerminalField['kind'], at: Region) => TerminalField,
): TerminalField[] {
  const found: TerminalField[] = [];
  for (let at = row; at < row + rows && at <= screen.rows; at += 1) {
    const cells = Object.entries(columns).map(([column, { column: from, width }]) =>
      field(`${name}[${at - row}].${column}`, 'output', { row: at, column: from, width }),
    );
    if (cells.every(({ value }) => value === '')) break;
    found.push(...cells);
  }
  return found;
}

function cover(covers: Uint8Array, { row, column, length, height }: TerminalField, columns: number): void {
  for (let line = row; line < row + height; line += 1)
    covers.fill(1, (line - 1) * columns + column - 1, Math.min(line * columns, (line - 1) * columns + column - 1 + length));
}

function isCovered({ row, column, length, height }: TerminalField, covers: Uint8Array | null, columns: number): boolean {
  if (covers === null) return false;
  for (let line = row; line < row + height; line += 1) {
    const from = (line - 1) * columns + column - 1;
    if (covers.subarray(from, from + length).includes(1)) return true;
  }
  return false;
}
