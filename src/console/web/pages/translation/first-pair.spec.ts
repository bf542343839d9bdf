import { describe, expect, it } from 'vitest';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { type CallAnswer, type StoryAnswer } from '../../../story.answer.ts';
import { firstPair, firstPairOf } from './first-pair.ts';

const call = (seq: number, more: object = {}): CallAnswer => ({ seq, name: 'Order', run: seq, probeOf: null, ...more }) as unknown as CallAnswer;
const story = (row: object, calls: readonly CallAnswer[]): StoryAnswer =>
  ({ translation: { operation: 'send-order', key: null, businessKey: null, replayOf: null, ...row }, calls }) as unknown as StoryAnswer;

describe('what a comparison begins with', () => {
  const one = call(1);

  it('is another attempt of this translation, where there is one', () => {
    expect(firstPair(story({ key: 'C-1', replayOf: 'aa' }, [one, call(2)]), one)).toEqual({ with: 'this' });
  });

  it.each([
    ['a call of another name', call(2, { name: 'Stock' })],
    ['its probe', call(2, { probeOf: 1 })],
  ])('%s is no attempt of it', (_what, other) => {
    expect(firstPair(story({ key: 'C-1' }, [one, other]), one)).toEqual({ with: 'same key', field: 'key', value: 'C-1' });
  });

  it('is what it replays, before one of the same key', () => {
    expect(firstPair(story({ key: 'C-1', replayOf: 'aa' }, [one]), one)).toMatchObject({ with: 'other', id: 'aa' });
  });

  it('is an earlier one of the same business key where there is no key of ordering', () => {
    expect(firstPair(story({ businessKey: 'B-1' }, []), null)).toEqual({ with: 'same key', field: 'businessKey', value: 'B-1' });
    const found = { id: 'bb' } as unknown as TranslationRow;
    expect(firstPairOf(story({ businessKey: 'B-1' }, []), null, found)).toMatchObject({
      with: 'other',
      id: 'bb',
      because: expect.stringContaining('key B-1'),
    });
  });

  it('is nothing, and says what is missing, where there is no key, a masked one, or none before', () => {
    expect(firstPair(story({}, []), null)).toEqual({ with: 'nothing', why: expect.stringContaining('has no key') });
    expect(firstPair(story({ key: '••••' }, [one]), one)).toEqual({ with: 'nothing', why: expect.stringContaining('masked') });
    expect(firstPairOf(story({ key: 'C-1' }, [one]), one, null)).toEqual({
      with: 'nothing',
      why: 'It made Order once, and no earlier send-order has the key C-1.',
    });
  });
});
