import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Pace } from './pace.ts';

/** Does all that is allowed, for as long as `ms`. */
function doneIn(pace: Pace, clock: ManualClock, perSecond: number, ms: number): number {
  let done = 0;
  for (let atMs = 0; atMs < ms;) {
    const n = pace.allowed(perSecond);
    pace.took(n);
    done += n;
    const waitMs = Math.max(1, pace.waitMs(perSecond));
    clock.advance(waitMs);
    atMs += waitMs;
  }
  return done;
}

describe('the pace of a bulk', () => {
  it.each([
    [0.5, 10_000, 5],
    [3, 10_000, 30],
    [50, 10_000, 500],
    [400, 5_000, 2_000],
  ])('%d a second are kept', (perSecond, ms, wanted) => {
    const clock = new ManualClock();
    const done = doneIn(new Pace(clock), clock, perSecond, ms);
    expect(Math.abs(done - wanted)).toBeLessThanOrEqual(Math.max(1, wanted * 0.02));
  });

  it('a rest is not made up for by a burst, and a new rate holds at once', () => {
    const clock = new ManualClock();
    const pace = new Pace(clock);
    pace.allowed(50);
    clock.advance(60_000);
    expect(pace.allowed(50)).toBe(5);
    expect(pace.allowed(2)).toBe(1);
    expect(pace.allowed(0)).toBe(Infinity);
  });

  it('tells how many a second it was of late', () => {
    const clock = new ManualClock();
    const pace = new Pace(clock);
    expect(pace.perSecondNow()).toBe(0);
    doneIn(pace, clock, 40, 20_000);
    expect(pace.perSecondNow()).toBeGreaterThan(36);
    expect(pace.perSecondNow()).toBeLessThan(44);
    clock.advance(10_001);
    expect(pace.perSecondNow()).toBe(0);
  });
});
