import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { type CallAnswer, type StoryAnswer } from '../../../story.answer.ts';

/** What the comparison begins with while nobody has chosen: the translation whose call is held beside this one's. */
export type FirstPair =
  | { readonly with: 'this' }
  | { readonly with: 'other'; readonly id: string; readonly because: string }
  /** Earlier translations with the same key are to be asked for. */
  | { readonly with: 'same key'; readonly field: 'key' | 'businessKey'; readonly value: string }
  | { readonly with: 'nothing'; readonly why: string };

const masked = /•{2,}/;

/** Two attempts of this translation where there are two; else what it replays; else an earlier one of the same operation and key. */
export function firstPair({ translation, calls }: StoryAnswer, call: CallAnswer | null): FirstPair {
  const { replayOf, key, businessKey, operation } = translation;
  if (call !== null && alike(calls, call).length > 1) return { with: 'this' };
  if (replayOf !== null) return { with: 'other', id: replayOf, because: 'It is a replay of that one.' };
  const made = call === null ? 'It made no call' : `It made ${call.name} once`;
  const value = key ?? businessKey;
  if (value === null) return { with: 'nothing', why: `${made}, and ${operation} has no key by which to find an earlier one.` };
  if (masked.test(value)) return { with: 'nothing', why: `${made}, and its key is masked: reveal it to find an earlier one of the same key.` };
  return { with: 'same key', field: key === null ? 'businessKey' : 'key', value };
}

/** What was found of an earlier one with the key. */
export function firstPairOf({ translation }: StoryAnswer, call: CallAnswer | null, found: TranslationRow | null): FirstPair {
  const { key, businessKey, operation } = translation;
  const value = (key ?? businessKey ?? '').slice(0, 100);
  if (found !== null) return { with: 'other', id: found.id, because: `It is the ${operation} before it with the key ${value}.` };
  return {
    with: 'nothing',
    why: `${call === null ? 'It made no call' : `It made ${call.name} once`}, and no earlier ${operation} has the key ${value}.`,
  };
}

/** Calls of the same name for the same end: attempts of one another. */
export const alike = (calls: readonly CallAnswer[], of: CallAnswer): readonly CallAnswer[] =>
  calls.filter(({ name, probeOf }) => name === of.name && (probeOf === null) === (of.probeOf === null));
