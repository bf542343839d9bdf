import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Durations } from './durations.ts';
import { PulseMeter } from './pulse.ts';
import { Ring } from './ring.ts';

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

describe('the pulse of a system', () => {
  it('what is an hour old is no longer counted; the newest step is the last', () => {
    const clock = new ManualClock();
    const meter = new PulseMeter(clock);
    meter.received();
    clock.advance(3_590_000);
    meter.received();
    const { received, stepMs } = meter.read('crm');
    expect([received.length * stepMs, received.at(0), received.at(-1)]).toEqual([3_600_000, 1, 1]);
    clock.advance(10_000);
    expect(sum(meter.read('crm').received)).toBe(1);
    clock.advance(86_400_000);
    expect(sum(meter.read('crm').received)).toBe(0);
  });

  it('answers have durations from the moment they left; failures have a code; what the gateway held back is neither', () => {
    const clock = new ManualClock();
    const meter = new PulseMeter(clock);
    for (let n = 0; n < 100; n += 1) {
      const leftMs = clock.monotonicMs();
      clock.advance(n < 95 ? 20 : 2_000);
      meter.called('CreateOrder', { end: 'answer' }, leftMs);
    }
    meter.called('CreateOrder', { end: 'unknown', error: { code: 'NO_ANSWER' } }, 0);
    meter.called('CreateOrder', { end: 'not sent', error: { code: 'SYSTEM_UNAVAILABLE' } }, null);
    meter.called('CreateOrder', { end: 'gathered' }, null);
    const { calls, errors } = meter.read('crm');
    const [call] = calls;
    expect([sum(call?.answered ?? []), sum(call?.failed ?? [])]).toEqual([100, 1]);
    expect(call?.latency?.count).toBe(100);
    expect(call?.latency?.p50Ms).toBeGreaterThan(18);
    expect(call?.latency?.p95Ms).toBeLessThan(23);
    expect(call?.latency?.p99Ms).toBeGreaterThan(1_800);
    expect(errors).toEqual([{ code: 'NO_ANSWER', count: 1, lastMs: clock.wallMs() }]);
    expect(meter.read('crm').calls).toHaveLength(1);
  });

  it('a percentile is never off by more than a tenth, from 1 ms to an hour', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 200 }), (all) => {
        const durations = new Durations(60);
        for (const ms of all) durations.add(7, ms);
        const sorted = all.toSorted((a, b) => a - b);
        const { whole } = durations.read(7);
        for (const [share, told] of [
          [0.5, whole?.p50Ms],
          [0.95, whole?.p95Ms],
          [0.99, whole?.p99Ms],
        ] as const) {
          const exact = sorted[Math.ceil(all.length * share) - 1] ?? 0;
          expect(Math.abs((told ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.1 + 0.1);
        }
      }),
    );
  });

  it('a ring counts what a list of times would, whatever gaps there are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 100 }), (gaps) => {
        const ring = new Ring(10);
        const ticks: number[] = [];
        let tick = 3;
        for (const gap of gaps) {
          ticks.push((tick += gap > 25 ? gap : gap % 2));
          ring.add(tick);
        }
        expect(ring.counts(tick)).toEqual(Array.from({ length: 10 }, (_, n) => ticks.filter((each) => each === tick - 9 + n).length));
      }),
    );
  });
});
