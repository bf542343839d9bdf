import { GatehouseError } from '../../../contract/errors.ts';
import { type SafeName, safeName } from './safe-name.ts';

/** What fills a template in. */
export interface NameValues {
  /** Wall clock, ms: the moment that `{date:…}` shows. */
  readonly atMs: number;
  /** A whole number, 0 or more; needed when the template has `{sequence}`. */
  readonly sequence?: number | bigint;
  /** The value that `{field:…}` takes from. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** The name of the file that this is about: what `{name}` and `{stem}` take from. */
  readonly name?: string;
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'date'; readonly format: readonly (string | DateToken)[] }
  | { readonly kind: 'sequence'; readonly digits: number }
  | { readonly kind: 'name' | 'stem' }
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly escape: boolean };

const dateTokens = ['yyyy', 'yy', 'MM', 'dd', 'DDD', 'HH', 'mm', 'ss', 'SSS'] as const;
type DateToken = { readonly token: (typeof dateTokens)[number] };

/**
 * A file name with places to fill in. Parsed once; what is filled in can never leave the directory or be taken for another part of the path.
 *
 * `{date:yyyyMMdd-HHmmss}` is a moment in the zone of the template: yyyy yy MM dd DDD (day of the year) HH mm ss SSS.
 * `{sequence}` is a number, `{sequence:06}` one of exactly six digits; a number that needs more is refused.
 * `{field:carrier.id}` is text or number of the value; a character that is not safe in a name is refused. `{field:carrier.id:escape}`
 * writes it as %XX instead. `{name}` is the name of another file, as for a marker, and `{stem}` that name without its extension. `{{` and `}}` are braces.
 * @example new NameTemplate('MANIFEST_{date:yyyyMMdd}_{sequence:06}_{field:carrierId}.TXT', 'Europe/Berlin')
 */
export class NameTemplate {
  readonly text: string;
  readonly #parts: readonly Part[];
  readonly #calendar: Intl.DateTimeFormat;

  /** @throws GatehouseError LAYOUT_MISSING with the position, when it cannot be read */
  constructor(text: string, zone = 'UTC') {
    this.text = text;
    this.#parts = parse(text);
    try {
      this.#calendar = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      });
    } catch (cause) {
      throw new GatehouseError('LAYOUT_MISSING', `the name template '${text}' has the time zone '${zone}', which is none`, { cause });
    }
  }

  /** Whether a sequence number is needed. */
  get counts(): boolean {
    return this.#parts.some(({ kind }) => kind === 'sequence');
  }

  /** Whether a moment is shown in it. */
  get dated(): boolean {
    return this.#parts.some(({ kind }) => kind === 'date');
  }

  /** Whether it is made of a file that is there already: its name or its number. */
  get ofFile(): boolean {
    return this.#parts.some(({ kind }) => kind === 'name' || kind === 'stem' || kind === 'sequence');
  }

  /** The fields that are needed, as they are written: `carrier.id`. */
  get fields(): readonly string[] {
    return this.#parts.flatMap((part) => (part.kind === 'field' ? [part.path.join('.')] : []));
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS when a value is missing, does not fit or makes no safe name */
  nameFor(values: NameValues): SafeName {
    return safeName(this.#parts.map((part) => this.#filled(part, values, true)).join(''));
  }

  /** The text where it is no name of a file: characters of fields are taken as they are. @throws GatehouseError CALL_REFUSED_ARGUMENTS when a value is missing */
  textFor(values: NameValues): string {
    return this.#parts.map((part) => this.#filled(part, values, false)).join('');
  }

  #filled(part: Part, values: NameValues, safely: boolean): string {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'date':
        return this.#date(part.format, values.atMs);
      case 'sequence':
        return this.#sequence(part.digits, values.sequence);
      case 'field':
        return this.#field(part.path, part.escape, values.fields, safely);
      case 'name':
      case 'stem':
        if (values.name === undefined) throw this.#refused('there is no file whose name it could take');
        return part.kind === 'name' ? values.name : stemOf(values.name);
    }
  }

  #date(format: readonly (string | DateToken)[], atMs: number): string {
    const moment = Object.fromEntries(this.#calendar.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const [year, month, day] = [Number(moment['year']), Number(moment['month']), Number(moment['day'])];
    if (!(year >= 1970 && year <= 9_999)) throw this.#refused(`the moment ${atMs} ms is not in the years 1970 to 9999`);
    const values: Record<DateToken['token'], string> = {
      yyyy: String(year),
      yy: String(year % 100).padStart(2, '0'),
      MM: String(month).padStart(2, '0'),
      dd: String(day).padStart(2, '0'),
      DDD: String((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000 + 1).padStart(3, '0'),
      HH: String(moment['hour']).padStart(2, '0'),
      mm: String(moment['minute']).padStart(2, '0'),
      ss: String(moment['second']).padStart(2, '0'),
      SSS: String((((atMs % 1_000) + 1_000) % 1_000) | 0).padStart(3, '0'),
    };
    return format.map((each) => (typeof each === 'string' ? each : values[each.token])).join('');
  }

  #sequence(digits: number, sequence: NameValues['sequence']): string {
    if (sequence === undefined || sequence < 0 || (typeof sequence === 'number' && !Number.isSafeInteger(sequence)))
      throw this.#refused('there is no sequence number');
    const text = sequence.toString();
    if (digits > 0 && text.length > digits) throw this.#refused(`the sequence number ${text} has more than ${digits} digits`);
    return text.padStart(digits, '0');
  }

