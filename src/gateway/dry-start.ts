import { type CataloguedOperation } from '../contract/catalogue.ts';
import { type DryRunRequest } from '../contract/dry-run.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Started } from '../contract/journal.ts';
import { type Story } from '../contract/journal-reader.ts';
import { type Json } from '../contract/json.ts';
import { translationId } from '../contract/translation-id.ts';
import { correlationOf, hopsOf } from './identity.ts';

const mostPauses = 1_000;

/** The event of a dry run: the one that came, with other data, or one that nobody has sent. @throws GatehouseError NOT_POSSIBLE when it is not kept whole */
export function eventOf({ acceptsType }: CataloguedOperation, story: Story | null, data: Json | undefined): CloudEvent {
  const { attributes, data: body } = story?.event ?? {
    attributes: { specversion: '1.0', id: 'dry-run', source: '/gatehouse/dry-run', type: acceptsType } as const,
  };
  if (data !== undefined) return { attributes: { ...attributes, datacontenttype: 'application/json' }, data: Buffer.from(JSON.stringify(data)) };
  if (body == null || body.bytes === null || body.clipped)
    throw new GatehouseError('NOT_POSSIBLE', 'the body of the event is not kept whole: dry-run it with edited data');
  return { attributes, data: body.bytes };
}

/** A run at its beginning, with the ids and the time of the one that was recorded. */
export function startedFor(
  { system, name }: CataloguedOperation,
  story: Story | null,
  event: CloudEvent,
  request: DryRunRequest,
  wallMs: number,
): Started {
  const { attributes } = event;
  const row = story?.translation;
  const asFirst = 'asFirst' in request && request.asFirst === true;
  return {
    seq: 0,
    version: 0,
    id: row === undefined || asFirst ? translationId(system, name, attributes.source, attributes.id) : row.id,
    system,
    operation: name,
    event,
    correlation: row?.correlation ?? correlationOf(attributes),
    hops: hopsOf(attributes),
    run: 1,
    attempts: 1,
    nowMs: story?.attempts[0]?.startedMs ?? wallMs,
    previousRunMs: null,
    crashes: 0,
    recorded: [],
    // Over already: nobody waits in a dry run.
    pauses: Array.from({ length: mostPauses }, () => 0),
  };
}
