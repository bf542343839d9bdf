import { type CloudEvent } from '../../src/contract/event.ts';
import { type Json } from '../../src/contract/json.ts';

/** A reply as it was seen by somebody who is no part of the gateway. */
export interface Reply {
  readonly id: string;
  readonly type: string;
  /** Id of the event that it answers. */
  readonly cause: string;
  readonly data: Json;
}

export function event(id: string, type: string, data: Json): CloudEvent {
  return {
    attributes: { specversion: '1.0', id, source: '/crash', type, datacontenttype: 'application/json' },
    data: Buffer.from(JSON.stringify(data)),
  };
}

/** The payload; every event and every reply of the harness has an object. */
export const payloadOf = ({ data }: Pick<CloudEvent, 'data'>): Record<string, Json> =>
  JSON.parse(Buffer.from(data).toString()) as Record<string, Json>;

export function replyOf({ attributes, data }: CloudEvent): Reply {
  return { id: attributes.id, type: attributes.type, cause: attributes['causationid'] ?? '', data: payloadOf({ data }) };
}
