import { hash, randomBytes, randomUUID } from 'node:crypto';
import { type Bus } from '../contract/bus.ts';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type EventAttributes } from '../contract/event.ts';
import { type Arrival, type CallEnd, type Leaving, type ReceivedTranslation, type Started } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type BatchTry, type BatchTryOutcome, type Replayed, type RunOutcome, Telemetry } from '../contract/telemetry.ts';
import { type TraceContext, isSampled, readTraceparent, traceContextOf } from '../contract/trace-context.ts';
import { type Span, readHeaders, writeRequest } from './otlp.codec.ts';
import { OtlpExporter } from './otlp.exporter.ts';
import { type TelemetrySettings } from './telemetry.settings.ts';
import { TracedBus } from './traced.bus.ts';

/** Beyond this the wall clock was set: spans follow it. Below, they follow the monotonic clock. */
const maxDriftMs = 50;
const maxTypeLength = 200;

export interface TelemetryOptions {
  readonly settings: TelemetrySettings & { readonly endpoint: string };
  /** The name of the gateway, and what runs there. */
  readonly name: string;
  readonly build: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One span a step, made when the step is over and sent at once, so that a translation that waits for hours keeps none open. The span of a
 * translation is its receipt: it bears the ids that the translation's replies carry, and is the parent of its runs and publications; a run
 * is the parent of its calls. Every parent's id is derived, so what follows a crash joins the same tree.
 */
export class OtlpTelemetry extends Telemetry {
  readonly #clock: Clock;
  readonly #ratio: number;
  readonly #exporter: OtlpExporter;
  #offsetMs: number;

  /** @throws GatehouseError CONFIG_INVALID when the headers are none */
  constructor({ settings, name, build, clock, log }: TelemetryOptions) {
    super();
    const headers = settings.headers === undefined ? {} : readHeaders(settings.headers.reveal());
    if (headers === null)
      throw new GatehouseError('CONFIG_INVALID', `telemetry.headers: ${String(settings.headers)} is no list of name=value, values percent-encoded`);
    const resource = { 'service.name': name, 'service.version': build, 'service.instance.id': randomUUID() };
    const scope = { name: 'gatehouse', version: build };
    const { endpoint, timeoutMs } = settings;
    this.#clock = clock;
    this.#ratio = settings.sampleRatio;
    this.#offsetMs = clock.wallMs() - clock.monotonicMs();
    this.#exporter = new OtlpExporter({ endpoint, headers, timeoutMs, clock, log, write: (spans) => writeRequest(resource, scope, spans) });
  }

  nowMs(): number {
    const nowMs = this.#clock.monotonicMs() + this.#offsetMs;
    const wallMs = this.#clock.wallMs();
    if (Math.abs(wallMs - nowMs) <= maxDriftMs) return nowMs;
    this.#offsetMs = wallMs - this.#clock.monotonicMs();
    return wallMs;
  }

  samples(attributes: EventAttributes, translationId: string): boolean {
    return this.#isSampled(contextOf(attributes, translationId));
  }

  /** The sender's word, or else a share of all trace ids: the same answer in every run. */
  #isSampled({ parentId, flags, traceId }: TraceContext): boolean {
    if (parentId !== null) return isSampled(flags);
    return Number.parseInt(traceId.slice(-13), 16) < this.#ratio * 2 ** 52;
  }

  received(sinceMs: number, arrivals: readonly Arrival[], received: readonly ReceivedTranslation[]): void {
    const endMs = this.nowMs();
    let next = 0;
    for (const { event, translations } of arrivals) {
      for (const { park } of translations) {
        const each = received[next++];
        if (each === undefined || each.outcome === 'duplicate') continue;
        const error = each.outcome === 'reused' ? 'EVENT_ID_REUSED' : park?.code;
        this.#receipt(each, event.attributes, { startMs: sinceMs, endMs, error });
      }
    }
  }

  replayed(replayed: Replayed): void {
    const nowMs = this.nowMs();
    const { spanId } = contextOf(replayed.attributes, replayed.ofId);
    this.#receipt(replayed, replayed.attributes, { startMs: nowMs, endMs: nowMs, linkTo: spanId });
  }

