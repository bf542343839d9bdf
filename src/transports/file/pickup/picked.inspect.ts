import { type RecordedPiece } from '../../../contract/source.ts';
import { type Decoded, type RecordCodec, isBad } from '../codecs/record-codec.ts';
import { type FileInspection } from '../inspection.ts';
import { RecordSketch } from '../record-sketch.ts';

/** One record that was picked up, by the layout of now and without what stood around it. */
export function inspectPicked({ number, offset, size, bytes, clipped, masking }: RecordedPiece, codec: RecordCodec): FileInspection {
  const kept = bytes.subarray(0, clipped ? Math.ceil(bytes.byteLength / 2) : bytes.byteLength);
  const read = clipped ? null : readBy(codec, kept);
  const value = read === null || isBad(read) ? null : read.value;
  const wrong = read !== null && isBad(read) ? read.error.message : null;
  const sketch = new RecordSketch(codec, masking);
  const record = sketch.record({ number, offset: offset ?? 0, length: size, bytes: kept }, value, wrong);
  const about = { part: 0, role: 'picked', codec: codec.name, codePage: codec.codePage ?? null, size, kept: kept.byteLength } as const;
  const stopped = offset === null ? 'where it stood in its file is not known' : null;
  return { view: 'file', pieces: [{ ...about, records: [record], next: null, stopped }], steps: [], batch: null };
}

/** Null where the format cannot be read without its file. */
function readBy(codec: RecordCodec, bytes: Uint8Array): Decoded | null {
  try {
    const decoder = codec.decoder();
    const [first] = [...decoder.push(bytes), ...decoder.end()];
    return first === undefined || (isBad(first) && first.file === true) ? null : first;
  } catch {
    return null;
  }
}
