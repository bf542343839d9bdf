import { createHash, hash } from 'node:crypto';
import { type EventAttributes } from '../contract/event.ts';
import { canonical, type Json } from '../contract/json.ts';
import { readTraceparent, traceContextOf } from '../contract/trace-context.ts';

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** SHA-256 (hex) over type and data: tells a duplicate from a reused id. */
export function contentDigest(type: string, data: Uint8Array): string {
  return createHash('sha256').update(type).update('\0').update(data).digest('hex');
}

/** SHA-256 (hex) over the canonical JSON of a call's arguments. */
export const argumentsDigest = (args: Json): string => sha256(canonical(args));

/** A UUID (version 8, derived) that is the same in every run. @see RFC 9562 section 5.8 */
export function derivedUuid(...names: readonly string[]): string {
  const digits = sha256(JSON.stringify(names));
  const variant = ((Number.parseInt(digits.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

/** What a log line about a translation names. */
export function idsOf(
  { id, system, operation }: { readonly id: string; readonly system: string; readonly operation: string },
  attributes: EventAttributes,
): Readonly<Record<string, string>> {
  const { traceId } = traceContextOf(attributes['traceparent'], id);
  return { system, operation, translation: id, event: attributes.id, trace: traceId };
}

/** What a log line about a reply names: itself, the event that caused it, and the trace. */
export function idsOfReply({ id, type, source, causationid, traceparent }: EventAttributes): Readonly<Record<string, string | undefined>> {
  return { system: source.replace(/^.*\//, ''), reply: id, type, event: causationid, trace: readTraceparent(traceparent)?.traceId };
}

/** What keeps events of one business transaction together: the event's own correlation, or its id. */
export function correlationOf(attributes: EventAttributes): string {
  return attributes['correlationid'] ?? attributes.id;
}

export function hopsOf(attributes: EventAttributes): number {
  const hops = Number(attributes['gatehousehops'] ?? 0);
  return Number.isSafeInteger(hops) && hops >= 0 ? hops : 0;
}
