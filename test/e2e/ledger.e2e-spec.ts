import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerAdapter } from '../../adapters/ledger/ledger.adapter.ts';
import { Secret } from '../../src/contract/secret.ts';
import { PracticeNightly } from '../../src/practice/nightly/nightly.batch.ts';
import { nightlySettings } from '../../src/practice/nightly/nightly.bench.ts';
import { type NightlyFaultKind } from '../../src/practice/nightly/outbox.ts';
import { customersOfTheHouse } from '../../src/practice/nightly/customers.ts';
import { type NightlyCustomer } from '../../src/practice/nightly/files.writer.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { PickupTransport } from '../../src/transports/file/pickup/pickup.transport.ts';
import { type PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { need } from '../support/needs.ts';
import { until } from '../support/pickups.ts';
import { Sshd } from '../support/sshd.ts';

let practice: PracticeNightly;
beforeEach(() => {
  practice = new PracticeNightly({ folder: mkdtempSync(join(tmpdir(), 'gatehouse-nightly-')) });
});
afterEach(() => rmSync(practice.folder, { recursive: true, force: true }));

const canary = 'canary-3f1c9e';
const requested = 'com.acme.posting.requested.v1';
const start = (more: Partial<RigOptions> = {}, place: Partial<PlaceSettings> = { directory: practice.folder }): Promise<Rig> =>
  startRig({
    adapters: [LedgerAdapter],
    transports: [new FileTransport()],
    sourceTransports: [new PickupTransport()],
    systems: { ledger: { settings: { callTimeoutMs: 20_000, settleMs: 300, concurrency: 2 }, transports: { ...nightlySettings(place) } } },
    ...more,
  });

const posting = (postingId: string, more: object = {}) => ({
  postingId,
  debitAccount: '1000000001',
  creditAccount: '1000000003',
  amount: '1250.00',
  currency: 'EUR',
  valueDate: '2026-11-20',
  text: [`Grüße ${canary}`],
  ...more,
});
/** The quarter of an hour is over. */
async function close(rig: Rig): Promise<void> {
  for (const { seq } of await rig.journal.reader.batches('ledger', ['open'], 10))
    await rig.gateway.desk.actOnBatch({ key: `close ${seq}`, batch: seq, act: 'close', who: 'ann', why: 'the night begins' });
}
/** Waits until they are gathered, and drops them in one file. */
async function drop(rig: Rig, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await becomes(rig, id, 'waiting batch');
  await close(rig);
  for (const id of ids) await becomes(rig, id, 'waiting reply');
}
const request = (rig: Rig, postingId: string, more: object = {}): Promise<string> => rig.post(requested, posting(postingId, more));
const stateOf = async (rig: Rig, id: string): Promise<string> => {
  const { state, waitingFor, failure } = (await rig.story(id)).translation;
  return [state, waitingFor ?? failure?.code].filter(Boolean).join(' ');
};
const becomes = (rig: Rig, id: string, wanted: string): Promise<void> =>
  until(`${id} is ${wanted}`, async () => (await stateOf(rig, id)) === wanted, 30_000).catch(async (error: unknown) => {
    throw new Error(`${String(error)}; it is ${await stateOf(rig, id)}\n${rig.logs.join('\n')}`);
  });
const published = async (rig: Rig, type: string): Promise<Record<string, unknown>[]> =>
  (await rig.replies())
    .filter(({ attributes }) => attributes.type === `com.acme.${type}.v1`)
    .map(({ data }) => JSON.parse(Buffer.from(data).toString()) as Record<string, unknown>);
const names = (directory: string): string[] =>
  !existsSync(join(practice.folder, directory))
    ? []
    : readdirSync(join(practice.folder, directory))
        .filter((name) => name.includes('.DAT') && !name.endsWith('.done'))
        .map((name) => name.replace(/^\d{8}T\d{6}Z-[0-9a-f]{8}-/, ''))
        .sort();
/** Drops it, lets a night pass with this fault, and gives the translation. */
async function through(rig: Rig, kind: NightlyFaultKind): Promise<string> {
  const id = await request(rig, 'P-1');
  await drop(rig, id);
  practice.fault({ kind });
  practice.run();
  return id;
}
const booked = (): string[] => practice.book().map(({ postingId }) => postingId);

describe('postings', () => {
  it('are dropped by day, booked by night and answered by the result file; the statement tells the accounts', async () => {
    await using rig = await start();
    const ids = await Promise.all(['P-1', 'P-2', 'P-3'].map((id) => request(rig, id, id === 'P-2' ? { creditAccount: '4711004711' } : {})));
    await drop(rig, ...ids);
    const later = await request(rig, 'P-4');
    await drop(rig, later);
    const files = names('postings');
    expect(files.map((name) => name.replace(/_\d{8}_/, '_DAY_'))).toEqual(['POSTING_DAY_000001.DAT', 'POSTING_DAY_000002.DAT']);
    expect(practice.book()).toEqual([]);
    practice.run();
    for (const id of [...ids, later]) await becomes(rig, id, 'published');
    expect(booked().sort()).toEqual(['P-1', 'P-3', 'P-4']);
    expect(practice.book().map(({ amount, debit, credit, text }) => [amount, debit, credit, text])).toEqual(
      Array.from({ length: 3 }, () => [125_000n, '1000000001', '1000000003', [`Grüße ${canary}`]]),
    );
    expect((await published(rig, 'posting.booked')).map(({ postingId, bookingNumber }) => [postingId, bookingNumber]).sort()).toEqual(
      practice
        .book()
        .map(({ postingId, bookingNumber }) => [postingId, String(bookingNumber)])
        .sort(),
    );
    expect(await published(rig, 'posting.rejected')).toEqual([{ postingId: 'P-2', code: 1001, reason: 'ACCOUNT UNKNOWN' }]);
    await until('the statement is told', async () => (await published(rig, 'account.stated')).length === 2);
    expect((await published(rig, 'account.stated')).map(({ account, closingBalance }) => [account, closingBalance])).toEqual([
      ['1000000001', '-3750.00'],
      ['1000000003', '3750.00'],
    ]);
    await until('the result file is archived', () => names('archive').length === 1);
    expect([names('postings'), names('results'), practice.messages()]).toEqual([[], [], []]);
    expect(rig.logs.join('\n')).not.toContain(canary);
  });

  it('are EBCDIC for others too: text as glibc reads it, amounts packed, totals in the trailer', async () => {
    await using rig = await start();
    await drop(rig, await request(rig, 'P-1', { amount: '9999999999999.99', text: ['ÄÖÜ äöü ß § @ [ ] { }'] }));
    const bytes = readFileSync(join(practice.folder, 'postings', names('postings')[0] ?? ''));
    const text = execFileSync(need('iconv', 'libc-bin'), ['-f', 'IBM273', '-t', 'UTF-8'], { input: bytes.subarray(200, 245) }).toString();
    expect(text).toBe(`10${'P-1'.padEnd(20)}BD1000000001C1000000003`.padEnd(45));
    expect(execFileSync('iconv', ['-f', 'IBM273', '-t', 'UTF-8'], { input: bytes.subarray(264, 291) }).toString()).toBe(
      'ÄÖÜ äöü ß § @ [ ] { }'.padEnd(27),
    );
    expect(bytes.subarray(245, 253).toString('hex')).toBe('999999999999999c');
    expect([bytes.subarray(402, 406), bytes.subarray(406, 415), bytes.subarray(415, 423)].map((part) => part.toString('hex'))).toEqual([
      '00000001',
      '00999999999999999c',
      '000002000000004f',
    ]);
  });

  it('are refused before anything leaves, by field, and use no number up', async () => {
    await using rig = await start();
    const failures: [object, string, string][] = [
      [{ amount: '12345678901234.00' }, 'EVENT_INVALID', 'amount'],
      [{ amount: '1.005' }, 'EVENT_INVALID', 'amount'],
      [{ amount: '0.00' }, 'EVENT_INVALID', 'amount'],
      [{ debitAccount: '12' }, 'EVENT_INVALID', 'debitAccount'],
      [{ text: ['a\nb'] }, 'EVENT_INVALID', 'text'],
      [{ text: ['5 €'] }, 'CALL_REFUSED_ARGUMENTS', 'purpose.purposeLine[0] (X(27))'],
      [{ reverses: 'P-0' }, 'CALL_REFUSED_ARGUMENTS', 'purpose'],
    ];
    for (const [index, [more, code, field]] of failures.entries()) {
      const id = await request(rig, `P-${index}`, more);
      await becomes(rig, id, `parked ${code}`);
      const { failure } = (await rig.story(id)).translation;
      expect(failure?.message).toContain(field);
    }
    await drop(rig, await request(rig, 'P-9'));
    expect(names('postings')).toEqual([expect.stringMatching(/^POSTING_\d{8}_000001\.DAT$/)]);
  });

  it('that are asked for twice under one posting id: the second waits for the first, and the ledger rejects it', async () => {
    await using rig = await start();
    const first = await request(rig, 'P-1');
    await drop(rig, first);
    const second = await request(rig, 'P-1');
    await becomes(rig, second, 'waiting time');
    practice.run();
    await becomes(rig, first, 'published');
    await drop(rig, second);
    practice.run();
    await becomes(rig, second, 'published');
    expect([booked(), (await published(rig, 'posting.rejected')).map(({ code }) => code)]).toEqual([['P-1'], [1004]]);
  });
});

describe('a result file', () => {
  it.each(['wrong-trailer', 'short-record'] as const)('with a %s answers nobody; mended and sent again it answers', async (kind) => {
    await using rig = await start();
    const id = await through(rig, kind);
    await until('it is put away', () => existsSync(join(practice.folder, 'error')) && readdirSync(join(practice.folder, 'error')).length === 2);
    expect(readdirSync(join(practice.folder, 'error'))).toEqual([
      expect.stringMatching(/RESULT_.*\.DAT$/),
      expect.stringMatching(/\.reasons\.json$/),
    ]);
    expect(await stateOf(rig, id)).toBe('waiting reply');
    practice.resend('results');
    await becomes(rig, id, 'published');
    expect([booked(), (await published(rig, 'posting.booked')).length]).toEqual([['P-1'], 1]);
  });

  it('that comes twice answers once', async () => {
    await using rig = await start();
    const id = await through(rig, 'twice');
    await becomes(rig, id, 'published');
    await until('both are archived', () => names('archive').length === 2);
    expect([booked(), (await published(rig, 'posting.booked')).length]).toEqual([['P-1'], 1]);
  });

  it('that is only half there waits for its marker', async () => {
    await using rig = await start();
    const id = await through(rig, 'halves');
    expect(names('results')).toHaveLength(1);
    // A second posting goes its whole way meanwhile: the link has looked.
    await drop(rig, await request(rig, 'P-2'));
    await until('the checks of the place go through', async () => (await rig.gateway.desk.check('ledger')).every(({ ok }) => ok));
    expect(await stateOf(rig, id)).toBe('waiting reply');
    expect(names('results')).toHaveLength(1);
    practice.release();
    await becomes(rig, id, 'published');
  });

  it('that is a night late answers then', async () => {
    await using rig = await start();
    const id = await through(rig, 'late');
    expect([booked(), names('results'), await stateOf(rig, id)]).toEqual([['P-1'], [], 'waiting reply']);
    practice.run();
    await becomes(rig, id, 'published');
    expect(booked()).toEqual(['P-1']);
  });

  it('of a file that the operator refused rejects every posting in it', async () => {
    await using rig = await start();
    await becomes(rig, await through(rig, 'refuse-file'), 'published');
    expect(await published(rig, 'posting.rejected')).toEqual([{ postingId: 'P-1', code: 9001, reason: 'FILE REFUSED BY OPERATOR' }]);
    expect(booked()).toEqual([]);
  });

  it('a posting file that is run again books nothing twice, and answers nothing', async () => {
    await using rig = await start();
    const id = await through(rig, 'late');
    practice.repeat();
    practice.run();
    await becomes(rig, id, 'published');
    expect([booked(), practice.messages()]).toEqual([['P-1'], [expect.stringContaining('WAS TAKEN BEFORE')]]);
  });
});

describe('a gateway that is killed between drop and result', () => {
  it('takes the results after its start: one file, each posting booked and answered once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ledger-'));
    const script = resolve('dist/test/support/ledger-until-dropped.js');
    const events = ['P-1', 'P-2', 'P-3'].map((id) => JSON.stringify(posting(id)));
    const child = spawn(process.execPath, [script, folder, practice.folder, ...events], { stdio: 'inherit' });
    await until('the file is dropped', () => readdirSync(join(practice.folder, 'postings')).some((name) => name.endsWith('.done')), 60_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    practice.run();
    expect(booked()).toEqual(['P-1', 'P-2', 'P-3']);
    await using rig = await start({ folder });
    await rig.settled(60_000);
    practice.run();
    expect((await rig.rows()).map(({ state }) => state)).toEqual(['published', 'published', 'published']);
    expect((await published(rig, 'posting.booked')).map(({ postingId }) => postingId).sort()).toEqual(['P-1', 'P-2', 'P-3']);
    expect([booked().length, names('postings'), practice.messages(), practice.dropped().size]).toEqual([3, [], [], 1]);
  });
});

