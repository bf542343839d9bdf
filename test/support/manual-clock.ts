import { Clock } from '../../src/contract/clock.ts';

/** A clock that moves only when it is told to. */
export class ManualClock extends Clock {
  #wallMs = Date.parse('2026-11-20T12:00:00Z');
  #monotonicMs = 0;
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.#monotonicMs + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets time pass on both clocks; timers that are due fire in order. */
  advance(ms: number): void {
    const untilMs = this.#monotonicMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#to(Math.max(next.atMs, this.#monotonicMs));
      next.callback();
    }
    this.#to(untilMs);
  }

  #to(monotonicMs: number): void {
    this.#wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }

  /** Sets the wall clock forward or back; the monotonic clock does not move. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }
}
