import { type GatehouseError } from '../../../contract/errors.ts';
import { type Lent } from './landmarks.ts';

/** A call that waits for a session. */
export interface Waiter {
  /** @returns false when it waits no longer */
  lend(lent: Lent): boolean;
}

interface Waiting extends Waiter {
  readonly number: number;
  readonly waits: boolean;
  refuse(error: GatehouseError): void;
}

/** Those who wait for a session, in the order in which they came. */
export class Waiters {
  readonly #queue: Waiting[] = [];
  readonly #late: () => GatehouseError;
  #came = 0;

  /** `late`: what who gives up is told. */
  constructor(late: () => GatehouseError) {
    this.#late = late;
  }

  get count(): number {
    return this.#queue.length;
  }

  enter(signal: AbortSignal): Promise<Lent> {
    return new Promise((resolve, reject) => {
      let waits = true;
      const over = (): boolean => {
        if (!waits) return false;
        waits = false;
        signal.removeEventListener('abort', giveUp);
        const at = this.#queue.indexOf(waiting);
        if (at >= 0) this.#queue.splice(at, 1);
        return true;
      };
      const giveUp = (): void => {
        if (over()) reject(this.#late());
      };
      const waiting: Waiting = {
        number: (this.#came += 1),
        get waits() {
          return waits;
        },
        lend: (lent) => {
          if (!over()) return false;
          resolve(lent);
          return true;
        },
        refuse: (error) => {
          if (over()) reject(error);
        },
      };
      this.#queue.push(waiting);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
  }

  /** Who has waited longest, and is served now. */
  next(): Waiter | null {
    return this.#queue.shift() ?? null;
  }

  /** It could not be served: it waits on where it stood, unless it has given up. */
  back(waiter: Waiter): void {
    const waiting = waiter as Waiting;
    if (!waiting.waits) return;
    const at = this.#queue.findIndex(({ number }) => number > waiting.number);
    this.#queue.splice(at < 0 ? this.#queue.length : at, 0, waiting);
  }

  refuseFirst(error: GatehouseError): void {
    this.#queue[0]?.refuse(error);
  }

  refuse(error: GatehouseError): void {
    for (const waiting of this.#queue.splice(0)) waiting.refuse(error);
  }
}