  #receipt(
    { id, system, operation }: { readonly id: string; readonly system: string; readonly operation: string },
    attributes: EventAttributes,
    more: Pick<Span, 'startMs' | 'endMs' | 'linkTo' | 'error'>,
  ): void {
    const context = contextOf(attributes, id);
    if (!this.#isSampled(context)) return;
    this.#exporter.add({
      traceId: context.traceId,
      spanId: context.spanId,
      parentId: context.parentId,
      remoteParent: context.parentId !== null,
      name: `receive ${nameOf(system, operation)}`,
      kind: 'consumer',
      attributes: { ...idsOf(id, system, operation), 'cloudevents.event_type': attributes.type.slice(0, maxTypeLength) },
      ...more,
    });
  }

  ran(sinceMs: number, started: Started, { end, code }: RunOutcome): void {
    const context = contextOf(started.event.attributes, started.id);
    if (!this.#isSampled(context)) return;
    const { id, system, operation, run, attempts } = started;
    this.#exporter.add({
      traceId: context.traceId,
      spanId: runSpanId(started),
      parentId: context.spanId,
      name: `run ${nameOf(system, operation)}`,
      kind: 'internal',
      startMs: sinceMs,
      endMs: this.nowMs(),
      attributes: { ...idsOf(id, system, operation), 'gatehouse.run': run, 'gatehouse.attempts': attempts, 'gatehouse.outcome': end },
      error: code,
    });
  }

  called(sinceMs: number, started: Started, leaving: Leaving, end: CallEnd): void {
    this.#call(sinceMs, started, leaving, { 'gatehouse.outcome': outcomeOf(end) }, 'failure' in end ? end.failure?.code : undefined);
  }

  gathered(sinceMs: number, started: Started, leaving: Leaving, batch: number): void {
    this.#call(sinceMs, started, leaving, { 'gatehouse.outcome': 'gathered', 'gatehouse.batch': batch });
  }

  #call(sinceMs: number, started: Started, leaving: Leaving, told: Span['attributes'], error?: string): void {
    const context = contextOf(started.event.attributes, started.id);
    if (!this.#isSampled(context)) return;
    const { id, system, operation, run } = started;
    const { name, effect, leftMs, probeOf } = leaving;
    this.#exporter.add({
      traceId: context.traceId,
      spanId: newSpanId(),
      parentId: runSpanId(started),
      name: `call ${system} ${name}`,
      kind: 'client',
      startMs: sinceMs,
      endMs: this.nowMs(),
      attributes: {
        ...idsOf(id, system, operation),
        'gatehouse.run': run,
        'gatehouse.call': name,
        'gatehouse.effect': effect,
        'gatehouse.probe': probeOf === null ? undefined : true,
        ...told,
      },
      ...(leftMs === null ? {} : { events: [{ name: 'left', atMs: leftMs }] }),
      error,
    });
  }

  /** A trace of its own, since its members are of many: they name it by its number. */
  tried(sinceMs: number, { id, seq, system, call, events, leftMs }: BatchTry, { end, code }: BatchTryOutcome): void {
    const context = traceContextOf(undefined, id);
    if (!this.#isSampled(context)) return;
    this.#exporter.add({
      traceId: context.traceId,
      spanId: newSpanId(),
      parentId: null,
      name: `batch ${system} ${call}`,
      kind: 'client',
      startMs: sinceMs,
      endMs: this.nowMs(),
      attributes: {
        'gatehouse.system': system,
        'gatehouse.call': call,
        'gatehouse.batch': seq,
        'gatehouse.events': events,
        'gatehouse.outcome': end,
      },
      ...(leftMs === null ? {} : { events: [{ name: 'left', atMs: leftMs }] }),
      error: code,
    });
  }

  around(bus: Bus): Bus {
    return new TracedBus(bus, this);
  }

  /** A reply is published, or not. Its trace context is that of its translation. */
  published(sinceMs: number, { type, source, traceparent }: EventAttributes, { end, code }: { readonly end: string; readonly code?: string }): void {
    const parent = readTraceparent(traceparent);
    if (parent === null || !isSampled(parent.flags)) return;
    const { traceId, parentId } = parent;
    this.#exporter.add({
      traceId,
      spanId: newSpanId(),
      parentId,
      name: `publish ${type}`,
      kind: 'producer',
      startMs: sinceMs,
      endMs: this.nowMs(),
      attributes: { 'gatehouse.system': source.replace(/^.*\//, ''), 'cloudevents.event_type': type, 'gatehouse.outcome': end },
      error: code,
    });
  }

  close(withinMs: number): Promise<void> {
    return this.#exporter.close(withinMs);
  }
}

const contextOf = (attributes: EventAttributes, translationId: string): TraceContext => traceContextOf(attributes['traceparent'], translationId);

const newSpanId = (): string => randomBytes(8).toString('hex');

const runSpanId = ({ id, run }: Started): string => hash('sha256', `run ${id} ${run}`, 'hex').slice(0, 16);

/** The adapters' own words only: their number is bounded. */
const nameOf = (system: string, operation: string): string => (operation === '' ? system : `${system} ${operation}`);

/** What finds the translation in the journal, and nothing that a payload told. */
function idsOf(id: string, system: string, operation: string): Record<string, string | undefined> {
  return { 'gatehouse.translation': id, 'gatehouse.system': system, 'gatehouse.operation': operation === '' ? undefined : operation };
}

function outcomeOf(end: CallEnd): string {
  if (end.state !== 'calling') return end.state;
  return end.failure === null ? 'later' : 'unknown';
}
