import { GatehouseError } from '../../contract/errors.ts';
import { type ActionResult } from '../../contract/journal.ts';
import {
  type JournalReader,
  type Page,
  type Story,
  type Teller,
  type Told,
  type TranslationFilter,
  type UnusedNumber,
} from '../../contract/journal-reader.ts';
import { type Queries } from './queries.ts';
import { type Question, type ReaderGround, ReaderThread } from './reader.thread.ts';
import { wordFile } from './words/word-file.ts';

/**
 * Questions of one lane wait for one another: what goes through very many rows or bytes never holds up the list. A lane of one thread answers
 * in the order of its questions. A lane that is never asked costs nothing.
 */
const lanes = {
  pages: { name: 'pages', threads: 1 },
  texts: { name: 'text searches', threads: 1 },
  stories: { name: 'stories', threads: 1 },
  telling: { name: 'stories as they are shown', threads: 2 },
  groups: { name: 'groups', threads: 1 },
  selections: { name: 'selections', threads: 1 },
} as const;
type Lane = keyof typeof lanes;

const slowQuestions: Partial<Record<keyof Queries, Lane>> = {
  story: 'stories',
  batch: 'stories',
  candidates: 'stories',
  groups: 'groups',
  emptyNotes: 'groups',
  bodySearch: 'texts',
  selected: 'selections',
};
const searches: ReadonlySet<keyof Queries> = new Set(['list', 'counts', 'changes']);

function laneOf({ query, args, teller }: Question): Lane {
  if (teller !== undefined) return 'telling';
  if (searches.has(query) && (args[0] as TranslationFilter).text !== undefined) return 'texts';
  return slowQuestions[query] ?? 'pages';
}

/** Asks threads that each hold a read-only connection. */
export class SqliteReader implements JournalReader {
  readonly #ground: ReaderGround;
  readonly #threads = new Map<Lane, ReaderThread[]>();
  #closed = false;

  constructor(path: string, keys: ReadonlyMap<number, Uint8Array>) {
    this.#ground = { path, words: wordFile(path), keys };
  }

  list(filter: TranslationFilter, page: { before?: number; limit: number }): Promise<Page> {
    return this.#ask('list', filter, page);
  }

  story(id: string): Promise<Story | null> {
    return this.#ask('story', id);
  }

  told(id: string, teller: Teller): Promise<Told | null> {
    return this.#askThread({ query: 'story', args: [id], teller });
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

  consignments(...asked: Parameters<JournalReader['consignments']>): ReturnType<JournalReader['consignments']> {
    return this.#ask('consignments', ...asked);
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
    await Promise.all([...this.#threads.values()].flat().map((thread) => thread.close(closed())));
  }

  #ask<T>(query: keyof Queries, ...args: unknown[]): Promise<T> {
    return this.#askThread({ query, args });
  }

  #askThread<T>(question: Question): Promise<T> {
    if (this.#closed) return Promise.reject(closed());
    return this.#threadOf(laneOf(question)).ask<T>(question);
  }

  /** The one with the least to do; another where all have something. */
  #threadOf(lane: Lane): ReaderThread {
    const threads = this.#threads.get(lane) ?? [];
    const [idlest] = threads.toSorted((a, b) => a.waiting - b.waiting);
    if (idlest !== undefined && (idlest.waiting === 0 || threads.length === lanes[lane].threads)) return idlest;
    const thread = new ReaderThread(lanes[lane].name, this.#ground);
    this.#threads.set(lane, [...threads, thread]);
    return thread;
  }
}

/** Whoever asks while the gateway ends has met no failure. */
const closed = (): GatehouseError => new GatehouseError('STOPPING', 'the journal is closed');
