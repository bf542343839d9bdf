import type { Json } from './json.ts';
import { ValueSearch } from './value-search.ts';

export const mask = '••••';
/** Shorter values are masked where they are all there is: elsewhere they would mask half of everything. */
const shortestElsewhere = 4;

/** From inclusive, to exclusive. */
export type Span = readonly [from: number, to: number];

const folded = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toLowerCase();

const spellings = (value: string): string[] => [value, JSON.stringify(value).slice(1, -1), inXml(value), encodeURIComponent(value.toWellFormed())];

const inXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Values that the one who looks may not see. Whoever shows native bytes knows in which shape a value stands in them, and asks here; what is
 * masked keeps its length where a place counts.
 */
export class Masking {
  /** Longest first, so that no value is left standing around a shorter one. */
  readonly values: readonly string[];
  readonly #alone: ReadonlySet<string>;
  readonly #numbers: ReadonlySet<string>;
  readonly #search: ValueSearch;
  #begins: readonly string[] | null = null;
  #ends: readonly string[] | null = null;

  constructor(values: readonly string[]) {
    this.values = [...new Set(values)].filter((value) => value.trim() !== '').sort((a, b) => b.length - a.length);
    this.#alone = new Set(this.values.map(folded));
    this.#numbers = new Set(this.values.flatMap((value) => plainNumber(value) ?? []));
    this.#search = new ValueSearch(new Set(this.values.filter((value) => value.trim().length >= shortestElsewhere).flatMap(spellings)));
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
    if (text.length < shortestElsewhere) return false;
    this.#begins ??= [...this.#alone].sort(byUnits);
    this.#ends ??= [...this.#alone].map(reversed).sort(byUnits);
    return beginsOne(this.#begins, text) || beginsOne(this.#ends, reversed(text));
  }

  /** Where values stand in a text, as they are or as XML, JSON and addresses write them; in order, without overlaps. */
  in(text: string): Span[] {
    return this.hides(text) ? [[0, text.length]] : this.#search.in(text);
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

  /**
   * A whole document, values replaced; null where one may stand in it in a spelling that nobody looks for: in units of two bytes, or escaped
   * as other programs do it.
   */
  document(text: string): string | null {
    if (this.isNone) return text;
    if (text.includes('\0')) return null;
    const shown = this.#structured(text) ?? this.text(text);
    return decodings.some((decoded) => this.#stillIn(shown, decoded(shown))) ? null : shown;
  }

  /**
   * A document of which the middle is missing; nor is a part of a value left on either side of the gap. Null as with `document`.
   */
  clipped(head: string, tail: string): string | null {
    if (this.isNone) return head + tail;
    const [whole, rest] = [head.replace(brokenAtEnd, ''), tail.replace(brokenAtBegin, '')];
    const [from, to] = [this.#gapFrom(whole), this.#gapTo(rest)];
    const [before, after] = [this.document(whole.slice(0, from)), this.document(rest.slice(to))];
    if (before === null || after === null) return null;
    // What is taken away at the gap may have begun the escape of a value that nobody would find in what is left.
    if ((from < whole.length && this.document(whole) === null) || (to > 0 && this.document(rest) === null)) return null;
    for (const decoded of decodings) {
      const [begun, ended] = [decoded(whole), decoded(rest)];
      if (begun.length - this.#gapFrom(begun) > whole.length - from || this.#gapTo(ended) > to) return null;
    }
    return from < head.length || to + tail.length > rest.length ? before + mask + after : before + after;
  }

  /** No value that stands there whole is cut in two. */
  #gapFrom(head: string): number {
    const gap = this.#search.beginsAtEndOf(head);
    return this.#search.in(head).find(([from, to]) => from < gap && to > gap)?.[0] ?? gap;
  }

  #gapTo(tail: string): number {
    const gap = this.#search.endsAtBeginOf(tail);
    return this.#search.in(tail).find(([from, to]) => from < gap && to > gap)?.[1] ?? gap;
  }

  /** JSON by its values, of which short ones and numbers are no words of a text; null when it is none, or there is nothing in it. */
  #structured(text: string): string | null {
    if (!/^\s*[[{]/.test(text)) return null;
    let value: Json;
    try {
      value = JSON.parse(text) as Json;
    } catch {
      return null;
    }
    const masked = JSON.stringify(this.json(value));
    return masked === JSON.stringify(value) ? null : this.text(masked);
  }

  #stillIn(shown: string, decoded: string): boolean {
    return decoded !== shown && this.in(decoded).length > 0;
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

const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const reversed = (text: string): string => [...text].toReversed().join('');

/** Whether one of the sorted values begins with the text. */
function beginsOne(sorted: readonly string[], text: string): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return sorted[low]?.startsWith(text) === true;
}

const character = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '');
const named: Readonly<Record<string, string>> = { quot: '"', apos: "'", amp: '&', lt: '<', gt: '>' };

const fromXml = (text: string): string =>
  text.replaceAll(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(quot|apos|amp|lt|gt));/gi, (_, hex?: string, decimal?: string, name = '') =>
    hex !== undefined ? character(parseInt(hex, 16)) : decimal !== undefined ? character(Number(decimal)) : (named[String(name).toLowerCase()] ?? ''),
  );

const fromJson = (text: string): string =>
  text.replaceAll(/\\(?:u([\da-f]{4})|(["\\/]))/gi, (_, hex?: string, plain = '') =>
    hex === undefined ? String(plain) : character(parseInt(hex, 16)),
  );

const fromAddress = (text: string): string =>
  text.includes('%')
    ? text.replaceAll('+', ' ').replaceAll(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'))
    : text;

const decodings: readonly ((text: string) => string)[] = [fromXml, fromJson, fromAddress];

/** Escapes of XML, JSON and addresses of which a part is missing, or may be. */
const brokenAtEnd = /(?:&#?[\da-z]{0,8}|\\(?:u[\da-f]{0,3})?|%[\da-f]?)$/i;
const brokenAtBegin = /^(?:#?[\da-z]{0,8};|u?[\da-f]{1,4})/i;
