import { GatehouseError } from '../../contract/errors.ts';
import { Secret } from '../../contract/secret.ts';
import { type Key } from '../../transports/terminal/keys.ts';
import { type Recording } from '../../transports/terminal/recording.ts';
import { describePlace, type Place } from '../../transports/terminal/screen/place.ts';
import { type Field, type Screen } from '../../transports/terminal/screen/screen.ts';
import { type Happening, type Input, type TerminalSession } from '../../transports/terminal/terminal.driver.ts';
import { type TerminalSettings } from '../../transports/terminal/terminal.settings.ts';
import { type VisitedScreens } from '../../transports/terminal/walk/visited-screens.ts';
import { type Condition } from '../../transports/terminal/wait.ts';
import { type Stroke } from './key-reader.ts';
import { type Stage } from './stage.ts';
import { helpOf, key3270, keyNamed, leavesScreen } from './walk-keys.ts';
import { secretNamed } from './walk-secrets.ts';

export interface WalkParts {
  readonly system: string;
  readonly settings: TerminalSettings;
  readonly recording: Recording;
  readonly visited: VisitedScreens;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How often the stage is painted anew when the host talks, ms. */
const paintMs = 30;
/** A 3270 is looked at again and again: shorter than a second, since s3270 waits for longer in whole seconds only. */
const lookMs = 900;

/** How long the host may take to show what was typed, before it counts as not shown, ms. */
const echoMs = 400;

const whole = { row: 1, column: 1, height: 1 };
/** Nothing meets it: what must stand must not stand. It keeps a 3270 session looking at its host. */
const never: Condition = { name: 'never', anchors: [{ text: 'x', within: whole }], absent: [{ text: 'x', within: whole }] };

/** Where a person types on VT, and what. */
interface Typing {
  readonly at: Place;
  readonly before: Screen;
  text: string;
}

/**
 * A person at a host's screens, through the driver that the gateway uses. What the host shows of what was typed is recorded; what it does
 * not show, and what goes into hidden fields, is not.
 */
export class Walk {
  readonly #parts: WalkParts;
  readonly #strokes: Stroke[] = [];
  #session: TerminalSession | null = null;
  #wake: () => void = () => undefined;
  #message = '';
  #prompt: string | null = null;
  #escaped = false;
  #over = false;
  /** Own doings, such as moving the cursor back, that are no part of the film. */
  #quiet = false;
  #typing: Typing | null = null;
  /** 3270: what stands in a hidden field and was not handed over yet. */
  #hidden: { readonly field: Field; text: string } | null = null;
  /** 3270: the field that was typed into. */
  #field: Field | null = null;
  readonly #secrets: Secret[] = [];

  constructor(parts: WalkParts) {
    this.#parts = parts;
    this.#message = helpOf(parts.settings.protocol);
  }

