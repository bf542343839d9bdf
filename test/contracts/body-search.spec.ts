import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type TranslationFilter } from '../../src/contract/journal-reader.ts';
import { type SearchedBodies } from '../../src/contract/searched-bodies.ts';
import { Secret } from '../../src/contract/secret.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { EncryptionSettings, JournalSettings } from '../../src/journal/journal.settings.ts';
import { type SqliteJournal, openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { arrival, leaving } from './journal.contract.ts';

const nothingSensitive: SearchedBodies = { crm: { book: { event: [], replies: {} } } };
const sensitiveName: SearchedBodies = { crm: { book: { event: ['name'], replies: { 'r.v1': ['iban'] } } } };

let folder: string;
let journal: SqliteJournal;
const inFolder = (): void => void (folder = mkdtempSync(join(tmpdir(), 'gatehouse-words-')));
const leave = async (): Promise<void> => {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
};

async function open(searched: SearchedBodies = nothingSensitive, more: Partial<JournalSettings> = {}): Promise<void> {
  const settings = Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 }, more);
  journal = (await openSqliteJournal(settings, new SystemClock(), { searched, fatal: () => undefined })).journal;
  await journal.recover([
    { system: 'crm', operation: 'book' },
    { system: 'erp', operation: 'book' },
  ]);
}

const reopen = async (...how: Parameters<typeof open>): Promise<void> => {
  await journal.close();
  await open(...how);
};

const received = async (id: string, data: unknown, more: Parameters<typeof arrival>[1] = {}): Promise<void> => {
  await journal.receive([arrival(id, { data: typeof data === 'string' ? data : JSON.stringify(data), ...more })], { nowMs: 1_000, build: 'b1' });
};

/** One that was called and answered; its event, its exchange and its reply each say something of their own. */
async function translated(id: string, data: unknown, said: { sent?: string; got?: string; media?: string; reply?: unknown; keep?: boolean } = {}) {
  const [first] = await journal.receive([arrival(id, { data: JSON.stringify(data), begin: true, keepBodies: said.keep ?? true })], {
    nowMs: 1_000,
    build: 'b1',
  });
  if (first?.started === undefined) throw new Error('not started');
  const { started } = first;
  const call = leaving(started, { args: { given: `${id}argument` } });
  const seq = await journal.leave(started, call, 1_000);
  const parts = [
    { kind: 'sent' as const, atMs: 1, media: said.media ?? 'text/xml', bytes: Buffer.from(said.sent ?? '') },
    { kind: 'received' as const, atMs: 1, media: said.media ?? 'text/xml', bytes: Buffer.from(said.got ?? '') },
  ];
  await journal.called(started, seq, call, { state: 'answered', answer: { told: `${id}answer` } }, parts, 1_000);
  const attributes = { specversion: '1.0' as const, id: `r-${id}`, source: '/gatehouse', type: 'r.v1' };
  const rows = await journal.answered(
    started,
    said.reply === undefined ? [] : [{ attributes, data: Buffer.from(JSON.stringify(said.reply)) }],
    1_000,
  );
  for (const row of rows) await journal.published(row.seq, true, 1_000);
}

const caughtUp = (): Promise<void> =>
  vi.waitFor(
    async () => {
      const { systems, behind } = await journal.reader.bodySearch();
      expect([behind, systems.filter(({ done }) => done < 1)]).toEqual([0, []]);
      expect(systems.length).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 50 },
  );

const found = async (text: string, more: TranslationFilter = {}): Promise<string[]> =>
  (await journal.reader.list({ text, ...more }, { limit: 500 })).rows.map(({ eventId }) => eventId);

