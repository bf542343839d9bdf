import { type Catalogue } from '../contract/catalogue.ts';
import { sensitiveFieldsOf } from '../contract/event.ts';
import { type Story, type StoredBody } from '../contract/journal-reader.ts';

export const mask = '••••';
/** Shorter values are masked in their own field only: elsewhere they would mask half of everything. */
const shortestElsewhere = 4;

/** A body as JSON can carry it: text when it is UTF-8. */
function bodyView({ bytes, ...body }: StoredBody): object {
  if (bytes === null) return { ...body, dropped: true };
  try {
    return { ...body, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ...body, base64: Buffer.from(bytes).toString('base64') };
  }
}

/** The whole story as JSON text, sensitive fields masked wherever their values stand unless `reveal` (rule 42). */
export function storyView(story: Story, catalogue: Catalogue, reveal: boolean): { text: string; masked: boolean } {
  const view = {
    ...story,
    event: { attributes: story.event.attributes, data: bodyView(story.event.data) },
    calls: story.calls.map((call) => ({ ...call, parts: call.parts.map((part) => ({ ...part, body: bodyView(part.body) })) })),
    replies: story.replies.map((reply) => ({ ...reply, data: bodyView(reply.data) })),
  };
  let text = JSON.stringify(view);
  const values = reveal ? [] : sensitiveValues(story, catalogue);
  for (const value of values) {
    const escaped = JSON.stringify(value).slice(1, -1);
    // Bodies are texts within the text: their quotes and backslashes are escaped once more.
    const twice = JSON.stringify(escaped).slice(1, -1);
    for (const form of new Set([twice, escaped, xmlEscaped(escaped), encodeURIComponent(value)]))
      text = text.replaceAll(form.length < shortestElsewhere ? `\\"${form}\\"` : form, form.length < shortestElsewhere ? `\\"${mask}\\"` : mask);
  }
  return { text, masked: values.length > 0 };
}

const xmlEscaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function sensitiveValues(story: Story, catalogue: Catalogue): string[] {
  const operation = catalogue.operation(story.translation.system, story.translation.operation);
  if (operation === undefined) return [];
  const values = valuesOf(story.event.data, sensitiveFieldsOf(operation.accepts));
  for (const { attributes, data } of story.replies) {
    const payload = operation.replies.get(attributes.type);
    if (payload !== undefined) values.push(...valuesOf(data, sensitiveFieldsOf(payload)));
  }
  return [...new Set(values)].sort((a, b) => b.length - a.length);
}

function valuesOf({ bytes }: StoredBody, fields: ReadonlySet<string>): string[] {
  if (bytes === null || fields.size === 0) return [];
  try {
    const payload = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
    return [...fields]
      .flatMap((field) => (typeof payload[field] === 'string' || typeof payload[field] === 'number' ? [String(payload[field])] : []))
      .filter((value) => value !== '');
  } catch {
    return [];
  }
}
