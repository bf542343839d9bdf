import { GatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type Story } from '../contract/journal-reader.ts';

/** Beside these, `event.` and the path of a value in the payload. */
const names = ['reason', 'businessKey', 'key', 'eventId', 'correlation', 'translation', 'code'] as const;
type Name = (typeof names)[number];

const place = /\{\{([^{}]*)\}\}/g;
const mostDepth = 32;
/** Of a template as JSON, bytes: a refusal says why, it carries no documents. */
const mostTemplateBytes = 65_536;
/** What its places may stand for in one reply, characters: a large payload named a thousand times is larger than the memory. */
const mostFilled = 1_048_576;

/** What the places of a template stand for, for one translation. */
export interface Standing {
  readonly story: Story;
  /** The operator's words. */
  readonly reason: string;
}

/**
 * Every place of the template has a name that is known, and it is not too large. `of`: the operation, or those, that would publish it.
 * @throws GatehouseError NOT_POSSIBLE naming what is wrong
 */
export function checkTemplate(template: Json, of: string): void {
  walk(template, (name) => {
    if (!names.includes(name as Name) && !/^event(?:\.[^.{}]+)+$/.test(name))
      throw new GatehouseError(
        'NOT_POSSIBLE',
        `the data of the reply has a place '{{${name.slice(0, 100)}}}'; there are ${names.join(', ')} and event.<path in the payload>`,
      );
    return '';
  });
  const bytes = Buffer.byteLength(JSON.stringify(template));
  if (bytes > mostTemplateBytes)
    throw new GatehouseError(
      'NOT_POSSIBLE',
      `${of}: the data of the reply has ${bytes} bytes; at most ${mostTemplateBytes} are allowed: say less, the receiver knows its own event`,
    );
}

/**
 * The template with its places filled in. A text that is nothing but a place becomes the value itself, number or object; inside other words
 * it becomes text. What is filled in is not looked at again: a payload cannot bring places of its own.
 * @throws GatehouseError REPLY_INVALID when this translation has no such value
 */
export function completed(template: Json, { story, reason }: Standing): Json {
  const { translation, event } = story;
  const known: Readonly<Record<Name, string | null>> = {
    reason,
    businessKey: translation.businessKey,
    key: translation.key,
    eventId: translation.eventId,
    correlation: translation.correlation,
    translation: translation.id,
    code: translation.failure?.code ?? null,
  };
  let payload: Json | undefined;
  let left = mostFilled;
  return walk(template, (name) => {
    payload ??= name.startsWith('event.') ? payloadIn(event.data.bytes) : undefined;
    const value = name.startsWith('event.') ? (valueIn(payload ?? null, name.split('.').slice(1)) ?? null) : known[name as Name];
    if (value === null) throw new GatehouseError('REPLY_INVALID', `the translation has no value for '{{${name.slice(0, 100)}}}'`);
    left -= typeof value === 'string' ? value.length : JSON.stringify(value).length;
    if (left < 0)
      throw new GatehouseError(
        'REPLY_INVALID',
        `${translation.system} ${translation.operation}: the places of the reply stand for more than ${mostFilled} characters: name smaller values, and fewer`,
      );
    return value;
  });
}

function payloadIn(bytes: Uint8Array | null): Json {
  if (bytes === null) throw new GatehouseError('REPLY_INVALID', 'the body of the event is no longer kept');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch {
    throw new GatehouseError('REPLY_INVALID', `the data of the event (${bytes.byteLength} bytes) is no JSON`);
  }
}

function valueIn(payload: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = payload;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, Json>>)[name];
  }
  return value;
}

function walk(template: Json, valueOf: (name: string) => Json, depth = 0): Json {
  if (depth > mostDepth) throw new GatehouseError('NOT_POSSIBLE', `the data of the reply is nested deeper than ${mostDepth}`);
  if (typeof template === 'string') return filled(template, valueOf);
  if (Array.isArray(template)) return template.map((each) => walk(each, valueOf, depth + 1));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, each]) => [name, walk(each, valueOf, depth + 1)]));
}

function filled(text: string, valueOf: (name: string) => Json): Json {
  const whole = /^\{\{([^{}]*)\}\}$/.exec(text)?.[1];
  if (whole !== undefined) return valueOf(whole.trim());
  return text.replaceAll(place, (_, name: string) => {
    const value = valueOf(name.trim());
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}
