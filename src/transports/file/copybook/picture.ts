import { editedDigits } from '../layouts/edited.ts';
import { quoted } from './mistake.ts';

/** What a picture string says, before USAGE and SIGN have their say. */
export type Picture =
  | { readonly kind: 'text'; readonly characters: number }
  | { readonly kind: 'national'; readonly characters: number }
  | { readonly kind: 'number'; readonly digits: number; readonly scale: number; readonly signed: boolean }
  | { readonly kind: 'edited'; readonly symbols: string; readonly digits: number; readonly scale: number; readonly signed: boolean };

const maxDigits = 38;
const maxSymbols = 160;

/** `9(3)V99` → runs of a symbol. */
function runsOf(picture: string): [symbol: string, times: number][] | null {
  const runs: [string, number][] = [];
  const pattern = /(CR|DB|[^()])(?:\((\d{1,8})\))?/y;
  while (pattern.lastIndex < picture.length) {
    const match = pattern.exec(picture);
    if (match === null || Number(match[2] ?? 1) === 0) return null;
    runs.push([match[1] as string, Number(match[2] ?? 1)]);
  }
  return runs;
}

/** The picture, or a sentence that says why it is none. `point` is what the program calls the decimal point. */
export function readPicture(text: string, point: '.' | ',', currency: string): Picture | string {
  if (text.length > 60) return 'a picture has at most 60 characters';
  const runs = runsOf(text);
  if (runs === null || runs.length === 0) return `${quoted(text)} is no picture`;
  const total = runs.reduce((sum, [, times]) => sum + times, 0);
  const symbols = new Set(runs.map(([symbol]) => symbol));
  const only = (allowed: string): boolean => [...symbols].every((symbol) => allowed.includes(symbol));
  if (symbols.has('G')) return 'double-byte characters (PIC G) are not supported; describe the bytes as PIC X';
  if (symbols.has('E')) return 'floating-point pictures (E) are not supported; describe the bytes as PIC X';
  if (only('N')) return { kind: 'national', characters: total };
  if (symbols.has('N')) return 'edited national pictures are not supported; describe the bytes as PIC X';
  if (symbols.has('X') || symbols.has('A'))
    return only('XA9B0/') ? { kind: 'text', characters: total } : `${quoted(text)} mixes text and number symbols`;
  if (total > maxSymbols) return `${quoted(text)} has ${total} places; a number has at most ${maxDigits} digits`;
  const written = runs.map(([symbol, times]) => symbol.repeat(times)).join('');
  return only('S9VP') ? number(written, text) : edited(written, text, point, currency);
}

function number(written: string, text: string): Picture | string {
  const nines = written.split('9').length - 1;
  const scalings = written.split('P').length - 1;
  const shape = { kind: 'number', digits: nines, signed: written.startsWith('S') } as const;
  if (nines === 0) return `${quoted(text)} has no digits`;
  if (nines + scalings > maxDigits) return `${quoted(text)} has ${nines + scalings} digits; at most ${maxDigits} are supported`;
  if (/^S?V?P+9+$/.test(written)) return { ...shape, scale: nines + scalings };
  if (/^S?9+P+V?$/.test(written)) return { ...shape, scale: -scalings };
  const match = /^S?9*(?:V(9*))?$/.exec(written);
  if (match === null) return `${quoted(text)} is no picture of a number`;
  return { ...shape, scale: match[1]?.length ?? 0 };
}

function edited(written: string, text: string, point: '.' | ',', currency: string): Picture | string {
  const symbols = written.replaceAll(/[.,]/g, (symbol) => (symbol === point ? '.' : ',')).replaceAll(currency, '$');
  const wrong = (why: string): string => `${quoted(text)} is no edited picture: ${why}`;
  const body = symbols.replace(/(?:CR|DB)$/, '');
  const odd = /[^9Z*+\-$,.B0/V]/.exec(body);
  if (odd !== null) return wrong(`${quoted(odd[0])} has no place in it`);
  if (body.split(/[.V]/).length > 2) return wrong('it has two decimal points');
  const signs = ['+', '-'].filter((sign) => body.includes(sign)).length + (body === symbols ? 0 : 1);
  if (signs > 1) return wrong('it has two signs');
  if (body.includes('Z') && body.includes('*')) return wrong('Z and * exclude each other');
  const floating = ['$', '+', '-'].filter((symbol) => body.split(symbol).length > 2);
  if (floating.length > 1 || (floating.length === 1 && /[Z*]/.test(body))) return wrong('two symbols want to suppress zeros');
  const suppressing = floating.length === 1 ? (floating[0] as string) : body.includes('*') ? '*' : 'Z';
  const [before = '', behind = ''] = body.split(/[.V]/);
  const firstNine = before.indexOf('9');
  if (
    firstNine >= 0 &&
    (before.lastIndexOf(suppressing) > firstNine || behind.includes(suppressing)) &&
    (floating.length === 1 || body.includes(suppressing))
  )
    return wrong(`${quoted(suppressing)} stands behind a 9`);
  if (behind.includes(suppressing) && behind.includes('9')) return wrong('the places behind the point are not all alike');
  for (const sign of ['+', '-']) {
    const at = body.indexOf(sign);
    if (at >= 0 && floating[0] !== sign && at !== 0 && at !== body.length - 1) return wrong(`${quoted(sign)} stands neither first nor last`);
  }
  if (floating.length === 1) {
    const run = body.slice(body.indexOf(suppressing), body.lastIndexOf(suppressing) + 1);
    if ([...run].some((symbol) => symbol !== suppressing && !',.B0/V'.includes(symbol))) return wrong('its floating part is interrupted');
  } else if (body.includes('$') && !/^[+-]?\$/.test(body)) return wrong('the currency sign stands not first');
  const { digits, scale } = editedDigits(symbols);
  if (digits === 0) return wrong('it has no digits');
  if (digits > maxDigits) return wrong(`it has ${digits} digits; at most ${maxDigits} are supported`);
  return { kind: 'edited', symbols, digits, scale, signed: signs === 1 };
}
