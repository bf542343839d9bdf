import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { type ChoicesView } from '../../../choices.view.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { follow } from '../../kit/live.ts';
import { type Loaded, useLoaded } from '../../kit/use-loaded.ts';

/** Characters of each body that come with the page; the rest on request. */
const upTo = 200_000;
/** A translation at work changes several times a second: the page follows in steps that a person can read. */
const stepMs = 250;

export interface Followed {
  readonly story: Loaded<StoryAnswer>;
  readonly choices: ChoicesView | null;
  /** Whether masked values are asked for; each load of them is recorded. */
  readonly revealed: Signal<boolean>;
  /** Whether bodies are asked for whole. */
  readonly whole: Signal<boolean>;
  /** Loads it again. */
  readonly refresh: () => void;
}

/** The story of one translation, loaded again whenever it changes and after the gateway was away. */
export function useStory(id: string): Followed {
  const again = useSignal(0);
  const revealed = useSignal(false);
  const whole = useSignal(false);
  const path = `/api/translations/${encodeURIComponent(id)}`;
  const words = new URLSearchParams({ ...(whole.value ? {} : { upTo: String(upTo) }), ...(revealed.value ? { reveal: '1' } : {}) });
  const story = useLoaded<StoryAnswer>(`${path}?${words}`, again);
  const choices = useLoaded<ChoicesView>(`${path}/choices`, again);
  const refresh = (): void => void (again.value += 1);

  const row = story.value?.translation;
  useEffect(() => {
    if (row === undefined) return undefined;
    const aborter = new AbortController();
    let step: ReturnType<typeof setTimeout> | undefined;
    const changes = follow(
      `/api/changes?${new URLSearchParams({ eventId: row.eventId })}`,
      null,
      (entries) => {
        const concerns = entries.some(({ data }) => {
          const changed = JSON.parse(data) as TranslationRow;
          return changed.id === row.id || changed.replayOf === row.id;
        });
        if (!concerns || step !== undefined) return;
        step = setTimeout(() => {
          step = undefined;
          refresh();
        }, stepMs);
      },
      aborter.signal,
      // What changed before the stream began, or while the gateway was away.
      refresh,
    );
    changes.catch(() => undefined);
    return () => {
      aborter.abort();
      clearTimeout(step);
    };
  }, [row?.id, row?.eventId]);

  return { story, choices: choices.value, revealed, whole, refresh };
}
