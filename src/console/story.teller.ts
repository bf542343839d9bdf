import type { Story, Tell } from '../contract/journal-reader.ts';
import { bounded } from './bounded.ts';
import { shownStory } from './shown-story.ts';
import { type Sights, sightName } from './sight.ts';

export interface Telling {
  /** What the one who asks may see of each operation; null: all of it. */
  readonly sights: Sights | null;
  /** Characters of each body; null: all of them. */
  readonly upTo: number | null;
}

/** The answer to a request for a story: masked before it is cut, so that no part of a value is left where it is. */
export const tell = ((story: Story, { sights, upTo }: Telling): string => {
  const { system, operation } = story.translation;
  const shown = shownStory(story, sights === null ? 'all' : sights.get(sightName(system, operation)));
  return JSON.stringify(upTo === null ? shown : bounded(shown, upTo));
}) satisfies Tell;
