import type { Story, StoryAttempt } from '../contract/journal-reader.ts';
import { mask } from '../contract/masking.ts';
import { Masker, maskingOf } from './masker.ts';
import type { Sight } from './sight.ts';
import type { StoryAnswer } from './story.answer.ts';

/** A story as those see it who may see so much of it: `all`, or what is not sensitive; hardly anything where nobody knows what is. */
export function shownStory(story: Story, sight: Sight | 'all' | undefined): StoryAnswer {
  const masker = sight === 'all' ? Masker.none : new Masker(maskingOf(story, sight));
  const hidden = (name: 'key' | 'businessKey'): boolean => sight !== 'all' && sight?.[name] !== false;
  const { translation } = story;
  return {
    ...story,
    translation: {
      ...translation,
      key: translation.key !== null && hidden('key') ? mask : translation.key,
      businessKey: translation.businessKey !== null && hidden('businessKey') ? mask : translation.businessKey,
      failure: masker.failure(translation.failure),
    },
    event: { attributes: masker.attributes(story.event.attributes), data: masker.body(story.event.data) },
    attempts: story.attempts.map((attempt): StoryAttempt => ({ ...attempt, failure: masker.failure(attempt.failure) })),
    calls: story.calls.map((call) => ({
      ...call,
      args: masker.value(call.args),
      answer: masker.value(call.answer),
      failure: masker.failure(call.failure),
      parts: call.parts.map((part) => ({ ...part, body: masker.part(part.media, part.body) })),
    })),
    replies: story.replies.map((reply) => ({
      ...reply,
      attributes: masker.attributes(reply.attributes),
      data: masker.body(reply.data),
    })),
  };
}
