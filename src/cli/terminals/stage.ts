import { type ReadStream, type WriteStream } from 'node:tty';
import { type Screen } from '../../transports/terminal/screen/screen.ts';
import { safeText } from '../safe-text.ts';
import { KeyReader, type Stroke } from './key-reader.ts';
import { viewOf, viewRow } from './screen-view.ts';

/** Alternate screen, no wrap at the right edge. @see XTerm Control Sequences, Private Modes */
const enter = '\x1b[?1049h\x1b[?7l\x1b[2J\x1b[H';
const leave = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
/** How long an escape alone may be the beginning of a key. */
const escapeMs = 60;

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * The terminal of the person: shows screens with lines of ours below, and hears keys. What it was before, it is again at `close`, and also when
 * the process ends in another way.
 */
export class Stage {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #reader = new KeyReader();
  readonly #onStroke: (stroke: Stroke) => void;
  #lines: string[] = [];
  #open = false;
  #escape: NodeJS.Timeout | undefined;
  #repaint: () => void = () => undefined;

  constructor(input: ReadStream, output: WriteStream, onStroke: (stroke: Stroke) => void) {
    this.#input = input;
    this.#output = output;
    this.#onStroke = onStroke;
  }

  open(): void {
    this.#open = true;
    this.#input.setRawMode(true);
    this.#input.on('data', this.#hear).resume();
    // Whose terminal is gone has nothing more to see.
    this.#input.on('error', this.#gone).on('end', this.#gone);
    this.#output.on('resize', this.#resized);
    for (const signal of Object.keys(signals)) process.on(signal as 'SIGINT', this.#signalled);
    process.on('exit', this.#restore);
    this.#output.write(enter);
  }

  close(): void {
    clearTimeout(this.#escape);
    this.#input.off('data', this.#hear).off('error', this.#gone).off('end', this.#gone).pause();
    this.#output.off('resize', this.#resized);
    for (const signal of Object.keys(signals)) process.off(signal as 'SIGINT', this.#signalled);
    process.off('exit', this.#restore);
    this.#restore();
  }

  /** Paints the screen, and the lines below it; only what has changed is written. A line that has the cursor has it at its end. */
  show(screen: Screen, below: readonly string[], cursorBelow: number | null = null): void {
    this.#repaint = () => this.show(screen, below, cursorBelow);
    const { rows = 24, columns = 80 } = this.#output;
    const view = viewOf(screen, Math.max(1, rows - below.length), columns);
    const lines: string[] = [];
    for (let row = view.row; row < view.row + view.rows; row += 1) lines.push(viewRow(screen, row, view));
    const under = below.map((line) => `\x1b[7m${safeText(line).slice(0, columns).padEnd(columns)}\x1b[0m`);
    lines.push(...under);
    const parts: string[] = [];
    for (let at = 0; at < Math.max(lines.length, this.#lines.length); at += 1)
      if (lines[at] !== this.#lines[at]) parts.push(`\x1b[${at + 1};1H\x1b[0m\x1b[2K${lines[at] ?? ''}`);
    this.#lines = lines;
    const cursor =
      cursorBelow === null
        ? [screen.cursor.row - view.row + 1, screen.cursor.column - view.column + 1]
        : [view.rows + cursorBelow + 1, Math.min(columns, (below[cursorBelow] ?? '').length + 1)];
    const visible = screen.lock !== 'disconnected' || cursorBelow !== null;
    this.#output.write(`\x1b[?25l${parts.join('')}\x1b[${cursor[0]};${cursor[1]}H${visible ? '\x1b[?25h' : ''}`);
  }

  readonly #hear = (bytes: Buffer): void => {
    clearTimeout(this.#escape);
    for (const stroke of this.#reader.push(bytes)) this.#onStroke(stroke);
    this.#escape = setTimeout(() => {
      for (const stroke of this.#reader.flush()) this.#onStroke(stroke);
    }, escapeMs);
  };

  readonly #gone = (): void => this.#onStroke({ kind: 'gone' });

  readonly #resized = (): void => {
    this.#lines = [];
    this.#output.write('\x1b[0m\x1b[2J');
    this.#repaint();
  };

  /** The first asks to end in good order, so that what was recorded is written; another does not wait for that. */
  readonly #signalled = (signal: NodeJS.Signals): void => {
    const code = signals[signal as keyof typeof signals] ?? 1;
    if (process.exitCode === code) process.exit(code);
    process.exitCode = code;
    this.#onStroke({ kind: 'gone' });
  };

  readonly #restore = (): void => {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#input.setRawMode(false);
    } catch {
      // The terminal is gone, and with it what was to be restored.
    }
    this.#output.write(leave);
  };
}
