import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { BodyCodec } from './bodies.ts';
import { Database } from './database.ts';
import { type Queries, queriesOn } from './queries.ts';
import { WordCodec } from './words/word-codec.ts';
import { attachWords } from './words/word-search.ts';

interface Asked {
  readonly n: number;
  readonly query: keyof Queries;
  readonly args: readonly unknown[];
}

const { path, words, keys } = workerData as { path: string; words: string; keys: ReadonlyMap<number, Uint8Array> };
const db = new Database(new DatabaseSync(path, { readOnly: true }));
db.exec('PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY');
attachWords(db, words, new WordCodec(keys));
const queries = queriesOn(db, new BodyCodec(keys));

parentPort?.on('message', ({ n, query, args }: Asked) => {
  // One read transaction a question, so that a story is of one moment, and a checkpoint is never held up for long.
  db.exec('BEGIN');
  try {
    const answer = (queries[query] as (...given: readonly unknown[]) => unknown)(...args);
    parentPort?.postMessage({ n, answer });
  } catch (error) {
    parentPort?.postMessage({ n, error: error instanceof Error ? error.message : 'unknown' });
  } finally {
    db.exec('COMMIT');
  }
});
