import { setImmediate as nextTurn } from 'node:timers/promises';
import { type RecordedBatch, type RecordedExchange } from '../../contract/transport.ts';
import { type RecordCodec } from './codecs/record-codec.ts';
import { type FileBatch } from './inspection.ts';

type RecordedPart = RecordedExchange['parts'][number];
type Found = Pick<FileBatch, 'record' | 'offset' | 'unknown'>;

const chunkBytes = 65_536;
const mostNamed = 5;

const notKnown = (unknown: string): Found => ({ record: null, offset: null, unknown });

/** Where in the file of its batch a call's records stand, looked up in what is kept of the file. Of other calls nothing is told but numbers. */
export async function placeInBatch({ parts }: RecordedExchange, batch: RecordedBatch, codec: RecordCodec | null): Promise<FileBatch> {
  const { seq, state, place, calls, dueMs } = batch;
  return { seq, state, place, calls, dueMs, ...(await found(parts, batch, codec)) };
}

async function found(parts: readonly RecordedPart[], batch: RecordedBatch, codec: RecordCodec | null): Promise<Found> {
  if (batch.place === null) return notKnown('the file is made when the batch closes: until then nobody knows the record, its offset or the name');
  const file = batch.parts.findLast(({ kind, media }) => kind === 'sent' && media !== 'application/json');
  const own = parts.find(({ kind, media }) => kind === 'note' && media !== 'application/json');
  if (codec === null) return notKnown('the layout no longer knows the call');
  if (file === undefined || own === undefined || file.bytes === null || own.bytes === null) return notKnown('the bytes are no longer kept');
  if (own.clipped) return notKnown('its own records are not kept whole');
  const kept = file.clipped ? Math.ceil(file.bytes.byteLength / 2) : file.bytes.byteLength;
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, kept);
  const starts = await recordsOf(bytes, codec);
  if (starts === null) return notKnown('the file cannot be divided into records by the layout of now');
  const hits: { record: number; offset: number }[] = [];
  for (let at = bytes.indexOf(own.bytes); at >= 0; at = bytes.indexOf(own.bytes, at + 1)) {
    const record = starts.get(at);
    if (record !== undefined) hits.push({ record, offset: at });
  }
  const [first, ...more] = hits;
  if (first === undefined)
    return notKnown(
      file.clipped
        ? `it is not among the first ${kept} of the ${file.size} bytes that the file had; the middle is not kept`
        : 'its records do not stand in the file as they were gathered: the format writes them anew',
    );
  if (more.length === 0) return { ...first, unknown: null };
  const named = hits.slice(0, mostNamed).map(({ record }) => record);
  return notKnown(`records that are equal begin at ${named.join(', ')}${hits.length > mostNamed ? ` and ${hits.length - mostNamed} others` : ''}`);
}

/** Numbers of records by where they begin; null where the bytes cannot be divided. */
async function recordsOf(bytes: Buffer, codec: RecordCodec): Promise<ReadonlyMap<number, number> | null> {
  const starts = new Map<number, number>();
  try {
    const decoder = codec.decoder();
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
      for (const { number, offset } of decoder.push(bytes.subarray(at, at + chunkBytes))) starts.set(offset, number);
      // Decoding is work of the gateway's own thread: translations get their turn.
      await nextTurn();
    }
    return starts;
  } catch {
    return starts.size === 0 ? null : starts;
  }
}
