import { SystemClock } from '../gateway/clock.ts';

/** Goes like the clocks of the machine, from a day that is always the same: files bear dates, and a case keeps their bytes. */
export class CaseClock extends SystemClock {
  readonly #startedMs = performance.now();

  override wallMs(): number {
    return Date.parse('2026-11-20T12:00:00Z') + Math.round(performance.now() - this.#startedMs);
  }
}
