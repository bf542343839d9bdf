import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { need } from './needs.ts';

const withinMs = 60_000;
const sgrOrCharacter = new RegExp(String.raw`\x1b\[[\d;]*m|[^]`, 'gu');
const drawing: Readonly<Record<string, string>> = {
  j: '┘',
  k: '┐',
  l: '┌',
  m: '└',
  n: '┼',
  q: '─',
  t: '├',
  u: '┤',
  v: '┴',
  w: '┬',
  x: '│',
};

/** A program in a real terminal emulator that shares no line with ours: tmux, without anybody looking. */
export class TmuxTerminal {
  readonly #tmux: string;
  readonly #folder: string;

  private constructor(tmux: string, folder: string) {
    this.#tmux = tmux;
    this.#folder = folder;
  }

  static start(command: readonly string[], { columns = 80, rows = 24 }: { columns?: number; rows?: number } = {}): TmuxTerminal {
    const terminal = new TmuxTerminal(need('tmux', 'tmux'), mkdtempSync(join(tmpdir(), 'gatehouse-tmux-')));
    const config = join(terminal.#folder, 'tmux.conf');
    writeFileSync(config, 'set -g status off\nset -g remain-on-exit on\nset -s escape-time 0\nset -g default-shell /bin/sh\n');
    terminal.#run('-f', config, 'new-session', '-d', '-x', String(columns), '-y', String(rows), 'env', 'TERM=vt220', ...command);
    return terminal;
  }

  #run(...args: readonly string[]): string {
    // -u: line drawing is shown as such, whatever the locale.
    return execFileSync(this.#tmux, ['-u', '-S', join(this.#folder, 'socket'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
  }

  /** What is shown, a line a row, line drawing as such; with `looks`, SGR sequences stand in it. */
  screen({ looks = false }: { looks?: boolean } = {}): string {
    let screen = '';
    let draws = false;
    for (const [token] of this.#run('capture-pane', '-p', '-e').matchAll(sgrOrCharacter)) {
      // Between SO and SI the letters are line drawing.
      if (token === '\x0e' || token === '\x0f') draws = token === '\x0e';
      else if (token.length > 1 && token.startsWith('\x1b')) screen += looks ? token : '';
      else screen += draws ? (drawing[token] ?? token) : token;
    }
    return screen
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n');
  }

  cursor(): { row: number; column: number } {
    const [column, row] = this.#run('display-message', '-p', '#{cursor_x} #{cursor_y}').split(' ').map(Number);
    return { row: row ?? -1, column: column ?? -1 };
  }

  /** As the program has set it. */
  title(): string {
    return this.#run('display-message', '-p', '#{pane_title}').trim();
  }

  /** The program has ended. */
  ended(): boolean {
    return this.#run('display-message', '-p', '#{pane_dead}').trim() === '1';
  }

  type(text: string): void {
    this.#run('send-keys', '-l', '--', text);
  }

  /** By tmux's names: Enter, Tab, BTab, Up, F6, PPage, NPage, Escape, C-l. The terminal chooses their bytes, by the modes it is in. */
  press(...keys: readonly string[]): void {
    this.#run('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#run('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Ends what runs and starts another program on an empty screen. */
  rerun(command: readonly string[]): void {
    this.#run('respawn-pane', '-k', 'env', 'TERM=vt220', ...command);
  }

  /** Resolves with the screen as soon as `met`. @throws Error with the screen as it was when the time was over */
  async until(met: (screen: string) => boolean): Promise<string> {
    const untilMs = performance.now() + withinMs;
    for (;;) {
      const screen = this.screen();
      if (met(screen)) return screen;
      if (performance.now() > untilMs) throw new Error(`waited in vain, the screen says:\n${screen}`);
      // The servers under test live in this process: they need their turn.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async sees(text: string): Promise<string> {
    return this.until((screen) => screen.includes(text));
  }

  stop(): void {
    if (!existsSync(this.#folder)) return;
    try {
      this.#run('kill-server');
    } catch {
      // Its last program had ended, and with it the server.
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
