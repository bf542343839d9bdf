import { type Json } from './json.ts';

export const mask = '••••';
/** Shorter values are masked where they are all there is: elsewhere they would mask half of everything. */
const shortestElsewhere = 4;

/** From inclusive, to exclusive. */
export type Span = readonly [from: number, to: number];

const folded = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toLowerCase();

const spellings = (value: string): string[] => [value, JSON.stringify(value).slice(1, -1), inXml(value), encodeURIComponent(value.toWellFormed())];

const inXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Blanks may be more, or line ends, where the other side breaks lines. */
const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`).replaceAll(/\s+/g, String.raw`\s+`);

/**
 * Values that the one who looks may not see. Whoever shows native bytes knows in which shape a value stands in them, and asks here; what is
 * masked keeps its length where a place counts.
 */
export class Masking {
  /** Longest first, so that no value is left standing around a shorter one. */
  readonly values: readonly string[];
  readonly #alone: ReadonlySet<string>;
  readonly #numbers: ReadonlySet<string>;
  readonly #search: RegExp | null;

  constructor(values: readonly string[]) {
    this.values = [...new Set(values)].filter((value) => value.trim() !== '').sort((a, b) => b.length - a.length);
    this.#alone = new Set(this.values.map(folded));
    this.#numbers = new Set(this.values.flatMap((value) => plainNumber(value) ?? []));
    const searched = this.values.filter((value) => value.length >= shortestElsewhere);
    this.#search = searched.length === 0 ? null : new RegExp([...new Set(searched.flatMap(spellings))].map(escaped).join('|'), 'giu');
  }

  /** Nothing is masked: they may see all. */
  static readonly none = new Masking([]);

  get isNone(): boolean {
    return this.values.length === 0;
  }

  /** Whether a value that stands alone, as in a field, is one of them, or the begin or end of one that was cut to fit. */
  hides(value: Json | undefined): boolean {
    if (this.isNone || value === null || value === undefined || typeof value === 'boolean') return false;
    if (typeof value === 'object') return false;
    const text = folded(String(value));
    if (text === '') return false;
    if (this.#alone.has(text)) return true;
    const number = plainNumber(text);
    if (number !== null && this.#numbers.has(number)) return true;
    return text.length >= shortestElsewhere && [...this.#alone].some((each) => each.startsWith(text) || each.endsWith(text));
  }

  /** Where values stand in a text, as they are or as XML, JSON and addresses write them; in order, without overlaps. */
  in(text: string): Span[] {
    if (this.#search === null) return this.hides(text) ? [[0, text.length]] : [];
    if (this.hides(text)) return [[0, text.length]];
    return [...text.matchAll(this.#search)].map((match) => [match.index, match.index + match[0].length]);
  }

  /** The text, values replaced by a mask of one size. */
  text(text: string): string {
    let shown = '';
    let at = 0;
    for (const [from, to] of this.in(text)) {
      shown += text.slice(at, from) + mask;
      at = to;
    }
    return at === 0 ? text : shown + text.slice(at);
  }

  /** Every text and number in it; names of members stay. */
  json(value: Json): Json {
    if (this.isNone) return value;
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.hides(value) ? mask : value;
    if (Array.isArray(value)) return value.map((each) => this.json(each));
    return value === null || typeof value !== 'object'
      ? value
      : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.json(each)]));
  }
}

/** `-0012.50`, `12.5-` and `-12.5` are one number; null when it is none. */
function plainNumber(text: string): string | null {
  const found = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?([+-]?)$/.exec(text.trim());
  if (found === null) return null;
  const [, before = '', whole = '', fraction = '', after = ''] = found;
  const digits = `${whole.replace(/^0+(?=\d)/, '')}.${fraction.replace(/0+$/, '')}`;
  return `${before === '-' || after === '-' ? '-' : ''}${digits}`;
}
