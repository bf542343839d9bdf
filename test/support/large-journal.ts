import { DatabaseSync } from 'node:sqlite';
import { type SearchedBodies } from '../../src/contract/searched-bodies.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { WordCodec } from '../../src/journal/sqlite/words/word-codec.ts';
import { addPiece, openWords, pieceOf, prepareWords, tableOf, translationsAPiece, wordFile } from '../../src/journal/sqlite/words/word-file.ts';

/** One translation arrives every 100 ms, the last one just before this. */
export const largeJournalEndsMs = Date.UTC(2026, 10, 21);
export const arrivalEveryMs = 100;

/**
 * Writes a journal of so many translations, in the shapes that searches meet: six systems of three operations, one of which has had nothing
 * for long; nine in a hundred parked under five codes, some in doubt; keys that are shared by many and by few. It is written past the port,
 * in one transaction, as through it a million would take minutes.
 */
export async function writeLargeJournal(path: string, rows: number): Promise<void> {
  const { journal } = await openSqliteJournal(Object.assign(new JournalSettings(), { path, reserveBytes: 0 }), new SystemClock());
  await journal.close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -131072; BEGIN');
  const indexes = db.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'translation' AND sql IS NOT NULL").all() as {
    name: string;
    sql: string;
  }[];
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  db.exec(`INSERT INTO event VALUES (1, '{"specversion":"1.0","id":"e-1","source":"/portal","type":"com.acme.order.placed.v1"}', NULL, 0)`);
  db.exec(`
    INSERT INTO translation
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}),
    placed AS (
      SELECT i, ${largeJournalEndsMs} - (${rows} - i + 1) * ${arrivalEveryMs} AS received, (i * 7919) % 100 AS luck, (i * 104729) % 1000003 AS mixed,
        CASE WHEN i <= ${rows} / 50 AND i % 40 = 0 THEN 5 ELSE (i * 31) % 97 % 5 END AS s, (i * 17) % 89 % 3 AS o FROM n
    ),
    stated AS (
      SELECT *, CASE WHEN i > ${rows} - 20 THEN 'running' WHEN i > ${rows} - 200 THEN 'received' WHEN luck < 9 THEN 'parked' WHEN luck = 9 THEN 'waiting'
        WHEN luck < 12 THEN 'discarded' ELSE 'published' END AS state FROM placed
    )
    SELECT i, printf('%08x%024x', mixed * 4294 % 4294967296, i), 3, 1, 'system-' || s, 'operation-' || o, state, iif(state = 'waiting', 'time', NULL), NULL,
      iif(state = 'received', 1, 0), 0, 'C' || (mixed % 2000), 'ORD-' || (mixed % 50000), 0, 1,
      'com.acme.thing' || (s % 2) || '.done' || o || '.v1', 'e-' || i, '/source/' || (i % 7), 'flow-' || (i / 3), 0, 1, 1, 0, received, received, NULL,
      CASE WHEN state = 'waiting' THEN 'UNREACHABLE' WHEN state IN ('parked', 'discarded') THEN
        CASE (i / 100) % 10 WHEN 0 THEN 'IN_DOUBT' WHEN 1 THEN 'EVENT_INVALID' WHEN 2 THEN 'ANSWER_INVALID' WHEN 3 THEN 'UNPUBLISHABLE' ELSE 'DEFECT' END END,
      iif(state IN ('parked', 'waiting', 'discarded'), 'why it is there', NULL), iif(state = 'parked', 'N' || (i % 11), NULL), 0, 0, NULL,
      received, iif(state IN ('published', 'discarded'), received + (i * 7919) % 6000 + iif(i % 50021 = 0, 3600000, 0), NULL), 1, i
    FROM stated`);
  for (const { sql } of indexes) db.exec(sql);
  db.exec(`
    INSERT INTO identity SELECT id, 'd', seq, received FROM translation;
    INSERT INTO tally SELECT system, operation, state, ifnull(waiting, ''), count(*) FROM translation GROUP BY 1, 2, 3, 4;
    INSERT INTO call (seq, translation, run, name, effect, digest, state, answered_by)
      SELECT seq, seq, 1, 'Create', 'once', 'x', 'in doubt', 'system' FROM translation WHERE code = 'IN_DOUBT';
    INSERT INTO time_mark SELECT seq, span FROM (
      SELECT seq, received / 600000 AS span, lag(received / 600000) OVER (ORDER BY seq) AS before FROM translation
    ) WHERE before IS NOT span;
    COMMIT`);
  db.close();
}

/** As they are searched in such a journal. */
export const largeJournalSearched: SearchedBodies = Object.fromEntries(
  [0, 1, 2, 3, 4, 5].map((n) => [`system-${n}`, Object.fromEntries([0, 1, 2].map((each) => [`operation-${each}`, { event: [], replies: {} }]))]),
);

/**
 * Words of bodies for each of its translations, past the indexer: ninety that are in all of them (`common0` …), one in four, in a hundred, in a
 * thousand of them (`quarter`, `hundred`, `thousand`), two that are never together (`paired`, `single`), and some of its own.
 */
export function writeLargeWords(path: string, rows: number): void {
  const file = wordFile(path);
  const journal = new DatabaseSync(path, { readOnly: true });
  const { value } = journal.prepare("SELECT value FROM meta WHERE key = 'instance'").get() as { value: number };
  journal.close();
  const made = { instance: value.toString(16).padStart(12, '0'), check: new WordCodec().check, searched: largeJournalSearched };
  prepareWords(file, { ...made, changed: rows, last: rows });
  const db = openWords(file);
  db.run('UPDATE searched SET next = 0');
  const common = Array.from({ length: 90 }, (_, n) => `common${n}`).join(' ');
  for (let piece = 0; piece <= pieceOf(rows); piece += 1) {
    db.run('BEGIN');
    addPiece(db, piece);
    db.run(
      `INSERT INTO ${tableOf(piece)} (rowid, words)
        WITH RECURSIVE n(i) AS (SELECT max(1, ?) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        SELECT i, '${common}' || printf(' body%d %08x %08x name%d name%d', i, i * 7919 % 4294967296, i * 104729 % 4294967296, i * 31 % 3001, i * 17 % 2999)
          || iif(i % 4 = 0, ' quarter', '') || iif(i % 100 = 0, ' hundred', '') || iif(i % 1000 = 0, ' thousand', '') || iif(i % 2 = 0, ' paired', ' single') FROM n`,
      piece * translationsAPiece,
      Math.min(rows, (piece + 1) * translationsAPiece - 1),
    );
    db.run('COMMIT');
  }
  db.close();
}
