import { setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { SearchedBodies } from '../../../contract/searched-bodies.ts';
import { BodyCodec } from '../bodies.ts';
import { Database } from '../database.ts';
import { WordCodec } from './word-codec.ts';
import { openWords } from './word-file.ts';
import { WordIndexer } from './word-indexer.ts';

/** What is committed is gathered for so long, so that a translation is read once and not at each of its steps. */
const gatherMs = 500;
/** After a failure: a full disk may have room again. */
const againMs = 10_000;

const { path, words, keys, searched } = workerData as {
  path: string;
  words: string;
  keys: ReadonlyMap<number, Uint8Array>;
  searched: SearchedBodies;
};

/** Linux gives each thread a priority of its own; elsewhere it would be that of the whole process. */
if (process.platform === 'linux')
  try {
    setPriority(0, 10);
  } catch {
    // Not allowed here: it takes turns as it is.
  }

const journal = new Database(new DatabaseSync(path, { readOnly: true }));
journal.exec('PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8192');
const file = openWords(words);
const indexer = new WordIndexer(journal, file, new BodyCodec(keys), new WordCodec(keys), searched);
let timer: NodeJS.Timeout | null = null;
let told = indexer.mark;

function later(ms: number): void {
  timer ??= setTimeout(turn, ms);
}

function turn(): void {
  timer = null;
  const began = performance.now();
  try {
    const more = indexer.step();
    const { mark } = indexer;
    if (mark !== told) parentPort?.postMessage('indexed');
    told = mark;
    // Half of its time at most, so that what is translated is not slowed down.
    if (more) later(performance.now() - began);
    else parentPort?.postMessage('through');
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : 'unknown' });
    later(againMs);
  }
}

parentPort?.on('message', (message: 'changed' | 'swept' | 'close') => {
  if (message === 'close') {
    if (timer !== null) clearTimeout(timer);
    file.close();
    journal.close();
    parentPort?.close();
    return;
  }
  if (message === 'swept') indexer.swept();
  later(gatherMs);
});
later(0);
