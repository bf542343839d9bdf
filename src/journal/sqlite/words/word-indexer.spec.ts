import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BodyCodec } from '../bodies.ts';
import { Database } from '../database.ts';
import { migrations } from '../migrations.ts';
import { WordCodec } from './word-codec.ts';
import { openWords, prepareWords } from './word-file.ts';
import { WordIndexer } from './word-indexer.ts';

const searched = { crm: { book: { event: [], replies: {} } } };
let folder: string;
let journal: Database;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-indexer-'));
  file = join(folder, 'journal.db.words');
  journal = new Database(new DatabaseSync(':memory:'));
  for (const sql of migrations) journal.exec(sql);
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function translate(seq: number, changed: number, word: string): void {
  journal.run('INSERT OR REPLACE INTO body VALUES (?, 0, 0, NULL, 0, ?)', seq, Buffer.from(JSON.stringify({ word, all: 'everywhere' })));
  journal.run(`INSERT OR REPLACE INTO event VALUES (?, '{"source":"/s","type":"t.v1"}', ?, 9)`, seq, seq);
  journal.run(
    `INSERT OR REPLACE INTO translation VALUES (?, ?, 1, ?, 'crm', 'book', 'published', NULL, NULL, 0, 0, NULL, NULL, 0, 1, 't.v1', ?, '/s', 'c', 0, 1, 1, 0,
      NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, 1000, 1000, 1, ?)`,
    seq,
    `id${seq}`,
    seq,
    `e${seq}`,
    changed,
  );
}

const prepare = (changed: number, last: number): boolean =>
  prepareWords(file, { instance: 'i', check: new WordCodec().check, searched, changed, last });

/** Ends in the middle of a statement, like a process that is killed: what was not committed is gone with the connection. */
class Mortal extends Database {
  #left: number;

  constructor(raw: DatabaseSync, statements: number) {
    super(raw);
    this.#left = statements;
  }

  override run(sql: string, ...values: SQLInputValue[]): number {
    this.#left -= 1;
    if (this.#left < 0) throw new Error('killed');
    return super.run(sql, ...values);
  }
}

/** @returns whether it came to an end before it was killed */
function live(statements: number): boolean {
  openWords(file).close();
  const words = new Mortal(new DatabaseSync(file), statements);
  try {
    const indexer = new WordIndexer(journal, words, new BodyCodec(), new WordCodec(), searched);
    while (indexer.step());
    return true;
  } catch (error) {
    expect((error as Error).message).toBe('killed');
    return false;
  } finally {
    words.raw.close();
  }
}

function found(word: string): number[] {
  const words = openWords(file);
  const rows = words
    .all<{ n: number }>('SELECT n FROM piece ORDER BY n')
    .flatMap(({ n }) => words.all<{ seq: number }>(`SELECT rowid AS seq FROM words_${n} WHERE words_${n} MATCH ? ORDER BY rowid`, word));
  words.close();
  return rows.map(({ seq }) => seq);
}

it('killed before any of its statements it loses nothing and has nothing twice: what was there before, what comes, what changes, what retention takes', () => {
  const old = [1, 2, 40_000, 40_001];
  for (const seq of old) translate(seq, seq, `old${seq}`);
  prepare(50_000, 40_001);
  translate(3, 50_001, 'new3');
  translate(40_001, 50_002, 'other40001');
  journal.run('DELETE FROM translation WHERE seq IN (1, 2)');
  let lives = 0;
  // One statement more each time: it dies at every one of them until it comes to the end.
  for (let statements = 0; !live(statements); statements += 1) lives += 1;
  expect(lives).toBeGreaterThan(10);
  expect(found('everywhere')).toEqual([3, 40_000, 40_001]);
  expect([found('new3'), found('old40000'), found('old40001'), found('other40001')]).toEqual([[3], [40_000], [], [40_001]]);
  journal.run('DELETE FROM translation WHERE seq = 3');
  for (const seq of [70_000, 70_001]) translate(seq, seq, `later${seq}`);
  translate(40_000, 70_002, 'other40000');
  for (let statements = 0; !live(statements); statements += 1) lives += 1;
  expect(found('everywhere')).toEqual([40_000, 40_001, 70_000, 70_001]);
  expect([found('later70000'), found('later70001'), found('old40000'), found('other40000')]).toEqual([[70_000], [70_001], [], [40_000]]);
  expect(openedPieces()).toEqual([1, 2]);
});

function openedPieces(): number[] {
  const words = openWords(file);
  const pieces = words.all<{ n: number }>('SELECT n FROM piece').map(({ n }) => n);
  words.close();
  return pieces;
}

it('an older copy of the journal, or another journal, has its words made anew', () => {
  translate(1, 10, 'first');
  prepare(0, 0);
  live(1_000);
  expect(found('first')).toEqual([1]);
  prepare(9, 1);
  expect(found('first')).toEqual([]);
  live(1_000);
  expect(found('first')).toEqual([1]);
  prepareWords(file, { instance: 'another', check: 'plain', searched, changed: 10, last: 0 });
  expect(found('first')).toEqual([]);
});
