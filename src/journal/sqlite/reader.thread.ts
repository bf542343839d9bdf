import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GatehouseError } from '../../contract/errors.ts';
import type { Teller } from '../../contract/journal-reader.ts';
import type { Queries } from './queries.ts';

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: GatehouseError) => void;
}

/** One question; a story may be told by another module before it is answered. */
export interface Question {
  readonly query: keyof Queries;
  readonly args: readonly unknown[];
  readonly teller?: Teller;
}

/** What a thread is started with. */
export interface ReaderGround {
  readonly path: string;
  /** The file of the words of bodies. */
  readonly words: string;
  readonly keys: ReadonlyMap<number, Uint8Array>;
}

/**
 * A thread with a read-only connection of its own, started at the first question (rule 38). When it ends by itself, those who wait are told
 * which it was, and the next question starts another.
 */
export class ReaderThread {
  readonly #name: string;
  readonly #ground: ReaderGround;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #asked = 0;

  constructor(name: string, ground: ReaderGround) {
    this.#name = name;
    this.#ground = ground;
  }

  /** Questions that it has not answered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @throws GatehouseError JOURNAL_BROKEN when it cannot be answered, or the thread ended */
  ask<T>(question: Question): Promise<T> {
    const n = (this.#asked += 1);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(n, { resolve, reject });
      const worker = this.#start();
      // A question keeps the process alive until it is answered; the worker alone does not.
      worker.ref();
      worker.postMessage({ n, ...question });
    });
  }

  /** Those who wait are told `error`. */
  async close(error: GatehouseError): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
    this.#fail(error);
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL(`./reader.worker${extname(import.meta.url)}`, import.meta.url), { workerData: this.#ground });
    worker.unref();
    worker.on('message', ({ n, answer, error }: { n: number; answer: never; error?: string }) => {
      const waiting = this.#waiting.get(n);
      this.#waiting.delete(n);
      if (this.#waiting.size === 0) worker.unref();
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new GatehouseError('JOURNAL_BROKEN', `a search failed: ${error}`));
    });
    worker.on('error', (error) => this.#ended(worker, error.message, error));
    worker.on('exit', (code) => this.#ended(worker, `it exited with ${code}`));
    this.#worker = worker;
    return worker;
  }

  #ended(worker: Worker, why: string, cause?: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#fail(
      new GatehouseError('JOURNAL_BROKEN', `the journal's reader of ${this.#name} ended and is started again when asked: ${why}`, { cause }),
    );
  }

  #fail(error: GatehouseError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
