import { type Key } from '../keys.ts';
import { type Screen } from '../screen/screen.ts';
import { type Anchor } from '../wait.ts';
import { readValue, type ValueOf, type ValueType } from './value.ts';

export type TableColumn = ValueType & { readonly column: number; readonly width: number };

/** Rows of the same columns, one below the other, over one page or several. */
export interface TableLayout {
  /** The first row of the screen that has one of the table. */
  readonly row: number;
  /** Rows on a full page. One that is blank in every column ends the page. */
  readonly rows: number;
  readonly columns: Readonly<Record<string, TableColumn>>;
  /** Without it there is one page. */
  readonly pages?: {
    readonly next: Key;
    /** How the last page is told: by a text on it, or by that the key shows the same page again. */
    readonly last: Anchor | 'same page';
    /** More than that is no answer: better none than a part of one. */
    readonly most: number;
  };
}

export type Rows<T> = T extends { readonly columns: infer C } ? { -readonly [N in keyof C]: ValueOf<C[N]> }[] : never;

export type TableRow = Record<string, string | number | null>;

/** The rows of the page that stands, or what in it cannot be read: column and row, never the text. */
export function readRows(table: TableLayout, screen: Screen): { readonly rows: TableRow[] } | { readonly wrong: string } {
  const rows: TableRow[] = [];
  for (let at = table.row; at < table.row + table.rows; at += 1) {
    const texts = Object.entries(table.columns).map(([name, type]) => ({
      name,
      type,
      text: screen.text({ row: at, column: type.column, width: type.width }),
    }));
    if (texts.every(({ text }) => text.trim() === '')) break;
    const row: TableRow = {};
    for (const { name, type, text } of texts) {
      const read = readValue(type, text);
      if ('wrong' in read) return { wrong: `the column '${name}' in row ${at} of the screen ${read.wrong}` };
      row[name] = read.value;
    }
    rows.push(row);
  }
  return { rows };
}
