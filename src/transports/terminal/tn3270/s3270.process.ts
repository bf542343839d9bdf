import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Status, statusOf } from './s3270.status.ts';

/** What s3270 said to one action. */
export interface Reply {
  readonly ok: boolean;
  readonly data: readonly string[];
  readonly status: Status;
}

/** The largest answer is a screen of 27×132 with an attribute in every cell, some 100 kB. */
const maxAnswer = 1_000_000;

/** The child is given what it needs to run, not our environment with its secrets. */
const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' });

/**
 * The program s3270, asked one action at a time over stdin and stdout. Some of its actions block for as long as the host likes, so each has
 * a deadline, and who misses it is killed: nothing else frees it.
 */
export class S3270 {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #clock: Clock;
  readonly #gone: (why: string) => void;
  #buffer = '';
  #lines: string[] = [];
  #pending: { resolve(reply: Reply): void; reject(why: Error): void; cancel(): void } | null = null;
  #goneWhy: string | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcessWithoutNullStreams, clock: Clock, gone: (why: string) => void) {
    this.#child = child;
    this.#clock = clock;
    this.#gone = gone;
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    child.once('error', () => this.#end('the program s3270 failed'));
    child.once('exit', (code, signal) => this.#end(`the program s3270 ended (${signal ?? code})`));
  }

  /**
   * @param gone is told once why there are no more answers
   * @throws GatehouseError PROGRAM_MISSING
   */
  static start(system: string, program: string, args: readonly string[], clock: Clock, gone: (why: string) => void): Promise<S3270> {
    const child = spawn(program, args, { stdio: 'pipe', env: environment() });
    return new Promise((resolve, reject) => {
      child.once('spawn', () => resolve(new S3270(child, clock, gone)));
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new GatehouseError(
            'PROGRAM_MISSING',
            `${system}: '${program}' cannot be started (${error.code ?? error.name}); TN3270 needs the program s3270: install the package s3270 (Debian, Ubuntu) or x3270 (Fedora, Homebrew), or put its path into terminal.s3270`,
            { cause: error, native: error.code },
          ),
        ),
      );
    });
  }

  /** Does one action after those asked for before. @throws Error when the program is gone or misses the deadline, which ends it */
  act(action: string, withinMs: number): Promise<Reply> {
    const turn = this.#turn.then(() => this.#ask(action, withinMs));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #ask(action: string, withinMs: number): Promise<Reply> {
    if (this.#goneWhy !== null) return Promise.reject(new Error(this.#goneWhy));
    if (/[\r\n]/.test(action)) return Promise.reject(new Error('an action of two lines'));
    return new Promise((resolve, reject) => {
      const name = action.split('(')[0];
      const cancel = this.#clock.after(withinMs, () => this.kill(`the program s3270 did not answer to ${name} within ${withinMs} ms`));
      this.#pending = { resolve, reject, cancel };
      this.#child.stdin.write(`${action}\n`);
    });
  }

  kill(why: string): void {
    this.#child.kill('SIGKILL');
    this.#end(why);
  }

  #read(text: string): void {
    this.#buffer += text;
    if (this.#buffer.length > maxAnswer) return this.kill('the program s3270 answered without end');
    const lines = this.#buffer.split('\n');
    this.#buffer = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'ok' || line === 'error') this.#answered(line === 'ok');
      else this.#lines.push(line);
    }
  }

  #answered(ok: boolean): void {
    const lines = this.#lines;
    this.#lines = [];
    const status = statusOf(lines.at(-1) ?? '');
    const pending = this.#pending;
    if (status === null || pending === null) return this.kill('the program s3270 answered with something else');
    this.#pending = null;
    pending.cancel();
    pending.resolve({ ok, status, data: lines.slice(0, -1).map((line) => line.replace(/^data: ?/, '')) });
  }

  #end(why: string): void {
    if (this.#goneWhy !== null) return;
    this.#goneWhy = why;
    this.#pending?.cancel();
    this.#pending?.reject(new Error(why));
    this.#pending = null;
    this.#gone(why);
  }
}
