import { CopybookMistake, type Position, quoted } from './mistake.ts';

/** Where columns matter: 1–6 sequence, 7 indicator, 8–72 text, the rest is ignored. Free: all of the line is text. */
export type SourceFormat = 'fixed' | 'free';

/** A copybook without comments, sequence numbers and line ends, and where each part of it stood. */
export interface Source {
  readonly text: string;
  /** Lines, from 1, whose text runs on behind the last column that counts. */
  readonly overruns: readonly number[];
  positionAt(index: number): Position;
}

interface Segment {
  readonly start: number;
  readonly line: number;
  readonly column: number;
}

const textColumns = 65;
const lastColumn = 72;
const maxCharacters = 4_000_000;

const expandTabs = (line: string): string => {
  if (!line.includes('\t')) return line;
  let out = '';
  for (const character of line) out += character === '\t' ? ' '.repeat(8 - (out.length % 8)) : character;
  return out;
};

/** The part of a line before an inline comment, and the quote that is open at its end. */
function withoutComment(text: string, openQuote: string): { readonly text: string; readonly quote: string } {
  let quote = openQuote;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '*' && text[i + 1] === '>') return { text: text.slice(0, i), quote: '' };
  }
  return { text, quote };
}

/** Gathers the text of the lines. */
class Gatherer {
  readonly #member: string;
  readonly #segments: Segment[] = [];
  readonly #pieces: string[] = [];
  readonly #overruns: number[] = [];
  #length = 0;
  quote = '';
  /** Characters of the last line's text area, for a literal that goes on in the next line. */
  #lastWidth = 0;

  constructor(member: string) {
    this.#member = member;
  }

  fail(line: number, column: number, message: string): CopybookMistake {
    return new CopybookMistake({ member: this.#member, line, column }, message);
  }

  overrun(line: number): void {
    this.#overruns.push(line);
  }

  line(text: string, line: number, column: number): void {
    const cut = withoutComment(text, '');
    this.#push('\n', line, column);
    this.#push(cut.text, line, column);
    this.quote = cut.quote;
    this.#lastWidth = cut.text.length;
  }

  /** Column 7 holds `-`: the last word or literal goes on here. */
  continuation(text: string, line: number, column: number): void {
    const indent = text.length - text.trimStart().length;
    let rest = text.slice(indent);
    let skipped = indent;
    if (this.quote === '') {
      let last = this.#pieces.pop() ?? '';
      this.#length -= last.length;
      last = last.trimEnd();
      this.#push(last, line, column, false);
      this.quote = '';
      const cut = withoutComment(rest, '');
      this.#push(cut.text, line, column + skipped);
      this.quote = cut.quote;
      this.#lastWidth = skipped + cut.text.length;
      return;
    }
    if (rest.charAt(0) !== this.quote) throw this.fail(line, column + indent, `the literal of the line before goes on with ${this.quote}`);
    this.#push(' '.repeat(Math.max(0, textColumns - this.#lastWidth)), line, column, false);
    rest = rest.slice(1);
    skipped += 1;
    const cut = withoutComment(rest, this.quote);
    this.#push(cut.text, line, column + skipped);
    this.quote = cut.quote;
    this.#lastWidth = skipped + cut.text.length;
  }

  #push(text: string, line: number, column: number, mark = true): void {
    if (mark) this.#segments.push({ start: this.#length, line, column });
    this.#pieces.push(text);
    this.#length += text.length;
  }

  source(): Source {
    const [segments, member] = [this.#segments, this.#member];
    return {
      text: this.#pieces.join(''),
      overruns: this.#overruns,
      positionAt: (index) => {
        let low = 0;
        let high = segments.length - 1;
        while (low < high) {
          const middle = (low + high + 1) >> 1;
          if ((segments[middle] as Segment).start <= index) low = middle;
          else high = middle - 1;
        }
        const segment = segments[low];
        return segment === undefined
          ? { member, line: 1, column: 1 }
          : { member, line: segment.line, column: segment.column + Math.max(0, index - segment.start) };
      },
    };
  }
}

/** @throws CopybookMistake when a line has an unknown indicator, or a literal has no end */
export function readSource(text: string, member: string, format: SourceFormat): Source {
  const gatherer = new Gatherer(member);
  if (text.length > maxCharacters) throw gatherer.fail(1, 1, `has ${text.length} characters; more than ${maxCharacters} are no copybook`);
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\u001a', '')
    .split(/\r\n|\n|\r/);
  let lastLine = 1;
  lines.forEach((raw, index) => {
    const number = index + 1;
    const line = expandTabs(raw).trimEnd();
    if (line === '') return;
    const indicator = format === 'fixed' ? line.charAt(6) : ' ';
    if (indicator === '*' || indicator === '/' || indicator === 'D' || indicator === 'd') return;
    const body = format === 'fixed' ? line.slice(7, lastColumn) : line;
    // A word on both sides of the border is no identification.
    if (format === 'fixed' && /^\S\S/.test(line.slice(lastColumn - 1))) gatherer.overrun(number);
    const column = format === 'fixed' ? 8 : 1;
    if (indicator === '-') {
      if (number === 1) throw gatherer.fail(number, 7, 'the first line continues nothing');
      gatherer.continuation(body, number, column);
      lastLine = number;
      return;
    }
    if (indicator !== '' && indicator !== ' ')
      throw gatherer.fail(number, 7, `${quoted(indicator)} in the indicator column; a copybook without sequence numbers needs the format free`);
    if (gatherer.quote !== '') throw gatherer.fail(lastLine, column, `a literal has no end (${gatherer.quote})`);
    // Listing directions of old compilers.
    if (/^\s*(?:EJECT|SKIP[123])\s*\.?\s*$/i.test(body)) return;
    gatherer.line(body, number, column);
    lastLine = number;
  });
  if (gatherer.quote !== '') throw gatherer.fail(lastLine, format === 'fixed' ? 8 : 1, `a literal has no end (${gatherer.quote})`);
  return gatherer.source();
}
