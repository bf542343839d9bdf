import type { SearchedBodies } from '../../../contract/searched-bodies.ts';
import type { BodyCodec } from '../bodies.ts';
import type { Database } from '../database.ts';
import { type IndexedRow, TranslationWords } from './translation-words.ts';
import type { WordCodec } from './word-codec.ts';
import { addPiece, markOf, pieceOf, tableOf, translationsAPiece } from './word-file.ts';

/** What one step takes, at most: it ends at the first of these. */
const stepMs = 25;
const stepRows = 400;
const stepWords = 200_000;
const purgePages = 200;
/** However much is new, every so manieth step also goes on with the rest. */
const restEvery = 8;

interface FeedRow extends IndexedRow {
  readonly changed: number;
}

/**
 * Brings the words of bodies up to date with the journal, in steps of which each is one commit of rows and of how far they go: after any end of
 * the process it goes on where it was. A translation is one row under its sequence, so that what is read again replaces what was there.
 */
export class WordIndexer {
  readonly #journal: Database;
  readonly #words: Database;
  readonly #codec: WordCodec;
  readonly #texts: TranslationWords;
  readonly #searched: SearchedBodies;
  #pieces: Set<number>;
  #steps = 0;
  /** Where the search for rows of deleted translations is; null when none is under way. */
  #sweptTo: number | null = -1;

  constructor(journal: Database, words: Database, bodies: BodyCodec, codec: WordCodec, searched: SearchedBodies) {
    this.#journal = journal;
    this.#words = words;
    this.#codec = codec;
    this.#searched = searched;
    this.#texts = new TranslationWords(journal, bodies, searched);
    this.#pieces = this.#readPieces();
  }

  #readPieces(): Set<number> {
    return new Set(this.#words.all<{ n: number }>('SELECT n FROM piece').map(({ n }) => n));
  }

  /** Retention has deleted translations: their words go too. */
  swept(): void {
    this.#sweptTo ??= -1;
  }

