/** Lexical spaces of XML Schema, and what can be compared without losing a digit. @see https://www.w3.org/TR/xmlschema-2/ */

const zone = '(?:Z|[+-](?:0\\d|1[0-3]):[0-5]\\d|[+-]14:00)?';
const year = '-?(?:[1-9]\\d{3,}|0\\d{3})';
const clock = '(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?|24:00:00(?:\\.0+)?)';
const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);

const patterns = {
  dateTime: whole(`${year}-\\d\\d-\\d\\dT${clock}${zone}`),
  date: whole(`${year}-\\d\\d-\\d\\d${zone}`),
  time: whole(`${clock}${zone}`),
  duration: /^-?P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/,
  gYear: whole(`${year}${zone}`),
  gYearMonth: whole(`${year}-(?:0[1-9]|1[0-2])${zone}`),
  gMonth: whole(`--(?:0[1-9]|1[0-2])${zone}`),
  gMonthDay: whole(`--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])${zone}`),
  gDay: whole(`---(?:0[1-9]|[12]\\d|3[01])${zone}`),
} as const;

const daysIn = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether `text` is a value of the calendar type; months and days must exist. */
export function isCalendar(builtIn: string, text: string): boolean {
  const pattern = (patterns as Readonly<Record<string, RegExp>>)[builtIn] ?? patterns.duration;
  if (!pattern.test(text)) return false;
  if (builtIn === 'gMonthDay') return Number(text.slice(5, 7)) <= (daysIn[Number(text.slice(2, 4)) - 1] ?? 0);
  if (builtIn !== 'date' && builtIn !== 'dateTime') return true;
  const [, years = '', months = '', days = ''] = /^(-?\d+)-(\d\d)-(\d\d)/.exec(text) ?? [];
  const month = Number(months);
  const day = Number(days);
  const most = month === 2 && !isLeap(years) ? 28 : (daysIn[month - 1] ?? 0);
  return day >= 1 && day <= most;
}

function isLeap(years: string): boolean {
  const year4 = Number(years.slice(-4));
  const century = year4 % 100 === 0 ? Number(years.slice(-4, -2)) % 4 === 0 : year4 % 4 === 0;
  return century;
}

export const isDecimal = (text: string): boolean => /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text);
export const isInteger = (text: string): boolean => /^[+-]?\d+$/.test(text);
export const isDouble = (text: string): boolean => /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN)$/.test(text);
export const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
export const isHex = (text: string): boolean => text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text);

interface Digits {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

function digitsOf(decimal: string): Digits {
  const [whole = '', fraction = ''] = decimal.replace(/^[+-]/, '').split('.');
  const digits = { whole: whole.replace(/^0+/, ''), fraction: withoutZerosAtEnd(fraction) };
  return { negative: decimal.startsWith('-') && `${digits.whole}${digits.fraction}` !== '', ...digits };
}

/** -1, 0 or 1, exact at any length. Both must be decimals. */
export function compareDecimals(left: string, right: string): number {
  const a = digitsOf(left);
  const b = digitsOf(right);
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const size = compareMagnitudes(a, b);
  return a.negative ? -size : size;
}

function compareMagnitudes(a: Digits, b: Digits): number {
  if (a.whole.length !== b.whole.length) return a.whole.length < b.whole.length ? -1 : 1;
  if (a.whole !== b.whole) return a.whole < b.whole ? -1 : 1;
  return a.fraction === b.fraction ? 0 : a.fraction < b.fraction ? -1 : 1;
}

/** Digits that count: those of the value, without leading and trailing zeros. */
export function countDigits(decimal: string): { total: number; fraction: number } {
  const { whole, fraction } = digitsOf(decimal);
  const leading = whole === '' ? (/^0*/.exec(fraction)?.[0].length ?? 0) : 0;
  return { total: whole.length + fraction.length - leading, fraction: fraction.length };
}

/** A number as a decimal without exponent; undefined when it has none. */
export function plainNumber(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const text = String(value);
  return text.includes('e') ? undefined : text;
}

/** Not by an expression: over many zeros that are not at the end it would take the square of their number. */
function withoutZerosAtEnd(fraction: string): string {
  let end = fraction.length;
  while (fraction.charCodeAt(end - 1) === 48) end -= 1;
  return fraction.slice(0, end);
}
