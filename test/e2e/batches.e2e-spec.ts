import { chownSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/secret.ts';
import { type SystemSettings } from '../../src/contract/settings.ts';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { ParcelsAdapter, manifestText, parcelLine } from '../support/batches.ts';
import { OtlpTelemetry } from '../../src/telemetry/otlp.telemetry.ts';
import { TelemetrySettings } from '../../src/telemetry/telemetry.settings.ts';
import { CarrierPartner, ackLine, endLine } from '../support/carrier.ts';
import { Collector, attributesOf } from '../support/collector.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Sshd } from '../support/sshd.ts';

const hour = 3_600_000;
let partner: CarrierPartner;
beforeEach(() => {
  partner = new CarrierPartner(mkdtempSync(join(tmpdir(), 'gatehouse-batches-')));
});
afterEach(() => rmSync(partner.folder, { recursive: true, force: true }));

const parcels = (more: Partial<SystemSettings> = {}, place: Partial<FileSettings> = {}) => ({
  settings: { callTimeoutMs: 60_000, settleMs: 60_000, ...more },
  transports: { file: Object.assign(new FileSettings(), { directory: partner.folder, pollMs: 1_000, ...place }) },
});
const start = (clock: ManualClock, more: Partial<RigOptions> = {}): Promise<Rig> =>
  startRig({
    adapters: [ParcelsAdapter],
    transports: [new FileTransport()],
    systems: { parcels: parcels() },
    clock,
    ...more,
  });

type By = 'Hourly' | 'Sized' | 'ByDepot' | 'Large' | 'Confirmed';
const pack = (rig: Rig, parcelId: string, by: By = 'Hourly', depot = 'D1', type = 'test.parcel.v1'): Promise<string> =>
  rig.post(type, { parcelId, depot, by });
const state = async (rig: Rig, id: string): Promise<string> => {
  const { state: now, waitingFor, failure } = (await rig.story(id)).translation;
  return [now, waitingFor ?? failure?.code].filter(Boolean).join(' ');
};
const becomes = (rig: Rig, id: string, wanted: string) => expect.poll(() => state(rig, id)).toBe(wanted);
const said = async (rig: Rig): Promise<string[]> =>
  (await rig.replies())
    .map(({ data }) => JSON.parse(Buffer.from(data).toString()) as { parcelId: string; where: string })
    .map(({ parcelId, where }) => `${parcelId} ${where}`)
    .sort();
async function gathered(rig: Rig, parcels: readonly string[], by: By = 'Hourly'): Promise<string[]> {
  const ids: string[] = [];
  for (const parcel of parcels) {
    const id = await pack(rig, parcel, by);
    await becomes(rig, id, 'waiting batch');
    ids.push(id);
  }
  return ids;
}

describe('a batch', () => {
  it('closes by count: one file with every event in order, and each event its own answer', async () => {
    await using rig = await start(new ManualClock());
    const ids = await gathered(rig, ['A', 'B']);
    expect(partner.names()).toEqual([]);
    ids.push(await pack(rig, 'C'));
    for (const id of ids) await becomes(rig, id, 'published');
    expect(partner.names()).toEqual(['PARCELS_20261120_0001.TXT', 'PARCELS_20261120_0001.ok']);
    expect(partner.text('PARCELS_20261120_0001.TXT')).toBe(
      manifestText(
        1,
        '20261120',
        ['A', 'B', 'C'].map((each) => parcelLine(each)),
      ),
    );
    expect(await said(rig)).toEqual(['A', 'B', 'C'].map((each, index) => `${each} PARCELS_20261120_0001.TXT ${index + 1}`));
    expect(partner.hidden()).toEqual([]);
  });

  it('is told to a collector: each member names it, each try is a span of the batch, with what went wrong', async () => {
    const collector = await Collector.start();
    rmSync(join(partner.folder, 'out'), { recursive: true });
    const clock = new ManualClock();
    const settings = { ...new TelemetrySettings(), endpoint: collector.url };
    const rig = await start(clock, { telemetry: (parts) => new OtlpTelemetry({ ...parts, settings, name: 'gatehouse', build: 'test' }) });
    const ids = await gathered(rig, ['A', 'B']);
    ids.push(await pack(rig, 'C'));
    await expect.poll(() => rig.logs.join('\n')).toContain('was not sent');
    mkdirSync(join(partner.folder, 'out'));
    await rig.gateway.desk.resume('parcels', '', 'ann', 'made');
    await expect.poll(() => (clock.advance(1_000), partner.names().length), { timeout: 20_000 }).toBe(2);
    for (const id of ids) await becomes(rig, id, 'published');
    await rig[Symbol.asyncDispose]();
    await collector.stop();
    const spans = collector.spans.map((span) => ({ ...span, told: attributesOf(span) }));
    const tries = spans.filter(({ name }) => name === 'batch parcels Hourly');
    expect(tries.map(({ told }) => [told['gatehouse.batch'], told['gatehouse.events'], told['gatehouse.outcome'], told['error.type']])).toEqual([
      ['1', '3', 'waiting', 'PLACE_UNFIT'],
      ['1', '3', 'answered', undefined],
    ]);
    expect(new Set(tries.map(({ traceId }) => traceId)).size).toBe(1);
    expect(tries.map(({ events }) => events.map(({ name }) => name))).toEqual([[], ['left']]);
    const members = spans.filter(({ name }) => name === 'call parcels Hourly');
    expect(members.map(({ told }) => [told['gatehouse.outcome'], told['gatehouse.batch']])).toEqual(ids.map(() => ['gathered', '1']));
    expect(members.map(({ told }) => told['gatehouse.translation'])).toEqual(ids);
  });

  it('closes by bytes: the event that would be too much begins the next one', async () => {
    await using rig = await start(new ManualClock());
    const ids: string[] = [];
    for (const parcel of ['A', 'B', 'C', 'D', 'E']) ids.push(await pack(rig, parcel, 'Sized'));
    for (const id of ids.slice(0, 4)) await becomes(rig, id, 'published');
    await becomes(rig, ids[4] ?? '', 'waiting batch');
    expect(partner.names()).toEqual(['SIZED_0001.TXT', 'SIZED_0002.TXT']);
    expect(partner.text('SIZED_0002.TXT')).toBe(manifestText(2, '20261120', [parcelLine('C'), parcelLine('D')]));
  });

  it('closes by the age of its first event, and tells who asks what it holds', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const [id = ''] = await gathered(rig, ['A']);
    clock.advance(hour / 2);
    const [late = ''] = await gathered(rig, ['B']);
    expect(await rig.journal.reader.batches('parcels', ['open'], 10)).toMatchObject([
      { call: 'Hourly', state: 'open', events: 2, bytes: 64, dueMs: Date.parse('2026-11-20T13:00:00Z') },
    ]);
    expect((await rig.story(id)).calls).toMatchObject([{ state: 'gathered', batch: { state: 'open', place: null } }]);
    clock.advance(hour / 2 - 1);
    await rig.rows();
    expect(partner.names()).toEqual([]);
    clock.advance(1);
    for (const each of [id, late]) await becomes(rig, each, 'published');
    expect(partner.names()).toContain('PARCELS_20261120_0001.TXT');
    expect((await rig.story(late)).calls).toMatchObject([{ state: 'answered', batch: { state: 'answered', place: 2 }, answer: { place: 2 } }]);
  });

  it('closes when a person says so, whose reason is recorded', async () => {
    await using rig = await start(new ManualClock());
    const [id = ''] = await gathered(rig, ['A']);
    const [open] = await rig.journal.reader.batches('parcels', ['open'], 10);
    const action = { key: 'c', batch: open?.seq ?? 0, act: 'close', who: 'ann', why: 'the lorry leaves early' } as const;
    await rig.gateway.desk.actOnBatch(action);
    await becomes(rig, id, 'published');
    await rig.gateway.desk.actOnBatch(action);
    await expect(rig.gateway.desk.actOnBatch({ ...action, key: 'd' })).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
    await expect(rig.gateway.desk.actOnBatch({ ...action, key: 'e', batch: 99 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await rig.journal.reader.audit({ limit: 10 })).toMatchObject([{ who: 'ann', what: 'close', why: 'the lorry leaves early' }]);
  });

  it('gathers apart what must not stand in one file', async () => {
    await using rig = await start(new ManualClock());
    const ids: string[] = [];
    for (const [parcel, depot] of [
      ['A', 'D1'],
      ['B', 'D2'],
      ['C', 'D1'],
      ['D', 'D2'],
    ] as const)
      ids.push(await pack(rig, parcel, 'ByDepot', depot));
    for (const id of ids) await becomes(rig, id, 'published');
    expect(partner.names()).toEqual(['DEPOT_D1_0001.TXT', 'DEPOT_D2_0002.TXT']);
    expect(partner.text('DEPOT_D2_0002.TXT')).toBe(manifestText(2, '20261120', [parcelLine('B', 'D2'), parcelLine('D', 'D2')]));
  });

  it('a bad record parks itself, and the others close without it', async () => {
    await using rig = await start(new ManualClock());
    const ids = await gathered(rig, ['A', 'B']);
    await becomes(rig, await pack(rig, 'far too long for the field of a parcel'), 'parked CALL_REFUSED_ARGUMENTS');
    ids.push(await pack(rig, 'C'));
    for (const id of ids) await becomes(rig, id, 'published');
    expect(partner.names()).toContain('PARCELS_20261120_0001.TXT');
  });

  it('what is discarded or retried before it closes goes out of it; what is emptied leaves no gap in the numbers', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const [a = '', b = ''] = await gathered(rig, ['A', 'B']);
    const act = (id: string, kind: 'discard' | 'retry') =>
      rig.gateway.desk.act({ translationId: id, key: `${kind} ${id}`, version: null, who: 'ann', why: 'test' }, { kind });
    await act(a, 'discard');
    await act(b, 'retry');
    await becomes(rig, b, 'waiting batch');
    expect((await rig.story(b)).calls.map(({ state: each }) => each)).toEqual(['not sent', 'gathered']);
    const [c = ''] = await gathered(rig, ['C']);
    clock.advance(hour);
    for (const id of [b, c]) await becomes(rig, id, 'published');
    expect(partner.text('PARCELS_20261120_0001.TXT')).toBe(manifestText(1, '20261120', [parcelLine('B'), parcelLine('C')]));
  });

  it('holds neither concurrency nor backlog, but its ordering key', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const first = await pack(rig, 'A', 'Hourly', 'D1', 'test.parcel.ordered.v1');
    await becomes(rig, first, 'waiting batch');
    const behind = await pack(rig, 'B', 'Hourly', 'D1', 'test.parcel.ordered.v1');
    const other = await pack(rig, 'C', 'Hourly', 'D2', 'test.parcel.ordered.v1');
    await becomes(rig, other, 'waiting batch');
    expect((await rig.story(behind)).translation).toMatchObject({ state: 'received', behind: first });
    const [status] = rig.gateway.desk.systems();
    expect([status?.running, status?.backlog]).toEqual([0, 0]);
    expect(rig.gateway.desk.tallies()).toContainEqual(expect.objectContaining({ state: 'waiting', detail: 'batch', count: 2 }));
    clock.advance(hour);
    await becomes(rig, first, 'published');
    await becomes(rig, behind, 'waiting batch');
    clock.advance(hour);
    await becomes(rig, behind, 'published');
    expect(await said(rig)).toEqual(['A PARCELS_20261120_0001.TXT 1', 'B PARCELS_20261120_0002.TXT 1', 'C PARCELS_20261120_0001.TXT 2']);
  });

  it('a held system keeps it open past its time; open again, it closes at once', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const ids = await gathered(rig, ['A', 'B']);
    await rig.gateway.desk.hold('parcels', '', 'ann', 'maintenance');
    clock.advance(3 * hour);
    await rig.rows();
    expect(partner.names()).toEqual([]);
    expect((await rig.journal.reader.batches('parcels', ['open'], 10)).map(({ events }) => events)).toEqual([2]);
    await rig.gateway.desk.resume('parcels', '', 'ann', 'done');
    for (const id of ids) await becomes(rig, id, 'published');
    expect(partner.names()).toEqual(['PARCELS_20261120_0001.TXT', 'PARCELS_20261120_0001.ok']);
  });

  it('a place that is not there costs no member an attempt: the system is held, the batch waits, and goes out as it was', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const ids = await gathered(rig, ['A', 'B']);
    rmSync(partner.in('out'), { recursive: true });
    ids.push(await pack(rig, 'C'));
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability).toBe('held');
    await expect.poll(async () => (await rig.journal.reader.batches('parcels', ['open'], 10))[0]?.failure?.code).toBe('PLACE_UNFIT');
    for (const id of ids) expect(await state(rig, id)).toBe('waiting batch');
    clock.advance(25 * hour);
    mkdirSync(partner.in('out'));
    await rig.gateway.desk.resume('parcels', '', 'ann', 'the directory is back');
    await expect.poll(() => (clock.advance(1_000), partner.names().length)).toBe(2);
    for (const id of ids) await becomes(rig, id, 'published');
    expect(partner.names()[0]).toBe('PARCELS_20261120_0001.TXT');
  });

  it('a name that is taken keeps it open under its number, until the name is free', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    writeFileSync(partner.in('out', 'PARCELS_20261120_0001.TXT'), 'of somebody else');
    const ids = await gathered(rig, ['A', 'B']);
    clock.advance(hour);
    const failure = async () => (await rig.journal.reader.batches('parcels', ['open'], 10))[0]?.failure?.code;
    await expect.poll(failure).toBe('NAME_TAKEN');
    expect((await rig.story(ids[0] ?? '')).calls).toMatchObject([{ state: 'gathered' }]);
    expect(partner.text('PARCELS_20261120_0001.TXT')).toBe('of somebody else');
    await expect.poll(() => partner.hidden()).toEqual([]);
    // One is not wanted any more, another has come.
    await rig.gateway.desk.act({ translationId: ids[0] ?? '', key: 'd', version: null, who: 'ann', why: 'x' }, { kind: 'discard' });
    rmSync(partner.in('out', 'PARCELS_20261120_0001.TXT'));
    ids.push(await pack(rig, 'C'));
    await expect.poll(() => (clock.advance(10_000), partner.names().length)).toBe(2);
    for (const id of ids.slice(1)) await becomes(rig, id, 'published');
    expect(partner.text('PARCELS_20261120_0001.TXT')).toBe(manifestText(1, '20261120', [parcelLine('B'), parcelLine('C')]));
  });

  it('stays open over a restart, and closes in its time', async () => {
    const clock = new ManualClock();
    const first = await start(clock);
    const ids = await gathered(first, ['A', 'B']);
    await first.stop();
    clock.advance(hour / 2);
    await using rig = await start(clock, { folder: first.folder });
    expect(await state(rig, ids[0] ?? '')).toBe('waiting batch');
    expect(partner.names()).toEqual([]);
    clock.advance(hour / 2);
    for (const id of ids) await becomes(rig, id, 'published');
    expect(await said(rig)).toEqual(['A PARCELS_20261120_0001.TXT 1', 'B PARCELS_20261120_0001.TXT 2']);
  });

  it('each record of a reply answers its own event; a correlation is refused while another event has it', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const ids = await gathered(rig, ['A'], 'Confirmed');
    const twin = await pack(rig, 'A', 'Confirmed');
    await becomes(rig, twin, 'waiting time');
    expect((await rig.story(twin)).translation.failure).toMatchObject({ code: 'CORRELATION_TAKEN' });
    ids.push(await pack(rig, 'B', 'Confirmed'));
    for (const id of ids) await becomes(rig, id, 'waiting reply');
    partner.reply('CONF_1.TXT', [ackLine('B', 'LOADED'), ackLine('A', 'REFUSED'), endLine(2)], '');
    const answered = async (): Promise<boolean> => {
      clock.advance(5_000);
      return (await Promise.all(ids.map((id) => state(rig, id)))).every((each) => each === 'published');
    };
    await expect.poll(answered).toBe(true);
    expect(await said(rig)).toEqual(['A REFUSED', 'B LOADED']);
    await expect.poll(async () => (clock.advance(5_000), await state(rig, twin))).toBe('waiting batch');
  });

  it('two thousand events are one file, every record once', async () => {
    await using rig = await start(new ManualClock(), { systems: { parcels: parcels({ concurrency: 50 }) } });
    const all = Array.from({ length: 2_000 }, (_, index) => `P-${index + 1}`);
    for (let at = 0; at < all.length; at += 200) await Promise.all(all.slice(at, at + 200).map((each) => pack(rig, each, 'Large')));
    await rig.settled(120_000);
    expect(partner.names()).toEqual(['LARGE_0001.TXT']);
    const lines = partner.text('LARGE_0001.TXT').split('\n');
    expect(new Set(lines).size).toBe(2_003);
    const places = (await said(rig)).map((each) => each.split(' '));
    expect(places).toHaveLength(2_000);
    for (const [parcel = '', , place] of places) expect(lines[Number(place)]).toBe(parcelLine(parcel));
  }, 180_000);

  it('goes over SFTP, and when the server is away it waits and goes out as it was', async () => {
    const sshd = await Sshd.start();
    try {
      mkdirSync(join(sshd.home, 'out'));
      mkdirSync(join(sshd.home, 'in'));
      if (process.getuid?.() === 0) for (const name of ['out', 'in']) chownSync(join(sshd.home, name), 65_534, 65_534);
      const place = {
        kind: 'sftp',
        directory: sshd.home,
        host: '127.0.0.1',
        port: sshd.port,
        user: sshd.user,
        key: new Secret('env:KEY', sshd.key),
      } as const;
      const clock = new ManualClock();
      const settings = parcels({}, { ...place, hostKeys: [sshd.fingerprint] });
      await using rig = await start(clock, { systems: { parcels: settings } });
      const ids = await gathered(rig, ['A', 'B']);
      await sshd.down();
      clock.advance(hour);
      const failure = async () => (await rig.journal.reader.batches('parcels', ['open'], 10))[0]?.failure?.code;
      await expect.poll(failure).toBe('UNREACHABLE');
      await sshd.up();
      await expect.poll(async () => (clock.advance(200), await state(rig, ids[1] ?? ''))).toBe('published');
      expect(readdirSync(join(sshd.home, 'out')).sort()).toEqual(['PARCELS_20261120_0001.TXT', 'PARCELS_20261120_0001.ok']);
      expect(readFileSync(join(sshd.home, 'out', 'PARCELS_20261120_0001.TXT'), 'latin1')).toBe(
        manifestText(1, '20261120', [parcelLine('A'), parcelLine('B')]),
      );
    } finally {
      await sshd.stop();
    }
  });
});
