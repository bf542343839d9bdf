import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { type EventAttributes } from '../contract/event.ts';
import { sensitiveNamesOf } from '../contract/sensitive-names.ts';
import { valuesIn } from '../contract/sensitive-values.ts';
import { type Class, type Json } from '../contract/json.ts';
import { Masking, mask } from '../contract/masking.ts';
import { type Code, codes } from '../contract/errors.ts';
import { type Failure } from '../contract/journal.ts';
import { type Story, type StoredBody, type StoryAttempt, type TranslationRow } from '../contract/journal-reader.ts';
import { type BodyView } from './body.view.ts';
import { type StoryAnswer } from './story.answer.ts';

export { mask };

/** The whole story as JSON can carry it; sensitive values are masked wherever their text stands, unless `reveal` (rule 42). */
export function storyView(story: Story, catalogue: Catalogue, reveal: boolean): StoryAnswer {
  const { system, operation } = story.translation;
  const masker = reveal ? Masker.none : new Masker(maskingOf(story, catalogue.operation(system, operation)));
  const row = reveal ? story.translation : rowView(story.translation, catalogue);
  return {
    ...story,
    translation: { ...row, failure: masker.failure(story.translation.failure) },
    event: { attributes: masker.attributes(story.event.attributes), data: masker.body(story.event.data) },
    attempts: story.attempts.map((attempt): StoryAttempt => ({ ...attempt, failure: masker.failure(attempt.failure) })),
    calls: story.calls.map((call) => ({
      ...call,
      args: masker.value(call.args),
      answer: masker.value(call.answer),
      failure: masker.failure(call.failure),
      parts: call.parts.map((part) => ({ ...part, body: masker.part(part.media, part.body) })),
    })),
    replies: story.replies.map((reply) => ({
      ...reply,
      attributes: masker.attributes(reply.attributes),
      data: masker.body(reply.data),
    })),
  };
}

/** A row of a list; keys that are sensitive fields are masked, and those of which nobody knows any more whether they are. */
export function rowView(row: TranslationRow, catalogue: Catalogue): TranslationRow {
  const operation = catalogue.operation(row.system, row.operation);
  const masked = (value: string | null, path: string | null | undefined): string | null =>
    value === null || (operation !== undefined && !isSensitive(operation, path ?? null)) ? value : mask;
  return {
    ...row,
    key: masked(row.key, operation?.key),
    businessKey: masked(row.businessKey, operation?.businessKey),
    failure: failureView(row.failure, row, catalogue),
  };
}

/** Failures whose words may quote a value: of code that threw by mistake, and of layouts that a value does not fit. */
const quoting: ReadonlySet<Code> = new Set(['DEFECT', 'CALL_REFUSED_ARGUMENTS', 'RECORD_INVALID', 'ANSWER_INVALID', 'REPLY_INVALID']);

/** A failure without its story, so that nobody knows the values to look for: words that may quote one are those of the code. */
export function failureView(
  failure: Failure | null,
  { system, operation }: { readonly system: string | null; readonly operation: string | null },
  catalogue: Catalogue,
): Failure | null {
  if (failure === null || !quoting.has(failure.code)) return failure;
  const known = catalogue.operation(system ?? '', operation ?? '');
  if (known !== undefined && !holdsSensitive(known)) return failure;
  return { code: failure.code, message: `${codes[failure.code].means} ${mask}` };
}

export const holdsSensitive = ({ accepts, replies }: CataloguedOperation): boolean =>
  [accepts, ...replies.values()].some((payload) => sensitiveNamesOf(payload).size > 0);

/** Whether a key path of an operation ends in a sensitive field: searching by it needs the right to reveal it. */
export function isSensitive(operation: CataloguedOperation, path: string | null): boolean {
  const fields = sensitiveNamesOf(operation.accepts);
  return path !== null && path.split('.').some((name) => fields.has(name));
}

/** Whether what a system says may be sensitive: one of its operations has such fields, or nobody knows its operations any more. */
export function mayHoldSensitive(catalogue: Catalogue, system: string): boolean {
  const operations = catalogue.systems.get(system)?.catalogued;
  return operations?.every((each) => !holdsSensitive(each)) !== true;
}

/** Data of an event that is not in the story. */
interface Payload {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** What stands in the sensitive fields of a translation's event and replies, longest first. `unreadable`: one that has such fields cannot be read. */
function sensitiveValues(
  story: Pick<Story, 'event' | 'replies'>,
  operation: CataloguedOperation | undefined,
  more: readonly Payload[] = [],
): { values: readonly string[]; unreadable: boolean } {
  const found: string[] = [];
  let unreadable = false;
  const look = (body: StoredBody, payload: Class | undefined): void => {
    const fields = payload === undefined ? new Set<string>() : sensitiveNamesOf(payload);
    if (fields.size === 0 || body.bytes === null) return;
    try {
      found.push(...valuesIn(JSON.parse(Buffer.from(body.bytes).toString()) as Json, fields));
    } catch {
      unreadable = true;
    }
  };
  look(story.event.data, operation?.accepts);
  for (const { attributes, data } of story.replies) look(data, operation?.replies.get(attributes.type));
  for (const { type, bytes } of more)
    look(
      { size: bytes.byteLength, sha256: null, clipped: false, bytes },
      type === operation?.acceptsType ? operation.accepts : operation?.replies.get(type),
    );
  return { values: [...new Set(found)].sort((a, b) => b.length - a.length), unreadable };
}

/** What is to be masked in a story; null where nobody can tell, and so nothing of it may be shown. `more`: data beside the story. */
export function maskingOf(
  story: Pick<Story, 'event' | 'replies'>,
  operation: CataloguedOperation | undefined,
  more: readonly Payload[] = [],
): Masking | null {
  // Which fields are sensitive only the operation knows.
  if (operation === undefined) return null;
  // Once the event is dropped nobody knows its values, which still stand in the exchange.
  if (story.event.data.bytes === null && sensitiveNamesOf(operation.accepts).size > 0) return null;
  const { values, unreadable } = sensitiveValues(story, operation, more);
  return unreadable ? null : new Masking(values);
}

/** Values stand in it as text. A recording of a screen is none: a host sends a value letter by letter, between sequences. */
export const isText = (media: string): boolean => /^(?:text\/|application\/(?:json|xml)|message\/http)/.test(media);

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
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.#masking.isNone ? { ...body, base64: Buffer.from(bytes).toString('base64') } : hidden;
    }
    const shown = this.#masking.document(text);
    if (shown === null) return hidden;
    return shown === text ? { ...body, text } : { ...body, sha256: null, masked: true, text: shown };
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
