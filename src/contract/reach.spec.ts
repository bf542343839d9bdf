import { describe, expect, it } from 'vitest';
import { isUnrouted, reachWords } from './reach.ts';

const reply = (routed: boolean | null, readable: boolean) => ({ state: 'published' as const, routed, readable });

describe('a published reply', () => {
  it('that nobody is bound for is readable with the embedded bus, and a warning with a broker', () => {
    expect(reachWords(reply(false, true))).toBe('readable at GET /events');
    expect(isUnrouted(reply(false, true))).toBe(false);
    expect(reachWords(reply(false, false))).toBe('no queue was bound');
    expect(isUnrouted(reply(false, false))).toBe(true);
  });

  it('is routed on either, and nothing is said before it is out', () => {
    expect([reply(true, true), reply(true, false)].map(reachWords)).toEqual(['routed', 'routed']);
    expect([reply(null, false)].map((each) => [reachWords(each), isUnrouted(each)])).toEqual([['', false]]);
  });
});
