/** The type of something that is read from a screen. Blank is null where it is not required, and a mistake where it is. */
export type ValueType = (
  | { readonly type?: 'text' }
  /** Digits, with a sign before or behind them. */
  | { readonly type: 'whole' }
  /** Read as text like `-1234.50`. `comma`: the host writes `1.234,50`. */
  | { readonly type: 'decimal'; readonly comma?: true }
  /** Read as `2026-11-21`. `format` says where the host has day, month and year: `DD.MM.YYYY`. */
  | { readonly type: 'date'; readonly format: string }
) & {
  /** Default true. */
  readonly required?: boolean;
};

export type ValueOf<T> = (T extends { readonly type: 'whole' } ? number : string) | (T extends { readonly required: false } ? null : never);

export type Read = { readonly value: string | number | null } | { readonly wrong: string };

/** What a text of a screen means, or why it cannot be read; `wrong` tells the shape, never the text. */
export function readValue(type: ValueType, shown: string): Read {
  const text = shown.trim();
  if (text === '') return type.required === false ? { value: null } : { wrong: 'is blank' };
  switch (type.type) {
    case 'whole':
      return whole(text);
    case 'decimal':
      return decimal(text, type.comma === true);
    case 'date':
      return date(text, type.format);
    default:
      return { value: text };
  }
}

/** What is wrong with a value that claims to have been read; null when nothing is. */
export function valueViolation(type: ValueType, value: unknown): string | null {
  if (value === null || value === undefined) return value === null && type.required === false ? null : 'is missing';
  if (type.type === 'whole') return Number.isSafeInteger(value) ? null : 'must be a whole number';
  if (typeof value !== 'string') return 'must be a text';
  if (type.type === 'decimal') return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(value) ? null : 'must be a decimal number as text';
  if (type.type === 'date') return 'value' in date(value, 'YYYY-MM-DD') ? null : 'must be a date like 2026-11-21';
  return null;
}

function whole(text: string): Read {
  const { sign, rest } = signed(text);
  const value = /^\d+$/.test(rest) ? Number(rest) : Number.NaN;
  if (!Number.isSafeInteger(value)) return { wrong: 'is no whole number' };
  return { value: value === 0 ? 0 : sign * value };
}

function decimal(text: string, comma: boolean): Read {
  const { sign, rest } = signed(text);
  const grouped = comma ? /^(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?$/ : /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/;
  const found = grouped.exec(rest);
  if (found === null) return { wrong: 'is no decimal number' };
  const digits = (found[1] ?? '').replaceAll(/[.,]/g, '').replace(/^0+(?=\d)/, '');
  const fraction = found[2] === undefined ? '' : `.${found[2]}`;
  return { value: `${sign < 0 && /[1-9]/.test(digits + fraction) ? '-' : ''}${digits}${fraction}` };
}

/** Hosts put the sign before the digits or, as COBOL edits it, behind them. */
function signed(text: string): { sign: 1 | -1; rest: string } {
  const found = /^([+-]?) *([^+-]*?) *([+-]?)$/.exec(text);
  const [, before = '', rest = '', after = ''] = found ?? [];
  if (found === null || (before !== '' && after !== '')) return { sign: 1, rest: text };
  return { sign: before === '-' || after === '-' ? -1 : 1, rest };
}

const parts = { YYYY: String.raw`(?<year>\d{4})`, MM: String.raw`(?<month>\d{2})`, DD: String.raw`(?<day>\d{2})` } as const;

/** Whether the format has each of year, month and day once. */
export function isDateFormat(format: string): boolean {
  return (Object.keys(parts) as (keyof typeof parts)[]).every((part) => format.split(part).length === 2);
}

function date(text: string, format: string): Read {
  const pattern = format
    .split(/(YYYY|MM|DD)/)
    .map((piece) => (piece in parts ? parts[piece as keyof typeof parts] : piece.replaceAll(/[^A-Za-z0-9]/g, String.raw`\$&`)));
  const { year, month, day } = new RegExp(`^${pattern.join('')}$`).exec(text)?.groups ?? {};
  if (year === undefined || month === undefined || day === undefined) return { wrong: `is no date like ${format}` };
  const last = new Date(Date.UTC(Number(year), Number(month), 0));
  // The years 0 to 99 would be taken for those of the last century.
  last.setUTCFullYear(Number(year), Number(month), 0);
  const there = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= last.getUTCDate();
  return there ? { value: `${year}-${month}-${day}` } : { wrong: 'is a date that there is not' };
}
