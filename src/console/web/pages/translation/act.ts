import { type DeskAct } from '../../../../contract/control.ts';
import { type ActionResult } from '../../../../contract/journal.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { Refused, get, post } from '../../kit/api.ts';
import { outcomeOf, shownState } from '../../kit/state.tsx';
import { localTime } from '../../kit/time.tsx';

/**
 * Acts on the translation as it was when the person decided: if it is another by now, nothing is done and they are told what happened.
 * @throws Refused when the gateway says no; Error when somebody was quicker
 */
export async function actOn(seen: StoryAnswer, act: DeskAct, why: string, key: string): Promise<ActionResult> {
  const { id, version } = seen.translation;
  try {
    return await post<ActionResult>(`/api/translations/${id}/actions`, { act, why, version }, key);
  } catch (error) {
    if (!(error instanceof Refused) || !['CHANGED', 'NOT_POSSIBLE'].includes(error.code)) throw error;
    const now = await get<StoryAnswer>(`/api/translations/${id}?upTo=0`);
    // What is not possible in itself is in the gateway's words.
    if (now.translation.version === version && error.code !== 'CHANGED') throw error;
    throw new Error(`Nothing was done, for it has changed since you opened this. ${meanwhile(seen, now)} Cancel, look again and decide anew.`, {
      cause: error,
    });
  }
}

/** What has happened to it since it was seen, in sentences. */
export function meanwhile(seen: StoryAnswer, now: StoryAnswer): string {
  const acts = now.actions.slice(seen.actions.length).map(({ who, kind, why, atMs }) => `${who} decided “${kind}” at ${localTime(atMs)}: ${why}.`);
  const attempts = now.attempts.length - seen.attempts.length;
  const tried = attempts > 0 ? [`It was tried ${attempts === 1 ? 'once' : `${attempts} times`} more.`] : [];
  const outcome = outcomeOf(now.translation);
  return [...acts, ...tried, `Now it is ${shownState(now.translation)}${outcome === '' ? '' : ` (${outcome})`}.`].join(' ');
}
