import { GatehouseError } from './errors.ts';
import type { CloudEvent, EventAttributes } from './event.ts';

/** CloudEvents 1.0.2 as text and values, shared by every binding: what an event may look like, and how the JSON format is read and written. */

const maxAttributes = 100;
const maxAttributeLength = 1_024;
const maxDepth = 64;
const needed = ['specversion', 'id', 'source', 'type'] as const;
/** @see RFC 3339, section 5.6 */
const rfc3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const refuse = (reason: string): never => {
  throw new GatehouseError('NOT_AN_EVENT', reason);
};

/** Context attributes from names and values of any binding. @throws GatehouseError NOT_AN_EVENT naming the attribute */
export function checkAttributes(given: ReadonlyMap<string, unknown>): EventAttributes {
  if (given.size > maxAttributes) refuse(`an event has at most ${maxAttributes} attributes`);
  const attributes: Record<string, string> = {};
  for (const [name, value] of given) {
    if (!/^[a-z0-9]{1,64}$/.test(name)) refuse(`'${printable(name)}' is no attribute name: lower case letters and digits`);
    attributes[name] = textOf(name, value);
  }
  for (const name of needed) if ((attributes[name] ?? '') === '') refuse(`the attribute '${name}' is missing`);
  if (attributes['specversion'] !== '1.0') refuse("the attribute 'specversion' must be 1.0");
  const time = attributes['time'];
  if (time !== undefined && !rfc3339.test(time)) refuse("the attribute 'time' is no RFC 3339 time");
  return attributes as unknown as EventAttributes;
}

/** Strings, booleans and 32-bit integers in their canonical text. @see CloudEvents 1.0.2, section 3.1 (type system) */
function textOf(name: string, value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2_147_483_648) return String(value);
  if (typeof value !== 'string') return refuse(`the attribute '${name}' is neither text, boolean nor a 32-bit integer`);
  if (value.length > maxAttributeLength) return refuse(`the attribute '${name}' has ${value.length} characters; ${maxAttributeLength} are allowed`);
  if (!value.isWellFormed() || /\p{Cc}/u.test(value)) return refuse(`the attribute '${name}' has control characters or half a surrogate pair`);
  return value;
}

/** Bytes as JSON and as text, strict: UTF-8, not too deep. @throws GatehouseError NOT_AN_EVENT */
export function readJsonText(bytes: Uint8Array): { readonly value: unknown; readonly text: string } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(`the body (${bytes.byteLength} bytes) is not UTF-8`);
  }
  if (depthOf(text) > maxDepth) return refuse(`the body is nested deeper than ${maxDepth} levels`);
  try {
    return { value: JSON.parse(text) as unknown, text };
  } catch {
    return refuse(`the body (${bytes.byteLength} bytes) is no JSON`);
  }
}

/** Counts brackets outside strings: before a parser recurses into them. */
function depthOf(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x7b || character === 0x5b) deepest = Math.max(deepest, (depth += 1));
    else if (character === 0x7d || character === 0x5d) depth -= 1;
  }
  return deepest;
}

/**
 * An event in the JSON format. With its `text`, data keeps the exact characters it was written with: numbers that JavaScript would round,
 * the order and spelling of everything.
 * @see CloudEvents 1.0.2 JSON format, section 3
 * @throws GatehouseError NOT_AN_EVENT
 */
export function readStructured(value: unknown, text?: string): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('an event is a JSON object');
  const { data, data_base64: base64, ...rest } = value as Record<string, unknown>;
  if (data !== undefined && base64 !== undefined) refuse("an event has 'data' or 'data_base64', not both");
  const attributes = checkAttributes(new Map(Object.entries(rest).filter(([, attribute]) => attribute !== null)));
  if (base64 !== undefined) {
    if (typeof base64 !== 'string' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return refuse("'data_base64' is no Base64");
    return { attributes, data: Buffer.from(base64, 'base64') };
  }
  const media = attributes.datacontenttype;
  if (data === undefined) return { attributes, data: new Uint8Array() };
  if (media === undefined || isJson(media))
    return {
      attributes: { ...attributes, datacontenttype: media ?? 'application/json' },
      data: Buffer.from(text === undefined ? JSON.stringify(data) : (membersOf(text).get('data') ?? JSON.stringify(data))),
    };
  return typeof data === 'string' ? { attributes, data: Buffer.from(data) } : refuse(`'data' of ${printable(media)} must be text`);
}

/** The raw text of each member of a JSON object, or item of a list (under its index). The text must be valid JSON. */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let [at, depth, from, name] = [0, 0, -1, ''];
  const isList = text.trimStart().startsWith('[');
  const close = (): void => {
    const raw = from < 0 ? '' : text.slice(from, at).trim();
    if (raw !== '') members.set(isList ? String(members.size) : name, raw);
  };
  for (; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const start = at;
      for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
      if (depth === 1 && from < 0) name = JSON.parse(text.slice(start, at + 1)) as string;
    } else if (character === '{' || character === '[') {
      depth += 1;
      if (depth === 1 && isList) from = at + 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) close();
    } else if (depth === 1 && character === ':' && from < 0) {
      from = at + 1;
    } else if (depth === 1 && character === ',') {
      close();
      from = isList ? at + 1 : -1;
    }
  }
  return members;
}

/** The JSON format of an event; data that is no JSON goes as Base64. */
export function writeStructured({ attributes, data }: CloudEvent): string {
  const media = attributes.datacontenttype ?? 'application/json';
  const head = JSON.stringify(attributes).slice(0, -1);
  if (data.byteLength === 0) return `${head}}`;
  const text = isJson(media) ? jsonText(data) : null;
  return text === null ? `${head},"data_base64":"${Buffer.from(data).toString('base64')}"}` : `${head},"data":${text}}`;
}

function jsonText(data: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data);
    JSON.parse(text);
    // One line: what is streamed must not end a line within an entry.
    return text.replaceAll(/[\r\n]+/g, ' ');
  } catch {
    return null;
  }
}

const isJson = (media: string): boolean => /^[\w.-]+\/(?:json|[\w.-]+\+json)(?:\s*;|$)/i.test(media);
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 64);
