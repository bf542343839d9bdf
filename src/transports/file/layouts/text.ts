import { type Json } from '../../../contract/json.ts';
import { type CodePage } from '../code-pages/code-page.ts';
import { type Conventions, type Leaf, type Reading } from './leaf.ts';
import { Misfit, shown, shownBytes } from './misfit.ts';
import { type FieldLayout, type FieldType } from './record-layout.ts';

function textOf(field: FieldLayout, value: Json): string {
  if (typeof value !== 'string') throw new Misfit(field, `${shown(value)} is no text`);
  return value;
}

/** As many whole characters as fit. */
function cut(text: string, length: number, page: CodePage): string {
  let kept = 0;
  let width = 0;
  for (const character of text) {
    width += page.width(character);
    if (width > length) break;
    kept += character.length;
  }
  return text.slice(0, kept);
}

/** Text padded with spaces. The padding is no part of the value: it is taken off at its side, and only there. */
export function textLeaf(field: FieldLayout, { justified, truncate }: FieldType & { kind: 'text' }, { page }: Conventions): Leaf {
  const { length } = field;
  const { space } = page;
  const complete = page.name !== 'ascii' && page.name !== 'windows-1252';
  const left = justified === 'left';
  return {
    read: ({ bytes, text }: Reading, at) => {
      let from = at;
      let to = at + length;
      if (left) while (to > from && bytes[to - 1] === space) to -= 1;
      else while (from < to && bytes[from] === space) from += 1;
      if (text !== null) {
        const own = text.substring(from, to);
        if (complete || !own.includes('\uffff')) return own;
      }
      const read = page.decode(bytes, from, to);
      if (typeof read === 'number')
        throw new Misfit(
          field,
          `byte ${from - at + read + 1} of ${shownBytes(bytes.subarray(at, at + length))} is no character of code page ${page.name}`,
        );
      return read;
    },
    write: (target, at, value) => {
      let text = textOf(field, value);
      let width = page.width(text);
      if (width > length) {
        if (!truncate) throw new Misfit(field, `${shown(text)} takes ${width} bytes, the field has ${length}`);
        text = cut(text, length, page);
        width = page.width(text);
      }
      const start = left ? at : at + length - width;
      const wrong = page.write(text, target, start);
      if (wrong >= 0) throw new Misfit(field, `character ${wrong + 1} of ${shown(text)} is not in code page ${page.name}`);
      if (left) for (let i = at + width; i < at + length; i += 1) target[i] = space;
      else for (let i = at; i < start; i += 1) target[i] = space;
    },
  };
}

/** UTF-16 text: PIC N. */
export function nationalLeaf(field: FieldLayout, { justified, littleEndian }: FieldType & { kind: 'national' }): Leaf {
  const swapped = (bytes: Uint8Array): Buffer => (littleEndian ? Buffer.from(bytes) : Buffer.from(bytes).swap16());
  const characters = field.length / 2;
  return {
    read: ({ bytes }, at) => {
      const text = swapped(bytes.subarray(at, at + field.length)).toString('utf16le');
      if (!text.isWellFormed()) throw new Misfit(field, `${shownBytes(bytes.subarray(at, at + field.length))} is no UTF-16`);
      return justified === 'left' ? text.replace(/ +$/, '') : text.replace(/^ +/, '');
    },
    write: (target, at, value) => {
      const text = textOf(field, value);
      if (text.length > characters) throw new Misfit(field, `${shown(text)} takes ${text.length} characters, the field has ${characters}`);
      if (!text.isWellFormed()) throw new Misfit(field, `${shown(text)} holds half a surrogate pair`);
      swapped(Buffer.from(justified === 'left' ? text.padEnd(characters) : text.padStart(characters), 'utf16le')).copy(target, at);
    },
  };
}
