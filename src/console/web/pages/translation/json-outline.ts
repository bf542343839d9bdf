/**
 * JSON as it stands, without reading it into values: numbers keep their digits, members that are there twice are shown twice, and a text of
 * 20 MB costs no more than what is looked at. Every text here was found to be JSON before.
 */

export interface Item {
  /** The member's name with its quotes, as it stands; null in a list. */
  readonly name: string | null;
  /** Position in its list or object, from 0. */
  readonly place: number;
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

export interface Items {
  readonly items: readonly Item[];
  /** Where the next item begins, to go on there; null at the end. */
  readonly next: number | null;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Where the value begins. */
export function startOf(text: string): number {
  return skipped(text, 0);
}

export function endOf(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return endOfString(text, start);
  if (first !== openBrace && first !== openBracket) return endOfScalar(text, start);
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at) - 1;
    else if (code === openBrace || code === openBracket) depth += 1;
    else if (code === closeBrace || code === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

export const isList = (text: string, start: number): boolean => text.charCodeAt(start) === openBracket;

/** Whether it has items to look into. */
export const isHolder = (text: string, start: number): boolean => isList(text, start) || text.charCodeAt(start) === openBrace;

/** The items of the list or object that begins at `start`: at most `limit`, from the one at `from` on, which is in place `place`. */
export function itemsOf(text: string, start: number, limit: number, from: number | null = null, place = 0): Items {
  const named = !isList(text, start);
  const items: Item[] = [];
  let at = from ?? skipped(text, start + 1);
  while (at < text.length && text.charCodeAt(at) !== closeBrace && text.charCodeAt(at) !== closeBracket) {
    if (items.length === limit) return { items, next: at };
    let name: string | null = null;
    if (named) {
      const nameEnd = endOfString(text, at);
      name = text.slice(at, nameEnd);
      at = skipped(text, skipped(text, nameEnd) + 1);
    }
    const end = endOf(text, at);
    items.push({ name, place: place + items.length, start: at, end });
    at = skipped(text, end);
    if (text.charCodeAt(at) === comma) at = skipped(text, at + 1);
  }
  return { items, next: null };
}

/** The text with one item a line, two spaces a level; digits and escapes stay as they are. */
export function indented(text: string): string {
  const pieces: string[] = [];
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(Math.min(depth, 100))}`;
  for (let at = skipped(text, 0); at < text.length; at = skipped(text, at)) {
    const code = text.charCodeAt(at);
    if (code === openBrace || code === openBracket) {
      const inner = skipped(text, at + 1);
      if (text.charCodeAt(inner) === closeBrace || text.charCodeAt(inner) === closeBracket) {
        pieces.push(text.charAt(at), text.charAt(inner));
        at = inner + 1;
        continue;
      }
      depth += 1;
      pieces.push(text.charAt(at), line());
      at += 1;
    } else if (code === closeBrace || code === closeBracket) {
      depth = Math.max(0, depth - 1);
      pieces.push(line(), text.charAt(at));
      at += 1;
    } else if (code === comma) {
      pieces.push(',', line());
      at += 1;
    } else if (code === colon) {
      pieces.push(': ');
      at += 1;
    } else {
      const end = code === quote ? endOfString(text, at) : endOfScalar(text, at);
      pieces.push(text.slice(at, end));
      at = end;
    }
  }
  return pieces.join('');
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

function skipped(text: string, from: number): number {
  let at = from;
  while (at < text.length && (text.charCodeAt(at) <= 0x20 || text.charCodeAt(at) === 0xfeff)) at += 1;
  return at;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) return at + 1;
  }
  return text.length;
}

function endOfScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length && !ends(text.charCodeAt(at))) at += 1;
  // Whatever stands here, the next look begins behind it.
  return Math.max(at, start + 1);
}

const ends = (code: number): boolean => code <= 0x20 || code === comma || code === colon || code === closeBrace || code === closeBracket;
