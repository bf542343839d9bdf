import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { type ChoicesView } from '../../../choices.view.ts';
import { type StoryAnswer } from '../../../story.answer.ts';

export type ActName = 'retry' | 'replay' | 'discard' | 'pass' | 'republish' | 'happened' | 'did not' | 'probe' | 'dry run';

/** Why an act cannot be done as things are, in words for a disabled button; null when it may be tried: the gateway has the last word. */
export function whyNot(act: ActName, story: StoryAnswer, choices: ChoicesView | null): string | null {
  const row = story.translation;
  const { state } = row;
  if (state === 'running' && act !== 'dry run') return 'It is at work: wait until the attempt ends';
  switch (act) {
    case 'retry':
      if (row.operation === '') return 'No operation takes it: discard it';
      return state === 'parked' || state === 'waiting'
        ? null
        : `It is ${state}: only what is parked or waiting can be retried; replay makes a new one`;
    case 'replay':
      if (row.operation === '') return 'No operation takes it: discard it';
      return state === 'received' || state === 'waiting' ? 'It is still going to run by itself: discard it first' : null;
    case 'discard':
      return state === 'published' || state === 'discarded' || state === 'answered' ? `It is ${state}: its outcome is settled` : null;
    case 'pass':
      return whyNoPass(row);
    case 'republish':
      return story.replies.some((reply) => reply.state === 'refused' || reply.routed === false)
        ? null
        : 'It has no reply that was refused or reached no queue';
    case 'happened':
    case 'did not':
    case 'probe':
      return whyNotSettled(act, row, choices);
    case 'dry run':
      return row.operation === '' ? 'No operation takes it' : choices?.declared === false ? 'Its operation is no longer there' : null;
  }
}

function whyNoPass({ key, state }: TranslationRow): string | null {
  if (key === null) return 'It has no key: nothing waits behind it';
  return state === 'parked' || state === 'waiting' ? null : `It is ${state}: only what is parked or waiting lets others by`;
}

function whyNotSettled(act: 'happened' | 'did not' | 'probe', { state }: TranslationRow, choices: ChoicesView | null): string | null {
  if (state !== 'parked') return `It is ${state}: only what is parked can be settled`;
  if (choices === null) return 'The gateway has not yet said which calls are in doubt';
  if (choices.inDoubt.length === 0) return 'No call of it is in doubt';
  return act !== 'probe' || choices.inDoubt.some(({ probe }) => probe)
    ? null
    : `${choices.inDoubt.map(({ name }) => name).join(', ')} has no probe: look in the system and settle it as happened or did not`;
}
