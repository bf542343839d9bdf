export type KeyName =
  | 'enter'
  | 'tab'
  | 'back-tab'
  | 'backspace'
  | 'delete'
  | 'escape'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'page-up'
  | 'page-down'
  | 'clear-field'
  | 'redraw'
  | 'f1'
  | 'f3'
  | 'f6'
  | 'f7'
  | 'f8';

export type Key = { readonly name: KeyName; readonly char?: never } | { readonly name: 'char'; readonly char: string };

const single: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x15': 'clear-field',
  '\x0c': 'redraw',
};
/** After ESC O: the PF keys, and the cursor keys in application mode. */
const ss3: Readonly<Record<string, KeyName>> = { P: 'f1', R: 'f3', A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end' };
/** After ESC [. The cursor keys are not among them: this host has switched them to application mode. */
const csi: Readonly<Record<string, KeyName>> = {
  Z: 'back-tab',
  '1~': 'home',
  '3~': 'delete',
  '4~': 'end',
  '5~': 'page-up',
  '6~': 'page-down',
  '11~': 'f1',
  '13~': 'f3',
  '17~': 'f6',
  '18~': 'f7',
  '19~': 'f8',
};

/** How long an ESC waits for the rest of its sequence, ms; curses calls it ESCDELAY. */
const escapeDelayMs = 100;
const maxSequence = 16;

export interface KeyEvents {
  key(key: Key): void;
  /** The terminal's answer to a device attributes or cursor position query, without ESC. */
  answer(text: string): void;
}

/**
 * Bytes of a terminal → keys, in whatever pieces they arrive. A sequence it does not know counts as the Escape key and then as typed text,
 * as in a curses program: the cursor keys in their normal form (`ESC [ A`) while application mode is set are such.
 */
export class KeyReader {
  readonly #events: KeyEvents;
  readonly #decoder = new TextDecoder('utf-8');
  #sequence = '';
  #delay: NodeJS.Timeout | null = null;
  #afterReturn = false;

  constructor(events: KeyEvents) {
    this.#events = events;
  }

  read(bytes: Uint8Array): void {
    if (this.#delay !== null) clearTimeout(this.#delay);
    this.#delay = null;
    for (const char of this.#decoder.decode(bytes, { stream: true })) this.#take(char);
    if (this.#sequence !== '') this.#delay = setTimeout(() => this.#unknown(), escapeDelayMs).unref();
  }

  stop(): void {
    if (this.#delay !== null) clearTimeout(this.#delay);
  }

  #take(char: string): void {
    // A telnet client sends CR LF or CR NUL for one press of Enter.
    const secondHalf = this.#afterReturn && (char === '\n' || char === '\0');
    this.#afterReturn = char === '\r';
    if (secondHalf) return;
    if (char === '\x1b') {
      if (this.#sequence !== '') this.#unknown();
      this.#sequence = char;
    } else if (this.#sequence === '') this.#press(char);
    else this.#gather(char);
  }

  #press(char: string): void {
    const name = single[char];
    if (name !== undefined) this.#events.key({ name });
    else if (char >= ' ' && !(char >= '\x7f' && char <= '\x9f')) this.#events.key({ name: 'char', char });
  }

  #gather(char: string): void {
    this.#sequence += char;
    const kind = this.#sequence[1];
    const rest = this.#sequence.slice(2);
    if (kind !== 'O' && kind !== '[') return this.#unknown();
    if (rest === '') return undefined;
    if (kind === 'O') return this.#known(ss3[rest]);
    if (/^[\d;?>]*$/.test(rest)) return this.#sequence.length > maxSequence ? this.#unknown() : undefined;
    if (/^[\d;?>]*[cR]$/.test(rest)) {
      this.#events.answer(this.#sequence.slice(1));
      this.#sequence = '';
      return undefined;
    }
    return this.#known(csi[rest]);
  }

  #known(name: KeyName | undefined): void {
    if (name === undefined) return this.#unknown();
    this.#sequence = '';
    return this.#events.key({ name });
  }

  #unknown(): void {
    const text = this.#sequence.slice(1);
    this.#sequence = '';
    this.#events.key({ name: 'escape' });
    for (const char of text) this.#press(char);
  }
}
