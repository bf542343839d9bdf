import { createHmac, randomBytes } from 'node:crypto';
import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type Memory } from '../../../contract/memory.ts';
import { type Secret } from '../../../contract/secret.ts';
import { type PoolSettings } from './pool.settings.ts';

const dayMs = 86_400_000;
const maxDoublings = 30;

/** What is known of the log-ins of a user id that did not succeed; kept until one does. Times: steady clock, ms. */
interface Tries {
  readonly salt: string;
  /** Of the secrets they were made with: it tells that they changed, and is too short to find one by. */
  readonly check: string;
  /** `trying`: one is under way, or was when the process ended. */
  readonly state: 'trying' | 'failed' | 'refused';
  readonly atMs: number;
  /** In a row. */
  readonly failures: number;
  /** When those were whose end is not known: the host may have counted each as a wrong password. */
  readonly unclearMs: readonly number[];
  readonly notBeforeMs: number;
  readonly why: string;
}

export interface GuardSurroundings {
  readonly system: string;
  readonly settings: PoolSettings;
  readonly clock: Clock;
  readonly memory: Memory;
}

/**
 * Keeps the host from locking a user id. A refused password is not tried again until it changes or a person says so; after other failures the
 * user id rests, longer each time; and what is not known to have ended well counts against a small number a day. All of it is durable before
 * the password is typed: a restart in the middle counts as a log-in whose end is not known.
 */
export class LogInGuard {
  readonly user: string;
  readonly #around: GuardSurroundings;
  readonly #secrets: readonly Secret[];
  #tries: Tries | null = null;
  /** What stood there before the log-in that is under way. */
  #before: Tries | null = null;

  private constructor(around: GuardSurroundings, user: string, secrets: readonly Secret[]) {
    this.#around = around;
    this.user = user;
    this.#secrets = secrets;
  }

