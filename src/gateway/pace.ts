import { type Clock } from '../contract/clock.ts';

const overMs = 10_000;
/** How much of a second may be made up for at once. */
const burst = 0.1;

/** How many may be done now at so many a second, and how many were done of late. */
export class Pace {
  readonly #clock: Clock;
  #perSecond = 0;
  #tokens = 1;
  #filledMs: number;
  #done: { readonly atMs: number; readonly n: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledMs = clock.monotonicMs();
  }

  /** @param perSecond 0 is no limit; may differ from that of the call before */
  allowed(perSecond: number): number {
    const nowMs = this.#clock.monotonicMs();
    if (perSecond === 0) return Infinity;
    if (perSecond === this.#perSecond) {
      const most = Math.max(1, perSecond * burst);
      this.#tokens = Math.min(most, this.#tokens + ((nowMs - this.#filledMs) * perSecond) / 1_000);
    } else this.#tokens = Math.min(1, this.#tokens);
    this.#perSecond = perSecond;
    this.#filledMs = nowMs;
    return Math.floor(this.#tokens);
  }

  /** How long until a few are allowed, so that each commit holds more than one, ms. */
  waitMs(perSecond: number): number {
    const wanted = Math.max(1, perSecond * burst);
    return Math.max(1, Math.ceil(((wanted - this.#tokens) * 1_000) / perSecond));
  }

  took(n: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#tokens -= n;
    this.#done = [...this.#done.filter(({ atMs }) => atMs > nowMs - overMs), { atMs: nowMs, n }];
  }

  /** Over the last ten seconds, or since the first of them. */
  perSecondNow(): number {
    const nowMs = this.#clock.monotonicMs();
    const recent = this.#done.filter(({ atMs }) => atMs > nowMs - overMs);
    const [first] = recent;
    if (first === undefined) return 0;
    const done = recent.reduce((sum, { n }) => sum + n, 0);
    return (done * 1_000) / Math.max(1_000, nowMs - first.atMs);
  }
}
