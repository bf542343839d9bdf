import { hash, randomUUID } from 'node:crypto';
import { checkAttributes, membersOf, readJsonText, readStructured, writeStructured } from '../../contract/cloud-event-format.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type CloudEvent } from '../../contract/event.ts';
import { type BindingSettings, type RabbitmqSettings } from './rabbitmq.settings.ts';

/**
 * CloudEvents on AMQP 0-9-1. There is no official binding; this one follows the binding for AMQP 1.0, with message properties in the
 * place of its properties section and headers in the place of its application properties.
 * @see CloudEvents 1.0.2 AMQP protocol binding, section 3
 */

/** A message as it came, without the channel it came on. */
export interface AmqpMessage {
  readonly content: Uint8Array;
  readonly exchange: string;
  readonly routingKey: string;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly messageId?: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface AmqpWritten {
  readonly content: Uint8Array;
  readonly routingKey: string;
  readonly contentType: string;
  readonly messageId?: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type ReadMessage = { readonly event: CloudEvent; readonly identity?: string } | { readonly ignored: string };

type PlainRules = Pick<BindingSettings, 'type' | 'source' | 'id' | 'withoutId' | 'identityAdds' | 'notJson'>;

/** In the order they are looked for. Only the last comes from HTTP, where values are percent-encoded. */
const prefixes = ['cloudEvents:', 'cloudEvents_', 'ce-'] as const;
const maxShortText = 255;

const refuse = (reason: string): never => {
  throw new GatehouseError('NOT_AN_EVENT', reason);
};

/** `rules`: those of the binding it came by; null refuses what is no CloudEvent. @throws GatehouseError NOT_AN_EVENT with the reason */
export function readMessage(message: AmqpMessage, rules: PlainRules | null): ReadMessage {
  const encoding = message.contentEncoding?.toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'utf-8' && encoding !== 'utf8' && encoding !== 'identity')
    refuse(`the content encoding '${printable(encoding)}' is not read`);
  const media = message.contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (media.startsWith('application/cloudevents')) {
    if (media !== 'application/cloudevents+json') refuse(`the format '${printable(media)}' is not read; application/cloudevents+json is`);
    return identified(structured(message), rules);
  }
  const prefix = prefixes.find((each) => message.headers[`${each}specversion`] !== undefined);
  if (prefix !== undefined) return identified(binary(message, prefix), rules);
  if (media === '' && looksStructured(message.content)) return identified(structured(message), rules);
  if (rules === null) refuse('no CloudEvents content type, no CloudEvents headers, and no binding that says how to read plain messages');
  return plain(message, media, rules as PlainRules);
}

function structured({ content }: AmqpMessage): CloudEvent {
  const { value, text } = readJsonText(content);
  return readStructured(value, text);
}

/** Connectors that write CloudEvents as JSON often forget the content type. */
function looksStructured(content: Uint8Array): boolean {
  if (content[0] !== 0x7b) return false;
  const head = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return head.includes('"specversion"') && head.includes('"source"') && isEventObject(head);
}

function isEventObject(content: Uint8Array): boolean {
  try {
    const { value } = readJsonText(content);
    return typeof value === 'object' && value !== null && 'specversion' in value && 'source' in value && 'type' in value;
  } catch {
    return false;
  }
}

function binary(message: AmqpMessage, prefix: (typeof prefixes)[number]): CloudEvent {
  const given = new Map<string, unknown>();
  for (const [name, value] of Object.entries(message.headers)) {
    if (!name.startsWith(prefix)) continue;
    given.set(name.slice(prefix.length).toLowerCase(), attributeValue(name, value, prefix === 'ce-'));
  }
  if (message.contentType !== undefined) given.set('datacontenttype', message.contentType);
  return { attributes: checkAttributes(given), data: message.content };
}

function attributeValue(name: string, value: unknown, percentEncoded: boolean): unknown {
  if (isTimestamp(value)) return timeOf(name, value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (!percentEncoded || typeof value !== 'string' || !value.includes('%')) return value;
  try {
    return decodeURIComponent(value.replaceAll(/%(?![0-9a-fA-F]{2})/g, '%25'));
  } catch {
    return refuse(`the header ${printable(name)} is not percent-encoded UTF-8`);
  }
}

function timeOf(name: string, seconds: number): string {
  const time = new Date(seconds * 1_000);
  return Number.isNaN(time.getTime()) ? refuse(`the header ${printable(name)} is no time that can be`) : time.toISOString();
}

/** How amqplib shows a timestamp of a header: seconds since 1970. */
const isTimestamp = (value: unknown): value is { readonly value: number } =>
  typeof value === 'object' && value !== null && '!' in value && value['!'] === 'timestamp' && 'value' in value && typeof value.value === 'number';

/** A message of a sender that knows nothing of CloudEvents. */
function plain(message: AmqpMessage, media: string, rules: PlainRules): ReadMessage {
  const json = jsonOf(message.content);
  if (json === null && rules.notJson === 'ignore') return { ignored: `no JSON by ${printable(message.exchange)}` };
  if (json === null && rules.notJson === 'park')
    refuse(`the body (${message.content.byteLength} bytes, ${media === '' ? 'no content type' : printable(media)}) is no JSON`);
  const data = json === null ? wrapped(message.content) : message.content;
  const type = filled(rules.type, message);
  const found = idOf(message, json, rules) ?? idWithout(rules, type, message.content);
  const attributes = new Map<string, unknown>([
    ['specversion', '1.0'],
    ['id', found],
    ['source', filled(rules.source, message)],
    ['type', type],
    ['datacontenttype', 'application/json'],
  ]);
  return identified({ attributes: checkAttributes(attributes), data }, rules);
}

function jsonOf(content: Uint8Array): string | null {
  try {
    return readJsonText(content).text;
  } catch {
    return null;
  }
}

function wrapped(content: Uint8Array): Uint8Array {
  try {
    return Buffer.from(JSON.stringify({ body: new TextDecoder('utf-8', { fatal: true }).decode(content) }));
  } catch {
    return Buffer.from(JSON.stringify({ bodyBase64: Buffer.from(content).toString('base64') }));
  }
}

const filled = (template: string, { exchange, routingKey }: AmqpMessage): string =>
  template.replaceAll('{routingKey}', routingKey).replaceAll('{exchange}', exchange);

function idOf(message: AmqpMessage, json: string | null, { id }: PlainRules): string | null {
  for (const place of id) {
    const found =
      place === 'message-id'
        ? message.messageId
        : place.startsWith('header:')
          ? textOf(message.headers[place.slice('header:'.length)])
          : json === null
            ? null
            : exactAt(json, place.slice('field:'.length));
    if (found !== undefined && found !== null && found !== '') return found;
  }
  return null;
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;

/** Rule 14: there is no default for what a message without an id is. */
function idWithout({ withoutId, id }: PlainRules, type: string, content: Uint8Array): string {
  if (withoutId === 'hash') return hash('sha256', Buffer.concat([Buffer.from(`${type}\0`), content]), 'hex');
  if (withoutId === 'each') return randomUUID();
  return refuse(`no id in ${id.join(', ') || 'any place'}, and the binding says neither withoutId: hash nor each`);
}

/** Rule 13: what a binding adds to the identity of an event. */
function identified(event: CloudEvent, rules: PlainRules | null): ReadMessage {
  if (rules === null || rules.identityAdds.length === 0) return { event };
  const added = rules.identityAdds.map((place) => {
    if (place === 'type') return event.attributes.type;
    const json = jsonOf(event.data);
    const value = json === null ? null : exactAt(json, place.slice('field:'.length));
    return value ?? refuse(`'${printable(place)}', which belongs to its identity, is not in the payload as text or number`);
  });
  return { event, identity: JSON.stringify([event.attributes.id, ...added]) };
}

/** Text or number at a path of property names, exactly as it is written: a number of 20 digits is not rounded. */
function exactAt(json: string, path: string): string | null {
  let text = json;
  for (const name of path.split('.')) {
    if (!text.trimStart().startsWith('{')) return null;
    const member = membersOf(text).get(name);
    if (member === undefined) return null;
    text = member;
  }
  if (text.startsWith('"')) return JSON.parse(text) as string;
  return /^-?\d/.test(text) ? text : null;
}

/** @throws RangeError from the AMQP encoder, later, when an attribute does not fit into a header */
export function writeMessage(event: CloudEvent, { mode, attributePrefix }: Pick<RabbitmqSettings, 'mode' | 'attributePrefix'>): AmqpWritten {
  const { attributes, data } = event;
  const about = {
    routingKey: attributes.type,
    type: attributes.type,
    ...(Buffer.byteLength(attributes.id) <= maxShortText ? { messageId: attributes.id } : {}),
  };
  if (mode === 'structured')
    return { ...about, content: Buffer.from(writeStructured(event)), contentType: 'application/cloudevents+json; charset=utf-8', headers: {} };
  const headers: Record<string, string> = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (name === 'datacontenttype' || value === undefined) continue;
    headers[attributePrefix + name] = attributePrefix === 'ce-' ? percentEncoded(value) : value;
  }
  return { ...about, content: data, contentType: attributes.datacontenttype ?? 'application/json', headers };
}

/** @see CloudEvents 1.0.2 HTTP binding, section 3.1.3.2 */
const percentEncoded = (value: string): string => value.replaceAll(/[^\x21\x23\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));

const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 64);
