import { type Json } from '../../../contract/json.ts';
import { type Primitive, type SimpleType } from '../wsdl/schema.model.ts';
import { collapse, isSpeakable } from '../xml/xml.text.ts';
import { facetCheck } from './facets.ts';
import { isBase64, isCalendar, isDecimal, isDouble, isHex, isInteger, plainNumber } from './lexical.ts';
import { Unfit, countWords } from './unfit.ts';

/** A simple type's values ⇄ text. Numbers that a JSON number cannot hold exactly are text; so are dates. */
export interface SimpleCodec {
  /** The lexical form, not yet escaped. @throws Unfit */
  write(value: Json): string;
  /** @throws Unfit */
  read(text: string): Json;
  /** Whether empty text is a value: it is not one of a number or a date. */
  readonly takesEmpty: boolean;
  /** Values are `{namespace}local`, and need a prefix where they stand. */
  readonly isName: boolean;
  readonly isList: boolean;
  /** Holds a lexical form against the facets; null when there are none. @throws Unfit */
  readonly check: ((text: string) => void) | null;
}

const made = new WeakMap<SimpleType, SimpleCodec>();

/** The codec of a simple type; made once. */
export function simpleCodec(type: SimpleType): SimpleCodec {
  const known = made.get(type);
  if (known !== undefined) return known;
  const codec =
    type.item !== undefined ? listCodec(type, type.item) : type.members !== undefined ? unionCodec(type, type.members) : atomicCodec(type);
  made.set(type, codec);
  return codec;
}

function atomicCodec(type: SimpleType): SimpleCodec {
  const { primitive, builtIn, facets } = type;
  const form = forms[primitive];
  const check = facetCheck(type);
  const whiteSpace = facets.whiteSpace ?? 'collapse';
  const blanks = (text: string): string =>
    whiteSpace === 'preserve' ? text : whiteSpace === 'replace' ? text.replaceAll(/[\t\n\r]/g, ' ') : collapse(text);
  return {
    takesEmpty: primitive === 'string' || primitive === 'any' || primitive === 'base64' || primitive === 'hex',
    isName: primitive === 'qname',
    isList: false,
    check,
    write(value) {
      const text = form.write(value, builtIn);
      check?.(text);
      return text;
    },
    read: (text) => form.read(blanks(text), builtIn),
  };
}

interface Form {
  write(value: Json, builtIn: string): string;
  read(text: string, builtIn: string): Json;
}

const article = (builtIn: string): string => `${/^[aeiou]/i.test(builtIn) ? 'an' : 'a'} ${builtIn}`;

/** A form whose values are text on both sides. */
const textual = (
  fits: (text: string, builtIn: string) => boolean,
  example: (builtIn: string) => string,
  read = (text: string): string => text,
): Form => ({
  write(value, builtIn) {
    if (typeof value === 'string' && fits(value, builtIn)) return value;
    throw new Unfit(`is not ${article(builtIn)}, like ${example(builtIn)}`);
  },
  read(text, builtIn) {
    const value = read(text);
    if (fits(value, builtIn)) return value;
    throw new Unfit(`is not ${article(builtIn)}`);
  },
});

const examples: Readonly<Record<string, string>> = {
  dateTime: '2026-11-21T09:30:00Z',
  date: '2026-11-21',
  time: '09:30:00',
  gYear: '2026',
  gYearMonth: '2026-11',
  gMonth: '--11',
  gMonthDay: '--11-21',
  gDay: '---21',
};

const calendar = textual(
  (text, builtIn) => isCalendar(builtIn, text),
  (builtIn) => examples[builtIn] ?? 'P1DT2H',
);

/** A number with all its digits: text, or a JSON number that shows them all. */
const exact = (fits: (text: string) => boolean, what: string): Form => ({
  write(value) {
    const text = typeof value === 'number' ? (plainNumber(value) ?? '') : value;
    if (typeof text === 'string' && fits(text) && (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value))) return text;
    throw new Unfit(`is not ${what}, as text, like "1234567890123456789${what === 'a decimal number' ? '.05' : ''}"`);
  },
  read(text) {
    if (fits(text)) return text;
    throw new Unfit(`is not ${what}`);
  },
});

