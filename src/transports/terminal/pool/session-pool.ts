import { GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type SessionState, type SessionsStatus } from '../../../contract/sessions.ts';
import { type Lent, type SessionPool } from './landmarks.ts';
import { Loan } from './loan.ts';
import { type Seat } from './seat.ts';
import { type PoolSurroundings, seatsOf } from './seats.ts';
import { Waiters } from './waiters.ts';

const standing: ReadonlySet<SessionState> = new Set(['opening', 'idle', 'lent', 'recovering', 'closing']);

/**
 * The pool of one system. Nothing is opened before it is needed; what is opened stays warm. Until a log-in has succeeded they are made one at a
 * time: should all passwords be wrong, or one shared account, the host sees one try.
 */
export class TerminalPool implements SessionPool {
  readonly #around: PoolSurroundings;
  readonly #seats: readonly Seat[];
  readonly #limit: number;
  readonly #waiters: Waiters;
  /** Log-ins end at once at a stop; sessions that come home are given a little time. */
  readonly #logInAborter = new AbortController();
  readonly #aborter = new AbortController();
  readonly #cares = new Map<Seat, () => void>();
  /** Work on seats that a stop waits for. */
  readonly #work = new Set<Promise<void>>();
  readonly #loans = new Map<Seat, Loan>();
  #cancelWake: () => void = () => undefined;
  #proven = false;
  #awake = false;
  #closing: Promise<void> | null = null;
  #logIns = 0;
  #failedLogIns = 0;

  private constructor(around: PoolSurroundings, seats: readonly Seat[]) {
    this.#around = around;
    this.#seats = seats;
    const { sessions } = around.settings.pool;
    this.#limit = sessions === 0 ? seats.length : Math.min(sessions, seats.length);
    this.#waiters = new Waiters(() => this.#busy());
    for (const seat of seats) seat.onEnded = () => this.#run(seat, () => seat.drop());
  }

  /** Reads what is remembered of log-ins and calls, and asks no host. @throws GatehouseError CONFIG_INVALID when a user id is there twice */
  static async open(around: PoolSurroundings): Promise<TerminalPool> {
    return new TerminalPool(around, await seatsOf(around));
  }

