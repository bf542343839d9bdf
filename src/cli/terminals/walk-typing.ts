import { GatehouseError } from '../../contract/errors.ts';
import { Secret } from '../../contract/secret.ts';
import { type Key } from '../../transports/terminal/keys.ts';
import { type Recording } from '../../transports/terminal/recording.ts';
import { describePlace, type Place } from '../../transports/terminal/screen/place.ts';
import { type Field, type Screen } from '../../transports/terminal/screen/screen.ts';
import { type Input, type TerminalSession } from '../../transports/terminal/terminal.driver.ts';
import { type VisitedScreens } from '../../transports/terminal/sketch/visited-screens.ts';
import { type Condition } from '../../transports/terminal/wait.ts';

const whole = { row: 1, column: 1, height: 1 };
/** Nothing meets it: what must stand must not stand. It keeps a 3270 session looking at its host. */
export const never: Condition = { name: 'never', anchors: [{ text: 'x', within: whole }], absent: [{ text: 'x', within: whole }] };

/** How long the host may take to show what was typed, before it counts as not shown; and how often it is looked for, ms. */
const echo = { withinMs: 400, everyMs: 30 };

/** VT: where a person types, and what. */
interface Typing {
  readonly at: Place;
  readonly before: Screen;
  text: string;
}

/**
 * What a person types, character by character, and what of it the film may know: what the host shows. What it does not show, and what goes
 * into hidden fields, is not told.
 */
export class WalkTyping {
  readonly #recording: Recording;
  readonly #visited: VisitedScreens;
  readonly #secrets: Secret[] = [];
  #typing: Typing | null = null;
  /** 3270: what stands in a hidden field and was not handed over yet. */
  #hidden: { readonly field: Field; text: string } | null = null;
  /** 3270: the field that was typed into. */
  #field: Field | null = null;
  #quiet = false;

  constructor(recording: Recording, visited: VisitedScreens) {
    this.#recording = recording;
    this.#visited = visited;
  }

  /** Whether keys are pressed now that are none of the person's. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /** Those that were typed, by name or into hidden fields. */
  get secrets(): readonly Secret[] {
    return this.#secrets;
  }

  async vt(character: string, session: TerminalSession): Promise<void> {
    const screen = session.screen();
    if (this.#typing === null) this.#visited.see(screen);
    this.#typing ??= { at: screen.cursor, before: screen, text: '' };
    this.#typing.text += character;
    if (/^[ -~]$/.test(character)) await session.press(character as Key);
    else await session.type(character, { name: 'a character', at: screen.cursor, width: 2 });
  }

  /**
   * How many characters stand in a hidden field now; null when the field is none.
   * @throws GatehouseError NOT_POSSIBLE where there is no field to type into
   */
  async tn3270(character: string, session: TerminalSession): Promise<number | null> {
    // What the keys before have moved is known only after another look.
    await session.wait(never, 0);
    const screen = session.screen();
    const field = screen.fieldAt(screen.cursor);
    if (field === undefined || field.protected) throw new GatehouseError('NOT_POSSIBLE', 'nothing can be typed here; Tab goes to the next field');
    if (this.#field === null && this.#hidden === null) this.#visited.see(screen);
    if (field.hidden) {
      this.#hidden ??= { field, text: '' };
      this.#hidden.text += character;
      return [...this.#hidden.text].length;
    }
    this.#field = field;
    await this.#overtype(character, field, screen, session);
    return null;
  }

  /** The last character was taken back. Says whether nobody but us knew of it. */
  backspace(): boolean {
    const typed = this.#hidden ?? this.#typing;
    if (typed !== null) typed.text = [...typed.text].slice(0, -1).join('');
    return this.#hidden !== null;
  }

  /** Whether something was typed that the film was not told of yet. */
  get open(): boolean {
    return this.#typing !== null || this.#field !== null;
  }

  /** Types a secret where the cursor is. */
  async secret(secret: Secret, name: string, session: TerminalSession): Promise<void> {
    await this.told(session);
    // It must not go to where the cursor was before the last key.
    await this.#echoed(session);
    const screen = session.screen();
    this.#visited.see(screen);
    await this.#hand(secret, { name, at: screen.cursor, width: screen.columns * screen.rows, hidden: true }, session);
    this.#visited.typed({ ...screen.cursor, hidden: true });
  }

  /** Tells the film what was typed, as far as it may know, and hands over what stands in a hidden field. */
  async told(session: TerminalSession): Promise<void> {
    const [typing, field, hidden] = [this.#typing, this.#field, this.#hidden];
    [this.#typing, this.#field, this.#hidden] = [null, null, null];
    if (hidden !== null && hidden.text !== '')
      await this.#hand(new Secret('typed', hidden.text), { name: describePlace(hidden.field), at: hidden.field }, session);
    if (field !== null) {
      await session.wait(never, 0);
      this.#recording.observe({ kind: 'typed', input: describePlace(field), value: session.screen().fieldText(field).trimEnd() });
    }
    if (typing !== null && typing.text !== '') await this.#toldVt(typing, session);
  }

  async #toldVt({ at, before, text }: Typing, session: TerminalSession): Promise<void> {
    await this.#echoed(session);
    const screen = session.screen();
    const length = [...text].length;
    // Where it began is known for certain only now: the host may have been slow to move the cursor there.
    const behind = { row: screen.cursor.row, column: screen.cursor.column - length };
    const shown = [behind, at].find((place) => [text, text.toUpperCase()].some((form) => screen.shows(form, place)));
    if (shown !== undefined) {
      this.#visited.see(screen);
      this.#visited.typed({ ...shown, hidden: false });
      this.#recording.observe({ kind: 'typed', input: describePlace(shown), value: screen.text({ ...shown, width: length }) });
    } else if (length === 1 && !screen.looksLike(before) && !/^[*•●]$/.test(screen.cell(at.row, at.column).text)) {
      this.#recording.mark({ pressed: text });
    } else {
      this.#recording.mark({ typed: 'what the screen does not show', characters: length });
    }
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

  /** Until the host has answered to the last key, if it does; and the screen is the newest. */
  async #echoed(session: TerminalSession): Promise<void> {
    for (let waitedMs = 0; waitedMs <= echo.withinMs; waitedMs += echo.everyMs) {
      await session.wait(never, waitedMs === 0 ? 0 : echo.everyMs);
      if (session.screen().lock !== 'waiting') return;
    }
  }

  async #hand(secret: Secret, input: Input, session: TerminalSession): Promise<void> {
    this.#secrets.push(secret);
    await session.type(secret, input);
  }
}
