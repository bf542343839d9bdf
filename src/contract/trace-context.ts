import { hash } from 'node:crypto';

/** Where a translation stands in its trace. */
export interface TraceContext {
  /** 32 hex digits: the event's own trace, or one derived from the translation. */
  readonly traceId: string;
  /** 16 hex digits, derived from the translation: what it causes names it as parent. */
  readonly spanId: string;
  /** The span that caused the event; null when it brought none. */
  readonly parentId: string | null;
  /** Two hex digits. */
  readonly flags: string;
}

const zeros = /^0+$/;

/** A `traceparent` header or attribute; null when it is none. @see W3C Trace Context, section 3.2 */
export function readTraceparent(text: string | undefined): { readonly traceId: string; readonly parentId: string; readonly flags: string } | null {
  const match = text === undefined ? null : /^[0-9a-e][0-9a-f]-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(text);
  const [, traceId = '0', parentId = '0', flags = ''] = match ?? [];
  return zeros.test(traceId) || zeros.test(parentId) ? null : { traceId, parentId, flags };
}

/** The sampled bit: whoever sent this may have told its trace. */
export const isSampled = (flags: string): boolean => (Number.parseInt(flags, 16) & 1) === 1;

/**
 * The same in every run and after every crash, so that a reply that leaves twice names one span.
 * @param sampled what the flags say when the event brought no trace context
 */
export function traceContextOf(traceparent: string | undefined, translationId: string, sampled = true): TraceContext {
  const spanId = hash('sha256', `span ${translationId}`, 'hex').slice(0, 16);
  const parent = readTraceparent(traceparent);
  if (parent !== null) return { ...parent, spanId };
  const traceId = hash('sha256', `trace ${translationId}`, 'hex').slice(0, 32);
  return { traceId, spanId, parentId: null, flags: sampled ? '01' : '00' };
}

/** The trace context for what a translation causes: the trace goes on under a span id of the translation's own. */
export function childTraceparent(traceparent: string | undefined, translationId: string, sampled = true): string {
  const { traceId, spanId, flags } = traceContextOf(traceparent, translationId, sampled);
  return `00-${traceId}-${spanId}-${flags}`;
}
