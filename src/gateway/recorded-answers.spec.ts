import { describe, expect, it } from 'vitest';
import { type StoryCall } from '../contract/journal-reader.ts';
import { type Json } from '../contract/json.ts';
import { RecordedAnswers } from './recorded-answers.ts';

let seq = 0;
const call = (name: string, args: Json, more: Partial<StoryCall> = {}): StoryCall => {
  seq += 1;
  const known = { seq, run: 1, name, effect: 'read', state: 'answered', args, answer: `answer ${seq}`, answeredBy: 'system', failure: null } as const;
  const nothing = { probeOf: null, batch: null, correlation: null, leftMs: null, deadlineMs: null, endedMs: null, parts: [] };
  return { ...known, ...nothing, ...more };
};
const asked = (recorded: readonly StoryCall[], calls: readonly (readonly [string, Json])[]) => {
  const answers = new RecordedAnswers(recorded);
  const matches = calls
    .map(([name, args]) => answers.match(name, args))
    .map(({ call: of, exact }) => [of === null ? null : recorded.indexOf(of), exact]);
  return { matches, refusesRetry: answers.refusesRetry() };
};

describe('recorded answers', () => {
  it('of equal calls the n-th has the n-th answer, whatever is asked between', () => {
    const recorded = [call('A', 1), call('B', 1), call('A', 1)];
    expect(
      asked(recorded, [
        ['A', 1],
        ['A', 1],
        ['B', 1],
        ['A', 1],
      ]).matches,
    ).toEqual([
      [0, true],
      [2, true],
      [1, true],
      [null, false],
    ]);
  });

  it('the order of properties is no difference', () => {
    expect(asked([call('A', { a: 1, b: 2 })], [['A', { b: 2, a: 1 }]]).matches).toEqual([[0, true]]);
  });

  it('a read that was asked again in a later run has the answer of that run', () => {
    const recorded = [call('A', 1), call('A', 1, { run: 2 }), call('A', 1, { run: 3, state: 'not sent', answer: null })];
    expect(asked(recorded, [['A', 1]]).matches).toEqual([[1, true]]);
  });

  it('a call with other arguments is compared with the one of its name in the same place, unless another has taken it', () => {
    const recorded = [call('A', 1), call('A', 2)];
    expect(
      asked(recorded, [
        ['A', 9],
        ['A', 2],
      ]).matches,
    ).toEqual([
      [0, false],
      [1, true],
    ]);
    expect(
      asked(recorded, [
        ['A', 2],
        ['A', 9],
      ]).matches,
    ).toEqual([
      [1, true],
      [null, false],
    ]);
  });

  it('what a probe asked is no part of it', () => {
    expect(asked([call('A', 1, { probeOf: 7 })], [['A', 1]]).matches).toEqual([[null, false]]);
  });

  it('rule 5: a retry is refused when an effect has left and something else is asked now, and only then', () => {
    const once = { effect: 'once' } as const;
    expect(
      asked(
        [call('Find', 1), call('Book', 1, once)],
        [
          ['Find', 1],
          ['Book', 1],
        ],
      ).refusesRetry,
    ).toBe(false);
    expect(
      asked(
        [call('Find', 1), call('Book', 1, once)],
        [
          ['Find', 1],
          ['Book', 2],
        ],
      ).refusesRetry,
    ).toBe(true);
    expect(asked([call('Find', 1), call('Book', 1, once)], [['Find', 1]]).refusesRetry).toBe(true);
    expect(
      asked(
        [call('Find', 1), call('Book', 1, once)],
        [
          ['Find', 2],
          ['Book', 1],
        ],
      ).refusesRetry,
    ).toBe(true);
    expect(
      asked(
        [call('Find', 1), call('Book', 1, once)],
        [
          ['Find', 1],
          ['Book', 1],
          ['More', 1],
        ],
      ).refusesRetry,
    ).toBe(false);
    expect(asked([call('Find', 1), call('Book', 1, { ...once, state: 'not sent' })], [['Find', 2]]).refusesRetry).toBe(false);
  });
});
