import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/secret.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { EncryptionSettings, JournalSettings } from '../../src/journal/journal.settings.ts';
import { type SqliteJournal, openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { type OpenJournal, arrival, journalContract, leaving, receive } from './journal.contract.ts';
import { journalLinksContract } from './journal-links.contract.ts';
import { journalBatchesContract } from './journal-batches.contract.ts';
import { journalBulksContract } from './journal-bulks.contract.ts';
import { journalSourcesContract } from './journal-sources.contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const settings = (more: Partial<JournalSettings> = {}): JournalSettings =>
  Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 }, more);
const fatal = (): void => undefined;

async function open(more: Partial<JournalSettings> = {}): Promise<SqliteJournal> {
  return (await openSqliteJournal(settings(more), new SystemClock(), { fatal })).journal;
}

async function openForContract(): Promise<OpenJournal> {
  let journal: SqliteJournal | null = await open();
  const close = async (): Promise<void> => {
    await journal?.close();
    journal = null;
  };
  return {
    journal,
    reopen: async () => {
      await close();
      return openForContract();
    },
    close,
  };
}

journalContract('sqlite', openForContract);
journalLinksContract('sqlite', openForContract);
journalBatchesContract('sqlite', openForContract);
journalBulksContract('sqlite', openForContract);
journalSourcesContract('sqlite', openForContract);

it('a question that is under way when the journal closes, or comes after, is told that the gateway stops', async () => {
  const journal = await open();
  const asked = journal.reader.list({}, { limit: 1 }).catch((error: unknown) => error);
  await journal.close();
  const late = journal.reader.list({}, { limit: 1 });
  await expect(late).rejects.toMatchObject({ code: 'STOPPING' });
  const answer = await asked;
  if (answer instanceof Error) expect(answer).toMatchObject({ code: 'STOPPING' });
  else expect(answer).toMatchObject({ rows: [] });
});

/** SQL in a source, with what is filled in replaced by something like it. */
function literals(source: string, quote: string): string[] {
  return [...source.matchAll(new RegExp(`${quote}((?:SELECT|UPDATE|DELETE)\\b[^${quote}]*)${quote}`, 'g'))]
    .map(([, sql = '']) =>
      sql
        .replace(/\$\{suspects[^}]*\}/, '=')
        .replace('${column}', 'seq')
        .replace('${table}', 'outbox'),
    )
    .filter((sql) => !sql.includes('${'));
}

