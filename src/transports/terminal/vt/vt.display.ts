import headless from '@xterm/headless';
import type { IBufferCell, Terminal } from '@xterm/headless';
import { Screen } from '../screen/screen.ts';
import { type Colour, plain, type Style } from '../screen/style.ts';
import { RepeatBounds } from './vt.bounds.ts';

/** Styles kept so that equal cells share one; a host that paints in ever new colours starts them anew. */
const maxStyles = 4_096;

/**
 * A VT screen that eats bytes and shows snapshots. xterm parses; what it shows is read back in its own callback only, because it parses
 * later than it is written to.
 */
export class VtDisplay {
  readonly #terminal: Terminal;
  readonly #answers: (bytes: string) => void;
  readonly #bounds = new RepeatBounds();
  #styles = new Map<string, Style>();
  #snapshot: Screen | null = null;

  /** `answers` gets what the terminal says to the host of its own accord: where the cursor is, what it is called. */
  constructor(rows: number, columns: number, answers: (bytes: string) => void) {
    this.#terminal = new headless.Terminal({ rows, cols: columns, scrollback: 0, allowProposedApi: true, logLevel: 'off' });
    this.#answers = answers;
    this.#terminal.onData((data) => data === '' || this.#answers(data));
  }

  /** `then` is called when the screen shows the bytes. */
  feed(bytes: Uint8Array | string, then: () => void): void {
    // What follows upon input of a user xterm parses at once; else it lets a timer of a millisecond pass before every write.
    this.#terminal.input('', true);
    const { rows, cols } = this.#terminal;
    this.#terminal.write(this.#bounds.bound(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, Math.max(rows, cols)), () => {
      this.#snapshot = null;
      then();
    });
  }

  /** Cursor keys send other bytes when the host has asked for it. @see DEC VT220 Programmer Reference, DECCKM */
  get applicationCursorKeys(): boolean {
    return this.#terminal.modes.applicationCursorKeysMode;
  }

  resize(rows: number, columns: number): void {
    this.#terminal.resize(columns, rows);
    this.#snapshot = null;
  }

  snapshot(): Screen {
    return (this.#snapshot ??= this.#look());
  }

  /** The characters of all rows, as `Screen.text`: a fraction of the price of a snapshot. Has what the host conceals, which a snapshot has not. */
  text(): string {
    const { rows, buffer } = this.#terminal;
    const { active } = buffer;
    const lines: string[] = [];
    for (let row = 0; row < rows; row += 1) lines.push((active.getLine(active.baseY + row)?.translateToString(true) ?? '').replace(/ +$/, ''));
    return lines.join('\n');
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  #look(): Screen {
    const { rows, cols: columns, buffer } = this.#terminal;
    const { active } = buffer;
    const texts: string[] = [];
    const styles: Style[] = [];
    let cell: IBufferCell | undefined;
    for (let row = 0; row < rows; row += 1) {
      const line = active.getLine(active.baseY + row);
      for (let column = 0; column < columns; column += 1) {
        cell = line?.getCell(column, cell);
        const style = cell === undefined || cell.isAttributeDefault() ? plain : this.#style(cell);
        const text = cell === undefined || cell.getWidth() === 0 ? '' : cell.getChars();
        texts.push(cell !== undefined && cell.getWidth() === 0 ? '' : text === '' || style.hidden ? ' ' : text);
        styles.push(style);
      }
    }
    // Behind the last column the cursor waits for the next character to wrap: it shows in the last one.
    const cursor = { row: active.cursorY + 1, column: Math.min(active.cursorX + 1, columns) };
    return new Screen({ rows, columns, texts, styles, cursor, lock: 'unlocked' });
  }

  #style(cell: IBufferCell): Style {
    const foreground = colourOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor());
    const background = colourOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor());
    const flags = [cell.isBold(), cell.isDim(), cell.isInverse(), cell.isUnderline(), cell.isBlink(), cell.isInvisible()].map((flag) => flag !== 0);
    const key = `${flags.map(Number).join('')}${foreground ?? ''}/${background ?? ''}`;
    const known = this.#styles.get(key);
    if (known !== undefined) return known;
    const [bold = false, dim = false, reverse = false, underline = false, blink = false, hidden = false] = flags;
    const intensity = bold ? 'bright' : dim ? 'dim' : 'normal';
    const style = Object.freeze({ ...plain, intensity, reverse, underline, blink, hidden, foreground, background } as const);
    if (this.#styles.size >= maxStyles) this.#styles = new Map();
    this.#styles.set(key, style);
    return style;
  }
}

function colourOf(byDefault: boolean, rgb: boolean, value: number): Colour {
  if (byDefault) return null;
  return rgb ? `#${value.toString(16).padStart(6, '0')}` : value;
}