/** Everything that stands in the files of the index. */
const onDisk = (): string =>
  readdirSync(folder)
    .filter((name) => name.includes('.words'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n');

describe('words of bodies', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    inFolder();
    await open();
  });
  afterAll(leave);

  it('finds a translation by its event, its arguments and answers, its native exchange and its replies', async () => {
    await translated(
      'one',
      { customer: 'Jürgen Østergård', order: 'ORD-004711-X' },
      { sent: '<o><ref>alpha-17</ref></o>', got: '<a>beta</a>', reply: { said: 'gamma' } },
    );
    await translated('two', { customer: 'Zoë' });
    await caughtUp();
    for (const text of ['jurgen', 'ØSTERGÅRD', '4711', 'ORD-004711-X', 'oneargument', 'oneanswer', 'alpha', 'alpha-17', 'beta', 'gamma'])
      expect([text, await found(text)]).toEqual([text, ['one']]);
    expect(await found('create')).toEqual(['two', 'one']);
    expect(await found('zoe')).toEqual(['two']);
    expect(await found('gamma beta 4711')).toEqual(['one']);
    // One word in bodies, the other a system, an id, a key of another.
    expect([await found('crm beta'), await found('one beta'), await found('two beta'), await found('beta zoe')]).toEqual([['one'], ['one'], [], []]);
    expect(await found('beta', { states: ['parked'] })).toEqual([]);
    expect(await found('beta', { system: 'crm', states: ['published'] })).toEqual(['one']);
  });

  it('binary bytes are not read, text without a type is', async () => {
    await translated('binary', {}, { sent: 'hidden\u0000word', media: 'application/octet-stream' });
    await translated('textual', {}, { sent: 'hidden word', media: 'application/octet-stream' });
    await caughtUp();
    expect(await found('hidden')).toEqual(['textual']);
  });

  it('what drops its bodies in the end is found by them only as long as it keeps them', async () => {
    await received('waiting', { thing: 'shortlived' }, { keepBodies: false });
    await caughtUp();
    expect(await found('shortlived')).toEqual(['waiting']);
    const [started] = await journal.begin('crm', ['book'], 1, { nowMs: 2_000, suspects: false, build: 'b1' });
    if (started === undefined) throw new Error('not started');
    await journal.answered(started, [], 2_000);
    await caughtUp();
    expect(await found('shortlived')).toEqual([]);
  });

  it('a change is told to those who search by text once its words can be found', async () => {
    const { reached } = await journal.reader.changes({}, null, 0);
    await received('live', { thing: 'fresh' });
    await vi.waitFor(
      async () => {
        const { rows } = await journal.reader.changes({ text: 'fresh' }, reached, 10);
        expect(rows.map(({ eventId }) => eventId)).toEqual(['live']);
      },
      { timeout: 20_000 },
    );
  });

  it('a selection of a bulk holds what the list shows', async () => {
    for (let n = 0; n < 5; n += 1) await received(`e${n}`, { thing: n % 2 === 0 ? 'even' : 'odd' });
    await caughtUp();
    const { seqs } = await journal.reader.selected({ filter: { text: 'even' } }, 100);
    expect(seqs.length).toBe(3);
  });

  it('no question is syntax, and none makes it fail', async () => {
    await received('syntax', { thing: 'plain NEAR and OR not text' });
    await caughtUp();
    const questions = [
      '"',
      "'",
      '""',
      'NEAR(a b)',
      'a NEAR b',
      '*',
      'pla*',
      '^plain',
      'words:plain',
      '-plain',
      'a AND',
      ') OR (',
      '\u0000',
      'plain\u0000text',
    ];
    for (const text of [...questions, 'x'.repeat(10_000), '\u202eplain', '🦊🦊', '%', '_', '{words}', 'plain OR missing', '\ud800'])
      expect(Array.isArray(await found(text))).toBe(true);
    expect([await found('pla*'), await found('plain OR missing'), await found('near'), await found('\u202eplain')]).toEqual([
      [],
      [],
      ['syntax'],
      ['syntax'],
    ]);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (text) => void (await found(text))),
      { numRuns: 25 },
    );
  });

  it('what is longer than is read is found by its beginning', async () => {
    await received('long', { first: 'beginning', filler: 'x '.repeat(300_000), last: 'ending' });
    await caughtUp();
    expect([await found('beginning'), await found('ending')]).toEqual([['long'], []]);
  });
});

