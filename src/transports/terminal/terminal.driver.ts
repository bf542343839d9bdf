import { type Clock } from '../../contract/clock.ts';
import { type Secret } from '../../contract/secret.ts';
import { type Key } from './keys.ts';
import { type Place } from './screen/place.ts';
import { type Screen } from './screen/screen.ts';
import { type TerminalSettings } from './terminal.settings.ts';
import { type Condition, type WaitResult } from './wait.ts';

/**
 * The port of the terminal transport. A driver opens sessions with a host; a session shows screens and takes values and keys. SSH and
 * telnet feed one VT display (`vt/`), TN3270 is a child process (`tn3270/`); above this file nobody can tell them apart.
 */
export interface TerminalDriver {
  readonly protocol: TerminalSettings['protocol'];
  /**
   * Connects and proves who the host is and who we are. The first screen is waited for by the caller.
   * @throws GatehouseError UNREACHABLE, CREDENTIALS_REFUSED, HOST_KEY_REJECTED, CERTIFICATE_REJECTED, PROGRAM_MISSING, CONFIG_INVALID
   */
  open(opening: TerminalOpening, signal: AbortSignal): Promise<TerminalSession>;
}

export interface TerminalOpening {
  /** The name of the system, for messages. */
  readonly system: string;
  readonly settings: TerminalSettings;
  readonly clock: Clock;
  /** Told everything that happens in the session, in order: for a recording. Must not throw. */
  readonly observe?: (happening: Happening) => void;
}

/** Where and how a value is typed. */
export interface Input {
  /** Names it in messages and recordings: `sku`. */
  readonly name: string;
  /**
   * The first cell. 3270: within the field, where the cursor is put. VT: where the cursor must already be, since only the host's program
   * can put it there.
   */
  readonly at: Place;
  /** Cells that the value may fill. 3270: at most the field's own; needed on VT. */
  readonly width?: number;
  readonly kind?: 'text' | 'numeric';
  /** VT: takes a secret, and shows nothing of it. 3270 knows by the field. */
  readonly hidden?: boolean;
  /** VT: keys that empty the field before the value is typed: `ctrl-u`. 3270 erases the field by itself. */
  readonly emptyBy?: readonly Key[];
  /** How the value must show afterwards: `exact`, or `any-case` where the host turns letters into capitals. Default `exact`. */
  readonly shows?: 'exact' | 'any-case';
}

/** One conversation with a host. What is asked of it is done in the order of the asking. */
export interface TerminalSession {
  /** False from the moment the end is known; the last screen stays to be looked at, its lock `disconnected`. */
  readonly connected: boolean;
  /** The newest screen the host has sent. */
  screen(): Screen;
  /**
   * Types a value, reads it back, and presses nothing else. Nothing is typed unless all of the value fits. A `Secret` goes into hidden
   * inputs only, and anything else never does.
   * @throws GatehouseError CALL_REFUSED_ARGUMENTS before the first key; SCREEN_UNEXPECTED when the cursor, the field or what shows
   * afterwards is not as expected; UNREACHABLE when the session has ended
   */
  type(value: string | Secret, input: Input): Promise<void>;
  /**
   * Presses one key. It does not wait for the host.
   * @throws GatehouseError CALL_REFUSED_ARGUMENTS when the terminal has no such key; SCREEN_UNEXPECTED when the keyboard is locked;
   * UNREACHABLE when the session has ended: in all three nothing was sent
   */
  press(key: Key): Promise<void>;
  /** Waits until one of the conditions is met, `withinMs` are over, the session ends, or `signal` aborts (a timeout). Never rejects for the host's sake. */
  wait(until: Condition | readonly Condition[], withinMs: number, signal?: AbortSignal): Promise<WaitResult>;
  /** Tells the host another size. @throws GatehouseError NOT_POSSIBLE on 3270, whose model has its sizes */
  resize(rows: number, columns: number): Promise<void>;
  /** Ends the session without asking the host; log off first where that matters. */
  close(): Promise<void>;
}

/** What happens in a session. Secrets and hidden cells are in none of it but `output`, which is as the host sent it. */
export type Happening =
  | { readonly kind: 'opened'; readonly rows: number; readonly columns: number; readonly terminal: string }
  /** VT: bytes of the host, as UTF-8. */
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  /** 3270: a screen that differs from the one before. */
  | { readonly kind: 'screen'; readonly screen: Screen }
  | { readonly kind: 'typed'; readonly input: string; readonly value: string | Secret }
  | { readonly kind: 'pressed'; readonly key: Key }
  | { readonly kind: 'resized'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'waited'; readonly result: WaitResult }
  | { readonly kind: 'ended'; readonly why: string };
