import { GatehouseError } from '../../src/contract/errors.ts';
import { type Secret } from '../../src/contract/secret.ts';
import { type Key } from '../../src/transports/terminal/keys.ts';
import { type Landmarks } from '../../src/transports/terminal/pool/landmarks.ts';
import { type Place } from '../../src/transports/terminal/screen/place.ts';
import { type Screen } from '../../src/transports/terminal/screen/screen.ts';
import { type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { type Condition } from '../../src/transports/terminal/wait.ts';

type Kind = ReturnType<Landmarks['place']>['kind'];

/** What tells one practice host from the other. */
export interface HostScreens {
  readonly system: string;
  /** Of the code in the title line, by the kind of its screen. */
  readonly codes: Readonly<Record<string, Kind>>;
  readonly overlay: string | null;
  readonly user: Place;
  readonly password: Place;
  readonly between: readonly Key[];
  readonly messageRow: number;
  /** Codes of messages. */
  readonly refused: readonly string[];
  readonly noSession: readonly string[];
  readonly back: Key;
  readonly dismiss: Key;
  goOn(session: TerminalSession): Promise<void>;
}

const stepMs = 10_000;
const codeAt: Place = { row: 1, column: 2 };

/** Landmarks of the practice hosts, by hand: what an adapter's screen maps will say. */
export class PracticeLandmarks implements Landmarks {
  readonly #host: HostScreens;
  readonly #arrivals: readonly Condition[];

  constructor(host: HostScreens) {
    this.#host = host;
    const { overlay } = host;
    this.#arrivals = [
      ...Object.keys(host.codes).map((code): Condition => ({ name: code, anchors: [{ text: code, at: codeAt }] })),
      ...(overlay === null ? [] : [{ name: 'overlay', anchors: [{ text: overlay, within: { row: 10, column: 1, height: 3 } }] } as Condition]),
    ];
  }

  place(screen: Screen): { kind: Kind; map: string | null } {
    const { overlay, codes } = this.#host;
    if (overlay !== null && screen.find(overlay, { row: 10, column: 1, height: 3 }) !== null) return { kind: 'interstitial', map: 'message' };
    const code = Object.keys(codes).find((each) => screen.shows(each, codeAt));
    return code === undefined ? { kind: 'unknown', map: null } : { kind: codes[code] ?? 'known', map: code };
  }

  arrivals(): readonly Condition[] {
    return this.#arrivals;
  }

  async logIn(session: TerminalSession, user: string, password: Secret, signal: AbortSignal): Promise<void> {
    const { system, refused, noSession, messageRow, between } = this.#host;
    await session.type(user, { name: 'user', at: this.#host.user, width: 10, shows: 'any-case' });
    for (const key of between) await session.press(key);
    if (between.length > 0)
      await session.wait(
        { name: 'password', anchors: [{ text: 'SIGN ON', within: { row: 1, column: 1 } }], cursor: this.#host.password },
        stepMs,
        signal,
      );
    await session.type(password, { name: 'password', at: this.#host.password, width: 32, hidden: true });
    await session.press('enter');
    const said = [...refused, ...noSession].map((code): Condition => ({
      name: code,
      anchors: [{ text: code, within: { row: messageRow, column: 1 } }],
    }));
    const inside = this.#arrivals.filter(({ name }) => this.#host.codes[name] !== 'login');
    const { end, condition = '', why } = await session.wait([...said, ...inside], stepMs, signal);
    if (end !== 'met')
      throw new GatehouseError(session.connected ? 'NO_ANSWER' : 'UNREACHABLE', `${system}: the log-in of ${user} had no answer: ${why}`);
    if (refused.includes(condition)) throw new GatehouseError('CREDENTIALS_REFUSED', `${system}: ${condition} for ${user}`, { native: condition });
    if (noSession.includes(condition) || condition.endsWith('02'))
      throw new GatehouseError('NO_SESSION', `${system}: ${condition} for ${user}`, { native: condition });
    if (this.place(session.screen()).kind === 'interstitial') await this.goHome(session, signal);
    if (this.place(session.screen()).kind !== 'home')
      throw new GatehouseError('SCREEN_UNEXPECTED', `${system}: the log-in of ${user} ended at ${condition}`);
  }

  async takeOver(session: TerminalSession, _signal: AbortSignal): Promise<boolean> {
    if (this.place(session.screen()).map?.endsWith('02') !== true) return false;
    await this.#host.goOn(session);
    return true;
  }

  async goHome(session: TerminalSession, signal: AbortSignal): Promise<void> {
    const { system, back, dismiss } = this.#host;
    for (let step = 0; step < 5 && !signal.aborted; step += 1) {
      const { kind, map } = this.place(session.screen());
      if (kind === 'home') return;
      if (kind === 'login' || map === null) break;
      await session.press(kind === 'interstitial' ? dismiss : back);
      const elsewhere = this.#arrivals.filter(({ name }) => name !== map && !(map === 'message' && name === 'overlay'));
      const { end } = await session.wait(elsewhere, stepMs, signal);
      if (end !== 'met') break;
    }
    if (this.place(session.screen()).kind !== 'home')
      throw new GatehouseError('SCREEN_UNEXPECTED', `${system}: there is no way home from ${this.place(session.screen()).map ?? 'here'}`);
  }

  async logOff(session: TerminalSession, signal: AbortSignal): Promise<void> {
    await session.press('f3');
    await session.wait({ name: 'gone', anchors: [{ text: 'NEVER SHOWN', at: codeAt }] }, stepMs, signal);
    if (session.connected) throw new GatehouseError('NO_ANSWER', `${this.#host.system}: the host did not end the session`);
  }
}

const known = (prefix: string, codes: readonly string[]): Record<string, Kind> =>
  Object.fromEntries(codes.map((code) => [`${prefix}${code}`, 'known' as const]));

export const stockroomLandmarks = new PracticeLandmarks({
  system: 'stockroom',
  codes: { ...known('SR', ['02', '20', '30', '31', '32', '40', '50']), SR01: 'login', SR05: 'interstitial', SR10: 'home' },
  overlay: 'MESSAGE FROM OPERATIONS',
  user: { row: 9, column: 27 },
  password: { row: 11, column: 27 },
  between: ['tab'],
  messageRow: 23,
  refused: ['SR-011', 'SR-012'],
  noSession: ['SR-013', 'SR-014'],
  back: 'f3',
  dismiss: 'enter',
  goOn: async (session) => {
    await session.type('1', { name: 'choice', at: { row: 13, column: 27 }, width: 1 });
    await session.press('enter');
  },
});

export const mainframeLandmarks = new PracticeLandmarks({
  system: 'mainframe',
  codes: { ...known('CU', ['02', '20', '30', '31', '40', '50']), CU01: 'login', CU04: 'interstitial', CU10: 'home' },
  overlay: null,
  user: { row: 9, column: 25 },
  password: { row: 11, column: 25 },
  between: [],
  messageRow: 23,
  refused: ['CU011E', 'CU012E'],
  noSession: ['CU013E', 'CU014E'],
  back: 'f3',
  dismiss: 'enter',
  goOn: (session) => session.press('f5'),
});
