import { type CataloguedOperation } from '../contract/catalogue.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Json } from '../contract/json.ts';
import { type Arrival, type Failure, type NewTranslation } from '../contract/journal.ts';
import { translationId } from '../contract/translation-id.ts';
import { contentDigest, correlationOf, hopsOf } from './identity.ts';
import { payloadOf, valueAt } from './payload.ts';
import { type System, failureOf } from './system.ts';

/** Translations that an event may have come through; more of them go round in a circle (rule 34). */
const maxHops = 50;

/**
 * An event with one translation for each operation that accepts it. One whose keys cannot be read, or that goes round in a circle, is to be
 * parked; never rejects.
 * @param identity takes the place of the event's id in the ids of its translations (rule 13)
 */
export async function arrivalOf(
  event: CloudEvent,
  operations: readonly CataloguedOperation[],
  systems: ReadonlyMap<string, System>,
  identity = event.attributes.id,
): Promise<Arrival> {
  const keyed = operations.some((operation) => operation.key !== null || operation.businessKey !== null);
  const payload = keyed ? await payloadOf(event).catch((error: unknown) => asGatehouseError(error)) : null;
  const translations = operations.map((operation): NewTranslation => {
    const system = systems.get(operation.system);
    const key = readPath(operation.key, payload);
    const businessKey = readPath(operation.businessKey, payload);
    const park = refusalOf(event, operation, payload, { key, businessKey });
    return {
      id: translationId(operation.system, operation.name, event.attributes.source, identity),
      system: operation.system,
      operation: operation.name,
      key: park === null ? key : null,
      businessKey,
      passWhenParked: operation.passWhenParked,
      keepBodies: system?.settings.payload !== 'none',
      begin: park === null && system !== undefined && system.operations(false).includes(operation.name),
      park,
    };
  });
  return arrival(event, event.data.byteLength, translations);
}

/** What no operation takes, for a person to look at. `size`: before it was clipped, bytes. */
export function parkedArrival(system: System, event: CloudEvent, size: number, park: Failure): Arrival {
  const { source, id } = event.attributes;
  const translation: NewTranslation = {
    id: translationId(system.name, '', source, id),
    system: system.name,
    operation: '',
    key: null,
    businessKey: null,
    passWhenParked: true,
    keepBodies: system.settings.payload === 'full',
    begin: false,
    park,
  };
  return arrival(event, size, [translation]);
}

function arrival(event: CloudEvent, size: number, translations: readonly NewTranslation[]): Arrival {
  const { attributes, data } = event;
  return {
    event,
    size,
    digest: contentDigest(attributes.type, data),
    correlation: correlationOf(attributes),
    hops: hopsOf(attributes),
    translations,
  };
}

function readPath(path: string | null, payload: Json | GatehouseError): string | null {
  return path === null || payload instanceof GatehouseError ? null : valueAt(payload, path);
}

/** Why the event cannot become a translation of the operation; null when it can. */
function refusalOf(
  { attributes }: CloudEvent,
  operation: CataloguedOperation,
  payload: Json | GatehouseError,
  read: { readonly key: string | null; readonly businessKey: string | null },
): Failure | null {
  const about = `${operation.system} ${operation.name}`;
  const hops = hopsOf(attributes);
  if (hops > maxHops) return { code: 'LOOP', message: `${about}: the event has passed ${hops} translations` };
  if (payload instanceof GatehouseError) return failureOf(payload);
  const missing = (['key', 'businessKey'] as const).find((path) => operation[path] !== null && read[path] === null);
  return missing === undefined
    ? null
    : { code: 'KEY_UNREADABLE', message: `${about}: '${operation[missing]}' is not in the payload as text or number` };
}
