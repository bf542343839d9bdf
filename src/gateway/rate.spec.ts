import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Rate } from './rate.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('rate', () => {
  it('lets a second of calls go at once, then one a token, first come first served', async () => {
    const clock = new ManualClock();
    const rate = new Rate(2, clock);
    const gone: number[] = [];
    for (const n of [1, 2, 3, 4]) void rate.take(new AbortController().signal).then(() => gone.push(n));
    await turn();
    expect(gone).toEqual([1, 2]);
    clock.advance(499);
    await turn();
    expect(gone).toEqual([1, 2]);
    clock.advance(1);
    await turn();
    expect(gone).toEqual([1, 2, 3]);
    clock.advance(500);
    await turn();
    expect(gone).toEqual([1, 2, 3, 4]);
  });

  it('a call whose time is over leaves the queue to the next', async () => {
    const clock = new ManualClock();
    const rate = new Rate(1, clock);
    const impatient = new AbortController();
    await rate.take(new AbortController().signal);
    const first = rate.take(impatient.signal);
    const second = rate.take(new AbortController().signal);
    impatient.abort();
    await expect(first).rejects.toMatchObject({ code: 'NO_SESSION' });
    clock.advance(1_000);
    await second;
  });

  it('0 is no limit', async () => {
    const rate = new Rate(0, new ManualClock());
    for (let n = 0; n < 1_000; n += 1) await rate.take(new AbortController().signal);
  });
});
