import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { type Class, type Json } from '../contract/json.ts';
import { type Story, type StoredBody, type StoryAttempt, type TranslationRow } from '../contract/journal-reader.ts';
import { sensitiveNamesOf } from '../contract/sensitive-names.ts';
import { type BodyView } from './body.view.ts';
import { type StoryAnswer } from './story.answer.ts';

export const mask = '••••';
/** Shorter values are masked in their own field only: elsewhere they would mask half of everything. */
const shortestElsewhere = 4;

/** The whole story as JSON can carry it; sensitive values are masked wherever their text stands, unless `reveal` (rule 42). */
export function storyView(story: Story, catalogue: Catalogue, reveal: boolean): StoryAnswer {
  const masker = new Masker(story, reveal ? undefined : catalogue.operation(story.translation.system, story.translation.operation));
  return {
    ...story,
    translation: reveal ? story.translation : rowView(story.translation, catalogue),
    event: { attributes: story.event.attributes, data: masker.body(story.event.data) },
    attempts: masker.value(story.attempts as unknown as Json) as unknown as StoryAttempt[],
    calls: story.calls.map((call) => ({
      ...call,
      args: masker.value(call.args),
      answer: masker.value(call.answer),
      parts: call.parts.map((part) => ({ ...part, body: masker.body(part.body) })),
    })),
    replies: story.replies.map((reply) => ({ ...reply, data: masker.body(reply.data) })),
  };
}

/** A row of a list; keys that are sensitive fields are masked. */
export function rowView(row: TranslationRow, catalogue: Catalogue): TranslationRow {
  const operation = catalogue.operation(row.system, row.operation);
  if (operation === undefined) return row;
  return {
    ...row,
    key: isSensitive(operation, operation.key) ? mask : row.key,
    businessKey: isSensitive(operation, operation.businessKey) ? mask : row.businessKey,
  };
}

/** Whether a key path of an operation ends in a sensitive field: searching by it needs the right to reveal it. */
export function isSensitive(operation: CataloguedOperation, path: string | null): boolean {
  const fields = sensitiveNamesOf(operation.accepts);
  return path !== null && path.split('.').some((name) => fields.has(name));
}

/** Data of an event that is not in the story. */
interface Payload {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** What stands in the sensitive fields of a translation's event and replies, longest first. `unreadable`: one that has such fields cannot be read. */
export function sensitiveValues(
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
      collect(JSON.parse(Buffer.from(body.bytes).toString()) as Json, fields, found);
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

/** Masks the values of sensitive fields that are found in a story; finds nothing without its operation. */
export class Masker {
  readonly #values: readonly string[];
  /** A payload that should have sensitive fields and cannot be read is not shown at all. */
  readonly #unreadable: boolean;

  constructor(story: Pick<Story, 'event' | 'replies'>, operation: CataloguedOperation | undefined, more: readonly Payload[] = []) {
    const { values, unreadable } = sensitiveValues(story, operation, more);
    this.#values = values;
    this.#unreadable = unreadable;
  }

  body({ bytes, ...body }: StoredBody): BodyView {
    if (bytes === null) return { ...body, dropped: true };
    if (this.#unreadable) return { ...body, sha256: null, masked: true, text: mask };
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return this.#values.length > 0
        ? { ...body, sha256: null, masked: true, text: mask }
        : { ...body, base64: Buffer.from(bytes).toString('base64') };
    }
    const masked = this.#text(text);
    return masked === text ? { ...body, text } : { ...body, sha256: null, masked: true, text: masked };
  }

  value(value: Json): Json {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') return this.#values.includes(String(value)) ? mask : value;
    if (Array.isArray(value)) return value.map((each) => this.value(each));
    return value === null || typeof value !== 'object'
      ? value
      : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.value(each)]));
  }

  /** Every spelling in which a value may stand: plain, in JSON, in XML, percent-encoded. */
  #text(text: string): string {
    let masked = text;
    for (const value of this.#values) {
      if (masked === value) return mask;
      const json = JSON.stringify(value).slice(1, -1);
      if (value.length < shortestElsewhere) masked = masked.replaceAll(`"${json}"`, `"${mask}"`);
      else for (const form of new Set([value, json, xmlEscaped(value), encodeURIComponent(value)])) masked = masked.replaceAll(form, mask);
    }
    return masked;
  }
}

const xmlEscaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Values of sensitive fields at any depth. */
function collect(value: Json, fields: ReadonlySet<string>, found: string[]): void {
  if (Array.isArray(value)) {
    for (const each of value) collect(each, fields, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (fields.has(name)) leaves(inner, found);
    else collect(inner, fields, found);
  }
}

function leaves(value: Json, found: string[]): void {
  if (typeof value === 'string' && value !== '') found.push(value);
  else if (typeof value === 'number') found.push(String(value));
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) leaves(inner, found);
}
