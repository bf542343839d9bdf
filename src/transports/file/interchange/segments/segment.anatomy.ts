import { type Json } from '../../../../contract/json.ts';
import { type Anatomy, type RecordPiece, type RecordValue } from '../../codecs/record-codec.ts';
import { type CharacterSet, characterSet } from '../character-set.ts';
import { type Dialect } from './dialect.ts';
import { type Delimiters, type Element, readSegment, split, textAt } from './segment.ts';

/** Segments and their elements where they stand; delimiters are those of the interchange that the value carries, otherwise the usual ones. */
export function segmentAnatomy(dialect: Dialect, bytes: Uint8Array, value: RecordValue | null): Anatomy {
  const { delimiters, set } = asOpened(dialect, value);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const pieces: RecordPiece[] = [];
  let type: string | null = null;
  let at = 0;
  for (const whole of split(text, delimiters.segment, delimiters.release)) {
    const segment = whole.trimStart();
    const offset = at + whole.length - segment.length;
    at += whole.length + delimiters.segment.length;
    if (segment === '') continue;
    const elements = readSegment(decoded(segment, set), delimiters);
    const tag = textAt(elements, 0).slice(0, 10);
    if (tag === dialect.levels.message.open) type ??= dialect.typeOf(elements);
    pieces.push(
      { name: tag, level: 0, offset, length: segment.length, picture: '', value: null },
      ...elementsOf(tag, segment, offset, elements, delimiters),
    );
  }
  return { type, pieces, misfit: null };
}

function elementsOf(tag: string, segment: string, offset: number, elements: readonly Element[], delimiters: Delimiters): RecordPiece[] {
  let at = offset;
  return split(segment, delimiters.element, delimiters.release).flatMap((text, index) => {
    const place = at;
    at += text.length + delimiters.element.length;
    if (index === 0 || text === '') return [];
    const value = (elements[index] ?? null) as Json;
    return [{ name: `${tag}${String(index).padStart(2, '0')}`, level: 1, offset: place, length: text.length, picture: '', value }];
  });
}

function asOpened(dialect: Dialect, value: RecordValue | null): { delimiters: Delimiters; set: CharacterSet } {
  const interchange = value?.['interchange'];
  try {
    if (typeof interchange === 'object' && interchange !== null && !Array.isArray(interchange)) return dialect.reopen(interchange);
  } catch {
    // A header that is none says nothing of delimiters.
  }
  return { delimiters: dialect.initial(null), set: characterSet('latin-1') };
}

function decoded(segment: string, set: CharacterSet): string {
  try {
    return set.decode(Buffer.from(segment, 'latin1'));
  } catch {
    return segment;
  }
}
