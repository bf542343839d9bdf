/** @see OpenTelemetry protocol 1.x, opentelemetry/proto/trace/v1/trace.proto, Span.SpanKind */
const spanKinds = { internal: 1, client: 3, producer: 4, consumer: 5 } as const;

export interface SpanEvent {
  readonly name: string;
  readonly atMs: number;
}

/** A step that is over. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  /** The parent is of another process: the sender of the event. */
  readonly remoteParent?: boolean;
  readonly name: string;
  readonly kind: keyof typeof spanKinds;
  /** Wall clock with fractions, ms. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly events?: readonly SpanEvent[];
  /** A span of the same trace that this one repeats. */
  readonly linkTo?: string;
  /** The code of what went wrong. */
  readonly error?: string | undefined;
}

type Attributes = Span['attributes'];

// In `flags`, the sampled bit of the trace context, and whether the parent is remote. @see trace.proto, SpanFlags
const sampled = 0x001;
const remoteIsKnown = 0x100;
const remote = 0x200;
const errorStatus = 2;

/** The body of a POST to an OTLP/HTTP collector. Ids are hex and 64-bit numbers are text. @see OTLP specification 1.x, JSON Protobuf encoding */
export function writeRequest(resource: Attributes, scope: { name: string; version: string }, spans: readonly Span[]): string {
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: attributesOf(resource) }, scopeSpans: [{ scope, spans: spans.map(spanOf) }] }],
  });
}

function spanOf(span: Span): object {
  const { traceId, spanId, parentId, name, kind, startMs, linkTo, error } = span;
  const endMs = Math.max(startMs, span.endMs);
  const flags = sampled | remoteIsKnown;
  return {
    traceId,
    spanId,
    ...(parentId === null ? {} : { parentSpanId: parentId }),
    flags: span.remoteParent === true ? flags | remote : flags,
    name,
    kind: spanKinds[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributesOf(error === undefined ? span.attributes : { ...span.attributes, 'error.type': error }),
    events: (span.events ?? []).map((event) => ({ timeUnixNano: nanoseconds(Math.min(Math.max(startMs, event.atMs), endMs)), name: event.name })),
    links: linkTo === undefined ? [] : [{ traceId, spanId: linkTo, flags }],
    status: error === undefined ? {} : { code: errorStatus, message: error },
  };
}

function attributesOf(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: valueOf(value) }]));
}

function valueOf(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  return typeof value === 'boolean' ? { boolValue: value } : { intValue: String(value) };
}

/** As text: a double holds no nanoseconds since 1970. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return `${whole}${String(Math.floor((ms - whole) * 1e6)).padStart(6, '0')}`;
}

/** How many spans of a request the collector did not take although it answered 200. @see OTLP specification 1.x, partial success */
export function readRejected(body: string): number {
  try {
    const answer = JSON.parse(body) as { partialSuccess?: { rejectedSpans?: string | number } } | null;
    const rejected = Number(answer?.partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}

/**
 * Headers as one line of text: `name=value`, several with commas, values percent-encoded.
 * @returns null when it is not that
 * @see OpenTelemetry specification, protocol exporter, OTEL_EXPORTER_OTLP_HEADERS
 */
export function readHeaders(text: string): Record<string, string> | null {
  const headers: Record<string, string> = {};
  for (const entry of text.split(',')) {
    const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(entry) ?? [];
    if (name === undefined || value === undefined) return null;
    try {
      headers[name.toLowerCase()] = decodeURIComponent(value);
    } catch {
      return null;
    }
    if (!/^[\t\x20-\x7e]*$/.test(headers[name.toLowerCase()] ?? '')) return null;
  }
  return headers;
}
