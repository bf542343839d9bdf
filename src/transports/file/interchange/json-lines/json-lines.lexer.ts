import { type Json } from '../../../../contract/json.ts';
import { clipped, misfit } from '../record-fault.ts';

/** What JSON.parse lets pass. @throws RECORD_INVALID when `text`, if it is JSON, is nested too deep or names a member twice */
export function checkMembers(text: string, maxDepth: number): void {
  const names: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const mark = text.charCodeAt(at);
    if (mark === 0x7b || mark === 0x5b) {
      if (names.length >= maxDepth) throw misfit('', `is nested deeper than maxDepth (${maxDepth})`);
      names.push(mark === 0x7b ? new Set() : null);
    } else if (mark === 0x7d || mark === 0x5d) names.pop();
    else if (mark === 0x22) {
      const end = stringEnd(text, at);
      if (isName(text, end)) {
        const raw = text.slice(at, end);
        const name = raw.includes('\\') ? JSON.stringify(JSON.parse(raw)) : raw;
        const siblings = names[names.length - 1];
        if (siblings?.has(name) === true) throw misfit('', 'is there twice in one object', name);
        siblings?.add(name);
      }
      at = end - 1;
    }
  }
}

function stringEnd(text: string, begin: number): number {
  let end = text.indexOf('"', begin + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end + 1;
}

/** Behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === 0x5c) from -= 1;
  return (at - from) % 2 === 1;
}

function isName(text: string, from: number): boolean {
  for (let at = from; ; at += 1) {
    const mark = text.charCodeAt(at);
    if (mark !== 0x20 && mark !== 0x09 && mark !== 0x0d && mark !== 0x0a) return mark === 0x3a;
  }
}

type Reviver = (this: unknown, key: string, value: Json, context: { readonly source?: string }) => Json;

/** A number that could lose a digit as a double stands with an exponent, a point or at least 16 digits. */
const needsCare = /\d{16}|\d[.eE]/;

/**
 * Numbers of `exact` members, and those that a double does not hold, become strings of their digits as written.
 * @throws SyntaxError when it is no JSON
 * @see ECMA-262, JSON.parse source text access
 */
export function parseExact(text: string, exact: ReadonlySet<string>): Json {
  if (exact.size === 0 && !needsCare.test(text)) return JSON.parse(text) as Json;
  const revive: Reviver = function (key, value, { source }) {
    const name = Array.isArray(this) ? '' : key;
    if (typeof value === 'string' && exact.has(name)) throw misfit(clipped(name), 'is a text, and exactNumbers has it as a number', value);
    if (typeof value === 'number' && source !== undefined && (exact.has(name) || !isHeld(source, value))) return source;
    return value;
  };
  return JSON.parse(text, revive as never) as Json;
}

/** Whether the double has the value that is written, trailing zeros aside. */
function isHeld(source: string, value: number): boolean {
  return String(value) === source || (Number.isFinite(value) && digitsOf(source) === digitsOf(String(value)));
}

/** Significant digits and exponent, in one form for 1.50, 15e-1 and 1.5. */
function digitsOf(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
