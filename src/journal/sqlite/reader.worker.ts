import { DatabaseSync } from 'node:sqlite';
import { type TransferListItem, parentPort, workerData } from 'node:worker_threads';
import type { Story, Tell, Told } from '../../contract/journal-reader.ts';
import { BodyCodec } from './bodies.ts';
import { Database } from './database.ts';
import { queriesOn } from './queries.ts';
import type { Question, ReaderGround } from './reader.thread.ts';
import { WordCodec } from './words/word-codec.ts';
import { attachWords } from './words/word-search.ts';

const { path, words, keys } = workerData as ReaderGround;
const db = new Database(new DatabaseSync(path, { readOnly: true }));
db.exec('PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY');
attachWords(db, words, new WordCodec(keys));
const queries = queriesOn(db, new BodyCodec(keys));

parentPort?.on('message', ({ n, ...question }: Question & { n: number }) => {
  answerTo(question).then(
    ({ answer, moved }) => parentPort?.postMessage({ n, answer }, moved),
    (error: unknown) => parentPort?.postMessage({ n, error: error instanceof Error ? error.message : 'unknown' }),
  );
});

/** With what goes to the gateway's thread without being copied there. */
async function answerTo({ query, args, teller }: Question): Promise<{ readonly answer: unknown; readonly moved: readonly TransferListItem[] }> {
  if (teller === undefined) {
    const answer = asked(query, args);
    return { answer, moved: query === 'story' && answer !== null ? bodiesOf(answer as Story) : [] };
  }
  const { tell } = (await import(teller.module)) as { readonly tell: Tell };
  const story = asked(query, args) as Story | null;
  if (story === null) return { answer: null, moved: [] };
  const text = new TextEncoder().encode(tell(story, teller.given as never));
  return { answer: { id: story.translation.id, text } satisfies Told, moved: [text.buffer] };
}

/** One read transaction a question, so that a story is of one moment, and a checkpoint is never held up for long. */
function asked(query: Question['query'], args: Question['args']): unknown {
  db.exec('BEGIN');
  try {
    return (queries[query] as (...given: readonly unknown[]) => unknown)(...args);
  } finally {
    db.exec('COMMIT');
  }
}

/** Smaller ones may share their memory with others. */
const movedBytes = 65_536;

function bodiesOf({ event, calls, replies }: Story): readonly TransferListItem[] {
  const bodies = [event.data, ...calls.flatMap(({ parts }) => parts.map(({ body }) => body)), ...replies.map(({ data }) => data)];
  const large = bodies.flatMap(({ bytes }) => (bytes !== null && bytes.byteLength > movedBytes ? [bytes] : []));
  return [...new Set(large.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength).map(({ buffer }) => buffer as ArrayBuffer))];
}