describe('the file of words', { timeout: 120_000 }, () => {
  beforeEach(inFolder);
  afterEach(leave);

  it('rule 42: words of sensitive values are in no file of the index, whatever stands around them', async () => {
    // Before the adapter marked anything everything was found.
    await open();
    await translated(
      'secret',
      { name: 'Quintessa Vogelsang', pin: 'visible', city: 'Bremen' },
      {
        sent: '<c><full>Quintessa Vogelsang</full><last>VOGELSANG</last><id>XVOGELSANG9</id><town>Bremen</town></c>',
        got: '<n>Quintessa</n><iban>DE0012345678</iban>',
        reply: { iban: 'DE0012345678', ok: 'fine' },
      },
    );
    await translated('binary', { name: 'Quintessa' }, { sent: 'record of quintessa', media: 'application/octet-stream' });
    await received('broken', '{"name":"Quintessa", oops');
    await caughtUp();
    expect(await found('quintessa')).toEqual(['broken', 'binary', 'secret']);
    await reopen(sensitiveName);
    expect(await found('quintessa')).toEqual([]);
    await caughtUp();
    expect([await found('bremen'), await found('visible'), await found('fine')]).toEqual([['secret'], ['secret'], ['secret']]);
    for (const text of ['quintessa', 'vogelsang', 'XVOGELSANG9', 'DE0012345678', '12345678', 'oops', 'record'])
      expect([text, await found(text)]).toEqual([text, []]);
    await journal.close();
    expect(onDisk()).toContain('bremen');
    expect(onDisk()).not.toMatch(/quintessa|vogelsang|12345678/i);
    await open(sensitiveName);
  });

  it('an encrypted journal is searched by whole words, and no word of it is on the disk, nor of what was there before', async () => {
    const withKey = (digit: string): Partial<JournalSettings> => ({
      encryption: Object.assign(new EncryptionSettings(), { keyId: Number(digit), key: new Secret('key', digit.repeat(64)) }),
    });
    await open();
    await translated('one', { customer: 'Quintessa', order: 'PO-004711X' }, { sent: '<a>Bremerhaven</a>' });
    await caughtUp();
    expect(onDisk()).toContain('quintessa');
    await reopen(nothingSensitive, withKey('1'));
    await translated('two', { customer: 'Zacharias' });
    await caughtUp();
    expect(await found('zacharias')).toEqual(['two']);
    expect([await found('QUINTESSA'), await found('4711'), await found('bremerhaven'), await found('brem')]).toEqual([['one'], ['one'], ['one'], []]);
    expect(onDisk()).not.toMatch(/quintessa|4711|bremerhaven|zacharias/i);
    await reopen(nothingSensitive, withKey('2'));
    await caughtUp();
    // What was written with the key of before cannot be read any more; what was plain can.
    expect([await found('zacharias'), await found('quintessa')]).toEqual([[], ['one']]);
  });

  it('turned on later, for systems that are named, it finds what is there already; turned off, nothing of it is left', async () => {
    await open({});
    for (let n = 0; n < 30; n += 1) await received(`e${n}`, { thing: `wanted${n}` });
    await received('elsewhere', { thing: 'wanted7' }, { system: 'erp', id: 'a'.repeat(32) });
    expect(await found('wanted7')).toEqual([]);
    expect(existsSync(join(folder, 'journal.db.words'))).toBe(false);
    await reopen();
    await received('new', { thing: 'wanted7' });
    await caughtUp();
    expect(await found('wanted7')).toEqual(['new', 'e7']);
    await reopen({ ...nothingSensitive, erp: { book: { event: [], replies: {} } } });
    expect(await found('wanted7')).toEqual(['new', 'e7']);
    await caughtUp();
    expect(await found('wanted7')).toEqual(['new', 'elsewhere', 'e7']);
    await reopen({});
    expect(readdirSync(folder).filter((name) => name.includes('.words'))).toEqual([]);
    expect([await found('wanted7'), (await journal.reader.bodySearch()).systems]).toEqual([[], []]);
  });

  it('rule 27: with a translation retention takes its words, out of the file too', async () => {
    await open();
    await translated('old', { thing: 'vanishing' });
    await received('unfinished', { thing: 'staying' });
    await caughtUp();
    expect(onDisk()).toContain('vanishing');
    while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 10_000_000));
    expect(await found('vanishing')).toEqual([]);
    await reopen();
    const rest = (): object => {
      const file = new DatabaseSync(join(folder, 'journal.db.words'), { readOnly: true });
      const kept = file.prepare('SELECT (SELECT count(*) FROM words_0_docsize) AS translations, unpurged FROM piece').get() as object;
      file.close();
      return { ...kept };
    };
    await vi.waitFor(() => expect(rest()).toEqual({ translations: 1, unpurged: 0 }), { timeout: 60_000 });
    await reopen();
    expect(onDisk().includes('vanishing')).toBe(false);
    expect(await found('staying')).toEqual(['unfinished']);
  });
});
