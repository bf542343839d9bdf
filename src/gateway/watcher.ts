import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Watches this thread from another one. The beat is counted by a timer, so a process that sleeps or is stopped is not taken for dead: its watcher sleeps too. */
export class Watcher {
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;

  constructor(stillMs: number) {
    const beats = new Int32Array(new SharedArrayBuffer(8));
    this.#worker = new Worker(new URL(`./watcher.worker${extname(import.meta.url)}`, import.meta.url), { workerData: { beats, stillMs } });
    this.#worker.unref();
    this.#timer = setInterval(() => Atomics.add(beats, 0, 1), Math.max(5, Math.min(500, stillMs / 20)));
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker.terminate();
  }
}
