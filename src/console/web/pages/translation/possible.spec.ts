import { describe, expect, it } from 'vitest';
import { type ChoicesView } from '../../../choices.view.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { type ActName, whyNot } from './possible.ts';

const story = (row: object, replies: readonly object[] = []): StoryAnswer =>
  ({ translation: { operation: 'send-order', key: null, ...row }, replies }) as unknown as StoryAnswer;
const choices = (probe: boolean | null): ChoicesView => ({
  declared: true,
  replies: [],
  inDoubt: probe === null ? [] : [{ seq: 7, name: 'Order', probe }],
});
const acts: readonly ActName[] = ['retry', 'replay', 'discard', 'pass', 'republish', 'happened', 'did not', 'probe', 'dry run'];
const possible = (of: StoryAnswer, given: ChoicesView | null = choices(null)): readonly ActName[] =>
  acts.filter((act) => whyNot(act, of, given) === null);

describe('what can be done to a translation', () => {
  it.each([
    ['parked', ['retry', 'replay', 'discard', 'dry run']],
    ['waiting', ['retry', 'discard', 'dry run']],
    ['received', ['discard', 'dry run']],
    ['running', ['dry run']],
    ['answered', ['replay', 'dry run']],
    ['published', ['replay', 'dry run']],
    ['discarded', ['replay', 'dry run']],
  ] as const)('that is %s', (state, expected) => {
    expect(possible(story({ state }))).toEqual(expected);
  });

  it('with a call in doubt is to settle it, by its probe when there is one', () => {
    expect(possible(story({ state: 'parked' }), choices(true))).toEqual(expect.arrayContaining(['happened', 'did not', 'probe']));
    expect(whyNot('probe', story({ state: 'parked' }), choices(false))).toMatch(/^Order has no probe/);
    expect(whyNot('happened', story({ state: 'published' }), choices(true))).toMatch(/^It is published/);
    expect(whyNot('happened', story({ state: 'parked' }), null)).toMatch(/has not yet said/);
  });

  it('with a key is to let others by, with a reply that nobody got is to publish again', () => {
    expect(whyNot('pass', story({ state: 'parked', key: 'C-1' }), null)).toBeNull();
    expect(whyNot('pass', story({ state: 'published', key: 'C-1' }), null)).toMatch(/^It is published/);
    expect(whyNot('republish', story({ state: 'published' }, [{ state: 'published', routed: false }]), null)).toBeNull();
    expect(whyNot('republish', story({ state: 'published' }, [{ state: 'published', routed: true }]), null)).not.toBeNull();
  });

  it('that no operation takes is to discard it', () => {
    expect(possible(story({ state: 'parked', operation: '' }))).toEqual(['discard']);
  });
});
