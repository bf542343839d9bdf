import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GatehouseError } from '../../contract/errors.ts';
import { type ActionResult } from '../../contract/journal.ts';
import { type JournalReader, type Page, type Story, type TranslationFilter, type UnusedNumber } from '../../contract/journal-reader.ts';
import { type Queries } from './queries.ts';
import { wordFile } from './words/word-file.ts';

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: GatehouseError) => void;
}

/** Asks the worker that holds the read-only connection; started at the first question (rule 38). */
export class SqliteReader implements JournalReader {
  readonly #path: string;
  readonly #keys: ReadonlyMap<number, Uint8Array>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #asked = 0;
  #closed = false;

  constructor(path: string, keys: ReadonlyMap<number, Uint8Array>) {
    this.#path = path;
    this.#keys = keys;
  }

  list(filter: TranslationFilter, page: { before?: number; limit: number }): Promise<Page> {
    return this.#ask('list', filter, page);
  }

  story(id: string): Promise<Story | null> {
    return this.#ask('story', id);
  }

  acted(key: string): Promise<ActionResult | null> {
    return this.#ask('acted', key);
  }

  changes(...asked: Parameters<JournalReader['changes']>): ReturnType<JournalReader['changes']> {
    return this.#ask('changes', ...asked);
  }

  counts(filter: TranslationFilter): ReturnType<JournalReader['counts']> {
    return this.#ask('counts', filter);
  }

  bodySearch(): ReturnType<JournalReader['bodySearch']> {
    return this.#ask('bodySearch');
  }

  groups(...asked: Parameters<JournalReader['groups']>): ReturnType<JournalReader['groups']> {
    return this.#ask('groups', ...asked);
  }

  emptyNotes(beforeMs: number): Promise<readonly string[]> {
    return this.#ask('emptyNotes', beforeMs);
  }

  flow(correlation: string): ReturnType<JournalReader['flow']> {
    return this.#ask('flow', correlation);
  }

  audit(page: { before?: number; limit: number }): ReturnType<JournalReader['audit']> {
    return this.#ask('audit', page);
  }

  candidates(system: string, limit: number): ReturnType<JournalReader['candidates']> {
    return this.#ask('candidates', system, limit);
  }

  unusedNumbers(system: string, limit: number): Promise<readonly UnusedNumber[]> {
    return this.#ask('unusedNumbers', system, limit);
  }

  batches(...asked: Parameters<JournalReader['batches']>): ReturnType<JournalReader['batches']> {
    return this.#ask('batches', ...asked);
  }

  batchTotals(): ReturnType<JournalReader['batchTotals']> {
    return this.#ask('batchTotals');
  }

  batch(seq: number): ReturnType<JournalReader['batch']> {
    return this.#ask('batch', seq);
  }

  selected(...asked: Parameters<JournalReader['selected']>): ReturnType<JournalReader['selected']> {
    return this.#ask('selected', ...asked);
  }

  bulks(page: Parameters<JournalReader['bulks']>[0]): ReturnType<JournalReader['bulks']> {
    return this.#ask('bulks', page);
  }

  bulk(seq: number): ReturnType<JournalReader['bulk']> {
    return this.#ask('bulk', seq);
  }

  bulkItems(...asked: Parameters<JournalReader['bulkItems']>): ReturnType<JournalReader['bulkItems']> {
    return this.#ask('bulkItems', ...asked);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    this.#fail(closed());
  }

  #ask<T>(query: keyof Queries, ...args: unknown[]): Promise<T> {
    if (this.#closed) return Promise.reject(closed());
    const n = (this.#asked += 1);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(n, { resolve, reject });
      const worker = this.#start();
      // A question keeps the process alive until it is answered; the worker alone does not.
      worker.ref();
      worker.postMessage({ n, query, args });
    });
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL(`./reader.worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { path: this.#path, words: wordFile(this.#path), keys: this.#keys },
    });
    worker.unref();
    worker.on('message', ({ n, answer, error }: { n: number; answer: never; error?: string }) => {
      const waiting = this.#waiting.get(n);
      this.#waiting.delete(n);
      if (this.#waiting.size === 0) worker.unref();
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new GatehouseError('JOURNAL_BROKEN', `a search failed: ${error}`));
    });
    worker.on('error', (error) => {
      this.#worker = null;
      this.#fail(new GatehouseError('JOURNAL_BROKEN', `the journal's reader ended: ${error.message}`, { cause: error }));
    });
    this.#worker = worker;
    return worker;
  }

  #fail(error: GatehouseError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Whoever asks while the gateway ends has met no failure. */
const closed = (): GatehouseError => new GatehouseError('STOPPING', 'the journal is closed');
