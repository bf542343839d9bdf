import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SearchedBodies } from '../../../contract/searched-bodies.ts';

/** A sweep of retention asks for a look through the index, but not each of them. */
const sweptEveryMs = 30_000;
/** As long as the turn that it may be in, many times over. */
const closeWithinMs = 5_000;

export interface WordKeeperParts {
  readonly path: string;
  readonly words: string;
  readonly keys: ReadonlyMap<number, Uint8Array>;
  readonly searched: SearchedBodies;
  /** More can be found than before. */
  indexed(): void;
  /** The words cannot be written; it is tried again. */
  failed(message: string): void;
}

/** The gateway's end of the thread that keeps the words of bodies. */
export class WordKeeper {
  readonly #worker: Worker;
  /** The thread is told, and has not said that it is through. */
  #told = false;
  #hasMore = false;
  #sweptMs = Number.NEGATIVE_INFINITY;
  #gone = 0;
  #ended = false;

  constructor(parts: WordKeeperParts) {
    const { path, words, keys, searched } = parts;
    this.#worker = new Worker(new URL(`./words.worker${extname(import.meta.url)}`, import.meta.url), { workerData: { path, words, keys, searched } });
    this.#worker.unref();
    this.#worker.on('message', (message: 'indexed' | 'through' | { readonly error: string }) => {
      if (message === 'indexed') parts.indexed();
      else if (message === 'through') this.#through();
      else parts.failed(message.error);
    });
    this.#worker.on('error', (error) => {
      this.#ended = true;
      parts.failed(`the thread ended: ${error.message}`);
    });
    this.#worker.on('exit', () => (this.#ended = true));
  }

  /** Something was committed. Once told, the thread goes on until it has all there is. */
  changed(): void {
    if (this.#ended) return;
    if (this.#told) {
      this.#hasMore = true;
      return;
    }
    this.#told = true;
    this.#worker.postMessage('changed');
  }

  #through(): void {
    this.#told = false;
    if (!this.#hasMore) return;
    this.#hasMore = false;
    this.changed();
  }

  /** Retention has gone by; `gone` changes when it has deleted translations. */
  swept(gone: number): void {
    const nowMs = performance.now();
    if (this.#ended || gone === this.#gone || nowMs - this.#sweptMs < sweptEveryMs) return;
    this.#sweptMs = nowMs;
    this.#gone = gone;
    this.#worker.postMessage('swept');
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.postMessage('close');
    const timer = setTimeout(() => void this.#worker.terminate(), closeWithinMs);
    this.#worker.ref();
    await exited;
    clearTimeout(timer);
  }
}
