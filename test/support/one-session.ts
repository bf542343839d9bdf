import { GatehouseError } from '../../src/contract/errors.ts';
import { type LinkSurroundings } from '../../src/contract/transport.ts';
import { driverFor } from '../../src/transports/terminal/drivers.ts';
import { type Landmarks, type Lent, type SessionPool } from '../../src/transports/terminal/pool/landmarks.ts';
import { type Happening, type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { type TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';

/** One session, lent to one call after the other; closed and opened anew when it comes back broken. */
export class OneSession implements SessionPool {
  readonly fault = null;
  readonly #surroundings: LinkSurroundings;
  readonly #settings: TerminalSettings;
  readonly #landmarks: Landmarks;
  readonly #listeners = new Set<(happening: Happening) => void>();
  #session: TerminalSession | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(surroundings: LinkSurroundings, landmarks: Landmarks) {
    this.#surroundings = surroundings;
    this.#settings = surroundings.settings as TerminalSettings;
    this.#landmarks = landmarks;
  }

  async take(signal: AbortSignal): Promise<Lent> {
    const before = this.#turn;
    const { promise, resolve: over } = Promise.withResolvers<void>();
    this.#turn = before.then(() => promise);
    const aborted = new Promise<'aborted'>((resolve) => signal.addEventListener('abort', () => resolve('aborted'), { once: true }));
    if ((await Promise.race([before, aborted])) === 'aborted' || signal.aborted) {
      over();
      throw new GatehouseError('NO_SESSION', `${this.#surroundings.system}: the session was not free in time`);
    }
    try {
      const session = await this.#warm(signal);
      return {
        session,
        user: this.#settings.user ?? '',
        observe: (listener) => void this.#listeners.add(listener),
        giveBack: async (how) => {
          this.#listeners.clear();
          const atHome = how === 'home' && this.#landmarks.place(session.screen()).kind === 'home';
          if (!atHome) await this.#close();
          over();
        },
      };
    } catch (error) {
      await this.#close();
      over();
      throw error;
    }
  }

  /** With a session of its own: one that stands may have lost its host without having heard of it. */
  async check(signal: AbortSignal): Promise<void> {
    await (await this.take(signal)).giveBack({ broken: new GatehouseError('UNREACHABLE', 'closed for the check') });
    await (await this.take(signal)).giveBack('home');
  }

  async close(): Promise<void> {
    const session = this.#session;
    if (session?.connected === true && this.#landmarks.place(session.screen()).kind === 'home')
      await this.#landmarks.logOff(session, AbortSignal.timeout(1_000)).catch(() => undefined);
    await this.#close();
  }

  async #close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  async #warm(signal: AbortSignal): Promise<TerminalSession> {
    if (this.#session?.connected === true) return this.#session;
    const { system, clock } = this.#surroundings;
    const settings = this.#settings;
    const observe = (happening: Happening): void => this.#listeners.forEach((listener) => listener(happening));
    const session = await driverFor(settings).open({ system, settings, clock, observe }, signal);
    this.#session = session;
    await session.wait(this.#landmarks.arrivals(), settings.connectTimeoutMs, signal);
    if (settings.password === undefined) throw new GatehouseError('CONFIG_INVALID', `${system}: no password`);
    await this.#landmarks.logIn(session, settings.user ?? '', settings.password, signal);
    return session;
  }
}