  /** Hand it to the driver. */
  readonly observe = (happening: Happening): void => {
    const { recording } = this.#parts;
    const isOurs = happening.kind === 'waited' || (this.#quiet && happening.kind === 'pressed');
    // Characters are told when it is known whether the host shows them.
    const isCharacter =
      (happening.kind === 'pressed' && happening.key.length === 1) || (happening.kind === 'typed' && typeof happening.value === 'string');
    if (!isOurs && !isCharacter) recording.observe(happening);
    if (happening.kind === 'ended') this.#wake();
  };

  /** Those that were typed, by name or into hidden fields. */
  get secrets(): readonly Secret[] {
    return this.#secrets;
  }

  hear(stroke: Stroke): void {
    this.#strokes.push(stroke);
    this.#wake();
  }

  /** Until the person quits or the session ends. Says which, for a person. */
  async run(session: TerminalSession, stage: Stage): Promise<string> {
    this.#session = session;
    const painting = setInterval(() => this.#paint(stage), paintMs);
    try {
      while (!this.#over) {
        this.#paint(stage);
        const stroke = await this.#next(session);
        if (stroke === null) return 'the host ended the session';
        await this.#take(stroke, session).catch((error: unknown) => this.#say(error));
      }
      await this.#told(session).catch(() => undefined);
      return 'closed';
    } finally {
      clearInterval(painting);
      if (session.screen().lock !== 'disconnected') this.#parts.visited.see(session.screen());
    }
  }

  /** The next stroke; null when there is none because the session has ended. */
  async #next(session: TerminalSession): Promise<Stroke | null> {
    for (;;) {
      const stroke = this.#due(session);
      if (stroke !== undefined) return stroke;
      if (!session.connected) return null;
      if (this.#parts.settings.protocol !== 'tn3270') {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const heard = new AbortController();
      this.#wake = () => heard.abort();
      await session.wait(never, this.#strokes.length > 0 ? paintMs : lookMs, heard.signal);
    }
  }

  /**
   * The stroke whose turn it is. While a 3270 host is at work what is typed ahead waits for it; what helps against a host that never comes
   * back does not, and takes the place of it.
   */
  #due(session: TerminalSession): Stroke | undefined {
    if (this.#parts.settings.protocol === 'tn3270' && this.#prompt === null && session.screen().lock === 'waiting') {
      const helping = this.#strokes.findIndex((stroke) => stroke.kind === 'prompt' || stroke.kind === 'gone' || isReset(stroke));
      if (helping < 0) return undefined;
      this.#strokes.splice(0, helping);
    }
    return this.#strokes.shift();
  }

  async #take(stroke: Stroke, session: TerminalSession): Promise<void> {
    if (stroke.kind === 'gone') {
      this.#over = true;
      return;
    }
    if (this.#prompt !== null) return this.#promptTakes(stroke, session);
    if (stroke.kind === 'prompt') {
      this.#prompt = '';
      return;
    }
    this.#message = helpOf(this.#parts.settings.protocol);
    if (this.#parts.settings.protocol === 'tn3270') return this.#take3270(stroke, session);
    if (stroke.kind === 'text') return this.#typeVt(stroke.text, session);
    if (stroke.kind === 'alt') {
      await this.#press('escape', session);
      return this.#typeVt(stroke.text, session);
    }
    return this.#press(stroke.key, session);
  }

  async #typeVt(character: string, session: TerminalSession): Promise<void> {
    const screen = session.screen();
    if (this.#typing === null) this.#parts.visited.see(screen);
    this.#typing ??= { at: screen.cursor, before: screen, text: '' };
    this.#typing.text += character;
    if (/^[ -~]$/.test(character)) await session.press(character as Key);
    else await session.type(character, { name: 'a character', at: screen.cursor, width: 2 });
  }

  async #take3270(stroke: Stroke, session: TerminalSession): Promise<void> {
    if (stroke.kind === 'key' && stroke.key === 'escape') {
      this.#escaped = true;
      return;
    }
    const key = key3270(stroke, this.#escaped);
    const unknown = key === null && (this.#escaped || stroke.kind === 'alt');
    this.#escaped = false;
    if (unknown)
      throw new GatehouseError('NOT_POSSIBLE', 'Escape and this character are no key: digits, - and = are F1 to F12, a, b and c PA1 to PA3');
    if (key !== null) return this.#press(key, session);
    if (stroke.kind !== 'text') return;
    // What the keys before have moved is known only after another look.
    await session.wait(never, 0);
    const screen = session.screen();
    const field = screen.fieldAt(screen.cursor);
    if (field === undefined || field.protected) throw new GatehouseError('NOT_POSSIBLE', 'nothing can be typed here; Tab goes to the next field');
    if (field.hidden) {
      if (this.#hidden === null) this.#parts.visited.see(screen);
      this.#hidden ??= { field, text: '' };
      this.#hidden.text += stroke.text;
      this.#message = `hidden: ${[...this.#hidden.text].length} characters, which are not recorded`;
      return;
    }
    if (this.#field === null) this.#parts.visited.see(screen);
    this.#field = field;
    await this.#overtype(stroke.text, field, screen, session);
  }

  /** Puts a character where the cursor is, and keeps what stands behind it. */
  async #overtype(character: string, field: Field, screen: Screen, session: TerminalSession): Promise<void> {
    const { cursor, columns } = screen;
    const cells = columns * screen.rows;
    const offset = ((cursor.row - field.row) * columns + cursor.column - field.column + cells) % cells;
    const behind = [...screen.fieldText(field)]
      .slice(offset + 1)
      .join('')
      .trimEnd();
    await session.type(`${character}${behind}`, { name: 'the field', at: cursor, ...(field.numeric ? { kind: 'numeric' } : {}) });
    if (offset + 1 + behind.length >= field.length) return;
    this.#quiet = true;
    try {
      for (let back = 0; back < behind.length; back += 1) await session.press('left');
    } finally {
      this.#quiet = false;
    }
  }

  async #press(key: Key, session: TerminalSession): Promise<void> {
    if (key === 'backspace' && this.#hidden !== null) {
      this.#hidden.text = [...this.#hidden.text].slice(0, -1).join('');
      return;
    }
    if (key === 'backspace' && this.#typing !== null) this.#typing.text = [...this.#typing.text].slice(0, -1).join('');
    else await this.#told(session);
    const screen = session.screen();
    if (leavesScreen(key, this.#parts.settings.protocol) && screen.lock === 'unlocked') this.#parts.visited.see(screen);
    await session.press(key);
  }

  /** Tells the film what was typed, as far as it may know, and hands over what stands in a hidden field. */
  async #told(session: TerminalSession): Promise<void> {
    const { recording, visited } = this.#parts;
    const [typing, field, hidden] = [this.#typing, this.#field, this.#hidden];
    [this.#typing, this.#field, this.#hidden] = [null, null, null];
    if (hidden !== null && hidden.text !== '')
      await this.#hand(new Secret('typed', hidden.text), { name: describePlace(hidden.field), at: hidden.field }, session);
    if (field !== null) {
      await session.wait(never, 0);
      recording.observe({ kind: 'typed', input: describePlace(field), value: session.screen().fieldText(field).trimEnd() });
    }
    if (typing === null || typing.text === '') return;
    await this.#echoed(session);
    const screen = session.screen();
    const length = [...typing.text].length;
    // Where it began is known for certain only now: the host may have been slow to move the cursor there.
    const behind = { row: screen.cursor.row, column: screen.cursor.column - length };
    const shown = [behind, typing.at].find((at) => [typing.text, typing.text.toUpperCase()].some((text) => screen.shows(text, at)));
    if (shown !== undefined) {
      visited.see(screen);
      visited.typed({ ...shown, hidden: false });
      const value = screen.text({ ...shown, width: length });
      recording.observe({ kind: 'typed', input: describePlace(shown), value });
    } else if (length === 1 && !screen.looksLike(typing.before) && !/^[*•●]$/.test(screen.cell(typing.at.row, typing.at.column).text)) {
      recording.mark({ pressed: typing.text });
    } else {
      recording.mark({ typed: 'what the screen does not show', characters: length });
    }
  }

  async #promptTakes(stroke: Stroke, session: TerminalSession): Promise<void> {
    const line = this.#prompt ?? '';
    if (stroke.kind === 'text') this.#prompt = line + stroke.text;
    else if (stroke.kind === 'key' && stroke.key === 'backspace') this.#prompt = [...line].slice(0, -1).join('');
    else this.#prompt = null;
    if (stroke.kind !== 'key' || stroke.key !== 'enter') return;
    const [word = '', ...others] = line.trim().split(/\s+/);
    await this.#order(word, others.join(' '), session);
  }

  async #order(word: string, rest: string, session: TerminalSession): Promise<void> {
    if (word === '') return;
    if (word === 'quit' || word === 'q') this.#over = true;
    else if (word === 'key') await this.#press(keyNamed(rest), session);
    else if (word === 'name') {
      if (!/^[a-z][a-z0-9-]{0,39}$/i.test(rest)) throw new GatehouseError('NOT_POSSIBLE', 'a name has letters, digits and hyphens: name main-menu');
      this.#parts.visited.see(session.screen());
      this.#parts.visited.name(rest);
      this.#parts.recording.mark({ map: rest });
      this.#message = `this screen is '${rest}'`;
    } else if (word === 'secret') await this.#typeSecret(rest === '' ? 'password' : rest, session);
    else throw new GatehouseError('NOT_POSSIBLE', 'there are: secret password, secret env:<NAME>, name <screen>, key <name>, quit');
  }

  async #typeSecret(name: string, session: TerminalSession): Promise<void> {
    await this.#told(session);
    const { settings, env } = this.#parts;
    const secret = secretNamed(name, settings, env);
    // It must not go to where the cursor was before the last key.
    await this.#echoed(session);
    const screen = session.screen();
    const input: Input = { name, at: screen.cursor, width: screen.columns * screen.rows, hidden: true };
    this.#parts.visited.see(screen);
    await this.#hand(secret, input, session);
    this.#parts.visited.typed({ ...screen.cursor, hidden: true });
    this.#message = `${secret.name} is typed; the film has its name only`;
  }

  /** Until the host has answered to the last key, if it does; and the screen is the newest. */
  async #echoed(session: TerminalSession): Promise<void> {
    for (let waitedMs = 0; waitedMs <= echoMs; waitedMs += paintMs) {
      await session.wait(never, waitedMs === 0 ? 0 : paintMs);
      if (session.screen().lock !== 'waiting') return;
    }
  }

  async #hand(secret: Secret, input: Input, session: TerminalSession): Promise<void> {
    this.#secrets.push(secret);
    await session.type(secret, input);
  }

  #say(error: unknown): void {
    this.#message = error instanceof Error ? error.message : String(error);
  }

  #paint(stage: Stage): void {
    const session = this.#session;
    if (session === null) return;
    const screen = session.screen();
    const told = this.#prompt === null ? this.#message : `secret, name, key, quit> ${this.#prompt}`;
    const { row, column } = screen.cursor;
    const lock = { unlocked: '', waiting: '  the host is at work', 'operator-error': '  keyboard locked: Ctrl-R', disconnected: '  ended' }[
      screen.lock
    ];
    stage.show(
      screen,
      [told, `${this.#parts.system}  ${screen.columns} × ${screen.rows}  row ${row}, column ${column}${lock}  recording`],
      this.#prompt === null ? null : 0,
    );
  }
}

const isReset = (stroke: Stroke): boolean => key3270(stroke, false) === 'reset';
