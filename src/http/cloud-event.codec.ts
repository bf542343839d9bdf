import { checkAttributes, membersOf, readJsonText, readStructured } from '../contract/cloud-event-format.ts';
import { GatehouseError } from '../contract/errors.ts';
import type { CloudEvent } from '../contract/event.ts';

const maxBatch = 1_000;

/** The events of one HTTP request, by its mode: structured, batch, or binary. @see CloudEvents 1.0.2 HTTP binding, section 3 @throws GatehouseError NOT_AN_EVENT */
export function readRequest(headers: Readonly<Record<string, string | string[] | undefined>>, body: Uint8Array): CloudEvent[] {
  const media = String(headers['content-type'] ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (media === 'application/cloudevents+json') {
    const { value, text } = readJsonText(body);
    return [readStructured(value, text)];
  }
  if (media === 'application/cloudevents-batch+json') return readBatch(readJsonText(body));
  if (media?.startsWith('application/cloudevents') === true)
    throw new GatehouseError('NOT_AN_EVENT', `the format '${media.slice(0, 64)}' is not known; JSON is`);
  return [readBinary(headers, body)];
}

function readBatch({ value, text }: { readonly value: unknown; readonly text: string }): CloudEvent[] {
  if (!Array.isArray(value)) throw new GatehouseError('NOT_AN_EVENT', 'a batch is a JSON list of events');
  if (value.length > maxBatch) throw new GatehouseError('EVENT_TOO_LARGE', `a batch has ${value.length} events; ${maxBatch} are allowed`);
  const texts = membersOf(text);
  return value.map((each, index) => {
    try {
      return readStructured(each, texts.get(String(index)));
    } catch (error) {
      throw error instanceof GatehouseError ? new GatehouseError(error.code, `event ${index} of the batch: ${error.message}`) : error;
    }
  });
}

function readBinary(headers: Readonly<Record<string, string | string[] | undefined>>, body: Uint8Array): CloudEvent {
  const attributes = new Map<string, unknown>();
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('ce-') || value === undefined) continue;
    if (Array.isArray(value)) throw new GatehouseError('NOT_AN_EVENT', `the header ${name.slice(0, 64)} comes more than once`);
    attributes.set(name.slice(3), percentDecoded(name, value));
  }
  if (attributes.size === 0) throw new GatehouseError('NOT_AN_EVENT', 'neither a CloudEvents content type nor ce- headers');
  if (headers['content-type'] !== undefined) attributes.set('datacontenttype', String(headers['content-type']));
  return { attributes: checkAttributes(attributes), data: body };
}

/** Header values are percent-encoded UTF-8. @see CloudEvents 1.0.2 HTTP binding, section 3.1.3.2 */
function percentDecoded(name: string, value: string): string {
  const unquoted = /^"(.*)"$/.exec(value)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? value;
  if (!/%[0-9a-fA-F]{2}/.test(unquoted)) return unquoted;
  try {
    return decodeURIComponent(unquoted.replaceAll(/%(?![0-9a-fA-F]{2})/g, '%25'));
  } catch {
    throw new GatehouseError('NOT_AN_EVENT', `the header ${name.slice(0, 64)} is not percent-encoded UTF-8`);
  }
}
