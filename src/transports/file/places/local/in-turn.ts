import { type FilePath } from '../file-path.ts';

/**
 * Work on one name after the other. Who is let go at a deadline leaves work behind that may still create, rename or remove the name: the next
 * begins when that has ended, or is let go in its turn.
 */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(path: FilePath, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const key = path.segments.map((segment) => segment.toString('latin1')).join('/');
    const before = this.#last.get(key);
    const run = (async () => {
      await before;
      signal.throwIfAborted();
      return work();
    })();
    const ended = run.catch(() => undefined);
    this.#last.set(key, ended);
    try {
      return await run;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
