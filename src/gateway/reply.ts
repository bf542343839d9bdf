import { type CataloguedOperation } from '../contract/catalogue.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type CloudEvent, type EventAttributes, eventTypeOf } from '../contract/event.ts';
import { type Class } from '../contract/json.ts';
import { type Started } from '../contract/journal.ts';
import { childTraceparent } from '../contract/trace-context.ts';
import { derivedUuid } from './identity.ts';
import { assertValid } from './payload.ts';

type Cause = Pick<Started, 'id' | 'system' | 'event' | 'correlation' | 'hops'>;

/**
 * What an operation returned, as events: declared, valid, with ids derived from the translation.
 * @param sampled whether the trace of the translation is told, when its event brought none
 * @throws GatehouseError REPLY_INVALID
 */
export async function repliesOf(
  cause: Cause,
  operation: CataloguedOperation,
  returned: unknown,
  wallMs: number,
  sampled?: boolean,
): Promise<CloudEvent[]> {
  const values = returned === undefined ? [] : Array.isArray(returned) ? (returned as unknown[]) : [returned];
  const events: CloudEvent[] = [];
  for (const value of values) events.push(await replyOf(cause, operation, value, events.length, wallMs, sampled));
  if (events.length === 0 && operation.replies.size > 0)
    throw new GatehouseError('REPLY_INVALID', `${operation.name} returned no reply; it declares ${declared(operation)}`);
  return events;
}

async function replyOf(
  cause: Cause,
  operation: CataloguedOperation,
  value: unknown,
  index: number,
  wallMs: number,
  sampled?: boolean,
): Promise<CloudEvent> {
  const type = [...operation.replies].find(([, payload]) => typeof value === 'object' && value !== null && value.constructor === payload);
  if (type === undefined)
    throw new GatehouseError('REPLY_INVALID', `${operation.name} returned ${nameOf(value)}; it declares ${declared(operation)}`);
  await assertValid(type[1], value as object, 'REPLY_INVALID');
  return eventOf(cause, type[0], Buffer.from(JSON.stringify(value)), derivedUuid(cause.id, 'reply', String(index)), wallMs, sampled);
}

/** An event caused by a translation: correlation, causation, trace and hop count go on. */
export function eventOf(cause: Cause, type: string, data: Uint8Array, id: string, wallMs: number, sampled?: boolean): CloudEvent {
  const { attributes } = cause.event;
  const state = attributes['tracestate'];
  const caused: EventAttributes = {
    specversion: '1.0',
    id,
    source: `/gatehouse/${cause.system}`,
    type,
    time: new Date(wallMs).toISOString(),
    datacontenttype: 'application/json',
    correlationid: cause.correlation,
    causationid: attributes.id,
    traceparent: childTraceparent(attributes['traceparent'], cause.id, sampled),
    ...(state === undefined ? {} : { tracestate: state }),
    gatehousehops: String(cause.hops + 1),
  };
  return { attributes: caused, data };
}

function nameOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? ((value.constructor as Class | undefined)?.name ?? 'an object') : typeof value;
}

function declared(operation: CataloguedOperation): string {
  return [...operation.replies.values()].map((payload) => `${payload.name} (${eventTypeOf(payload)})`).join(', ') || 'none';
}
