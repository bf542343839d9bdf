import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { SearchedBodies, SearchedSystem, SensitiveFields } from '../../../contract/searched-bodies.ts';
import { Database } from '../database.ts';

/*
 * The words of bodies stand in a file of their own beside the journal, so that no commit of an event waits for them, and what is derived can be
 * thrown away and made again: when the key, the fields that are sensitive or the journal itself are no longer those it was made for. Words are
 * kept in pieces, one full-text table for so many translations: a question begins at the newest piece, and retention drops the oldest whole.
 */

/** Another way to cut words, or to keep them, is another format. */
const format = '1';

export const translationsAPiece = 32_768;
export const pieceOf = (seq: number): number => Math.floor(seq / translationsAPiece);
export const tableOf = (piece: number): string => `words_${piece}`;

export const wordFile = (journal: string): string => `${journal}.words`;

const schema = `
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- \`unpurged\` is 1 while words of deleted translations are only marked in it.
CREATE TABLE piece (n INTEGER PRIMARY KEY, unpurged INTEGER NOT NULL) STRICT;
-- What is below \`next\` was there when the system was turned on and is still to be read; \`top\` is where that began.
CREATE TABLE searched (system TEXT PRIMARY KEY, top INTEGER NOT NULL, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- Every change up to here is in.
CREATE TABLE mark (one INTEGER PRIMARY KEY CHECK (one = 1), changed INTEGER NOT NULL) STRICT;
`;

/** What an index is made for. */
export interface Made {
  readonly instance: string;
  /** See `WordCodec.check`. */
  readonly check: string;
  readonly searched: SearchedBodies;
  /** The newest change of the journal, and the highest sequence. */
  readonly changed: number;
  readonly last: number;
}

export function openWords(path: string): Database {
  const db = new Database(new DatabaseSync(path, { timeout: 10_000 }));
  // A commit that power takes away is made again: what is not in the file is not below its mark.
  db.exec(
    'PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA secure_delete = FAST',
  );
  return db;
}

/**
 * Without the text, and without the places of words in it: a twelfth of an index of all threes of letters, in which only whole words are found.
 * @see https://www.sqlite.org/fts5.html, sections 4.4.3 (contentless-delete tables) and 4.6 (the detail option)
 */
export function addPiece(db: Database, piece: number): void {
  db.exec(`CREATE VIRTUAL TABLE ${tableOf(piece)} USING fts5(words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii')`);
  db.run('INSERT INTO piece VALUES (?, 0)', piece);
}

/** The file as it must be for what is to be searched: as it was, with other systems too, new, or not there. @returns whether there is one */
export function prepareWords(path: string, made: Made): boolean {
  if (Object.keys(made.searched).length === 0) {
    removeWords(path);
    return false;
  }
  if (existsSync(path) && !isUsable(path, made)) removeWords(path);
  const db = openWords(path);
  try {
    if (db.get("SELECT 1 FROM sqlite_schema WHERE name = 'mark'") === undefined) {
      db.exec(`BEGIN; ${schema}; COMMIT`);
      db.run('INSERT INTO mark VALUES (1, ?)', made.changed);
    }
    db.run('BEGIN');
    for (const [name, value] of Object.entries({ format, instance: made.instance, check: made.check, searched: JSON.stringify(made.searched) }))
      db.run('INSERT OR REPLACE INTO about VALUES (?, ?)', name, value);
    for (const system of Object.keys(made.searched)) db.run('INSERT OR IGNORE INTO searched VALUES (?, ?, ?)', system, made.last + 1, made.last + 1);
    db.run('COMMIT');
  } finally {
    db.close();
  }
  return true;
}

export function removeWords(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
}

function isUsable(path: string, made: Made): boolean {
  let db: Database | null = null;
  try {
    db = openWords(path);
    const about = aboutWords(db);
    const mark = markOf(db);
    // A mark beyond the journal's: the journal is an older copy.
    return (
      about.get('format') === format &&
      about.get('instance') === made.instance &&
      about.get('check') === made.check &&
      mark <= made.changed &&
      hidesAsMuch(JSON.parse(about.get('searched') ?? '{}') as SearchedBodies, made.searched)
    );
  } catch {
    return false;
  } finally {
    db?.close();
  }
}

const aboutWords = (db: Database): ReadonlyMap<string, string> =>
  new Map(db.all<{ name: string; value: string }>('SELECT name, value FROM about').map(({ name, value }) => [name, value]));

/** Every change up to there is in. */
export const markOf = (db: Database, schemaName = 'main'): number =>
  db.get<{ changed: number }>(`SELECT changed FROM ${schemaName}.mark WHERE one = 1`)?.changed ?? 0;

/** Whether an index that was made for `then` holds nothing that must not be found now. */
function hidesAsMuch(then: SearchedBodies, now: SearchedBodies): boolean {
  return Object.entries(then).every(([system, operations]) => now[system] !== undefined && systemHidesAsMuch(operations, now[system]));
}

const systemHidesAsMuch = (then: SearchedSystem, now: SearchedSystem): boolean =>
  Object.entries(then).every(([operation, fields]) => now[operation] !== undefined && fieldsHideAsMuch(fields, now[operation]));

const fieldsHideAsMuch = (then: SensitiveFields, now: SensitiveFields): boolean =>
  now.event.every((name) => then.event.includes(name)) &&
  Object.entries(now.replies).every(([type, names]) => names.every((name) => then.replies[type]?.includes(name) === true)) &&
  Object.keys(then.replies).every((type) => now.replies[type] !== undefined);

/** Whether a file that is there was made with this key; another process may have made it with another. */
export function isReadable(path: string, check: string): boolean {
  if (!existsSync(path)) return false;
  let db: Database | null = null;
  try {
    db = openWords(path);
    const about = aboutWords(db);
    return about.get('format') === format && about.get('check') === check;
  } catch {
    return false;
  } finally {
    db?.close();
  }
}
