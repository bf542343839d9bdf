import { GatehouseError } from '../../../contract/errors.ts';
import { type Happening, type TerminalSession } from '../terminal.driver.ts';
import { type Lent } from './landmarks.ts';
import { type Seat } from './seat.ts';

/** A session while one call has it. */
export class Loan implements Lent {
  readonly session: TerminalSession;
  readonly user: string;
  /** Resolves when it was given back. */
  readonly returned: Promise<void>;
  readonly #seat: Seat;
  readonly #back: (how: 'home' | { broken: GatehouseError }) => Promise<void>;
  readonly #over: () => void;
  #returning: Promise<void> | null = null;

  constructor(seat: Seat, back: (how: 'home' | { broken: GatehouseError }) => Promise<void>) {
    this.#seat = seat;
    this.session = seat.session;
    this.user = seat.user;
    this.#back = back;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.returned = promise;
    this.#over = resolve;
  }

  observe(listener: (happening: Happening) => void): void {
    this.#mustBeMine();
    this.#seat.watch(listener);
  }

  calls(callId: string): void {
    this.#mustBeMine();
    this.#seat.lastCall.begins(callId);
  }

  /** Once: what comes after it changes nothing. */
  giveBack(how: 'home' | { broken: GatehouseError }): Promise<void> {
    this.#returning ??= this.#back(how).finally(this.#over);
    return this.#returning;
  }

  #mustBeMine(): void {
    if (this.#returning !== null) throw new GatehouseError('DEFECT', `the session of ${this.user} was given back before`);
  }
}
