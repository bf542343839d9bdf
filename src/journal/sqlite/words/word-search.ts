import { existsSync } from 'node:fs';
import type { BodySearch } from '../../../contract/searched-bodies.ts';
import type { Database } from '../database.ts';
import { type Range, everything } from '../time-marks.ts';
import { type WayIn, setWay } from '../ways-in.ts';
import type { WordCodec } from './word-codec.ts';
import { isReadable, markOf, pieceOf, tableOf, translationsAPiece } from './word-file.ts';
import { askedWords } from './words.ts';

/** So few translations are taken as they are; of more the newest are read as they are needed. */
const mostAsSet = 20_000;
/** So many show how many there may be. */
const sample = 1_000;
/** Sequences that are remembered as found. */
const mostGiven = 50_000;
/** More rows of one piece are asked for together. */
const mostOneByOne = 8;

/** Where a word of a search stands in bodies. */
export interface BodyWord {
  readonly way: WayIn;
  /** How many there are; null for more than are counted. */
  readonly count: number | null;
  /** Those of the sequences whose bodies have it. */
  among(seqs: readonly number[]): readonly number[];
}

const searches = new WeakMap<Database, WordSearch>();

/** The words of bodies, where some are searched. */
export const wordSearchOf = (db: Database): WordSearch | null => searches.get(db) ?? null;

/** Makes the words of bodies known to searches on a connection; of a file that is not there, or was made with another key, nothing is. */
export function attachWords(db: Database, path: string, codec: WordCodec): void {
  if (!existsSync(path) || !isReadable(path, codec.check)) return;
  db.run('ATTACH DATABASE ? AS words', path);
  searches.set(db, new WordSearch(db, codec));
}

/** Searches in the words of bodies, the newest translations first. */
export class WordSearch {
  readonly #db: Database;
  readonly #codec: WordCodec;

  constructor(db: Database, codec: WordCodec) {
    this.#db = db;
    this.#codec = codec;
  }

  /** Every change up to there is in. */
  get mark(): number {
    return markOf(this.#db, 'words');
  }

  /** All words of the texts in the bodies of one translation; null when there is none in them. */
  find(texts: readonly string[]): BodyWord | null {
    const words = [...new Set(texts.flatMap((text) => askedWords(text)))];
    // A text of signs alone is in no body.
    if (words.length === 0 || texts.some((text) => askedWords(text).length === 0)) return null;
    // Letters and digits: nothing of it is syntax.
    const match = words.map((word) => `"${this.#codec.encode(word)}"`).join(' AND ');
    const all = this.#all(match);
    if (all !== null) {
      const known = new Set(all);
      return { way: setWay(all), count: all.length, among: (seqs) => seqs.filter((seq) => known.has(seq)) };
    }
    // The rows that it leads to are asked for it again, beside what else they are asked.
    const given = new Set<number>();
    const next = (range: Range, limit: number): readonly number[] => {
      const found = this.#newest(match, range, limit);
      if (given.size > mostGiven) given.clear();
      for (const seq of found) given.add(seq);
      return found;
    };
    const among = (seqs: readonly number[]): readonly number[] => {
      const asked = seqs.filter((seq) => !given.has(seq));
      return asked.length === 0 ? seqs : [...seqs.filter((seq) => given.has(seq)), ...this.#among(match, asked)];
    };
    return { way: { next }, count: null, among };
  }

  /** Null: there are too many, by the look of the newest of them. */
  #all(match: string): readonly number[] | null {
    const newest = this.#newest(match, everything, sample + 1);
    const [first, last] = [newest[0], newest[sample]];
    if (first === undefined || last === undefined) return newest;
    const oldest = (this.#db.get<{ n: number | null }>('SELECT min(n) AS n FROM words.piece')?.n ?? 0) * translationsAPiece;
    if ((sample * (first - oldest)) / (first - last) > mostAsSet) return null;
    const found = this.#newest(match, everything, mostAsSet + 1);
    return found.length > mostAsSet ? null : found;
  }

  #newest(match: string, { low, high }: Range, limit: number): readonly number[] {
    const found: number[] = [];
    for (const { n } of this.#db.all<{ n: number }>(
      'SELECT n FROM words.piece WHERE n >= ? AND n <= ? ORDER BY n DESC',
      pieceOf(low),
      pieceOf(high),
    )) {
      if (found.length >= limit) break;
      for (const seq of this.#inPiece(n, match, low, high, limit - found.length)) found.push(seq);
    }
    return found;
  }

  #inPiece(piece: number, match: string, low: number, high: number, limit: number): readonly number[] {
    const table = tableOf(piece);
    return this.#db
      .all<{ seq: number }>(
        `SELECT rowid AS seq FROM words.${table} WHERE ${table} MATCH ? AND rowid >= ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?`,
        match,
        low,
        high,
        limit,
      )
      .map(({ seq }) => seq);
  }

  #among(match: string, seqs: readonly number[]): readonly number[] {
    const byPiece = new Map<number, number[]>();
    for (const seq of seqs) {
      const piece = pieceOf(seq);
      const own = byPiece.get(piece);
      if (own === undefined) byPiece.set(piece, [seq]);
      else own.push(seq);
    }
    return [...byPiece].flatMap(([piece, own]) => {
      if (this.#db.get('SELECT 1 FROM words.piece WHERE n = ?', piece) === undefined) return [];
      if (own.length <= mostOneByOne) return own.filter((seq) => this.#inPiece(piece, match, seq, seq, 1).length > 0);
      const table = tableOf(piece);
      // The plus keeps SQLite from beginning anew for each of them.
      return this.#db
        .all<{ seq: number }>(
          `SELECT rowid AS seq FROM words.${table} WHERE ${table} MATCH ? AND rowid >= ? AND rowid <= ? AND +rowid IN (SELECT value FROM json_each(?))`,
          match,
          Math.min(...own),
          Math.max(...own),
          JSON.stringify(own),
        )
        .map(({ seq }) => seq);
    });
  }

  progress(): BodySearch {
    const { mark } = this;
    const lowest = this.#db.get<{ seq: number | null }>('SELECT min(seq) AS seq FROM translation')?.seq ?? 0;
    const next = this.#db.get<{ received: number }>(
      'SELECT received FROM translation INDEXED BY translation_changed WHERE changed > ? ORDER BY changed LIMIT 1',
      mark,
    );
    const newest = this.#db.get<{ changed: number | null }>('SELECT max(changed) AS changed FROM translation')?.changed ?? 0;
    return {
      systems: this.#db
        .all<{ system: string; top: number; next: number }>('SELECT system, top, next FROM words.searched ORDER BY system')
        .map(({ system, top, next: left }) => ({ system, done: left <= lowest ? 1 : (top - left) / Math.max(1, top - lowest) })),
      behind: Math.max(0, newest - mark),
      upToMs: next?.received ?? null,
    };
  }
}

/** Where bodies are not searched. */
export const noBodySearch: BodySearch = { systems: [], behind: 0, upToMs: null };
