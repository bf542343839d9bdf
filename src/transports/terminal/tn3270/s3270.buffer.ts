import { type Field, Screen } from '../screen/screen.ts';
import { type Colour, plain, type Style } from '../screen/style.ts';
import { type Status } from './s3270.status.ts';

/** Bits of a field attribute. @see GA23-0059, Field Attributes */
const bit = { protected: 0x20, numeric: 0x10, display: 0x0c, modified: 0x01 } as const;
const nondisplay = 0x0c;
const intensified = 0x08;

/** Extended attributes. @see GA23-0059, Extended Field Attributes */
const extended = { highlighting: '41', foreground: '42', background: '45' } as const;

/** 3270 colours as the palette has them: blue, red, pink, green, turquoise, yellow, white. */
const palette: Readonly<Record<string, number>> = { f1: 4, f2: 1, f3: 5, f4: 2, f5: 6, f6: 3, f7: 7 };

/**
 * The screen in an answer to ReadBuffer(Ascii): one line a row, one token a cell: the UTF-8 bytes of a character in hexadecimal, or
 * `SF(c0=…)` for a field attribute; `SA(…)` takes no cell. What is in hidden fields stays here.
 * @throws Error when the text is none
 */
export function readBuffer(lines: readonly string[], status: Status): Screen {
  const reader = new BufferReader();
  const rows = lines.map((line) => reader.row(line));
  const columns = rows[0]?.length ?? 0;
  if (columns === 0 || rows.some((row) => row.length !== columns)) throw new Error(`a buffer of ${rows.length} rows of unequal length`);
  return new Screen({ rows: rows.length, columns, lock: status.lock, cursor: status.cursor, ...dressed(rows.flat(), columns) });
}

interface Attribute {
  readonly byte: number;
  readonly more: ReadonlyMap<string, string>;
}

interface Token {
  /** Of a character; null in the cell of a field attribute. */
  readonly text: string | null;
  readonly attribute: Attribute | null;
  readonly own: ReadonlyMap<string, string>;
}

const none: ReadonlyMap<string, string> = new Map();

/** The tokens that nearly every cell is: NUL and ASCII. */
const plainTokens: ReadonlyMap<string, Token> = new Map(
  [0x00, ...Array.from({ length: 95 }, (_, at) => at + 0x20)].map((code): [string, Token] => [
    code.toString(16).padStart(2, '0'),
    { text: String.fromCharCode(Math.max(code, 0x20)), attribute: null, own: none },
  ]),
);

class BufferReader {
  #own: ReadonlyMap<string, string> = none;

  row(line: string): Token[] {
    const tokens: Token[] = [];
    for (const token of line.split(' ')) {
      if (token === '') continue;
      const plainToken = plainTokens.get(token);
      if (plainToken === undefined) this.#order(token, tokens);
      else tokens.push(this.#own === none ? plainToken : { ...plainToken, own: this.#own });
    }
    return tokens;
  }

  #order(token: string, tokens: Token[]): void {
    const order = /^(SF|SA)\(([0-9a-f=,]*)\)$/.exec(token);
    if (order === null) return void tokens.push({ text: characterOf(token), attribute: null, own: this.#own });
    const pairs = new Map((order[2] ?? '').split(',').map((pair): [string, string] => [pair.slice(0, 2), pair.slice(3)]));
    if (order[1] === 'SA') this.#own = this.#with(pairs);
    else tokens.push({ text: null, attribute: { byte: Number.parseInt(pairs.get('c0') ?? '0', 16), more: pairs }, own: none });
  }

  #with(pairs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const merged = new Map([...new Map([...this.#own, ...pairs])].filter(([, value]) => value !== '00'));
    return merged.size === 0 ? none : merged;
  }
}

/** A character; NUL, the second half of a wide one and graphics without a name show as blanks. */
function characterOf(token: string): string {
  if (token === '00') return ' ';
  if (token === '-') return '';
  const hex = /^(?:GE\()?([0-9a-f]+)\)?$/.exec(token)?.[1];
  if (hex === undefined || hex.length % 2 === 1) throw new Error('a token of the buffer that is no character');
  const text = Buffer.from(hex, 'hex').toString('utf8');
  return /^[\p{Cc}\ufffd]/u.test(text) || text === '' ? ' ' : text;
}

/** Fields begin behind their attribute and end before the next one; the last goes on from the top. */
function dressed(tokens: readonly Token[], columns: number): { texts: string[]; styles: Style[]; fields: Field[] } {
  const starts: { at: number; attribute: Attribute }[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const attribute = tokens[at]?.attribute ?? null;
    if (attribute !== null) starts.push({ at, attribute });
  }
  let attribute = starts.at(-1)?.attribute ?? null;
  let ground = styleOf(attribute, none);
  let own = none;
  let style = ground;
  const texts: string[] = [];
  const styles: Style[] = [];
  for (const token of tokens) {
    if (token.attribute !== null) {
      attribute = token.attribute;
      ground = styleOf(attribute, none);
      texts.push(' ');
      styles.push(plainProtected);
      own = none;
      style = ground;
      continue;
    }
    if (token.own !== own) {
      own = token.own;
      style = own === none ? ground : styleOf(attribute, own);
    }
    // Hidden text goes no further than here.
    texts.push(style.hidden ? ' ' : (token.text ?? ' '));
    styles.push(style);
  }
  const fields = starts.map(({ at, attribute: { byte } }, index): Field => {
    const next = starts[index + 1]?.at ?? (starts[0]?.at ?? 0) + tokens.length;
    const first = (at + 1) % tokens.length;
    return Object.freeze({
      row: Math.floor(first / columns) + 1,
      column: (first % columns) + 1,
      length: next - at - 1,
      protected: (byte & bit.protected) !== 0,
      numeric: (byte & bit.numeric) !== 0,
      hidden: (byte & bit.display) === nondisplay,
      modified: (byte & bit.modified) !== 0,
    });
  });
  return { texts, styles, fields };
}

/** A field attribute takes a cell that nobody can type into. */
const plainProtected: Style = Object.freeze({ ...plain, protected: true });

function styleOf(attribute: Attribute | null, own: ReadonlyMap<string, string>): Style {
  if (attribute === null && own === none) return plain;
  const of = (kind: string): string | undefined => own.get(kind) ?? attribute?.more.get(kind);
  const byte = attribute?.byte ?? 0;
  const highlight = of(extended.highlighting);
  return Object.freeze({
    ...plain,
    intensity: (byte & bit.display) === intensified || highlight === 'f8' ? 'bright' : 'normal',
    hidden: (byte & bit.display) === nondisplay,
    protected: (byte & bit.protected) !== 0,
    blink: highlight === 'f1',
    reverse: highlight === 'f2',
    underline: highlight === 'f4',
    foreground: colourOf(of(extended.foreground)),
    background: colourOf(of(extended.background)),
  });
}

const colourOf = (code: string | undefined): Colour => (code === undefined ? null : (palette[code] ?? null));
