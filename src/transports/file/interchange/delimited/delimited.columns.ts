import { type Json } from '../../../../contract/json.ts';
import { misfit } from '../record-fault.ts';
import { type Field } from './delimited.lexer.ts';
import { type KnownColumn, type DelimitedSettings } from './delimited.options.ts';

type Rules = Pick<DelimitedSettings, 'empty' | 'decimalMark' | 'neutraliseFormulas'>;

const integer = /^(?:0|-?[1-9]\d*)$/;
const decimal = /^-?\d+(?:\.\d+)?$/;
/** What a spreadsheet takes for a formula. @see OWASP, CSV injection */
const formula = /^'*[=+\-@\t\r]/;

/** One field as the value of its column. @throws RECORD_INVALID naming the column */
export function valueOf({ text, quoted }: Field, column: KnownColumn, rules: Rules, where: string): Json {
  if (column.is === 'text') {
    if (text === '' && !quoted && rules.empty === 'null') return null;
    return rules.neutraliseFormulas && text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
  }
  if (text === '') return null;
  if (column.is === 'integer') {
    if (!integer.test(text)) throw misfit(where, 'is no integer as this column has them (leading zeros and signs: declare text)', text);
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : text;
  }
  if (column.is === 'decimal') {
    const pointed = rules.decimalMark === ',' ? (text.includes('.') ? '' : text.replace(',', '.')) : text;
    if (!decimal.test(pointed)) throw misfit(where, `is no decimal with '${rules.decimalMark}'`, text);
    return pointed;
  }
  if (!isDay(text, column.format)) throw misfit(where, `is no day written ${column.format}`, text);
  return text;
}

/** @throws RECORD_INVALID naming the column */
export function textOf(value: Json | undefined, column: KnownColumn, rules: Rules, where: string): string {
  if (value === undefined) throw misfit(where, 'is missing; null leaves it empty');
  if (value === null) {
    if (column.is === 'text' && rules.empty === 'text') throw misfit(where, "is null, which this format cannot tell from ''; write '' or set empty");
    return '';
  }
  if (column.is === 'integer' && typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw misfit(where, 'is no exact integer; give a string', String(value));
    return String(value);
  }
  if (typeof value !== 'string') throw misfit(where, `is no ${column.is === 'integer' ? 'integer' : 'text'}`, JSON.stringify(value));
  if (column.is === 'text') return rules.neutraliseFormulas && formula.test(value) ? `'${value}` : value;
  if (column.is === 'integer' && !integer.test(value)) throw misfit(where, 'is no integer', value);
  if (column.is === 'decimal') {
    if (!decimal.test(value)) throw misfit(where, 'is no decimal', value);
    return value.replace('.', rules.decimalMark);
  }
  if (column.is === 'date' && !isDay(value, column.format)) throw misfit(where, `is no day written ${column.format}`, value);
  return value;
}

function isDay(text: string, format: string): boolean {
  if (text.length !== format.length) return false;
  const part = (name: string): number => {
    const digits = text.slice(format.indexOf(name), format.indexOf(name) + name.length);
    return /^\d+$/.test(digits) ? Number(digits) : NaN;
  };
  const [year, month, day] = [part('YYYY'), part('MM'), part('DD')];
  const marks = [...format].every((mark, index) => /[YMD]/.test(mark) || text.charAt(index) === mark);
  const lengths = [31, year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return marks && year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= (lengths[month - 1] ?? 0);
}