  /** One piece of work: what is new, and the rest where that leaves time; now and then also where it does not. @returns whether there may be more */
  step(): boolean {
    this.#steps += 1;
    const fed = this.#feed();
    if (fed === 'behind' && this.#steps % restEvery !== 0) return true;
    const rest = this.#backfill() || this.#sweep() || this.#purge();
    return rest || fed !== 'nothing';
  }

  get mark(): number {
    return markOf(this.#words);
  }

  #feed(): 'nothing' | 'all' | 'behind' {
    const { mark } = this;
    return this.#moment(() => {
      const rows = this.#journal.all<FeedRow>(
        `SELECT seq, changed, event, system, operation, state, keep FROM translation INDEXED BY translation_changed WHERE changed > ? ORDER BY changed LIMIT ${stepRows}`,
        mark,
      );
      // What is running changes once more in any case.
      const reached = this.#put(rows, ({ system, state }) => this.#searched[system] !== undefined && state !== 'running');
      if (reached === null) return 'nothing';
      this.#words.run('UPDATE mark SET changed = ? WHERE one = 1', reached.changed);
      return rows.length < stepRows && reached === rows.at(-1) ? 'all' : 'behind';
    });
  }

  /** What was there when a system was turned on, the newest first. */
  #backfill(): boolean {
    const open = this.#words.all<{ system: string; next: number }>('SELECT system, next FROM searched WHERE next > 0 ORDER BY next DESC');
    const from = open[0]?.next;
    if (from === undefined) return false;
    const nextOf = new Map(open.map(({ system, next }) => [system, next]));
    return this.#moment(() => {
      const rows = this.#journal.all<FeedRow>(
        `SELECT seq, changed, event, system, operation, state, keep FROM translation WHERE seq < ? ORDER BY seq DESC LIMIT ${stepRows}`,
        from,
      );
      const reached = this.#put(rows, ({ system, seq, state }) => seq < (nextOf.get(system) ?? 0) && state !== 'running' && !this.#has(seq));
      this.#words.run('UPDATE searched SET next = ? WHERE next > ?', reached?.seq ?? 0, reached?.seq ?? 0);
      return true;
    });
  }

  /** One moment of the journal, one commit here. */
  #moment<T>(work: () => T): T {
    this.#journal.run('BEGIN');
    try {
      this.#words.run('BEGIN IMMEDIATE');
      const more = work();
      this.#words.run('COMMIT');
      return more;
    } catch (error) {
      if (this.#words.raw.isTransaction) this.#words.exec('ROLLBACK');
      this.#pieces = this.#readPieces();
      throw error;
    } finally {
      this.#journal.run('COMMIT');
    }
  }

  /** @returns the last row that was looked at */
  #put(rows: readonly FeedRow[], wanted: (row: FeedRow) => boolean): FeedRow | null {
    const untilMs = performance.now() + stepMs;
    let [reached, size]: [FeedRow | null, number] = [null, 0];
    for (const row of rows) {
      if (size >= stepWords || (reached !== null && performance.now() >= untilMs)) break;
      if (wanted(row)) size += this.#index(row);
      reached = row;
    }
    return reached;
  }

  #index(row: IndexedRow): number {
    const words = this.#texts.of(row);
    const piece = pieceOf(row.seq);
    if (words.size === 0) {
      if (this.#pieces.has(piece)) this.#remove(piece, row.seq);
      return 0;
    }
    if (!this.#pieces.has(piece)) {
      addPiece(this.#words, piece);
      this.#pieces.add(piece);
    }
    let text = '';
    for (const word of words) text += `${this.#codec.encode(word)} `;
    this.#words.run(`INSERT OR REPLACE INTO ${tableOf(piece)} (rowid, words) VALUES (?, ?)`, row.seq, text);
    return words.size;
  }

  #has(seq: number): boolean {
    const piece = pieceOf(seq);
    return this.#pieces.has(piece) && this.#words.get(`SELECT 1 FROM ${tableOf(piece)}_docsize WHERE id = ?`, seq) !== undefined;
  }

  #remove(piece: number, seq: number): void {
    if (this.#words.run(`DELETE FROM ${tableOf(piece)} WHERE rowid = ?`, seq) > 0)
      this.#words.run('UPDATE piece SET unpurged = 1 WHERE n = ?', piece);
  }

  /** Looks for rows whose translations retention has taken; the oldest piece first. */
  #sweep(): boolean {
    const after = this.#sweptTo;
    if (after === null) return false;
    const left = [...this.#pieces].filter((piece) => piece >= pieceOf(after + 1)).sort((a, b) => a - b);
    const [piece] = left;
    if (piece === undefined) {
      this.#sweptTo = null;
      return true;
    }
    return this.#moment(() => {
      const rows = this.#words.all<{ id: number }>(`SELECT id FROM ${tableOf(piece)}_docsize WHERE id > ? ORDER BY id LIMIT ${stepRows}`, after);
      const seqs = rows.map(({ id }) => id);
      const kept = new Set(
        this.#journal
          .all<{ seq: number }>('SELECT seq FROM translation WHERE seq IN (SELECT value FROM json_each(?))', JSON.stringify(seqs))
          .map(({ seq }) => seq),
      );
      for (const seq of seqs) if (!kept.has(seq)) this.#remove(piece, seq);
      if (rows.length < stepRows && left.length > 1 && kept.size === 0) this.#dropIfEmpty(piece);
      this.#sweptTo = rows.length < stepRows ? (piece + 1) * translationsAPiece - 1 : (seqs.at(-1) ?? after);
      return true;
    });
  }

  #dropIfEmpty(piece: number): void {
    if (this.#words.get(`SELECT 1 FROM ${tableOf(piece)}_docsize LIMIT 1`) !== undefined) return;
    this.#words.exec(`DROP TABLE ${tableOf(piece)}`);
    this.#words.run('DELETE FROM piece WHERE n = ?', piece);
    this.#pieces.delete(piece);
  }

  /** A deleted row is only marked until its piece is merged: then its words leave the file. */
  #purge(): boolean {
    const piece = this.#words.get<{ n: number }>('SELECT n FROM piece WHERE unpurged = 1 LIMIT 1')?.n;
    if (piece === undefined) return false;
    const changes = (): number => this.#words.get<{ n: number }>('SELECT total_changes() AS n')?.n ?? 0;
    const before = changes();
    this.#words.run(`INSERT INTO ${tableOf(piece)} (${tableOf(piece)}, rank) VALUES ('merge', ?)`, -purgePages);
    // @see https://www.sqlite.org/fts5.html#the_merge_command
    if (changes() - before < 2) {
      this.#words.run('UPDATE piece SET unpurged = 0 WHERE n = ?', piece);
      this.#words.all('PRAGMA incremental_vacuum');
    }
    return true;
  }
}
