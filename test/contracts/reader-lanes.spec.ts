import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Teller, type TranslationFilter } from '../../src/contract/journal-reader.ts';
import { SqliteReader } from '../../src/journal/sqlite/sqlite.reader.ts';
import { largeJournalEndsMs, writeLargeJournal } from '../support/large-journal.ts';

const within = 120_000;
let folder: string;
let path: string;
let reader: SqliteReader;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-lanes-'));
  path = join(folder, 'journal.db');
  await writeLargeJournal(path, 20_000);
}, within);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const opened = async (work: () => Promise<void>): Promise<void> => {
  reader = new SqliteReader(path, new Map());
  try {
    await work();
  } finally {
    await reader.close();
  }
};
const tellers = new URL('../fixtures/tellers.ts', import.meta.url).href;
const newest = async (): Promise<string> => (await reader.list({}, { limit: 1 })).rows[0]?.id ?? '';

it('a story that takes long to tell holds up no other question', { timeout: within }, () =>
  opened(async () => {
    const id = await newest();
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const waiting: Teller = { module: tellers, given: { gate } };
    const told = reader.told(id, waiting);
    const answers = [
      reader.list({}, { limit: 10 }),
      reader.list({ text: 'e-7' }, { limit: 10 }),
      reader.counts({ states: ['parked'] }),
      reader.groups(['code'], null),
      reader.selected({ filter: { states: ['parked'] } }, 100),
      reader.story(id),
    ];
    expect(await Promise.all(answers)).toHaveLength(answers.length);
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    expect(await told).toEqual({ id, text: new TextEncoder().encode(`told ${id}`) });
    expect(await reader.told('0123456789abcdef', waiting)).toBeNull();
  }),
);

it('what goes through very many rows holds up no list', { timeout: within }, () =>
  opened(async () => {
    await newest();
    const slow: TranslationFilter = { states: ['published'], over: { ms: 59_000, nowMs: largeJournalEndsMs } };
    let open = 40;
    const selections = Array.from({ length: open }, () => reader.selected({ filter: slow }, 1_000).then(() => (open -= 1)));
    await reader.list({}, { limit: 10 });
    expect(open).toBeGreaterThan(0);
    await Promise.all(selections);
  }),
);

it('a thread that ends says which it was, keeps no other from answering, and the next question starts another', { timeout: within }, () =>
  opened(async () => {
    const id = await newest();
    renameSync(path, `${path}.away`);
    const ended = reader.story(id);
    await expect(ended).rejects.toMatchObject({ code: 'JOURNAL_BROKEN', message: expect.stringContaining("the journal's reader of stories ended") });
    expect(await newest()).toBe(id);
    renameSync(`${path}.away`, path);
    expect((await reader.story(id))?.translation.id).toBe(id);
    await expect(reader.told(id, { module: tellers, given: { exits: true } })).rejects.toMatchObject({
      code: 'JOURNAL_BROKEN',
      message: expect.stringContaining('it exited with 7'),
    });
    // Another thread tells, and starts anew.
    await expect(reader.told(id, { module: tellers, given: { throws: 'no words' } })).rejects.toMatchObject({
      message: expect.stringContaining('no words'),
    });
    expect((await reader.story(id))?.translation.id).toBe(id);
  }),
);
