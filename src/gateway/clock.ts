import { Clock } from '../contract/clock.ts';

/** The clocks of the machine. */
export class SystemClock extends Clock {
  wallMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(ms: number, callback: () => void): () => void {
    // setTimeout takes at most 2^31 - 1 ms: whoever waits longer is called early and looks again.
    const timer = setTimeout(callback, Math.min(ms, 2_147_483_647));
    timer.unref();
    return () => clearTimeout(timer);
  }
}
