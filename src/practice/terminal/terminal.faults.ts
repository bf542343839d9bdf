/** Which moment of a host's work a fault meets. */
const moments = {
  /** The host takes the key and is deaf from then on; with `ms` only that long, then the key acts after all. */
  silent: 'key',
  /** The key acts, and what it leads to is shown only after the next key. */
  stale: 'key',
  'drop-before': 'key',
  'drop-after': 'key',
  /** The connection stays up and carries nothing any more: no answer, no FIN. The key did not act. */
  'half-open': 'key',
  /** The same, but the key did act. */
  'half-open-after': 'key',
  /** The commit key shows the entered text again and has saved nothing. */
  redisplay: 'commit',
  /** Saved, but the confirmation is not shown: the menu comes instead. */
  unconfirmed: 'commit',
  /** The commit key is answered by nothing, and the work is done after `ms`. */
  'commit-late': 'commit',
  /** Refused on the message line: the record is in use. Nothing is saved. */
  busy: 'commit',
  /** Painted in small pieces, `ms` apart. */
  slow: 'paint',
  /** Another screen is shown first and replaced at once, or after `ms`. */
  flash: 'paint',
  /** A clock repaints every `ms` as long as the screen stands. */
  chatty: 'paint',
  /** A message lies over the screen until any key is pressed. */
  broadcast: 'paint',
  /** Shown without giving the keyboard back. Only a block terminal has a keyboard to keep. */
  'keyboard-kept': 'paint',
  /** The right password is called wrong. */
  deny: 'sign-on',
  'session-limit': 'sign-on',
} as const;

export type TerminalFaultKind = keyof typeof moments;
export type TerminalMoment = (typeof moments)[TerminalFaultKind];
export const terminalFaultKinds = Object.keys(moments) as readonly TerminalFaultKind[];

export interface TerminalFault<Screen extends string = string> {
  readonly kind: TerminalFaultKind;
  /** Only here: where the key was pressed, or for faults of painting the screen painted. Without it, everywhere. */
  readonly screen?: Screen;
  /** Only when this text can be seen on that screen, typed text included. */
  readonly matching?: string;
  readonly ms?: number;
  /** What a broadcast says. */
  readonly text?: string;
  /** How many times; without it, until `clear`. */
  times?: number;
}

/** The faults that are set, in the order they were set; the first that fits is met. */
export class TerminalFaults<Screen extends string> {
  readonly #set: TerminalFault<Screen>[] = [];

  add(fault: TerminalFault<Screen>): void {
    this.#set.push({ ...fault });
  }

  clear(): void {
    this.#set.length = 0;
  }

  get left(): number {
    return this.#set.length;
  }

  /** The fault met at one of these moments, counted as met. `text` is what the screen shows. */
  meet(of: readonly TerminalMoment[], screen: Screen, text: string): TerminalFault<Screen> | undefined {
    const fault = this.#set.find(
      (each) =>
        of.includes(moments[each.kind]) &&
        (each.screen === undefined || each.screen === screen) &&
        (each.matching === undefined || text.includes(each.matching)),
    );
    if (fault?.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) this.#set.splice(this.#set.indexOf(fault), 1);
    }
    return fault;
  }
}
