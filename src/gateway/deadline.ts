import { type Clock } from '../contract/clock.ts';

/** The time a call has: as much for getting ready as for the answer, by the monotonic clock. */
export class Deadline {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #controller = new AbortController();
  #atMs: number;
  #cancel: () => void;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#atMs = clock.monotonicMs() + timeoutMs;
    this.#cancel = clock.after(timeoutMs, () => this.#controller.abort());
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonicMs());
  }

  restart(): void {
    this.#cancel();
    this.#atMs = this.#clock.monotonicMs() + this.#timeoutMs;
    this.#cancel = this.#clock.after(this.#timeoutMs, () => this.#controller.abort());
  }

  cancel(): void {
    this.#cancel();
  }
}
