import { type Field, fieldText } from './delimited.lexer.ts';
import { type KnownColumn, type DelimitedSettings } from './delimited.options.ts';
import { textOf, valueOf } from './delimited.columns.ts';
import { type Json } from '../../../../contract/json.ts';

/**
 * How a row was written where the format leaves a choice: a character a field (`q` in quotes, `-` without), a space, and the line end
 * (`crlf`, `lf`, `cr`, `none`).
 */
export type Form = string;

const ends: Readonly<Record<string, string>> = { '\r\n': 'crlf', '\n': 'lf', '\r': 'cr', '': 'none' };
const bytesOf: Readonly<Record<string, string>> = { crlf: '\r\n', lf: '\n', cr: '\r', none: '' };

/** Whether the codec would put quotes around it by itself. */
export function inQuotes(text: string, value: Json, column: KnownColumn, { quotes, empty }: DelimitedSettings): boolean {
  if (quotes === 'all') return value !== null || column.is === 'text';
  if (column.is !== 'text' || value === null) return false;
  return quotes === 'text' || (empty === 'null' && text === '');
}

/** Null when the codec would write the row in the same way. */
export function formOf(fields: readonly Field[], columns: readonly KnownColumn[], lineEnd: string, settings: DelimitedSettings): Form | null {
  const same = fields.every((field, index) => {
    const column = columns[index] as KnownColumn;
    const value = valueOf(field, column, settings, '');
    const text = textOf(value, column, settings, '');
    return fieldText(text, inQuotes(text, value, column, settings), settings, '').startsWith(settings.quote ?? '\0') === field.quoted;
  });
  if (same && lineEnd === settings.lineEnd) return null;
  return `${fields.map(({ quoted }) => (quoted ? 'q' : '-')).join('')} ${ends[lineEnd] ?? 'crlf'}`;
}

/** Null when it is no form of a row with so many fields. */
export function readForm(form: Json | undefined, fields: number): { readonly quoted: readonly boolean[]; readonly lineEnd: string } | null {
  const [, marks = '', end = ''] = (typeof form === 'string' ? /^([q-]*) (crlf|lf|cr|none)$/.exec(form) : null) ?? [];
  if (marks.length !== fields || end === '') return null;
  return { quoted: [...marks].map((mark) => mark === 'q'), lineEnd: bytesOf[end] ?? '\r\n' };
}
