import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { type WordsChildOptions } from './words-child.ts';

const child = resolve(import.meta.dirname.replace(/([\\/])(dist[\\/])?test([\\/])crash$/, '$1dist$3test$3crash'), 'words-child.js');
const searched = { crm: { book: { event: [], replies: {} } } };
const events = 400;

/** One life: it is killed once it has journaled so many more, while the words of others are being written. */
async function life(options: WordsChildOptions, killAfter: number): Promise<number> {
  const process = fork(child, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(process, 'exit');
  let last = options.from - 1;
  process.on('message', (n: number) => {
    last = n;
    if (n >= options.from + killAfter) process.kill('SIGKILL');
  });
  await exited;
  return last;
}

describe('the words of bodies', { timeout: 240_000 }, () => {
  it('after any number of kills every translation is found by its words, and stands there once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-words-crash-'));
    try {
      let from = 0;
      for (const killAfter of [7, 60, 150, 1]) from = (await life({ folder, from, upTo: events }, killAfter)) + 1;
      const settings = Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 });
      const { journal } = await openSqliteJournal(settings, new SystemClock(), { searched });
      try {
        await journal.recover([{ system: 'crm', operation: 'book' }]);
        await vi.waitFor(
          async () => {
            const { systems, behind } = await journal.reader.bodySearch();
            expect([systems, behind]).toEqual([[{ system: 'crm', done: 1 }], 0]);
          },
          { timeout: 120_000, interval: 100 },
        );
        const all = (await journal.reader.selected({ filter: {} }, 10_000)).seqs.length;
        expect(all).toBeGreaterThanOrEqual(from);
        expect((await journal.reader.selected({ filter: { text: 'everywhere' } }, 10_000)).seqs.length).toBe(all);
        for (let n = 0; n < from; n += 13)
          expect((await journal.reader.list({ text: `own${n}` }, { limit: 5 })).rows.map(({ eventId }) => eventId)).toEqual([`e${n}`]);
      } finally {
        await journal.close();
      }
      const words = new DatabaseSync(join(folder, 'journal.db.words'));
      words.exec("INSERT INTO words_0 (words_0) VALUES ('integrity-check')");
      expect(words.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      words.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