  #field(path: readonly string[], escape: boolean, fields: NameValues['fields'], safely: boolean): string {
    let value: unknown = fields;
    for (const name of path)
      value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    const text =
      typeof value === 'string'
        ? value
        : (typeof value === 'number' && Number.isFinite(value)) || typeof value === 'bigint'
          ? String(value)
          : undefined;
    if (text === undefined || text === '') throw this.#refused(`the field '${path.join('.')}' is no text and no number, or is empty`);
    if (escape) return escapedField(text);
    if (!safely) return text;
    if (!/^[\p{L}\p{M}\p{N} _.,+=@()#$&'!;~-]+$/u.test(text) || text.includes('..'))
      throw this.#refused(
        `the field '${path.join('.')}' has a character that is not safe in a file name; {field:${path.join('.')}:escape} would escape it`,
      );
    return text;
  }

  #refused(why: string): GatehouseError {
    return new GatehouseError('CALL_REFUSED_ARGUMENTS', `no file name from '${this.text}': ${why}; nothing was sent`);
  }
}

/** Without its last extension; a name that is nothing else stays. */
export const stemOf = (name: string): string => (name.lastIndexOf('.') > 0 ? name.slice(0, name.lastIndexOf('.')) : name);

/** Reversible: all but letters, digits, dash and underscore becomes %XX a byte. */
const escapedField = (text: string): string =>
  [...Buffer.from(text.normalize('NFC'))]
    .map((byte) =>
      /[A-Za-z0-9_-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

function parse(template: string): Part[] {
  const parts: Part[] = [];
  const broken = (at: number, why: string): GatehouseError =>
    new GatehouseError('LAYOUT_MISSING', `the name template '${template}' cannot be read at position ${at + 1}: ${why}`);
  if (template === '') throw broken(0, 'it is empty');
  let text = '';
  let at = 0;
  while (at < template.length) {
    const character = template.charAt(at);
    if ((character === '{' || character === '}') && template.charAt(at + 1) === character) {
      text += character;
      at += 2;
    } else if (character === '}') {
      throw broken(at, 'a brace closes that was not opened; write }} for a brace');
    } else if (character === '{') {
      const end = template.indexOf('}', at);
      if (end < 0) throw broken(at, 'the brace is not closed');
      if (text !== '') parts.push({ kind: 'text', text });
      text = '';
      parts.push(placeholder(template.slice(at + 1, end), (offset, why) => broken(at + 1 + offset, why)));
      at = end + 1;
    } else if (/[/\\\p{Cc}]/u.test(character)) {
      throw broken(at, 'a separator or a control character');
    } else {
      text += character;
      at += 1;
    }
  }
  if (text !== '') parts.push({ kind: 'text', text });
  return parts;
}

function placeholder(inner: string, broken: (offset: number, why: string) => GatehouseError): Part {
  const [kind = '', ...rest] = inner.split(':');
  const argument = rest.join(':');
  if (kind === 'date') return { kind, format: dateFormat(argument, (offset, why) => broken(5 + offset, why)) };
  if (kind === 'sequence') {
    if (rest.length === 0) return { kind, digits: 0 };
    if (!/^0\d{1,2}$/.test(argument) || Number(argument) < 1 || Number(argument) > 20)
      throw broken(9, `'${argument}' is no width; write {sequence:06} for six digits`);
    return { kind, digits: Number(argument) };
  }
  if ((kind === 'name' || kind === 'stem') && rest.length === 0) return { kind };
  if (kind === 'field') {
    const [path = '', how] = rest;
    if (!/^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*$/u.test(path)) throw broken(6, `'${path}' is no path of a field`);
    if (rest.length > 2 || (how !== undefined && how !== 'escape'))
      throw broken(7 + path.length, `'${rest.slice(1).join(':')}' is not known; there is escape`);
    return { kind, path: path.split('.'), escape: how === 'escape' };
  }
  throw broken(0, `'${kind}' is not known; there are date, sequence, field, name and stem`);
}

function dateFormat(text: string, broken: (offset: number, why: string) => GatehouseError): (string | DateToken)[] {
  if (text === '') throw broken(0, 'the date has no format; write {date:yyyyMMdd}');
  const format: (string | DateToken)[] = [];
  for (let at = 0; at < text.length;) {
    const token = dateTokens.find((each) => text.startsWith(each, at));
    const character = text.charAt(at);
    if (token !== undefined) format.push({ token });
    else if (character === 'T' || !/[\p{L}/\\]/u.test(character)) format.push(character);
    else throw broken(at, `'${character}' is not known in a date; there are ${dateTokens.join(' ')}`);
    at += token?.length ?? 1;
  }
  return format;
}
