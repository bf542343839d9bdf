import { GatehouseError } from '../../contract/errors.ts';
import { type Secret } from '../../contract/secret.ts';
import { type Key } from '../../transports/terminal/keys.ts';
import { type Recording } from '../../transports/terminal/recording.ts';
import { type Happening, type TerminalSession } from '../../transports/terminal/terminal.driver.ts';
import { type TerminalSettings } from '../../transports/terminal/terminal.settings.ts';
import { type VisitedScreens } from '../../transports/terminal/sketch/visited-screens.ts';
import { type Stroke } from './key-reader.ts';
import { type Stage } from './stage.ts';
import { helpOf, key3270, keyNamed, leavesScreen } from './walk-keys.ts';
import { secretNamed } from './walk-secrets.ts';
import { never, WalkTyping } from './walk-typing.ts';

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
  #painted: readonly unknown[] = [];
  #prompt: string | null = null;
  #escaped = false;
  #over = false;
  readonly #typing: WalkTyping;

  constructor(parts: WalkParts) {
    this.#parts = parts;
    this.#typing = new WalkTyping(parts.recording, parts.visited);
    this.#message = helpOf(parts.settings.protocol);
  }

  /** Hand it to the driver. */
  readonly observe = (happening: Happening): void => {
    const { recording } = this.#parts;
    const isOurs = happening.kind === 'waited' || (this.#typing.quiet && happening.kind === 'pressed');
    // Characters are told when it is known whether the host shows them.
    const isCharacter =
      (happening.kind === 'pressed' && happening.key.length === 1) || (happening.kind === 'typed' && typeof happening.value === 'string');
    if (!isOurs && !isCharacter) recording.observe(happening);
    if (happening.kind === 'ended') this.#wake();
  };

  /** Those that were typed, by name or into hidden fields. */
  get secrets(): readonly Secret[] {
    return this.#typing.secrets;
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
      await this.#typing.told(session).catch(() => undefined);
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
    if (stroke.kind === 'text') return this.#typing.vt(stroke.text, session);
    if (stroke.kind === 'alt') {
      await this.#press('escape', session);
      return this.#typing.vt(stroke.text, session);
    }
    return this.#press(stroke.key, session);
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
    const hidden = await this.#typing.tn3270(stroke.text, session);
    if (hidden !== null) this.#message = `hidden: ${hidden} characters, which are not recorded`;
  }

  async #press(key: Key, session: TerminalSession): Promise<void> {
    if (key === 'backspace' && this.#typing.backspace()) return;
    if (key !== 'backspace' || !this.#typing.open) await this.#typing.told(session);
    const screen = session.screen();
    if (leavesScreen(key, this.#parts.settings.protocol) && screen.lock === 'unlocked') this.#parts.visited.see(screen);
    await session.press(key);
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
    const { settings, env } = this.#parts;
    const secret = secretNamed(name, settings, env);
    await this.#typing.secret(secret, name, session);
    this.#message = `${secret.name} is typed; the film has its name only`;
  }

  #say(error: unknown): void {
    this.#message = error instanceof Error ? error.message : String(error);
  }

  #paint(stage: Stage): void {
    const session = this.#session;
    if (session === null) return;
    const screen = session.screen();
    const now = [screen, this.#message, this.#prompt];
    if (now.every((each, at) => each === this.#painted[at])) return;
    this.#painted = now;
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
