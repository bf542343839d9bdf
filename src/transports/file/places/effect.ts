import { type GatehouseError } from '../../../contract/errors.ts';
import { type Attempt, Lost, abortWords, effectFailure, failure } from './faults.ts';

/** The moment from which a loss is ambiguous, of one operation. */
export class Effect {
  readonly #signal: AbortSignal;
  begun = false;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Call it right before the request that has the effect. @throws Lost when the caller has been told already that nothing happened */
  begins(): void {
    if (this.#signal.aborted) throw new Lost(abortWords(this.#signal), false);
    this.begun = true;
  }

  /** What was thrown, classified by the phase it was thrown in. */
  failure(attempt: Attempt, thrown: unknown): GatehouseError {
    return this.begun ? effectFailure(attempt, thrown) : failure(attempt, thrown);
  }
}

/** The work, or `Lost` at the signal while the work goes on unwatched. `sent` is asked when that happens: has the effect been asked for? */
export async function unlessAborted<T>(signal: AbortSignal, sent: boolean | (() => boolean), work: () => Promise<T>): Promise<T> {
  const lost = (): unknown => {
    const asked = typeof sent === 'boolean' ? sent : sent();
    try {
      return new Lost(abortWords(signal), asked);
    } catch (error) {
      return asked ? new Lost('the wait was ended', true, { cause: error }) : error;
    }
  };
  if (signal.aborted) throw lost();
  let abort = (): void => undefined;
  const over = new Promise<never>((_resolve, reject) => {
    abort = () => reject(lost());
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work(), over]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
