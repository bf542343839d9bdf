import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type DeskAct } from '../../src/contract/control.ts';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Backend } from './backends/backend.ts';
import { type ChildOptions, type FromChild, type ToChild } from './child.ts';
import { type Reply } from './events.ts';

/** The built child: a gateway in a process of its own that can be killed. */
const built = resolve(import.meta.dirname.replace(/([\\/])(dist[\\/])?test([\\/])crash$/, '$1dist$3test$3crash'), 'child.js');

type Key = 'ready' | 'posted' | 'open' | 'acted' | 'stopped';

/** What a life that was stopped has counted and published. */
export interface Stopped {
  readonly counts: Record<string, number>;
  readonly replies: Reply[];
}

/** One life of the gateway under test. */
export class GatewayProcess {
  readonly #child: ChildProcess;
  readonly exited: Promise<void>;
  dead = false;
  #stderr = '';
  readonly #waiting = new Map<string, ((message: FromChild | null) => void)[]>();

  private constructor(options: ChildOptions) {
    this.#child = fork(built, [JSON.stringify(options)], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr?.on('data', (bytes: Buffer) => (this.#stderr += bytes.toString()));
    // `close`, not `exit`: what the child said last has been heard by then.
    this.exited = once(this.#child, 'close').then(() => {
      this.dead = true;
      for (const waiting of this.#waiting.values()) for (const settle of waiting) settle(null);
      this.#waiting.clear();
    });
    this.#child.on('message', (message: FromChild) => {
      const [key] = Object.keys(message) as [Key];
      const name = key === 'posted' || key === 'acted' ? `${key} ${(message as Record<string, string>)[key]}` : key;
      for (const settle of this.#waiting.get(name) ?? []) settle(message);
      this.#waiting.delete(name);
    });
  }

  /** Resolves when it takes events, or has died before. */
  static async start(options: ChildOptions): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(options);
    await gateway.#answer('ready');
    return gateway;
  }

  get stderr(): string {
    return this.#stderr;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** @returns whether the gateway said that it has the event */
  async post(event: CloudEvent): Promise<boolean> {
    const answer = await this.#ask(
      { post: { attributes: event.attributes, data: Buffer.from(event.data).toString() } },
      `posted ${event.attributes.id}`,
    );
    return answer !== null && 'posted' in answer && answer.error === null;
  }

  async act(id: string, act: DeskAct): Promise<void> {
    const answer = await this.#ask({ act, id, key: `harness ${id}` }, `acted ${id}`);
    if (answer !== null && 'acted' in answer && answer.error !== null) throw new Error(`${act.kind} of ${id}: ${answer.error}`);
  }

  /** Resolves when it knows of `sent` events and nothing is unfinished, or it has died. @returns what is unfinished after `withinMs`; null when nothing is */
  async quiet(withinMs: number, sent: number): Promise<string | null> {
    const untilMs = performance.now() + withinMs;
    while (!this.dead) {
      const answer = await this.#ask({ status: true }, 'open');
      if (answer !== null && 'open' in answer && answer.open === 0 && answer.known >= sent) return null;
      if (performance.now() > untilMs) return `not quiet after ${withinMs} ms, ${sent} events sent: ${JSON.stringify(answer)}`;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return null;
  }

  /** Quiet, and with nothing left to fetch. @returns what is unfinished after `withinMs`; null when nothing is */
  async calm(withinMs: number, sent: number, backend: Pick<Backend, 'caughtUp'>): Promise<string | null> {
    const loud = await this.quiet(withinMs, sent);
    if (loud !== null) return loud;
    const dying = new AbortController();
    void this.exited.then(() => dying.abort());
    if (this.dead) return null;
    await backend.caughtUp(dying.signal);
    return this.quiet(withinMs, sent);
  }

  /** @throws Error when it has died meanwhile */
  async stop(): Promise<Stopped> {
    const stopped = await this.stopOrDie();
    if (stopped === null) throw new Error(`the gateway died while it was asked to stop: ${this.#stderr}`);
    return stopped;
  }

  /** Null when it has died meanwhile: a stop makes calls too. */
  async stopOrDie(): Promise<Stopped | null> {
    const answer = await this.#ask({ stop: true }, 'stopped');
    await this.exited;
    return answer !== null && 'stopped' in answer ? { counts: answer.stopped, replies: answer.replies } : null;
  }

  #answer(name: string): Promise<FromChild | null> {
    if (this.dead) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]));
  }

  #ask(message: ToChild, name: string): Promise<FromChild | null> {
    const answer = this.#answer(name);
    if (!this.dead && this.#child.connected) this.#child.send(message, () => undefined);
    return answer;
  }
}
