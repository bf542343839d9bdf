import type { BodyView } from './body.view.ts';
import type { StoryAnswer } from './story.answer.ts';

/** The story with at most `upTo` characters of each body, so that a page stays quick whatever came in. */
export function bounded(story: StoryAnswer, upTo: number): StoryAnswer {
  const cut = (body: BodyView): BodyView => {
    if (body.text !== undefined && body.text.length > upTo) return { ...body, text: body.text.slice(0, upTo), cut: true };
    // Four characters are three bytes.
    if (body.base64 !== undefined && body.base64.length > upTo) return { ...body, base64: body.base64.slice(0, upTo - (upTo % 4)), cut: true };
    return body;
  };
  return {
    ...story,
    event: { ...story.event, data: cut(story.event.data) },
    calls: story.calls.map((call) => ({ ...call, parts: call.parts.map((part) => ({ ...part, body: cut(part.body) })) })),
    replies: story.replies.map((reply) => ({ ...reply, data: cut(reply.data) })),
  };
}
