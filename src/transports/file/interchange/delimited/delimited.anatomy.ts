import { type Json } from '../../../../contract/json.ts';
import { type Anatomy, type RecordPiece, type RecordValue } from '../../codecs/record-codec.ts';
import { characterSet } from '../character-set.ts';
import { fieldsOf } from './delimited.lexer.ts';
import { type DelimitedSettings } from './delimited.options.ts';

/** The fields of one row where they stand, quotes included; named by the columns of the value, otherwise by the declared ones, or by number. */
export function delimitedAnatomy(settings: DelimitedSettings, bytes: Uint8Array, value: RecordValue | null): Anatomy {
  const { encoding, delimiter, columns, type } = settings;
  // One character a byte, so that places are those of the bytes; delimiter and quote are ASCII in every encoding that is read.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[\r\n]+$/, '');
  const names = value === null ? (columns ?? []).map(({ name }) => name) : Object.keys(value).filter((name) => name !== '$form');
  const set = characterSet(encoding);
  const pieces: RecordPiece[] = [];
  let misfit: string | null = null;
  let at = 0;
  for (let index = 0; at <= text.length; index += 1) {
    const length = lengthAt(text, at, settings);
    const name = names[index] ?? `field ${index + 1}`;
    const raw = text.slice(at, at + length);
    try {
      const plain = fieldsOf(set.decode(Buffer.from(raw, 'latin1')), { ...settings, strayQuotes: true })[0]?.text ?? '';
      const own = value !== null && Object.hasOwn(value, name) ? (value[name] as Json) : plain;
      pieces.push({ name, level: 0, offset: at, length, picture: '', value: own });
    } catch (error) {
      misfit ??= (error as Error).message;
      pieces.push({ name, level: 0, offset: at, length, picture: '', value: raw });
    }
    at += length + delimiter.length;
  }
  return { type: value === null ? null : type, pieces, misfit };
}

/** Up to the next delimiter that is in no quotes, or to the end. */
function lengthAt(text: string, from: number, { delimiter, quote }: Pick<DelimitedSettings, 'delimiter' | 'quote'>): number {
  let at = from;
  if (quote !== null && text.startsWith(quote, from))
    for (at = from + 1; at < text.length; at += 1) {
      if (text.charAt(at) !== quote) continue;
      if (text.charAt(at + 1) !== quote) break;
      at += 1;
    }
  const end = text.indexOf(delimiter, at);
  return (end < 0 ? text.length : end) - from;
}