describe('the extract of customers', () => {
  const told = async (rig: Rig): Promise<string[]> =>
    (await rig.replies())
      .filter(({ attributes }) => attributes.type.startsWith('com.acme.customer.'))
      .map(
        ({ attributes, data }) =>
          `${attributes.type.split('.')[3]} ${(JSON.parse(Buffer.from(data).toString()) as { customerNumber: string }).customerNumber}`,
      );
  const all = customersOfTheHouse.map(({ number }) => `created ${number}`);
  const [muller] = customersOfTheHouse as [NightlyCustomer];

  it('tells the first night everybody, the second what has changed, the third nothing, over a restart', async () => {
    const rig = await start();
    practice.extract();
    await until('the first night is told', async () => (await told(rig)).length === 5);
    expect(await told(rig)).toEqual(all);
    await rig.stop();
    practice.put({ ...muller, street: 'Kleine Gasse 1' });
    practice.remove('00010003');
    practice.extract();
    await using second = await start({ folder: rig.folder });
    await until('the second night is told', async () => (await told(second)).length === 7);
    expect((await told(second)).slice(5)).toEqual(['updated 00010001', 'deleted 00010003']);
    expect((await published(second, 'customer.updated'))[0]).toMatchObject({ name: 'Müller', street: 'Kleine Gasse 1' });
    practice.extract();
    await until('the third night is put away', () => readdirSync(join(practice.folder, 'customers', 'archive')).length === 3);
    expect(await told(second)).toHaveLength(7);
  });

  it('that has shrunk is held, tells nobody as gone, and is taken when a person says so', async () => {
    await using rig = await start();
    practice.extract();
    await until('the first night is told', async () => (await told(rig)).length === 5);
    practice.fault({ kind: 'shrunk' });
    practice.extract();
    await until('it is parked', async () => (await rig.rows({ states: ['parked'] })).length === 1);
    const [held] = await rig.rows({ states: ['parked'] });
    expect([held?.failure?.code, (await told(rig)).length]).toEqual(['SNAPSHOT_SUSPICIOUS', 5]);
    const retry = { key: 'retry-1', translationId: held?.id ?? '', version: held?.version ?? null, who: 'ann', why: 'four customers were sold' };
    await rig.gateway.desk.act(retry, { kind: 'retry' });
    await until('it is told', async () => (await told(rig)).length === 9);
    expect((await told(rig)).slice(5)).toEqual(customersOfTheHouse.slice(1).map(({ number }) => `deleted ${number}`));
  });

  it.each([
    ['duplicate-key', 'SNAPSHOT_SUSPICIOUS'],
    ['wrong-trailer', 'RECORD_INVALID'],
    ['short-record', 'RECORD_INVALID'],
  ] as const)('with a %s is refused as a whole; the next one is taken', async (kind, code) => {
    await using rig = await start();
    practice.fault({ kind, file: 'customers' });
    practice.extract();
    await until('it is parked', async () => (await rig.rows({ states: ['parked'] })).length === 1);
    expect((await rig.rows({ states: ['parked'] }))[0]?.failure?.code).toBe(code);
    expect(await told(rig)).toEqual([]);
    practice.extract();
    await until('the next one is told', async () => (await told(rig)).length === 5);
    expect(await told(rig)).toEqual(all);
  });
});

