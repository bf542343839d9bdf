import { type CodePage } from '../code-pages/code-page.ts';
import { type Leaf } from './leaf.ts';
import { Misfit } from './misfit.ts';
import { type FieldLayout } from './record-layout.ts';

/** The bytes of a field whose VALUE is written when none is given; null when it has none. @throws Misfit when it does not fit the field */
export function initialBytes(field: FieldLayout, leaf: Leaf | null, page: CodePage): Buffer | null {
  const { initial, length, type } = field;
  if (initial === null) return null;
  const bytes = Buffer.alloc(length, page.space);
  if ('figurative' in initial) {
    const number = leaf !== null && ('digits' in type || type.kind === 'float');
    if (initial.figurative === 'zero' && number) leaf.write(bytes, 0, type.kind === 'float' ? 0 : '0');
    else bytes.fill({ space: page.space, zero: page.ebcdic ? 0xf0 : 0x30, 'low-value': 0x00, 'high-value': 0xff }[initial.figurative]);
    return bytes;
  }
  if ('number' in initial) {
    if (leaf === null) throw new Misfit(field, 'a VALUE that is a number needs a field that is one');
    leaf.write(bytes, 0, type.kind === 'float' ? Number(initial.number) : initial.number);
    return bytes;
  }
  if ('hex' in initial) {
    const own = Buffer.from(initial.hex, 'hex');
    if (own.length > length) throw new Misfit(field, `its VALUE takes ${own.length} bytes, the field has ${length}`);
    own.copy(bytes);
    return bytes;
  }
  if ('all' in initial) {
    const text = initial.all.repeat(Math.ceil(length / Math.max(1, initial.all.length))).slice(0, length);
    return written(field, text, bytes, page);
  }
  if (leaf !== null && (type.kind === 'text' || type.kind === 'national')) {
    leaf.write(bytes, 0, initial.text);
    return bytes;
  }
  return written(field, initial.text, bytes, page);
}

function written(field: FieldLayout, text: string, bytes: Buffer, page: CodePage): Buffer {
  if (page.width(text) > bytes.length) throw new Misfit(field, `its VALUE takes ${page.width(text)} bytes, the field has ${bytes.length}`);
  if (page.write(text, bytes, 0) >= 0) throw new Misfit(field, `its VALUE is not in code page ${page.name}`);
  return bytes;
}