  /** `secrets`: all that the host is shown at a log-in of this user. */
  static async load(around: GuardSurroundings, user: string, secrets: readonly Secret[]): Promise<LogInGuard> {
    const guard = new LogInGuard(around, user, secrets);
    const tries = triesOf(await around.memory.get(guard.#key));
    if (tries === null) return guard;
    if (guard.#checkOf(tries.salt) !== tries.check) await around.memory.remove(guard.#key);
    else if (tries.state === 'trying') await guard.#put(guard.#failed(tries, 'the gateway ended during a log-in', true));
    else guard.#tries = tries;
    return guard;
  }

  /** Why the user id cannot be logged in at all, until its secret changes or a person wants it tried again. */
  get refusal(): GatehouseError | null {
    const { system } = this.#around;
    if (this.#tries?.state !== 'refused') return null;
    return new GatehouseError(
      'CREDENTIALS_REFUSED',
      `${system}: the host refused the password of ${this.user} on ${iso(this.#tries.atMs)}; it is not tried again until it changes or ${system} is resumed`,
    );
  }

  /** Until when the user id is left alone; null when it may be logged in now. */
  restsUntilMs(): number | null {
    const tries = this.#tries;
    if (tries === null || tries.state !== 'failed') return null;
    const nowMs = this.#around.clock.steadyMs();
    const untilMs = Math.max(tries.notBeforeMs, this.#openAgainMs(tries, nowMs));
    return untilMs > nowMs ? untilMs : null;
  }

  /** Why the user id is not logged in now; null when it may be. */
  objection(): GatehouseError | null {
    const untilMs = this.restsUntilMs();
    if (this.refusal !== null || untilMs === null || this.#tries === null) return this.refusal;
    const { system, clock } = this.#around;
    const unclear = this.#recent(this.#tries, clock.steadyMs()).length;
    const many =
      unclear >= this.#around.settings.unclearLogInsADay
        ? `; ${unclear} log-ins in 24 hours have had no clear end, more could lock it: resume ${system} when it is known why`
        : '';
    return new GatehouseError(
      'NO_SESSION',
      `${system}: ${this.user} is not logged in again before ${iso(untilMs)}, after ${this.#tries.failures} in a row that failed: ${this.#tries.why}${many}`,
    );
  }

  /** Before the password leaves. Resolves when it is durable that it may have left. */
  async begin(): Promise<void> {
    if (this.#tries?.state === 'trying') return;
    this.#before = this.#tries;
    const { unclearMs = [], failures = 0, notBeforeMs = 0 } = this.#tries ?? {};
    const salt = randomBytes(8).toString('hex');
    const atMs = this.#around.clock.steadyMs();
    await this.#put({ salt, check: this.#checkOf(salt), state: 'trying', atMs, failures, unclearMs, notBeforeMs, why: '' });
  }

  /** The host has let the user in: it has forgotten what went wrong before, and so is it here. */
  async succeeded(): Promise<void> {
    if (this.#tries === null) return;
    this.#tries = null;
    await this.#around.memory.remove(this.#key);
  }

  /**
   * The log-in under way led to no session; without one under way nothing is noted. `shown`: the password may have reached the host. If not,
   * nothing is held against the user id but a wait, and for a host that cannot be reached not even that.
   */
  async failed(error: GatehouseError, shown: boolean): Promise<void> {
    const tries = this.#tries;
    if (tries?.state !== 'trying') return undefined;
    if (error.code === 'CREDENTIALS_REFUSED') return this.#put({ ...tries, state: 'refused', atMs: this.#around.clock.steadyMs() });
    if (!shown && error.code === 'UNREACHABLE') return this.#restore();
    // All sessions taken, or still logged on: that is said only to who has the right password.
    return this.#put(this.#failed(tries, `${error.code} ${error.message}`.slice(0, 500), shown && error.code !== 'NO_SESSION'));
  }

  /** A person wants it tried again. One that is under way still has its end noted. */
  async reset(): Promise<void> {
    if (this.#tries?.state !== 'trying') await this.succeeded();
  }

  async #restore(): Promise<void> {
    if (this.#before === null) return this.succeeded();
    return this.#put(this.#before);
  }

  async #put(tries: Tries): Promise<void> {
    this.#tries = tries;
    await this.#around.memory.put(this.#key, tries as unknown as Json);
  }

  #failed(tries: Tries, why: string, unclear: boolean): Tries {
    const { clock, settings } = this.#around;
    const nowMs = clock.steadyMs();
    const waitMs = Math.min(settings.maxLogInWaitMs, settings.logInWaitMs * 2 ** Math.min(tries.failures, maxDoublings));
    const unclearMs = [...this.#recent(tries, nowMs), ...(unclear ? [nowMs] : [])];
    return { ...tries, state: 'failed', atMs: nowMs, failures: tries.failures + 1, unclearMs, notBeforeMs: nowMs + waitMs, why };
  }

  #recent({ unclearMs }: Tries, nowMs: number): number[] {
    return unclearMs.filter((atMs) => atMs > nowMs - dayMs);
  }

  /** When the day's number is no longer used up. */
  #openAgainMs(tries: Tries, nowMs: number): number {
    const recent = this.#recent(tries, nowMs);
    const oldest = recent[recent.length - this.#around.settings.unclearLogInsADay];
    return oldest === undefined ? 0 : oldest + dayMs;
  }

  #checkOf(salt: string): string {
    const text = JSON.stringify(this.#secrets.map((secret) => secret.reveal()));
    return createHmac('sha256', salt).update(text).digest('hex').slice(0, 4);
  }

  get #key(): string {
    return `log-in/${this.user.toLowerCase()}`;
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** What an earlier version, or nobody, wrote there is no tries. */
function triesOf(value: Json | null): Tries | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const { salt, check, state, unclearMs } = value;
  const whole =
    typeof salt === 'string' && typeof check === 'string' && Array.isArray(unclearMs) && ['trying', 'failed', 'refused'].includes(String(state));
  return whole ? (value as unknown as Tries) : null;
}
