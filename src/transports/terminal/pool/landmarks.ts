import { type GatehouseError } from '../../../contract/errors.ts';
import { type Secret } from '../../../contract/secret.ts';
import { type SessionsStatus } from '../../../contract/sessions.ts';
import { type Screen } from '../screen/screen.ts';
import { type Happening, type TerminalSession } from '../terminal.driver.ts';
import { type Condition } from '../wait.ts';

/** What the pool must know of a host's screens; made of the adapter's screen maps. */
export interface Landmarks {
  /** Where a screen stands: at home, at the log-in, somewhere known, or nowhere known. `map` is the map's name. */
  place(screen: Screen): { kind: 'home' | 'login' | 'interstitial' | 'error' | 'known' | 'unknown'; map: string | null };
  /** What every wait may end at: any screen that is known (anchors), keyboard unlocked. */
  arrivals(): readonly Condition[];
  /**
   * From the log-in screen to home.
   * @throws GatehouseError CREDENTIALS_REFUSED when the host says so; NO_SESSION when the user is already logged on or all sessions are taken
   */
  logIn(session: TerminalSession, user: string, password: Secret, signal: AbortSignal): Promise<void>;
  /**
   * From the screen that says the user id is still logged on, into the session that stands, or into a new one that ends it; where it leads does
   * not matter. Asked only after `logIn` has thrown NO_SESSION, and only where the settings say so.
   * @returns false, and nothing is pressed, when no such choice is offered
   */
  takeOver?(session: TerminalSession, signal: AbortSignal): Promise<boolean>;
  /** From a known or unknown screen to home, without pressing anything that commits. @throws GatehouseError SCREEN_UNEXPECTED */
  goHome(session: TerminalSession, signal: AbortSignal): Promise<void>;
  /** Orderly log-off from home. */
  logOff(session: TerminalSession, signal: AbortSignal): Promise<void>;
}

/** A session lent to one call: at home, warm. */
export interface Lent {
  readonly session: TerminalSession;
  readonly user: string;
  /** Observes happenings while lent, for the film, beginning with the screen that stands. Must not throw. */
  observe(listener: (happening: Happening) => void): void;
  /**
   * The call with an effect that is about to leave. Ask it in the turn in which the passage is asked to `leave`, before it: then it is durable
   * with the call and costs no commit. What the session shows after an interruption becomes evidence for this call.
   */
  calls(callId: string): void;
  /** Back, at home and verified; or broken, with why: then it is recovered or closed, never lent as it is. */
  giveBack(how: 'home' | { broken: GatehouseError }): Promise<void>;
}

/** The sessions of one system: each user id is in one session at a time, and each session is with one call at a time. */
export interface SessionPool {
  /**
   * A session at home; callers are served in the order in which they came.
   * @throws GatehouseError NO_SESSION, CREDENTIALS_REFUSED, or as `TerminalDriver.open` and `Landmarks.logIn`; nothing of the call was sent
   */
  take(signal: AbortSignal): Promise<Lent>;
  /** Proves that a session can be had, and presses nothing that commits. @throws GatehouseError as `take` */
  check(signal: AbortSignal): Promise<void>;
  /** What each user id does, and who waits. */
  status(): SessionsStatus;
  /** A person wants what was refused, or left alone, to be tried once more. Resolves when that is durable. */
  resumed(): Promise<void>;
  /** Logs off what is idle at once and what is lent when it comes back; nothing is lent any longer. */
  close(): Promise<void>;
  /** Why no session can be had, known without asking the host. */
  readonly fault: GatehouseError | null;
}
