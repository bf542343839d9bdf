import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Log } from '../../../contract/log.ts';
import { type Secret } from '../../../contract/secret.ts';
import { type SessionState, type SessionStatus } from '../../../contract/sessions.ts';
import { type Happening, type TerminalDriver, type TerminalSession } from '../terminal.driver.ts';
import { TerminalSettings } from '../terminal.settings.ts';
import { arrive } from './arrival.ts';
import { type Landmarks } from './landmarks.ts';
import { type LastCall } from './last-call.ts';
import { type LogInGuard } from './log-in.guard.ts';
import { within } from './within.ts';

export interface SeatSurroundings {
  readonly system: string;
  readonly settings: TerminalSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly driver: TerminalDriver;
  readonly landmarks: Landmarks;
}

/** One user id and the session that it is in, or is not. Each step leaves it in a state in which the next is safe; the pool decides which. */
export class Seat {
  readonly user: string;
  readonly guard: LogInGuard;
  readonly lastCall: LastCall;
  readonly #around: SeatSurroundings;
  readonly #password: Secret | null;
  #state: SessionState = 'closed';
  #sinceMs: number;
  #session: TerminalSession | null = null;
  #openedMs = 0;
  #idleSinceMs = 0;
  #uses = 0;
  #error: string | null = null;
  #watch: ((happening: Happening) => void) | null = null;
  /** The session has ended by itself while nobody was on it. */
  onEnded: () => void = () => undefined;

  constructor(around: SeatSurroundings, user: string, password: Secret | null, guard: LogInGuard, lastCall: LastCall) {
    this.#around = around;
    this.user = user;
    this.#password = password;
    this.guard = guard;
    this.lastCall = lastCall;
    this.#sinceMs = around.clock.wallMs();
  }

