import { hash } from 'node:crypto';
import { type DryPart, type DryReply } from '../contract/dry-run.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type StoryPart, type StoryReply } from '../contract/journal-reader.ts';
import { type Json, canonical } from '../contract/json.ts';
import { type DraftPart } from '../contract/transport.ts';

/** What was recorded as a transport reads it; clipped and dropped bodies are no likeness. */
export const likeness = (parts: readonly StoryPart[]): readonly DraftPart[] =>
  parts.flatMap(({ kind, media, body }) => (body.bytes === null || body.clipped ? [] : [{ kind, media, bytes: body.bytes }]));

/**
 * Drafted parts, each beside the recorded one that it is compared with: the last of its kind and media type, since a log-in goes before the
 * call. What a draft notes in JSON a real call is told by its system.
 */
export function compared(drafted: readonly DraftPart[], recorded: readonly StoryPart[]): readonly DryPart[] {
  const taken = new Set<number>();
  return drafted
    .toReversed()
    .map((part): DryPart => {
      const kind = part.kind === 'note' && part.media === 'application/json' ? 'received' : part.kind;
      const at = recorded.findLastIndex((each, index) => !taken.has(index) && each.kind === kind && each.media === part.media);
      const { body } = recorded[at] ?? {};
      if (body === undefined) return { ...part, recorded: null, same: null };
      taken.add(at);
      return { ...part, recorded: at, same: isSame(part.bytes, body) };
    })
    .toReversed();
}

/** A reply of a dry run beside the one that was published in its place; equal when type and values are. */
export function comparedReply({ attributes, data }: CloudEvent, place: number, recorded: StoryReply | undefined): DryReply {
  const { type } = attributes;
  if (recorded === undefined) return { type, data, recorded: null, same: null };
  const { bytes } = recorded.data;
  const same = bytes === null ? null : recorded.attributes.type === type && canonical(jsonOf(bytes)) === canonical(jsonOf(data));
  return { type, data, recorded: place, same };
}

const jsonOf = (bytes: Uint8Array): Json => JSON.parse(Buffer.from(bytes).toString()) as Json;

function isSame(bytes: Uint8Array, { bytes: stored, size, sha256, clipped }: StoryPart['body']): boolean | null {
  if (bytes.byteLength !== size) return stored === null ? null : false;
  if (clipped) return sha256 === hash('sha256', bytes, 'hex');
  return stored === null ? null : Buffer.compare(bytes, stored) === 0;
}