  get fault(): GatehouseError | null {
    for (const { guard } of this.#seats) if (guard.refusal !== null) return guard.refusal;
    return null;
  }

  async take(signal: AbortSignal): Promise<Lent> {
    if (this.#closing !== null) throw this.#stopping();
    if (this.fault !== null) throw this.fault;
    this.#awake = true;
    const waiter = this.#waiters.enter(signal);
    this.#pump();
    return waiter;
  }

  async check(signal: AbortSignal): Promise<void> {
    const lent = this.#seats.filter(({ state }) => state === 'lent');
    // Where calls are on every session that may be, they find out by themselves.
    if (lent.length >= this.#limit && this.fault === null && lent.some(({ session }) => session.connected)) return;
    const idle = this.#seats.find(({ state }) => state === 'idle');
    if (idle !== undefined && this.fault === null) await this.#run(idle, () => idle.keepAlive(this.#aborter.signal));
    await (await this.take(signal)).giveBack('home');
  }

  status(): SessionsStatus {
    return {
      sessions: this.#seats.map((seat) => seat.status()),
      waiting: this.#waiters.count,
      logIns: this.#logIns,
      failedLogIns: this.#failedLogIns,
    };
  }

  async resumed(): Promise<void> {
    await Promise.all(this.#seats.map(({ guard }) => guard.reset()));
    this.#pump();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelWake();
    for (const cancel of this.#cares.values()) cancel();
    this.#waiters.refuse(this.#stopping());
    this.#logInAborter.abort();
    // Calls have had the gateway's time to end; a little more, then they are cut off.
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.#around.clock.after(this.#around.settings.pool.logOffTimeoutMs, resolve);
    await Promise.race([Promise.all([...this.#loans.values()].map(({ returned }) => returned)).then(() => Promise.all(this.#work)), late]);
    cancel();
    this.#aborter.abort();
    await Promise.all(this.#work);
    await Promise.all(this.#seats.map((seat) => (seat.state === 'idle' ? seat.logOff() : seat.drop())));
    await Promise.all(this.#seats.map(({ lastCall }) => lastCall.forget()));
  }

  /** Serves who waits with what is idle, and opens as many as are still wanted. */
  #pump(): void {
    if (this.#closing !== null || !this.#awake) return;
    const { fault } = this;
    if (fault !== null) return this.#waiters.refuse(fault);
    for (const seat of this.#idle()) {
      if (this.#waiters.count === 0) break;
      this.#run(seat, () => this.#serve(seat));
    }
    this.#openWanted();
    this.#wakeForRest();
    if (!this.#seats.some(({ state }) => standing.has(state))) this.#refuseAll();
    return undefined;
  }

  /** The one used last first: those that are not needed can grow old. */
  #idle(): Seat[] {
    return this.#seats.filter(({ state }) => state === 'idle').sort((a, b) => b.status().sinceMs - a.status().sinceMs);
  }

  #openWanted(): void {
    const states = this.#seats.map(({ state }) => state);
    const opening = states.filter((state) => state === 'opening').length;
    // What was on a call when the process ended is looked at first, and without being asked for.
    const openable = this.#seats.filter(({ state }) => state === 'closed').sort((a, b) => Number(b.lastCall.open) - Number(a.lastCall.open));
    const left = openable.filter(({ lastCall }) => lastCall.open).length;
    const room = this.#limit - states.filter((state) => standing.has(state)).length;
    const wanted = Math.min(Math.max(this.#waiters.count - opening, left), room, this.#proven ? Infinity : 1 - opening);
    for (const seat of openable.slice(0, Math.max(0, wanted))) this.#run(seat, () => this.#open(seat));
  }

  async #open(seat: Seat): Promise<void> {
    try {
      await seat.open(this.#logInAborter.signal);
      this.#logIns += 1;
      this.#proven = true;
    } catch (thrown) {
      const error = asGatehouseError(thrown);
      this.#failedLogIns += 1;
      this.#proven = false;
      // Another user id may do better; a host that is away is away for all.
      const others = this.#seats.filter(({ state }) => standing.has(state) || (seat.state === 'resting' && state === 'closed'));
      if (others.length === 0) this.#waiters.refuse(error);
      else if (seat.state !== 'resting') this.#waiters.refuseFirst(error);
    }
  }

  /** Lends the seat to who has waited longest, if it is still at home. */
  async #serve(seat: Seat): Promise<void> {
    const waiter = this.#waiters.next();
    if (waiter === null) return;
    seat.lend();
    const home = await seat.isHome().catch(() => false);
    if (!home) {
      this.#waiters.back(waiter);
      const { system } = this.#around;
      return seat.recover(
        new GatehouseError('SCREEN_UNEXPECTED', `${system}: ${seat.user} was no longer at home when it was wanted`),
        this.#aborter.signal,
      );
    }
    const loan = new Loan(seat, (how) => this.#returned(seat, how));
    this.#loans.set(seat, loan);
    if (waiter.lend(loan)) return undefined;
    this.#loans.delete(seat);
    return seat.rest();
  }

  /** Resolves when the seat is at home or on its way there: who gives back does not wait for that. */
  async #returned(seat: Seat, how: 'home' | { broken: GatehouseError }): Promise<void> {
    seat.served();
    const home = how === 'home' && (await seat.isHome().catch(() => false));
    this.#loans.delete(seat);
    if (home) {
      seat.lastCall.over();
      if (!seat.worn && this.#closing === null) {
        seat.rest();
        return this.#settled(seat);
      }
      return void this.#run(seat, () => seat.logOff());
    }
    const { system } = this.#around;
    const why = how === 'home' ? new GatehouseError('SCREEN_UNEXPECTED', `${system}: ${seat.user} was given back and is not at home`) : how.broken;
    return void this.#run(seat, () => seat.recover(why, this.#aborter.signal));
  }

  /** Work on a seat, and what follows from where it stands afterwards. */
  #run(seat: Seat, work: () => Promise<void>): Promise<void> {
    const done = work()
      .catch((error: unknown) => {
        this.#around.log('error', { system: this.#around.system, user: seat.user }, `the session pool failed: ${String(error)}`);
      })
      .finally(() => {
        this.#work.delete(done);
        this.#settled(seat);
      });
    this.#work.add(done);
    return done;
  }

  #settled(seat: Seat): void {
    this.#cares.get(seat)?.();
    this.#cares.delete(seat);
    if (this.#closing !== null) return;
    const careInMs = seat.state === 'idle' ? seat.careInMs : null;
    if (careInMs !== null)
      this.#cares.set(
        seat,
        this.#around.clock.after(careInMs, () => this.#care(seat)),
      );
    this.#pump();
  }

  #care(seat: Seat): void {
    if (seat.state !== 'idle') return;
    void this.#run(seat, () => (seat.worn || seat.unneeded ? seat.logOff() : seat.keepAlive(this.#aborter.signal)));
  }

  /** Who waits for a session that is lent may also be served by a user id whose rest is over. */
  #wakeForRest(): void {
    this.#cancelWake();
    if (this.#waiters.count === 0) return;
    const rests = this.#seats.flatMap(({ guard }) => guard.restsUntilMs() ?? []);
    if (rests.length === 0) return;
    this.#cancelWake = this.#around.clock.after(Math.max(1, Math.min(...rests) - this.#around.clock.steadyMs()), () => this.#pump());
  }

  #refuseAll(): void {
    if (this.#waiters.count === 0) return;
    const rest = this.#seats.map(({ guard }) => guard.objection()).find((error) => error !== null);
    this.#waiters.refuse(rest ?? new GatehouseError('NO_SESSION', `${this.#around.system}: no session stands and none can be opened`));
  }

  #busy(): GatehouseError {
    const lent = this.#seats.filter(({ state }) => state === 'lent').length;
    return new GatehouseError(
      'NO_SESSION',
      `${this.#around.system}: no session came free in time; ${lent} of ${this.#limit} are with calls, ${this.#waiters.count} more calls wait`,
    );
  }

  #stopping(): GatehouseError {
    return new GatehouseError('STOPPING', `${this.#around.system}: no session is lent any longer, the gateway is stopping`);
  }
}
