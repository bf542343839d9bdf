import { misfit } from '../record-fault.ts';
import { type EndScanner } from '../record-cutter.ts';
import { type DelimitedSettings } from './delimited.options.ts';

type Marks = Pick<DelimitedSettings, 'delimiter' | 'quote' | 'strayQuotes'>;

const [fieldBegin, plain, quoted, quoteInQuoted, afterCr] = [0, 1, 2, 3, 4];
const [lf, cr] = [0x0a, 0x0d];

/** Where a record ends: at a line end that is in no quotes. @see RFC 4180, section 2 */
export class DelimitedScanner implements EndScanner {
  readonly #delimiter: number;
  readonly #quote: number;
  #state = fieldBegin;

  constructor({ delimiter, quote }: Marks) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#quote = quote === null ? -1 : quote.charCodeAt(0);
  }

  scan(bytes: Uint8Array, from: number, to: number): number {
    const [delimiter, quote] = [this.#delimiter, this.#quote];
    let state = this.#state;
    let at = from;
    if (state === afterCr) {
      this.#state = fieldBegin;
      return bytes[at] === lf ? at + 1 : at;
    }
    for (; at < to; at += 1) {
      const byte = bytes[at];
      if (state === quoted) {
        if (byte === quote) state = quoteInQuoted;
      } else if (byte === lf) {
        this.#state = fieldBegin;
        return at + 1;
      } else if (byte === cr) {
        if (at + 1 < to) {
          this.#state = fieldBegin;
          return bytes[at + 1] === lf ? at + 2 : at + 1;
        }
        state = afterCr;
      } else if (byte === delimiter) state = fieldBegin;
      else if (byte === quote && state !== plain) state = quoted;
      else state = plain;
    }
    this.#state = state;
    return -1;
  }
}

export interface Field {
  readonly text: string;
  readonly quoted: boolean;
}

/** The fields of one record, without its line end. @throws RECORD_INVALID naming the field whose quotes do not close or that goes on after them */
export function fieldsOf(record: string, { delimiter, quote, strayQuotes }: Marks): Field[] {
  if (quote === null || !record.includes(quote)) return record.split(delimiter).map((text) => ({ text, quoted: false }));
  const fields: Field[] = [];
  for (let at = 0; ; at += 1) {
    const where = `field ${fields.length + 1}`;
    if (record.startsWith(quote, at)) {
      const [text, end] = quotedText(record, at + 1, quote, where);
      if (end < record.length && record.charAt(end) !== delimiter) throw misfit(where, 'follows a closing quote', record.slice(end));
      fields.push({ text, quoted: true });
      at = end;
    } else {
      const next = record.indexOf(delimiter, at);
      const text = record.slice(at, next < 0 ? record.length : next);
      if (!strayQuotes && text.includes(quote)) throw misfit(where, 'has a quote inside a field that did not begin with one', text);
      fields.push({ text, quoted: false });
      at += text.length;
    }
    if (at >= record.length) return fields;
  }
}

/** @returns the text without doubled quotes, and the index after the closing one */
function quotedText(record: string, from: number, quote: string, where: string): [string, number] {
  let text = '';
  for (let at = from; ;) {
    const close = record.indexOf(quote, at);
    if (close < 0) throw misfit(where, 'has no closing quote', record.slice(from));
    text += record.slice(at, close);
    if (!record.startsWith(quote, close + 1)) return [text, close + 1];
    text += quote;
    at = close + 2;
  }
}

/** @throws RECORD_INVALID when there are no quotes to carry it */
export function fieldText(text: string, inQuotes: boolean, { delimiter, quote, strayQuotes }: Marks, where: string): string {
  const carries = !text.includes(delimiter) && !text.includes('\n') && !text.includes('\r');
  if (quote === null) {
    if (carries) return text;
    throw misfit(where, 'has a delimiter or a line end, and the format has no quotes', text);
  }
  if (inQuotes || !carries || (strayQuotes ? text.startsWith(quote) : text.includes(quote)))
    return quote + text.replaceAll(quote, quote + quote) + quote;
  return text;
}
