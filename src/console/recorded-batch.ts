import { type JournalReader, type StoryCall, type StoryPart } from '../contract/journal-reader.ts';
import { type RecordedBatch, type RecordedExchange } from '../contract/transport.ts';

/** A part of a trace as a transport reads it. */
export const recordedPart = ({ kind, atMs, media, body: { bytes, size, clipped } }: StoryPart): RecordedExchange['parts'][number] => ({
  kind,
  atMs,
  media,
  bytes,
  size,
  clipped,
});

/** The batch that a call waits in or went out with, for the transport to say where in it the call is; nothing where it is in none. */
export async function recordedBatch(reader: Pick<JournalReader, 'batch'>, { batch }: StoryCall): Promise<{ readonly batch?: RecordedBatch }> {
  const found = batch === null ? null : await reader.batch(batch.seq);
  if (batch === null || found === null) return {};
  const { seq, state, events, dueMs } = found.batch;
  return { batch: { seq, state, place: batch.place, calls: events, dueMs: dueMs === 0 ? null : dueMs, parts: found.parts.map(recordedPart) } };
}