  get state(): SessionState {
    if (this.#state !== 'closed') return this.#state;
    return this.guard.refusal !== null ? 'refused' : this.guard.restsUntilMs() === null ? 'closed' : 'resting';
  }

  /** Only while it is lent. */
  get session(): TerminalSession {
    if (this.#session === null) throw new GatehouseError('DEFECT', `${this.#around.system}: ${this.user} is in no session`);
    return this.#session;
  }

  status(): SessionStatus {
    const standing = this.#session !== null && this.#state !== 'opening';
    return {
      user: this.user,
      state: this.state,
      sinceMs: this.#sinceMs,
      uses: standing ? this.#uses : 0,
      ageMs: standing ? Math.round(this.#around.clock.monotonicMs() - this.#openedMs) : 0,
      error: this.#error,
    };
  }

  /**
   * Connects, recognises what the host shows, logs in where it asks for it, and is at home.
   * @throws GatehouseError of class transient or system; nothing of a call was sent
   */
  async open(parent: AbortSignal): Promise<void> {
    this.#to('opening');
    const { system, settings, clock, landmarks, driver, log } = this.#around;
    try {
      const objection = this.guard.objection();
      if (objection !== null) throw objection;
      await this.#within(settings.pool.logInTimeoutMs, parent, async (signal) => {
        await this.#connect(signal, driver);
        await arrive(
          { system, settings, landmarks, user: this.user, password: this.#password, guard: this.guard, lastCall: this.lastCall },
          this.session,
          signal,
        );
      });
      this.#error = null;
      this.#openedMs = clock.monotonicMs();
      this.#uses = 0;
      this.rest();
      log('info', { system, user: this.user }, `${system}: ${this.user} is logged in`);
    } catch (thrown) {
      const cause = asGatehouseError(thrown);
      const error = noSession(system, this.user, cause);
      // Over a screen it is noted there; at the door the line may be lost while the password is on it.
      await (cause.code === 'NO_ANSWER' && this.#session === null ? this.guard.failed(cause, true) : this.guard.failed(error, false));
      this.#error = error.message;
      await this.drop();
      log('warn', { system, user: this.user, code: error.code }, `${system}: no session for ${this.user}: ${error.message}`);
      throw error;
    }
  }

  /** With SSH the user id is shown at the door, with the others on a screen. */
  async #connect(signal: AbortSignal, driver: TerminalDriver): Promise<void> {
    const { system, settings, clock } = this.#around;
    const atDoor = settings.protocol === 'ssh';
    const own = atDoor && settings.user === undefined ? { user: this.user, ...(this.#password === null ? {} : { password: this.#password }) } : {};
    if (atDoor) await this.guard.begin();
    this.#session = await driver.open(
      { system, settings: Object.assign(new TerminalSettings(), settings, own), clock, observe: (happening) => this.#happened(happening) },
      signal,
    );
  }

  #happened(happening: Happening): void {
    this.#watch?.(happening);
    if (happening.kind === 'ended' && this.#state === 'idle') this.onEnded();
  }

  /** Whether the newest screen is home. On VT that costs nothing; on 3270 the terminal is asked, not the host. */
  async isHome(): Promise<boolean> {
    const session = this.#session;
    if (session?.connected !== true) return false;
    const { screen } = await session.wait(this.#around.landmarks.arrivals(), 0);
    return session.connected && screen.lock === 'unlocked' && this.#around.landmarks.place(screen).kind === 'home';
  }

  /** Nobody is on it, and it is at home. */
  rest(): void {
    this.#idleSinceMs = this.#around.clock.monotonicMs();
    this.#to('idle');
  }

  lend(): void {
    this.#to('lent');
  }

  /** It is somebody's no longer. */
  served(): void {
    this.#watch = null;
    this.#uses += 1;
    this.#to('recovering');
  }

  /** Told from now on, beginning with what stands. */
  watch(listener: (happening: Happening) => void): void {
    const screen = this.session.screen();
    const { settings } = this.#around;
    const terminal = settings.protocol === 'tn3270' ? `3279-${settings.model}-E` : settings.terminal;
    listener({ kind: 'opened', rows: screen.rows, columns: screen.columns, terminal });
    listener({ kind: 'screen', screen });
    this.#watch = listener;
  }

  /** Has served, or stood, as long as it may. */
  get worn(): boolean {
    const { maxUses, maxAgeMs } = this.#around.settings.pool;
    return (maxUses > 0 && this.#uses >= maxUses) || (maxAgeMs > 0 && this.#ageMs >= maxAgeMs);
  }

  /** Not needed for as long as it may be. */
  get unneeded(): boolean {
    const { idleMs } = this.#around.settings.pool;
    return idleMs > 0 && this.#idleForMs >= idleMs;
  }

  /** When an idle session has to be looked after, from now on, ms; null when never. */
  get careInMs(): number | null {
    const { idleMs, maxAgeMs, keepaliveMs } = this.#around.settings.pool;
    const dues = [
      ...(idleMs > 0 ? [idleMs - this.#idleForMs] : []),
      ...(maxAgeMs > 0 ? [maxAgeMs - this.#ageMs] : []),
      ...(keepaliveMs > 0 ? [keepaliveMs] : []),
    ];
    return dues.length === 0 ? null : Math.max(1, Math.ceil(Math.min(...dues)));
  }

  get #ageMs(): number {
    return this.#around.clock.monotonicMs() - this.#openedMs;
  }

  get #idleForMs(): number {
    return this.#around.clock.monotonicMs() - this.#idleSinceMs;
  }

  /** What a call has left is brought home, or closed. Never rejects. */
  async recover(why: GatehouseError, parent: AbortSignal): Promise<void> {
    this.#to('recovering');
    const { system, settings, landmarks, log } = this.#around;
    const session = this.#session;
    const left = session === null ? null : landmarks.place(session.screen()).map;
    await this.lastCall.tell(`${why.code}; it was left at ${left ?? 'a screen that no map knows'}`, session?.screen() ?? null);
    try {
      if (session?.connected === true) await this.#within(settings.pool.recoverTimeoutMs, parent, (signal) => landmarks.goHome(session, signal));
      if (await this.isHome()) return this.rest();
      this.#error = `${system}: the session was closed after ${why.code}: ${why.message}`;
    } catch (thrown) {
      this.#error = `${system}: the session was closed after ${why.code}, it did not come home: ${asGatehouseError(thrown).message}`;
    }
    log('warn', { system, user: this.user, code: why.code }, this.#error);
    return this.drop();
  }

  /** Presses the key that is harmless at home, if there is one, and sees that it is still there. Never rejects. */
  async keepAlive(parent: AbortSignal): Promise<void> {
    this.#to('recovering');
    const { settings, landmarks, system } = this.#around;
    const { keepaliveKey, recoverTimeoutMs } = settings.pool;
    const idleSinceMs = this.#idleSinceMs;
    try {
      if (keepaliveKey !== undefined && (await this.isHome()))
        await this.#within(recoverTimeoutMs, parent, async (signal) => {
          await this.session.press(keepaliveKey);
          await this.session.wait(landmarks.arrivals(), recoverTimeoutMs, signal);
        });
    } catch {
      // What stands decides.
    }
    if (!(await this.isHome()))
      return this.recover(new GatehouseError('NO_ANSWER', `${system}: ${this.user} did not stay at home while idle`), parent);
    this.rest();
    this.#idleSinceMs = idleSinceMs;
    return undefined;
  }

  /** Logs off from home, and closes. Never rejects. */
  async logOff(): Promise<void> {
    this.#to('closing');
    const { system, settings, landmarks, log } = this.#around;
    const session = this.#session;
    try {
      if (session?.connected === true)
        await this.#within(settings.pool.logOffTimeoutMs, null, async (signal) => {
          if (!(await this.isHome())) await landmarks.goHome(session, signal);
          await landmarks.logOff(session, signal);
        });
    } catch (thrown) {
      log('warn', { system, user: this.user }, `${system}: ${this.user} was not logged off: ${asGatehouseError(thrown).message}`);
    }
    await this.drop();
  }

  /** Closes without asking the host. */
  async drop(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#watch = null;
    this.#to('closing');
    await session?.close().catch(() => undefined);
    this.#to('closed');
  }

  #to(state: SessionState): void {
    this.#state = state;
    this.#sinceMs = this.#around.clock.wallMs();
  }

  /** The session is closed under work that is late, which ends whatever it waits for. */
  #within(withinMs: number, parent: AbortSignal | null, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const { system, clock } = this.#around;
    return within({ what: `${system}: what was asked of ${this.user}`, clock, withinMs, parent, cut: () => void this.#session?.close() }, work);
  }
}

/** No failure to get a session is one of the call, of which nothing was sent. */
function noSession(system: string, user: string, error: GatehouseError): GatehouseError {
  if (error.class === 'transient' || error.class === 'system') return error;
  return new GatehouseError('NO_SESSION', `${system}: no session for ${user}: ${error.message}`, {
    cause: error,
    native: error.native ?? error.code,
  });
}
