import { StringDecoder } from 'node:string_decoder';
import { type Key } from '../../transports/terminal/keys.ts';

/** What a person did at the keyboard: a key with a name, a character, a character with Alt, Ctrl-\, or hanging up. */
export type Stroke =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'alt'; readonly text: string }
  | { readonly kind: 'prompt' }
  | { readonly kind: 'gone' };

/** @see terminfo of xterm, vt220, linux, rxvt; and XTerm Control Sequences, PC-Style Function Keys */
const letters: Readonly<Record<string, Key>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'backtab',
  M: 'enter',
};
const numbers: readonly (readonly [number, Key])[] = [
  [1, 'home'],
  [2, 'insert'],
  [3, 'delete'],
  [4, 'end'],
  [5, 'page-up'],
  [6, 'page-down'],
  [7, 'home'],
  [8, 'end'],
  ...[11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34].map((code, at) => [code, `f${at + 1}` as Key] as const),
];
const byNumber: ReadonlyMap<number, Key> = new Map(numbers);
const linuxFunctions = 'ABCDE';

/** Keys that a control character is; the others are `ctrl-` and their letter. */
const controls: Readonly<Record<string, Key>> = { '\r': 'enter', '\n': 'enter', '\t': 'tab', '\b': 'backspace', '\x7f': 'backspace' };

/** Shift with a function key is the one twelve further on, as 3270 keyboards have it. */
const shifted = (key: Key, modifier: string | undefined): Key => {
  const number = /^f(\d+)$/.exec(key)?.[1];
  const withShift = modifier !== undefined && ((Number(modifier) - 1) & 1) === 1;
  return number === undefined || !withShift || Number(number) > 12 ? key : (`f${Number(number) + 12}` as Key);
};

/** Reads what a person's terminal sends, piece by piece. Pure. What is no key, as answers and reports of the terminal, is left out. */
export class KeyReader {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  push(bytes: Uint8Array): Stroke[] {
    this.#rest += this.#decoder.write(Buffer.from(bytes));
    return this.#read(false);
  }

  /** Nothing has followed for a while: an escape was the key. */
  flush(): Stroke[] {
    return this.#read(true);
  }

  #read(whole: boolean): Stroke[] {
    const strokes: Stroke[] = [];
    while (this.#rest !== '') {
      const [length, stroke] = first(this.#rest, whole);
      if (length === 0) break;
      this.#rest = this.#rest.slice(length);
      if (stroke !== null) strokes.push(stroke);
    }
    return strokes;
  }
}

/** How much of the text its first stroke takes, and what it is; nothing when it is not there whole. */
function first(text: string, whole: boolean): [length: number, stroke: Stroke | null] {
  const [character = ''] = text;
  if (character !== '\x1b') return [character.length, ofCharacter(character)];
  if (text.length === 1) return whole ? [1, { kind: 'key', key: 'escape' }] : [0, null];
  // oxlint-disable-next-line no-control-regex
  const string = /^\x1b[P\]X^_][^\x07\x1b]*(?:\x07|\x1b\\)/.exec(text);
  if (string !== null) return [string[0].length, null];
  // oxlint-disable-next-line no-control-regex
  const linux = /^\x1b\[\[([A-E])/.exec(text);
  if (linux !== null) return [linux[0].length, { kind: 'key', key: `f${linuxFunctions.indexOf(linux[1] ?? '') + 1}` as Key }];
  // oxlint-disable-next-line no-control-regex
  const sequence = /^\x1b(?:\[([0-9;?<=>]*)[ -/]*([@-~])|O(\d*)([A-Za-z]))/.exec(text);
  if (sequence !== null) return [sequence[0].length, ofSequence(sequence[1] ?? '', sequence[2] ?? sequence[4] ?? '')];
  if (/^[[O\]P]/.test(text.slice(1)) && !whole) return [0, null];
  const [behind = ''] = text.slice(1);
  if (behind === '\x1b') return [1, { kind: 'key', key: 'escape' }];
  const alt = behind >= ' ' && behind !== '\x7f';
  return alt ? [1 + behind.length, { kind: 'alt', text: behind }] : [1, { kind: 'key', key: 'escape' }];
}

function ofCharacter(character: string): Stroke | null {
  const key = controls[character];
  if (key !== undefined) return { kind: 'key', key };
  if (character === '\x1c') return { kind: 'prompt' };
  const code = character.codePointAt(0) ?? 0;
  if (code >= 1 && code <= 26) return { kind: 'key', key: `ctrl-${String.fromCharCode(code + 0x60)}` as Key };
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0xfffd ? null : { kind: 'text', text: character };
}

function ofSequence(numbers: string, final: string): Stroke | null {
  const [number = '', modifier] = numbers.split(';');
  const key = final === '~' ? byNumber.get(Number(number)) : letters[final];
  // Letters with a number of their own are reports, but for a key with Shift and the like.
  if (key === undefined || (final !== '~' && number !== '' && number !== '1')) return null;
  return { kind: 'key', key: shifted(key, modifier) };
}
