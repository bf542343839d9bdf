import { type ChildProcess, spawn } from 'node:child_process';
import { need } from './needs.ts';

/** The last word of every answer of s3270. @see s3270(1), "Status format" */
export interface S3270Status {
  readonly unlocked: boolean;
  readonly formatted: boolean;
  readonly connected: boolean;
  readonly rows: number;
  readonly columns: number;
  readonly cursor: { readonly row: number; readonly column: number };
}

const within = { answerMs: 5_000, textMs: 10_000 };

/** A real 3270 terminal, driven over its standard input. */
export class S3270 {
  readonly #child: ChildProcess;
  #buffer = '';
  #waiting: ((answer: string[]) => void) | null = null;
  status: S3270Status = { unlocked: false, formatted: false, connected: false, rows: 24, columns: 80, cursor: { row: 0, column: 0 } };

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (text: string) => this.#received(text));
    child.stdin?.on('error', () => undefined);
  }

  static async start(...options: readonly string[]): Promise<S3270> {
    const program = need('s3270', 's3270');
    const terminal = new S3270(spawn(program, ['-utf8', '-codepage', 'cp037', ...options], { stdio: ['pipe', 'pipe', 'ignore'] }));
    // Otherwise a key blocks for as long as the host is silent.
    await terminal.run('Set(AidWait,false)');
    return terminal;
  }

  /** One action. @returns its data lines @throws Error when it fails or says nothing */
  async run(action: string): Promise<string[]> {
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<string[]>((resolve, reject) => {
      this.#waiting = resolve;
      timer = setTimeout(() => reject(new Error(`s3270 said nothing to ${action}`)), within.answerMs);
    });
    this.#child.stdin?.write(`${action}\n`);
    const lines = await answer.finally(() => clearTimeout(timer));
    const result = lines.pop();
    this.#readStatus(lines.pop() ?? '');
    const data = lines.map((line) => line.replace(/^data: ?/, ''));
    if (result !== 'ok') throw new Error(`s3270 refused ${action}: ${data.join(' ')}`);
    return data;
  }

  async connect(port: number, prefix = ''): Promise<void> {
    await this.run(`Connect(${prefix}127.0.0.1:${port})`);
  }

  /** What the screen shows, a line a row. */
  async screen(): Promise<string> {
    return (await this.run('Ascii()')).map((line) => line.trimEnd()).join('\n');
  }

  /** Resolves with the screen as soon as `met`. @throws Error with the screen as it was when the time was over */
  async until(met: (screen: string, status: S3270Status) => boolean): Promise<string> {
    const untilMs = performance.now() + within.textMs;
    for (;;) {
      const screen = await this.screen();
      if (met(screen, this.status)) return screen;
      if (performance.now() > untilMs) throw new Error(`waited in vain, the screen says:\n${screen}\n${JSON.stringify(this.status)}`);
    }
  }

  /** Until this text is there and the keyboard is free. */
  async sees(text: string): Promise<string> {
    return this.until((screen, { unlocked }) => unlocked && screen.includes(text));
  }

  async type(text: string): Promise<void> {
    await this.run(`String("${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}")`);
  }

  async press(key: string): Promise<void> {
    await this.run(/^P[FA]\d+$/.test(key) ? `${key.slice(0, 2)}(${key.slice(2)})` : `${key}()`);
  }

  async disconnected(): Promise<void> {
    await this.until((_screen, { connected }) => !connected);
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  #received(text: string): void {
    this.#buffer += text;
    const end = /(?:^|\n)(?:ok|error)\n/.exec(this.#buffer);
    if (end === null) return;
    const answer = this.#buffer
      .slice(0, end.index + end[0].length)
      .trimEnd()
      .split('\n');
    this.#buffer = this.#buffer.slice(end.index + end[0].length);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(answer);
  }

  #readStatus(line: string): void {
    const [keyboard, formatted, , connection, , , rows, columns, row, column] = line.split(' ');
    this.status = {
      unlocked: keyboard === 'U',
      formatted: formatted === 'F',
      connected: connection?.startsWith('C') === true,
      rows: Number(rows),
      columns: Number(columns),
      cursor: { row: Number(row), column: Number(column) },
    };
  }
}
