import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TmuxTerminal } from './tmux-terminal.ts';

const gatehouse = resolve(import.meta.dirname, '../../dist/gatehouse.js');

/** A person's terminal with the command line in it, and a folder to work in. */
export class Walked {
  readonly folder = mkdtempSync(join(tmpdir(), 'gatehouse-walk-'));
  readonly #terminals: TmuxTerminal[] = [];

  /** The command line; what the terminal was like before and is like after it, stands around it. */
  start(
    args: readonly string[],
    { env = {}, columns = 100, rows = 32 }: { env?: Record<string, string>; columns?: number; rows?: number } = {},
  ): TmuxTerminal {
    const script = join(this.folder, `run-${this.#terminals.length}`);
    const words = (list: readonly string[]): string => list.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    writeFileSync(
      script,
      [
        `cd ${words([this.folder])}`,
        ...Object.entries({ GATEHOUSE_CONFIG: 'gatehouse.yaml', ...env }).map(([name, value]) => `export ${name}=${words([value])}`),
        'before=$(stty -g); printf "SHELL BEFORE\\n"',
        `${words([process.execPath, gatehouse, ...args])}`,
        'printf "EXIT %s\\n" $?; [ "$before" = "$(stty -g)" ] && printf "TTY AS BEFORE\\n"; exec sleep 600',
      ].join('\n'),
      { mode: 0o700 },
    );
    const terminal = TmuxTerminal.start(['sh', script], { columns, rows });
    this.#terminals.push(terminal);
    return terminal;
  }

  configure(yaml: string): void {
    writeFileSync(join(this.folder, 'gatehouse.yaml'), yaml);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  stop(): void {
    for (const terminal of this.#terminals) terminal.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
