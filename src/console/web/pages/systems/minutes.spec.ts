import { describe, expect, it } from 'vitest';
import { perMinute, rateOf, sumOf } from './minutes.ts';

const hour = (last: readonly number[]): number[] => [...Array.from({ length: 360 - last.length }, () => 0), ...last];

describe('series of an hour', () => {
  it('six steps of ten seconds are a minute, over all series', () => {
    const minutes = perMinute([hour([1, 1, 1, 1, 1, 1, 2]), hour([3])], 10_000);
    expect([minutes.length, minutes.at(-2), minutes.at(-1), sumOf(minutes)]).toEqual([60, 1, 10, 11]);
  });

  it('the rate is that of the last whole minute: the running step is not over', () => {
    expect(rateOf([hour([10, 10, 10, 10, 10, 10, 99])], 10_000)).toBe('1.0/s');
    expect(rateOf([hour([0, 0, 0, 0, 0, 3, 99])], 10_000)).toBe('0.05/s');
    expect(rateOf([hour([])], 10_000)).toBe('0/s');
  });
});
