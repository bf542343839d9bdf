import { type Clock } from '../contract/clock.ts';
import { GatehouseError } from '../contract/errors.ts';

interface Waiter {
  readonly go: () => void;
  readonly signal: AbortSignal;
}

/** A token bucket of one second's depth, first come first served; 0 a second is no limit. No timer runs while nobody waits. */
export class Rate {
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #depth: number;
  readonly #waiters: Waiter[] = [];
  #tokens: number;
  #atMs: number;
  #timing = false;

  constructor(callsPerSecond: number, clock: Clock) {
    this.#perSecond = callsPerSecond;
    this.#clock = clock;
    this.#depth = Math.max(1, callsPerSecond);
    this.#tokens = this.#depth;
    this.#atMs = clock.monotonicMs();
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Resolves when a call may be made. @throws GatehouseError NO_SESSION when `signal` aborts first */
  async take(signal: AbortSignal): Promise<void> {
    if (this.#perSecond === 0) return;
    this.#refill();
    if (this.#waiters.length === 0 && this.#tokens >= 1) {
      this.#tokens -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const gaveUp = (): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(new GatehouseError('NO_SESSION', `no call was free within the time of the call at ${this.#perSecond} calls a second`));
      };
      const waiter: Waiter = {
        signal,
        go: () => {
          signal.removeEventListener('abort', gaveUp);
          resolve();
        },
      };
      if (signal.aborted) {
        reject(new GatehouseError('NO_SESSION', 'the time of the call was over before it left'));
        return;
      }
      signal.addEventListener('abort', gaveUp, { once: true });
      this.#waiters.push(waiter);
      this.#serveLater();
    });
  }

  #refill(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#tokens = Math.min(this.#depth, this.#tokens + ((nowMs - this.#atMs) * this.#perSecond) / 1_000);
    this.#atMs = nowMs;
  }

  #serveLater(): void {
    if (this.#timing) return;
    this.#timing = true;
    this.#clock.after(Math.max(1, Math.ceil(((1 - this.#tokens) * 1_000) / this.#perSecond)), () => {
      this.#timing = false;
      this.#refill();
      while (this.#waiters.length > 0 && this.#tokens >= 1) {
        this.#tokens -= 1;
        this.#waiters.shift()?.go();
      }
      if (this.#waiters.length > 0) this.#serveLater();
    });
  }
}
