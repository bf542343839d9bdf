import type { Span } from './masking.ts';

/** Values are told apart by their first so many characters before they are compared. */
const keyLength = 4;
/** Characters that one search compares: about half a second. */
const mostCompared = 30_000_000;

let folds: Uint16Array | null = null;

/** What each UTF-16 unit is compared as: letters without their case, every blank as one. */
function foldTable(): Uint16Array {
  if (folds !== null) return folds;
  folds = new Uint16Array(65_536);
  for (let unit = 0; unit < folds.length; unit += 1) {
    const text = String.fromCharCode(unit);
    const upper = text.toUpperCase();
    const lower = (upper.length === 1 ? upper : text).toLowerCase();
    folds[unit] = /\s/.test(text) ? 32 : lower.length === 1 ? lower.charCodeAt(0) : unit;
  }
  return folds;
}

/** A text as it is compared, runs of blanks as one, and where each unit of it stands in the text. */
function folded(text: string): { readonly text: string; readonly units: Uint16Array; readonly places: Uint32Array } {
  const table = foldTable();
  const units = new Uint16Array(text.length);
  const places = new Uint32Array(text.length + 1);
  let size = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = table[text.charCodeAt(at)] ?? 0;
    if (unit === 32 && size > 0 && units[size - 1] === 32) continue;
    units[size] = unit;
    places[size] = at;
    size += 1;
  }
  places[size] = text.length;
  return { text: Buffer.from(units.buffer, 0, size * 2).toString('utf16le'), units, places };
}

/** Of the first four units from there. */
const hashAt = (units: Uint16Array, at: number): number =>
  ((units[at] ?? 0) + (units[at + 1] ?? 0) * 31 + (units[at + 2] ?? 0) * 961 + (units[at + 3] ?? 0) * 29_791) & 0xffff;

/** Unit by unit: halves of a letter stay where they are. */
const reversed = (text: string): string => text.split('').toReversed().join('');

/** How much of the begin of `value` a text ends with: less than all of it. By its failure function, so that a value may be long. */
function overlap(text: string, value: string): number {
  const end = text.slice(Math.max(0, text.length - value.length + 1));
  const shorter = new Uint32Array(value.length);
  const next = (length: number, unit: number): number => {
    let fits = length;
    while (fits > 0 && value.charCodeAt(fits) !== unit) fits = shorter[fits - 1] ?? 0;
    return value.charCodeAt(fits) === unit ? fits + 1 : 0;
  };
  for (let at = 1, fits = 0; at < end.length; at += 1) shorter[at] = fits = next(fits, value.charCodeAt(at));
  let fits = 0;
  for (let at = 0; at < end.length; at += 1) fits = next(fits, end.charCodeAt(at));
  return fits;
}

interface Bucket {
  /** Longest first. */
  lengths: number[];
  readonly values: Set<string>;
}

/**
 * Finds very many values in very long texts, whatever their case and their blanks: its time grows with the text, and not with the number of
 * values.
 */
export class ValueSearch {
  readonly #buckets = new Map<string, Bucket>();
  /** 1 where a value may begin: nearly all of a text is passed over by this alone. */
  readonly #begins = new Uint8Array(65_536);

  /** Values of fewer than four characters are not looked for. */
  constructor(values: Iterable<string>) {
    for (const value of values) {
      const { text, units } = folded(value.trim());
      if (text.length < keyLength) continue;
      this.#begins[hashAt(units, 0)] = 1;
      const key = text.slice(0, keyLength);
      const bucket = this.#buckets.get(key) ?? { lengths: [], values: new Set() };
      bucket.values.add(text);
      this.#buckets.set(key, bucket);
    }
    for (const bucket of this.#buckets.values()) bucket.lengths = [...new Set([...bucket.values].map(({ length }) => length))].sort((a, b) => b - a);
  }

  /** Where, at the end of a text, a value begins of which the end is missing; the length of the text when there is none. */
  beginsAtEndOf(text: string): number {
    const { text: searched, places } = folded(text);
    let longest = 0;
    for (const value of this.#all()) longest = Math.max(longest, overlap(searched, value));
    return longest === 0 ? text.length : (places[searched.length - longest] ?? 0);
  }

  /** Up to where, at the begin of a text, a value goes of which the begin is missing; 0 when there is none. */
  endsAtBeginOf(text: string): number {
    const { text: searched, places } = folded(text);
    const backwards = reversed(searched);
    let longest = 0;
    for (const value of this.#all()) longest = Math.max(longest, overlap(backwards, reversed(value)));
    return longest === 0 ? 0 : (places[longest - 1] ?? 0) + 1;
  }

  *#all(): Iterable<string> {
    for (const { values } of this.#buckets.values()) yield* values;
  }

  /** Places of values, in order, without overlaps; all of the text where it would take too long to tell. */
  in(text: string): Span[] {
    if (this.#buckets.size === 0 || text.length < keyLength) return [];
    const { text: searched, units, places } = folded(text);
    const spans: [number, number][] = [];
    let compared = 0;
    for (let at = 0; at + keyLength <= searched.length; at += 1) {
      if (this.#begins[hashAt(units, at)] === 0) continue;
      const bucket = this.#buckets.get(searched.slice(at, at + keyLength));
      if (bucket === undefined) continue;
      for (const length of bucket.lengths) {
        if (at + length > searched.length) continue;
        if ((compared += length) > mostCompared) return [[0, text.length]];
        if (!bucket.values.has(searched.slice(at, at + length))) continue;
        const [from, to] = [places[at] ?? 0, (places[at + length - 1] ?? 0) + 1];
        const last = spans.at(-1);
        if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], to);
        else spans.push([from, to]);
        break;
      }
    }
    return spans;
  }
}