const forms: Readonly<Record<Primitive, Form>> = {
  string: {
    write(value) {
      if (typeof value !== 'string') throw new Unfit('is not text');
      if (!isSpeakable(value)) throw new Unfit('has a character that XML cannot carry');
      return value;
    },
    read: (text) => text,
  },
  any: {
    write(value) {
      if (typeof value === 'object') throw new Unfit('is not a simple value');
      const text = String(value);
      if (!isSpeakable(text)) throw new Unfit('has a character that XML cannot carry');
      return text;
    },
    read: (text) => text,
  },
  boolean: {
    write(value) {
      if (typeof value === 'boolean') return value ? 'true' : 'false';
      throw new Unfit('is not true or false');
    },
    read(text) {
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw new Unfit('is not true or false');
    },
  },
  decimal: exact(isDecimal, 'a decimal number'),
  integer: exact(isInteger, 'a whole number'),
  int: {
    write(value, builtIn) {
      if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
      throw new Unfit(`is not a whole number (${builtIn})`);
    },
    read(text, builtIn) {
      const value = Number(text);
      if (isInteger(text) && Number.isSafeInteger(value)) return value === 0 ? 0 : value;
      throw new Unfit(`is not a whole number (${builtIn})`);
    },
  },
  double: {
    write(value) {
      if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
      if (value === 'INF' || value === '-INF' || value === 'NaN') return value;
      throw new Unfit('is not a number, "INF", "-INF" or "NaN"');
    },
    read(text) {
      if (!isDouble(text)) throw new Unfit('is not a number');
      if (text === 'INF' || text === '-INF' || text === 'NaN') return text;
      const value = Number(text);
      return Number.isFinite(value) ? (value === 0 ? 0 : value) : value > 0 ? 'INF' : '-INF';
    },
  },
  dateTime: calendar,
  date: calendar,
  time: calendar,
  duration: calendar,
  calendar,
  base64: textual(
    isBase64,
    () => '"R0lG" (Base64)',
    (text) => text.replaceAll(' ', ''),
  ),
  hex: textual(
    isHex,
    () => '"0FB7" (hexadecimal)',
    (text) => text.toUpperCase(),
  ),
  qname: textual(
    (text) => /^(?:\{[^{}<>"]*\})?[A-Za-z_\u00B7-\uFFFD][\w.\-\u00B7-\uFFFD]*$/.test(text),
    () => '"{http://acme.example/}Order"',
  ),
};

function listCodec(type: SimpleType, item: SimpleType): SimpleCodec {
  const inner = simpleCodec(item);
  const { minLength = 0, maxLength = Infinity } = type.facets;
  const checked = (items: Json[]): void => {
    if (items.length < minLength || items.length > maxLength)
      throw new Unfit(`has ${items.length} items, and the schema wants ${countWords(minLength, maxLength)}`);
  };
  return {
    takesEmpty: true,
    isName: inner.isName,
    isList: true,
    check: null,
    write(value) {
      if (!Array.isArray(value)) throw new Unfit('is not a list');
      checked(value);
      return value
        .map((each) => {
          const text = inner.write(each);
          if (text === '' || /\s/.test(text)) throw new Unfit('has an item that is empty or has a blank, which a list cannot carry');
          return text;
        })
        .join(' ');
    },
    read: (text) => {
      const collapsed = collapse(text);
      return collapsed === '' ? [] : collapsed.split(' ').map((each) => inner.read(each));
    },
  };
}

function unionCodec(type: SimpleType, members: readonly SimpleType[]): SimpleCodec {
  const codecs = members.map(simpleCodec);
  const check = facetCheck(type);
  const first = <T>(attempt: (codec: SimpleCodec) => T): T => {
    for (const codec of codecs)
      try {
        return attempt(codec);
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
      }
    throw new Unfit('fits none of the types that the schema allows here');
  };
  return {
    takesEmpty: codecs.some(({ takesEmpty }) => takesEmpty),
    isName: false,
    isList: false,
    check,
    write: (value) => {
      const text = first((codec) => codec.write(value));
      check?.(text);
      return text;
    },
    // The first member that the text fits altogether; a value that is new to all their facets is read by its form alone.
    read: (text) => {
      const readBy = (codec: SimpleCodec): Json => (text === '' && !codec.takesEmpty ? refuse() : codec.read(text));
      try {
        return first((codec) => {
          codec.check?.(collapse(text));
          return readBy(codec);
        });
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        return first(readBy);
      }
    },
  };
}

const refuse = (): never => {
  throw new Unfit('is empty');
};
