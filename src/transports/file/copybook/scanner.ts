import { CopybookMistake, type Position, quoted } from './mistake.ts';
import { type Source } from './source.ts';

export interface Token {
  /** `end`: no more text. `pseudo`: between two `==`. */
  readonly kind: 'word' | 'number' | 'text' | 'hex' | 'period' | 'pseudo' | 'end';
  /** Words in capitals; the content of literals. */
  readonly text: string;
  readonly index: number;
}

const isSpace = (character: string): boolean => character === ' ' || character === '\n' || character === '\u00a0';

/** Words of a copybook, one after the other. A picture is no word: it is asked for where the grammar has one. */
export class Scanner {
  readonly #source: Source;
  readonly #text: string;
  readonly #decimalComma: boolean;
  #at = 0;
  /** Where the last period that was taken stands. */
  #period = 0;
  #ahead: Token | null = null;

  constructor(source: Source, decimalComma: boolean) {
    this.#source = source;
    this.#text = source.text;
    this.#decimalComma = decimalComma;
  }

  position(token: { readonly index: number }): Position {
    return this.#source.positionAt(token.index);
  }

  fail(token: { readonly index: number }, message: string): CopybookMistake {
    const position = this.position(token);
    const since = this.#source.positionAt(this.#period).line;
    const overrun = this.#source.overruns.findLast((line) => line >= since && line <= position.line);
    const hint = overrun === undefined ? '' : ` (line ${overrun} goes on behind column 72, where nothing counts)`;
    return new CopybookMistake(position, `${message}${hint}`);
  }

  peek(): Token {
    return (this.#ahead ??= this.#scan());
  }

  next(): Token {
    const token = this.peek();
    this.#ahead = null;
    if (token.kind === 'period') this.#period = token.index;
    return token;
  }

  /** Takes the next word if it is one of these. */
  take(...words: readonly string[]): boolean {
    const token = this.peek();
    if (token.kind !== 'word' || !words.includes(token.text)) return false;
    this.next();
    return true;
  }

  /** A picture string: up to the next space, without the period or comma that ends the entry. Nothing may have been looked at ahead. */
  picture(): Token {
    this.#skip();
    if (/^IS[ \n]/i.test(this.#text.slice(this.#at, this.#at + 3))) {
      this.#at += 2;
      this.#skip();
    }
    const index = this.#at;
    while (this.#at < this.#text.length && !isSpace(this.#text.charAt(this.#at))) this.#at += 1;
    let text = this.#text.slice(index, this.#at);
    const end = /[.,;]+$/.exec(text);
    if (end !== null) {
      text = text.slice(0, -end[0].length);
      this.#at -= end[0].length;
      if (end[0] !== '.' && end[0].length > 1) throw this.fail({ index: this.#at }, `${quoted(end[0])} ends no picture`);
    }
    return { kind: 'word', text: text.toUpperCase(), index };
  }

  #skip(): void {
    for (;;) {
      const character = this.#text.charAt(this.#at);
      if (character === '' || !(isSpace(character) || character === ',' || character === ';')) return;
      this.#at += 1;
    }
  }

  #scan(): Token {
    this.#skip();
    const index = this.#at;
    const rest = this.#text.charAt(index);
    if (rest === '') return { kind: 'end', text: '', index };
    if (rest === '"' || rest === "'") return { kind: 'text', text: this.#literal(rest), index };
    if (this.#text.startsWith('==', index)) return this.#pseudo(index);
    const number = this.#decimalComma ? /[+-]?(?:\d+(?:,\d+)?|,\d+)(?![\w-])/y : /[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?![\w-])/y;
    number.lastIndex = index;
    const digits = number.exec(this.#text)?.[0];
    if (digits !== undefined) {
      this.#at += digits.length;
      return { kind: 'number', text: digits.replace(',', '.'), index };
    }
    if (rest === '.') {
      this.#at += 1;
      return { kind: 'period', text: '.', index };
    }
    const pattern = /[A-Z0-9][\w-]*/iy;
    pattern.lastIndex = index;
    const word = pattern.exec(this.#text)?.[0].toUpperCase();
    if (word === undefined) throw this.fail({ index }, `${quoted(this.#text.slice(index, index + 10))} is not understood`);
    this.#at += word.length;
    const quote = this.#text.charAt(this.#at);
    if ((quote === '"' || quote === "'") && word === 'X') return { kind: 'hex', text: this.#hex(quote, index), index };
    if (quote === '"' || quote === "'") throw this.fail({ index }, `literals with ${quoted(word)} before the quote are not supported`);
    return { kind: 'word', text: word, index };
  }

  #literal(quote: string): string {
    const start = this.#at;
    let out = '';
    for (;;) {
      const end = this.#text.indexOf(quote, this.#at + 1);
      if (end < 0) throw this.fail({ index: start }, 'the literal has no end');
      out += this.#text.slice(this.#at + 1, end);
      this.#at = end;
      if (this.#text[end + 1] !== quote) break;
      out += quote;
      this.#at += 1;
    }
    this.#at += 1;
    return out;
  }

  #hex(quote: string, index: number): string {
    const text = this.#literal(quote);
    if (!/^(?:[\da-f]{2})+$/i.test(text)) throw this.fail({ index }, 'X needs pairs of hexadecimal digits');
    return text.toLowerCase();
  }

  #pseudo(index: number): Token {
    const end = this.#text.indexOf('==', index + 2);
    if (end < 0) throw this.fail({ index }, 'the pseudo-text has no end (==)');
    this.#at = end + 2;
    return { kind: 'pseudo', text: this.#text.slice(index + 2, end).trim(), index };
  }
}