describe('the journal on SQLite', () => {
  it('rule 39: a second opener is refused while the first lives, with the file named', async () => {
    const journal = await open();
    await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_LOCKED', message: expect.stringContaining('journal.db') });
    await journal.close();
    await (await open()).close();
  });

  it('rule 20: writes of a process whose epoch is over fail', async () => {
    const journal = await open();
    await journal.recover([]);
    const thief = new DatabaseSync(join(folder, 'journal.db'));
    thief.exec("UPDATE meta SET value = value + 1 WHERE key = 'epoch'");
    thief.close();
    await expect(receive(journal, arrival('e'))).rejects.toMatchObject({ code: 'STALE_EPOCH' });
    await journal.close().catch(() => undefined);
  });

  it('a file of a newer version is refused', async () => {
    await (await open()).close();
    const file = new DatabaseSync(join(folder, 'journal.db'));
    file.exec('PRAGMA user_version = 999');
    file.close();
    await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_NEWER' });
  });

  it('the file is WAL, fully synchronous, incrementally vacuumed, and every table is STRICT', async () => {
    await (await open()).close();
    const file = new DatabaseSync(join(folder, 'journal.db'));
    expect(file.prepare('PRAGMA auto_vacuum').get()).toEqual({ auto_vacuum: 2 });
    expect(file.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    const loose = file
      .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'")
      .all();
    file.close();
    expect(loose).toEqual([]);
    expect(readFileSync(resolve(import.meta.dirname, '../../src/journal/sqlite/migrate.ts'), 'utf8')).toContain('synchronous = FULL');
  });

  it('no statement reads a whole table that grows', async () => {
    await (await open()).close();
    const db = new DatabaseSync(join(folder, 'journal.db'));
    const sources = resolve(import.meta.dirname, '../../src/journal/sqlite');
    const texts = readdirSync(sources)
      .filter((name) => name.endsWith('.ts') && name !== 'migrations.ts')
      .flatMap((name) => ["'", '"', '`'].flatMap((quote) => literals(readFileSync(join(sources, name), 'utf8'), quote)));
    // Lists given by hand; small tables, the first rows in the order of their key, the members of one batch in their order, and the chunks that nobody came to use, at the start.
    const harmless =
      /FROM (?:tally|spool_binding|system_state|sqlite_sequence)|^SELECT last_insert_rowid|ORDER BY (?:position|seq) LIMIT \?$|^UPDATE batch_member SET place = ranked|^DELETE FROM body_chunk WHERE body NOT IN/;
    const scans = texts.filter(
      (sql) =>
        !harmless.test(sql) &&
        db
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .some(({ detail }) => /^SCAN (?!json_each)/.test(String(detail))),
    );
    db.close();
    expect(texts.length).toBeGreaterThan(120);
    expect(scans).toEqual([]);
  });

  it('rule 25: encrypted, no body stands in the file as plain text, and it is read back; without the key it is refused', async () => {
    const key = randomBytes(32).toString('hex');
    const encryption = Object.assign(new EncryptionSettings(), { keyId: 7, key: new Secret('env:KEY', key) });
    const journal = await open({ encryption });
    await journal.recover([]);
    const [received] = await receive(journal, arrival('e', { begin: true, data: '{"x":"CANARY-event"}' }));
    const started = received?.started;
    if (started !== undefined)
      await journal.called(
        started,
        null,
        leaving(started, { args: 'CANARY-args' }),
        { state: 'answered', answer: 'CANARY-answer' },
        [{ kind: 'sent', atMs: 1, media: 'x/y', bytes: Buffer.from('CANARY-part') }],
        1,
      );
    expect(JSON.stringify((await journal.reader.story(received?.id ?? ''))?.calls[0]?.answer)).toContain('CANARY-answer');
    await journal.close();
    for (const file of readdirSync(folder)) expect(readFileSync(join(folder, file)).includes('CANARY'), file).toBe(false);
    const blind = await open();
    await expect(blind.reader.story(received?.id ?? '')).rejects.toMatchObject({ code: 'JOURNAL_BROKEN', message: expect.stringContaining('key 7') });
    await blind.close();
  });

  it('rule 25: nor does what people wrote: notes, reasons, and the refusals of bulk actions', async () => {
    const encryption = Object.assign(new EncryptionSettings(), { keyId: 7, key: new Secret('env:KEY', randomBytes(32).toString('hex')) });
    const journal = await open({ encryption });
    await journal.recover([]);
    const [parked, other] = await receive(journal, arrival('p', { begin: true }), arrival('q', { begin: true }));
    for (const each of [parked, other]) if (each?.started !== undefined) await journal.park(each.started, { code: 'DEFECT', message: 'x' }, 1);
    const [ann, canary] = ['ann', 'CANARY, who has died'];
    await journal.noteGroup({ group: '[]', note: canary, owner: `${ann} for CANARY`, who: ann, key: 'n', version: null, forget: [] }, 1);
    const act = { kind: 'discard', reply: { type: 'x', data: { text: 'CANARY' } } } as const;
    const bulk = { key: 'b', act, selection: { ids: [parked?.id ?? ''] }, who: ann, why: canary, perSecond: 1, total: 1 };
    const { seq } = await journal.bulks.start(bulk, 1);
    const row = (await journal.reader.list({}, { limit: 9 })).rows.find(({ id }) => id === parked?.id);
    await journal.bulks.freeze(seq, 1, [{ seq: row?.seq ?? 0, version: row?.version ?? 0 }], true);
    await journal.bulks.turn({ key: 't', bulk: seq, turn: { to: 'stop' }, who: ann, why: canary }, 1);
    await journal.bulks.turn({ key: 'u', bulk: seq, turn: { to: 'resume' }, who: ann, why: canary }, 1);
    await journal.bulks.act({ bulk: seq, place: 1 }, { kind: 'retry' }, 1);
    await journal.act({ key: 'a', translationId: other?.id ?? '', version: null, act: { kind: 'retry' }, who: ann, why: canary }, 1);
    const failure = { code: 'HELD_BY_OPERATOR', message: `held by ann: ${canary}` } as const;
    await journal.setAvailability({ system: 'crm', operation: '', availability: 'held', failure, sinceMs: 1, who: ann }, canary);
    await journal.audit({ who: ann, what: 'check', subject: 'crm', why: canary, atMs: 1 });
    expect((await journal.reader.audit({ limit: 99 })).filter(({ why }) => why.includes('CANARY')).map(({ what }) => what)).toEqual([
      'check',
      'held',
      'retry',
      'retry',
      'bulk resume',
      'bulk stop',
      'bulk discard',
      'note',
    ]);
    expect(await journal.reader.bulk(seq)).toMatchObject({ act, why: canary });
    expect(await journal.bulks.keyed('b')).toMatchObject({ act, why: canary });
    expect((await journal.reader.story(other?.id ?? ''))?.actions).toMatchObject([{ why: canary }]);
    expect(await journal.availabilities()).toMatchObject([{ failure }]);
    await journal.close();
    const files = readdirSync(folder).map((file) => readFileSync(join(folder, file)));
    expect(files.length).toBeGreaterThan(0);
    expect(files.map((bytes) => bytes.includes('CANARY'))).not.toContain(true);
    const again = await open({ encryption });
    expect((await again.reader.bulk(seq))?.why).toBe(canary);
    await again.close();
  });

  it('rule 28: when there is no room, intake is refused, answers in flight are recorded, and intake goes on when there is room again', async () => {
    const journal = await open({ maxBytes: 4 * 1_048_576, reserveBytes: 1_048_576 });
    await journal.recover([]);
    const [first] = await receive(journal, arrival('first', { begin: true }));
    const heard: boolean[] = [];
    journal.onFull((full) => heard.push(full));
    let refused: unknown = null;
    const taken: string[] = [];
    for (let n = 0; n < 500 && refused === null; n += 1) {
      try {
        const [received] = await receive(journal, arrival(`fill-${n}`, { begin: true, data: JSON.stringify('x'.repeat(30_000)) }));
        if (received?.started !== undefined) {
          await journal.answered(received.started, [], 1_000);
          taken.push(received.id);
        }
      } catch (error) {
        refused = error;
      }
    }
    expect(refused).toMatchObject({ code: 'JOURNAL_FULL' });
    expect(heard).toEqual([true]);
    await expect(journal.check()).rejects.toMatchObject({ code: 'JOURNAL_FULL' });
    const { started } = first ?? {};
    if (started !== undefined) {
      await journal.called(
        started,
        null,
        leaving(started),
        { state: 'answered', answer: { ok: true } },
        [{ kind: 'received', atMs: 1, media: 'x/y', bytes: Buffer.alloc(20_000) }],
        1_000,
      );
      await journal.answered(started, [], 1_000);
    }
    expect((await journal.reader.story(first?.id ?? ''))?.translation.state).toBe('published');
    expect((await journal.reader.story(taken.at(-1) ?? ''))?.translation.state).toBe('published');
    while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 1_000_000));
    await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 1_000_000);
    expect(heard).toEqual([true, false]);
    expect((await receive(journal, arrival('after'))).map(({ outcome }) => outcome)).toEqual(['new']);
    await journal.close();
  });

  it('rule 40: a journal of schema 1 with a translation in every state opens, and is finished under the same ids', async () => {
    const fixture = resolve(import.meta.dirname, '../fixtures/journal-1.db');
    expect(existsSync(fixture)).toBe(true);
    cpSync(fixture, join(folder, 'journal.db'));
    const journal = await open();
    const before = (await journal.reader.list({}, { limit: 100 })).rows.map(({ id, state }) => ({ id, state }));
    expect(new Set(before.map(({ state }) => state))).toEqual(
      new Set(['received', 'running', 'waiting', 'parked', 'answered', 'published', 'discarded']),
    );
    const recovered = await journal.recover([{ system: 'crm', operation: 'book' }]);
    expect(recovered.interrupted).toBe(1);
    const pending = await journal.unpublished(0, 10);
    expect(pending.map(({ event }) => event.attributes.id)).toEqual(['reply-of-answered']);
    for (const { seq } of pending) await journal.published(seq, true, 9_000);
    await journal.wake(1e15);
    for (const suspects of [true, false])
      for (const started of await journal.begin('crm', ['book'], 100, { nowMs: 9_000, suspects, build: 'b2' }))
        await journal.answered(started, [], 9_000);
    const after = new Map((await journal.reader.list({}, { limit: 100 })).rows.map(({ id, state }) => [id, state]));
    expect([...after.keys()].sort()).toEqual(before.map(({ id }) => id).sort());
    for (const { id, state } of before) expect(after.get(id)).toBe(state === 'parked' || state === 'discarded' ? state : 'published');
    await journal.close();
  });
});
