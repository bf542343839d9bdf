import { GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Secret } from '../../../contract/secret.ts';
import { sessionEnded } from '../faults.ts';
import { type TerminalSession } from '../terminal.driver.ts';
import { type TerminalSettings } from '../terminal.settings.ts';
import { type Landmarks } from './landmarks.ts';
import { type LastCall } from './last-call.ts';
import { type LogInGuard } from './log-in.guard.ts';

export interface Arriving {
  readonly system: string;
  readonly settings: TerminalSettings;
  readonly landmarks: Landmarks;
  readonly user: string;
  readonly password: Secret | null;
  readonly guard: LogInGuard;
  readonly lastCall: LastCall;
}

/** A banner, a log-in, the news, home: more turns than this are a circle. */
const maxTurns = 6;

/**
 * From what the host shows first to home. The screen is recognised before anything is pressed: a session may have outlived its connection,
 * then what it shows is evidence, and no password is typed.
 * @throws GatehouseError CREDENTIALS_REFUSED, NO_SESSION, SCREEN_UNEXPECTED, UNREACHABLE
 */
export async function arrive(arriving: Arriving, session: TerminalSession, signal: AbortSignal): Promise<void> {
  const { system, settings, landmarks, user, guard, lastCall } = arriving;
  await session.wait(landmarks.arrivals(), settings.connectTimeoutMs, signal);
  let loggedIn = false;
  for (let turn = 0; turn < maxTurns; turn += 1) {
    if (!session.connected) throw sessionEnded(system, `the log-in of ${user}`, 'the host closed the session');
    const { kind, map } = landmarks.place(session.screen());
    // An interstitial may be the banner before a log-in.
    if (!loggedIn && kind !== 'login' && kind !== 'interstitial')
      await lastCall.tell(`found where it was left, at ${map ?? 'a screen that no map knows'}`, session.screen());
    if (kind === 'home') {
      await lastCall.tell('gone; the host wanted a new log-in', null);
      // With SSH the door has let the user in; where no log-in is asked for, nothing else says so.
      await guard.succeeded();
      return;
    }
    if (kind === 'login') {
      if (loggedIn) throw new GatehouseError('NO_SESSION', `${system}: the host asks ${user} to log in again after it was logged in`);
      await logIn(arriving, session, signal);
      loggedIn = true;
    } else await goHome(landmarks, session, signal);
  }
  throw new GatehouseError('NO_SESSION', `${system}: ${user} was not at home after ${maxTurns} screens`);
}

/** A way home may lead to the log-in: then that is where it goes on. */
async function goHome(landmarks: Landmarks, session: TerminalSession, signal: AbortSignal): Promise<void> {
  try {
    await landmarks.goHome(session, signal);
  } catch (error) {
    if (!session.connected || landmarks.place(session.screen()).kind !== 'login') throw error;
  }
}

async function logIn(arriving: Arriving, session: TerminalSession, signal: AbortSignal): Promise<void> {
  const { system, landmarks, user, password, guard } = arriving;
  await guard.begin();
  if (password === null) {
    const error = new GatehouseError('CREDENTIALS_REFUSED', `${system}: the host asks ${user} for a password, and none is configured`);
    await guard.failed(error, false);
    throw error;
  }
  const watched = new Watched(session);
  try {
    await landmarks.logIn(watched, user, password, signal);
  } catch (thrown) {
    const error = asGatehouseError(thrown);
    if (!(await isInside(arriving, watched, error, signal))) {
      await guard.failed(error, watched.shown);
      throw error;
    }
  }
  await guard.succeeded();
}

/** A log-in that did not end at home may have led into a session that stood: then what it shows is recognised, not the password tried again. */
async function isInside(arriving: Arriving, session: Watched, error: GatehouseError, signal: AbortSignal): Promise<boolean> {
  const { landmarks, lastCall, settings } = arriving;
  if (error.code === 'CREDENTIALS_REFUSED' || !session.shown || !session.connected || signal.aborted) return false;
  if (error.code === 'NO_SESSION') {
    if (settings.pool.whenLoggedOn !== 'take over' || landmarks.takeOver === undefined) return false;
    if (!(await landmarks.takeOver(session, signal).catch(() => false))) return false;
    await session.wait(landmarks.arrivals(), settings.connectTimeoutMs, signal);
  }
  const { kind, map } = landmarks.place(session.screen());
  if (kind === 'login' || kind === 'error') return false;
  await lastCall.tell(`taken over, at ${map ?? 'a screen that no map knows'}`, session.screen());
  if (kind !== 'home') await landmarks.goHome(session, signal).catch(() => undefined);
  return session.connected && landmarks.place(session.screen()).kind === 'home';
}

/** The same session, which remembers whether a secret was typed: until then a log-in can do a user id no harm. */
class Watched implements TerminalSession {
  readonly #inner: TerminalSession;
  shown = false;

  constructor(inner: TerminalSession) {
    this.#inner = inner;
  }

  get connected(): boolean {
    return this.#inner.connected;
  }

  screen: TerminalSession['screen'] = () => this.#inner.screen();
  press: TerminalSession['press'] = (key) => this.#inner.press(key);
  wait: TerminalSession['wait'] = (until, withinMs, signal) => this.#inner.wait(until, withinMs, signal);
  resize: TerminalSession['resize'] = (rows, columns) => this.#inner.resize(rows, columns);
  close: TerminalSession['close'] = () => this.#inner.close();
  type: TerminalSession['type'] = async (value, input) => {
    if (typeof value !== 'string') this.shown = true;
    await this.#inner.type(value, input);
  };
}