describe('a ledger behind OpenSSH', () => {
  it('takes postings and gives results, statements and customers, and no log has a secret or a text', async () => {
    const sshd = await Sshd.start();
    practice = new PracticeNightly({ folder: sshd.home });
    for (const name of ['', 'postings', 'results', 'statements', 'customers']) chmodSync(join(sshd.home, name), 0o777);
    const key = new Secret('built-in', sshd.key);
    const password = new Secret('built-in', `${canary}-password`);
    const place: Partial<PlaceSettings> = {
      kind: 'sftp',
      host: '127.0.0.1',
      port: sshd.port,
      user: sshd.user,
      key,
      password,
      hostKeys: [sshd.fingerprint],
      directory: sshd.home,
    };
    try {
      await using rig = await start({}, place);
      const ids = await Promise.all(['P-1', 'P-2'].map((id) => request(rig, id)));
      await drop(rig, ...ids);
      practice.fault({ kind: 'halves' });
      practice.run();
      practice.extract();
      practice.run();
      for (const id of ids) await becomes(rig, id, 'published');
      await until('statement and customers are told', async () => (await rig.replies()).length === 2 + 2 + 5, 30_000);
      expect(booked().sort()).toEqual(['P-1', 'P-2']);
      const logged = rig.logs.join('\n');
      for (const secret of [canary, sshd.key.split('\n')[2] ?? '']) expect(logged).not.toContain(secret);
      const journal = readFileSync(join(rig.folder, 'journal.db'), 'latin1');
      expect(journal).not.toContain(`${canary}-password`);
      expect(journal).not.toContain(sshd.key.split('\n')[2]);
    } finally {
      await sshd.stop();
    }
  });
});
