import type { EventAttributes } from '../contract/event.ts';
import type { Code } from '../contract/errors.ts';
import type { Failure } from '../contract/journal.ts';
import type { Story, StoredBody } from '../contract/journal-reader.ts';
import type { Json } from '../contract/json.ts';
import { Masking, mask } from '../contract/masking.ts';
import { valuesIn } from '../contract/sensitive-values.ts';
import type { BodyView } from './body.view.ts';
import type { Sight } from './sight.ts';

/** Data of an event that is not in the story. */
interface Payload {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** What stands in the sensitive fields of a translation's event and replies, longest first. `unreadable`: one that has such fields cannot be read. */
function sensitiveValues(
  story: Pick<Story, 'event' | 'replies'>,
  sight: Sight | undefined,
  more: readonly Payload[] = [],
): { values: readonly string[]; unreadable: boolean } {
  const found: string[] = [];
  let unreadable = false;
  const look = (bytes: Uint8Array | null, fields: ReadonlySet<string> | undefined): void => {
    if (fields === undefined || fields.size === 0 || bytes === null) return;
    try {
      for (const value of valuesIn(JSON.parse(Buffer.from(bytes).toString()) as Json, fields)) found.push(value);
    } catch {
      unreadable = true;
    }
  };
  look(story.event.data.bytes, sight?.accepts);
  for (const { attributes, data } of story.replies) look(data.bytes, sight?.replies.get(attributes.type));
  for (const { type, bytes } of more) look(bytes, type === sight?.acceptsType ? sight.accepts : sight?.replies.get(type));
  return { values: [...new Set(found)].sort((a, b) => b.length - a.length), unreadable };
}

/** What is to be masked in a story; null where nobody can tell, and so nothing of it may be shown. `more`: data beside the story. */
export function maskingOf(story: Pick<Story, 'event' | 'replies'>, sight: Sight | undefined, more: readonly Payload[] = []): Masking | null {
  // Which fields are sensitive only the operation knows.
  if (sight === undefined) return null;
  // Once the event is dropped nobody knows its values, which still stand in the exchange.
  if (story.event.data.bytes === null && sight.accepts.size > 0) return null;
  const { values, unreadable } = sensitiveValues(story, sight, more);
  return unreadable ? null : new Masking(values);
}

/** Values stand in it as text. A recording of a screen is none: a host sends a value letter by letter, between sequences. */
export const isText = (media: string): boolean => /^(?:text\/|application\/(?:json|xml)|message\/http)/.test(media);

/** Failures whose words may quote a value: of code that threw by mistake, and of layouts that a value does not fit. */
export const quoting: ReadonlySet<Code> = new Set(['DEFECT', 'CALL_REFUSED_ARGUMENTS', 'RECORD_INVALID', 'ANSWER_INVALID', 'REPLY_INVALID']);
/** Layouts quote so many characters of a value at least, and no control character. */
const longestQuoted = 38;

/** Shows what may be seen of a story, and withholds what cannot be masked. */
export class Masker {
  static readonly none = new Masker(Masking.none);
  readonly #masking: Masking | null;

  /** Null: nothing may be seen. */
  constructor(masking: Masking | null) {
    this.#masking = masking;
  }

  body({ bytes, ...body }: StoredBody): BodyView {
    if (bytes === null) return { ...body, dropped: true };
    const hidden: BodyView = { ...body, sha256: null, masked: true, text: mask };
    if (this.#masking === null) return hidden;
    if (this.#masking.isNone) return { ...body, ...plainly(bytes) };
    const found = maskedText({ ...body, bytes }, this.#masking);
    if (found === null) return hidden;
    return found.whole ? { ...body, text: found.text } : { ...body, sha256: null, masked: true, text: found.text };
  }

  /** A part of a native exchange. */
  part(media: string, body: StoredBody): BodyView {
    if (body.bytes === null || isText(media) || this.#masking?.isNone === true) return this.body(body);
    const { bytes: _, ...rest } = body;
    return { ...rest, sha256: null, masked: true, text: mask };
  }

  value(value: Json): Json {
    if (this.#masking === null) return value === null ? null : mask;
    return this.#masking.json(value);
  }

  /** Its code tells nothing of a value; the words may quote one, or the beginning of a long one. */
  failure(failure: Failure | null): Failure | null {
    if (failure === null || this.#masking?.isNone === true) return failure;
    const { code, message, native } = failure;
    const words = this.#masking === null || !quoting.has(code) ? message : this.#quoted(message);
    return { ...failure, message: String(this.value(words)), ...(native === undefined ? {} : { native: String(this.value(native)) }) };
  }

  #quoted(message: string): string {
    const beginnings = (this.#masking?.values ?? []).flatMap((value) => value.split(/\p{C}/u)).map((piece) => piece.slice(0, longestQuoted));
    return new Masking(beginnings).text(message).replaceAll(/[\da-f]+…? \(hexadecimal\)/g, mask);
  }

  /** What tells an event from others stays. */
  attributes(attributes: EventAttributes): EventAttributes {
    if (this.#masking?.isNone === true) return attributes;
    const { subject } = attributes;
    return subject === undefined ? attributes : { ...attributes, subject: String(this.value(subject)) };
  }
}

function plainly(bytes: Uint8Array): Pick<BodyView, 'text' | 'base64'> {
  try {
    return { text: utf8().decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}

const utf8 = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of a body, values replaced; null where it is none, or one may stand in it in a spelling that nobody looks for. `whole`: nothing
 * had to be replaced. Of one that was clipped, head and tail are looked at by themselves: each may end within a value.
 */
export function maskedText({ bytes, clipped }: StoredBody, masking: Masking): { readonly text: string; readonly whole: boolean } | null {
  if (bytes === null) return null;
  try {
    if (!clipped) {
      const text = utf8().decode(bytes);
      const shown = masking.document(text);
      return shown === null ? null : { text: shown, whole: shown === text };
    }
    // As the journal clips: the head is no shorter than the tail.
    const seam = Math.ceil(bytes.byteLength / 2);
    // A letter that was cut in two is left out.
    const head = utf8().decode(bytes.subarray(0, seam), { stream: true });
    const tail = utf8().decode(bytes.subarray(letterFrom(bytes, seam)));
    const shown = masking.clipped(head, tail);
    return shown === null ? null : { text: shown, whole: shown === head + tail };
  } catch {
    return null;
  }
}

/** Where the next letter begins in UTF-8. */
function letterFrom(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < from + 3 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}
