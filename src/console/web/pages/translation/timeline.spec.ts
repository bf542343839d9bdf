import { describe, expect, it } from 'vitest';
import { type StoryAnswer } from '../../../story.answer.ts';
import { firstCall, sinceBefore, timelineOf } from './timeline.ts';

const call = (seq: number, values: object): object => ({
  seq,
  run: 1,
  name: 'Order',
  effect: 'once',
  state: 'answered',
  answeredBy: 'system',
  failure: null,
  probeOf: null,
  batch: null,
  leftMs: null,
  endedMs: null,
  parts: [],
  ...values,
});
const story = (values: object = {}): StoryAnswer =>
  ({
    translation: { state: 'parked', receivedMs: 1_000, duplicates: 2, failure: null },
    event: { attributes: { type: 'com.acme.x' } },
    attempts: [
      { run: 1, startedMs: 1_010, endedMs: 2_010, outcome: 'waiting', counted: true, failure: null },
      { run: 2, startedMs: 5_010, endedMs: 5_020, outcome: 'parked', counted: false, failure: { code: 'IN_DOUBT', message: 'nobody knows' } },
    ],
    calls: [
      call(7, { leftMs: 1_010, endedMs: 2_000, state: 'in doubt' }),
      call(8, { run: 2, leftMs: 5_015, endedMs: 5_018, probeOf: 7, name: 'Find', effect: 'read' }),
    ],
    replies: [{ seq: 3, attributes: { type: 'com.acme.y' }, state: 'pending', routed: null, readable: false, publishedMs: null }],
    actions: [{ kind: 'retry', who: 'anna', why: 'again', atMs: 4_000 }],
    ...values,
  }) as unknown as StoryAnswer;

describe('the timeline', () => {
  it('has everything in the order in which it happened, what is still to come at the end', () => {
    expect(timelineOf(story()).map(({ id, depth }) => [id, depth])).toEqual([
      ['received', 0],
      ['attempt-1', 0],
      ['call-7', 1],
      ['action-0', 0],
      ['attempt-2', 0],
      ['call-8', 2],
      ['reply-3', 0],
    ]);
  });

  it('says how long each took, how it went, who did what and why', () => {
    const entries = timelineOf(story());
    expect(entries[0]?.detail).toBe('com.acme.x; came 2 more times');
    expect(entries[2]).toMatchObject({ tookMs: 990, tone: 'doubt', detail: 'once · in doubt' });
    expect(entries[3]?.detail).toBe('by anna: again');
    expect(entries[4]).toMatchObject({ tookMs: 10, tone: 'bad', detail: 'parked · not counted · IN_DOUBT: nobody knows' });
    expect(sinceBefore(entries, 4)).toBe('+1.0 s');
    expect(sinceBefore(entries, 0)).toBe('');
  });

  it('ends with what it waits for', () => {
    const translation = { state: 'waiting', waitingFor: 'batch', receivedMs: 1_000, duplicates: 0, failure: null };
    expect(timelineOf(story({ translation })).at(-1)).toMatchObject({ id: 'now', detail: 'waits in a batch' });
  });

  it('names a reply that reached no queue', () => {
    const reply = { seq: 3, attributes: { type: 'com.acme.y' }, state: 'published', routed: false, readable: false, publishedMs: 9_000 };
    expect(timelineOf(story({ replies: [reply] })).at(-1)).toMatchObject({ tone: 'bad', detail: 'com.acme.y · published · no queue was bound' });
  });

  it('takes a reply that is readable at the gateway for a good one, though no queue is bound', () => {
    const reply = { seq: 3, attributes: { type: 'com.acme.y' }, state: 'published', routed: false, readable: true, publishedMs: 9_000 };
    expect(timelineOf(story({ replies: [reply] })).at(-1)).toMatchObject({
      tone: 'good',
      detail: 'com.acme.y · published · readable at GET /events',
    });
  });

  it('looks first at the call in doubt, not at its probe', () => {
    expect(firstCall(story().calls)?.seq).toBe(7);
    expect(firstCall([])).toBeNull();
  });
});
