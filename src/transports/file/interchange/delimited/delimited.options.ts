import { clipped, defaultMaxRecordBytes, misfit } from '../record-fault.ts';
import { type CharacterSetName } from '../character-set.ts';

export type ColumnType = 'text' | 'integer' | 'decimal' | 'date';

export interface Column {
  readonly name: string;
  /** `integer`: a JSON number, a string from 2^53 on. `decimal`: the exact digits as a string. `date`: text that is a day of the calendar. Default `text`. */
  readonly is?: ColumnType;
  /** How a date is written: `YYYY`, `MM` and `DD` in any order. Default `YYYY-MM-DD`. */
  readonly format?: string;
}

/** A line before or after the rows that is told by its first field. */
export interface TaggedLine {
  readonly tag: string;
  /** The field (the first is 1) that says how many rows there are; checked on decode, written on encode (a header's is written only when it was given). */
  readonly countAt?: number;
}

export interface DelimitedOptions {
  /** The type of every record. Default `row`. */
  readonly type?: string;
  /** One ASCII character. Default `,`. */
  readonly delimiter?: string;
  /** One ASCII character; null: no quotes, and a value with a delimiter or line end is refused. Default `"`. */
  readonly quote?: string | null;
  /** Without columns the column line names them, and all are text. */
  readonly columns?: readonly (string | Column)[];
  /** Whether a line with the names of the columns comes first. Default: when no columns are declared. */
  readonly columnLine?: boolean;
  readonly header?: TaggedLine;
  readonly trailer?: TaggedLine;
  readonly encoding?: CharacterSetName;
  /** Written; read are LF, CR and CRLF, mixed. Default CRLF (RFC 4180, section 2). */
  readonly lineEnd?: '\r\n' | '\n' | '\r';
  /** Written before everything; read it is dropped, always. Default false. */
  readonly byteOrderMark?: boolean;
  /** What is written in quotes: what needs them, every field, or every field of a text column. Default `needed`. */
  readonly quotes?: 'needed' | 'all' | 'text';
  /** What a text column without anything between its delimiters is. With `null`, an empty text is written in quotes. Default `text`. */
  readonly empty?: 'text' | 'null';
  /** Default `.`. Values always have the point. */
  readonly decimalMark?: '.' | ',';
  /** Puts an apostrophe before text that a spreadsheet would run, and takes it away again. Default false. */
  readonly neutraliseFormulas?: boolean;
  /** Whether a quote inside a field that began without one is a character like others. Default false: a bad record. */
  readonly strayQuotes?: boolean;
  /** Adds `$form` to a value that is not written as this codec would write it, so that encoding gives the same bytes. Default false. */
  readonly keepForm?: boolean;
  readonly maxRecordBytes?: number;
}

/** With what errors call it. */
export type KnownColumn = Required<Column> & { readonly where: string };

export type DelimitedSettings = Required<Omit<DelimitedOptions, 'columns' | 'header' | 'trailer'>> & {
  readonly columns: readonly KnownColumn[] | null;
  readonly header: TaggedLine | null;
  readonly trailer: TaggedLine | null;
};

/** @throws RECORD_INVALID when the options contradict each other */
export function delimitedSettings(options: DelimitedOptions): DelimitedSettings {
  const { delimiter = ',', quote = '"', columns } = options;
  if (!/^[\t\x20-\x7e]$/.test(delimiter)) throw misfit('delimiter', 'is not one ASCII character', delimiter);
  if (quote !== null && !/^[\x21-\x7e]$/.test(quote)) throw misfit('quote', 'is not one ASCII character', quote);
  if (quote === delimiter) throw misfit('quote', 'is the delimiter too', quote);
  if (columns === undefined && options.columnLine === false) throw misfit('columns', 'are neither declared nor named by a column line');
  return {
    type: 'row',
    encoding: 'utf-8',
    lineEnd: '\r\n',
    byteOrderMark: false,
    quotes: 'needed',
    empty: 'text',
    decimalMark: '.',
    neutraliseFormulas: false,
    strayQuotes: false,
    keepForm: false,
    maxRecordBytes: defaultMaxRecordBytes,
    ...options,
    delimiter,
    quote,
    columnLine: options.columnLine ?? columns === undefined,
    columns: columns === undefined ? null : columnsOf(columns),
    header: options.header ?? null,
    trailer: options.trailer ?? null,
  };
}

/** @throws RECORD_INVALID when a name is empty, there twice, or no name */
export function columnsOf(columns: readonly (string | Column)[]): readonly KnownColumn[] {
  const seen = new Set<string>();
  return columns.map((column, index) => {
    const { name, is = 'text', format = 'YYYY-MM-DD' } = typeof column === 'string' ? { name: column } : column;
    const where = `column ${index + 1}`;
    if (name === '') throw misfit(where, 'has no name; declare the columns');
    if (name === '__proto__' || name === '$form') throw misfit(where, 'is a reserved name', name);
    if (seen.has(name)) throw misfit(where, 'is there twice; declare the columns', name);
    if (is === 'date' && !['YYYY', 'MM', 'DD'].every((part) => format.split(part).length === 2))
      throw misfit(where, 'has not YYYY, MM and DD once each', format);
    seen.add(name);
    return { name, is, format, where: `field ${index + 1} (${clipped(name)})` };
  });
}
