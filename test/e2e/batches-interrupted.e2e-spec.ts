import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { type Journal } from '../../src/contract/journal.ts';
import { type BatchPassage, type Link, type Transport } from '../../src/contract/transport.ts';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { ChangedParcelsAdapter, ParcelsAdapter, manifestText, parcelLine } from '../support/batches.ts';
import { CarrierPartner, ackLine, endLine } from '../support/carrier.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { ManualClock } from '../support/manual-clock.ts';

const hour = 3_600_000;
const fileName = 'PARCELS_20261120_0001.TXT';
const marker = 'PARCELS_20261120_0001.ok';
const content = manifestText(1, '20261120', [parcelLine('A'), parcelLine('B'), parcelLine('C')]);
let partner: CarrierPartner;
beforeEach(() => {
  partner = new CarrierPartner(mkdtempSync(join(tmpdir(), 'gatehouse-batches-')));
});
afterEach(() => rmSync(partner.folder, { recursive: true, force: true }));

const start = (clock: ManualClock, more: Partial<RigOptions> = {}): Promise<Rig> =>
  startRig({
    adapters: [ParcelsAdapter],
    transports: [new FileTransport()],
    systems: {
      parcels: {
        settings: { callTimeoutMs: 60_000, settleMs: 60_000 },
        transports: { file: Object.assign(new FileSettings(), { directory: partner.folder, pollMs: 1_000 }) },
      },
    },
    clock,
    ...more,
  });
const pack = (rig: Rig, parcelId: string, by = 'Hourly'): Promise<string> => rig.post('test.parcel.v1', { parcelId, depot: 'D1', by });
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
async function passing(clock: ManualClock, look: () => Promise<boolean> | boolean): Promise<void> {
  await expect
    .poll(
      async () => {
        clock.advance(10_000);
        await new Promise((resolve) => setImmediate(resolve));
        return look();
      },
      { timeout: 60_000 },
    )
    .toBe(true);
}

/** Where the process ends: nothing after it happens, and nobody is told. */
type At = 'written' | 'left' | 'done' | 'refused' | 'ended' | 'passed on in part';

/** A gateway whose batches end there as a killed process would leave them. */
class Ending {
  readonly #at: At;
  readonly reached: Promise<void>;
  #reach: () => void = () => undefined;

  constructor(at: At) {
    this.#at = at;
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
  }

  #end(): Promise<never> {
    this.#reach();
    return new Promise<never>(() => undefined);
  }

  readonly transport = (inner: Transport): Transport =>
    this.#replaced(inner, 'open', async (surroundings: Parameters<Transport['open']>[0]) => {
      const link = await inner.open(surroundings);
      return this.#replaced(link, 'give', (passage: BatchPassage) => this.#give(link, passage));
    });

  async #give(link: Link, passage: BatchPassage): Promise<unknown> {
    const leave: BatchPassage['leave'] = async (frozen) => {
      if (this.#at === 'written') await this.#end();
      await passage.leave(frozen);
      if (this.#at === 'left') await this.#end();
    };
    const outcome = await link.give?.({ ...passage, leave });
    return this.#at === 'done' ? this.#end() : outcome;
  }

  readonly journal = (inner: Journal): Journal => {
    if (this.#at === 'refused') return this.#replaced(inner, 'batchEnded', () => this.#end());
    if (this.#at === 'ended')
      return this.#replaced(inner, 'batchEnded', async (...args: Parameters<Journal['batchEnded']>) => {
        await inner.batchEnded(...args);
        return this.#end();
      });
    if (this.#at !== 'passed on in part') return inner;
    return this.#replaced(inner, 'passOn', async (seq: number, _limit: number, nowMs: number) => {
      await inner.passOn(seq, 2, nowMs);
      return this.#end();
    });
  };

  #replaced<T extends object>(target: T, name: string, by: (...args: never[]) => unknown): T {
    return new Proxy(target, {
      get: (object, property) => {
        if (property === name) return by;
        const value: unknown = Reflect.get(object, property, object);
        return typeof value === 'function' ? value.bind(object) : value;
      },
    });
  }
}

/** Runs three parcels into the end of the process. */
async function interrupted(clock: ManualClock, at: At): Promise<{ folder: string; ids: string[] }> {
  const ending = new Ending(at);
  const rig = await start(clock, { wrap: { transport: ending.transport, journal: ending.journal }, drainMs: 0 });
  const ids: string[] = [];
  for (const parcel of ['A', 'B', 'C']) {
    ids.push(await pack(rig, parcel));
    if (parcel !== 'C') await becomes(rig, ids.at(-1) ?? '', 'waiting batch');
  }
  await ending.reached;
  const stopped = rig.stop();
  await passing(
    clock,
    async () => (await Promise.race([stopped.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))])) === true,
  );
  return { folder: rig.folder, ids };
}

/** As the rename of the file alone would leave it. */
const renamed = (): void =>
  renameSync(partner.in(partner.hidden().find((name) => partner.text(name, '.') !== '') ?? ''), partner.in('out', fileName));

describe('an interrupted batch', () => {
  it.each([
    ['after the temporary files, before the closing commit: it closes again, under the same number', 'written', undefined],
    ['after the closing commit: looked at, and made again byte for byte when it can no longer happen', 'left', undefined],
    ['after the rename: found by name, size and hash, and its marker given', 'left', renamed],
    ['after the marker, before the outcome is recorded: found', 'done', undefined],
    ['after the outcome is recorded, before any member is told', 'ended', undefined],
    ['while its members are told', 'passed on in part', undefined],
  ] as [string, At, (() => void) | undefined][])('%s', async (_what, at, meanwhile) => {
    const clock = new ManualClock();
    const { folder, ids } = await interrupted(clock, at);
    meanwhile?.();
    // Another day: the file is the same.
    clock.advance(30 * hour);
    await using rig = await start(clock, { folder });
    await passing(clock, async () => (await Promise.all(ids.map((id) => state(rig, id)))).every((each) => each === 'published'));
    expect([partner.names(), partner.hidden()]).toEqual([[fileName, marker], []]);
    expect(partner.text(fileName)).toBe(content);
    expect(await said(rig)).toEqual([`A ${fileName} 1`, `B ${fileName} 2`, `C ${fileName} 3`]);
    // The next file has the next number.
    for (const parcel of ['D', 'E', 'F']) await pack(rig, parcel);
    await passing(clock, () => partner.names().some((name) => /^PARCELS_\d+_0002\.TXT$/.test(name)));
  });

  it('that left is not made again by a layout that makes another file, and goes out when the old one is back', async () => {
    const clock = new ManualClock();
    const { folder, ids } = await interrupted(clock, 'left');
    clock.advance(hour);
    const changed = await start(clock, { folder, adapters: [ChangedParcelsAdapter] });
    await expect.poll(async () => (await changed.journal.reader.batches('parcels', ['calling'], 10))[0]?.failure?.code).toBe('CODE_CHANGED');
    expect(partner.names()).toEqual([]);
    await changed.stop();
    await using rig = await start(clock, { folder });
    await passing(clock, async () => (await state(rig, ids[0] ?? '')) === 'published');
    expect([partner.names(), partner.text(fileName)]).toEqual([[fileName, marker], content]);
  });

  it('whose name was taken after it had left, before that is recorded: it is seen that it did not happen, and it goes out when the name is free', async () => {
    const clock = new ManualClock();
    writeFileSync(partner.in('out', fileName), 'of somebody else');
    const { folder, ids } = await interrupted(clock, 'refused');
    rmSync(partner.in('out', fileName));
    await using rig = await start(clock, { folder });
    await passing(clock, async () => (await Promise.all(ids.map((id) => state(rig, id)))).every((each) => each === 'published'));
    expect([partner.names(), partner.hidden(), partner.text(fileName)]).toEqual([[fileName, marker], [], content]);
  });

  it('that happened and could not be recorded for want of room is looked for, and not sent again', async () => {
    const clock = new ManualClock();
    let full = true;
    const journal = (inner: Journal): Journal =>
      new Proxy(inner, {
        get: (object, property) => {
          const value: unknown = Reflect.get(object, property, object);
          if (property !== 'batchEnded') return typeof value === 'function' ? value.bind(object) : value;
          return async (...args: Parameters<Journal['batchEnded']>) => {
            if (full && args[1].state === 'answered') {
              full = false;
              for (const name of [fileName, marker]) partner.take(name);
              throw new GatehouseError('JOURNAL_FULL', 'no room');
            }
            return inner.batchEnded(...args);
          };
        },
      });
    await using rig = await start(clock, { wrap: { journal } });
    const ids = await Promise.all(['A', 'B', 'C'].map((parcel) => pack(rig, parcel)));
    await passing(clock, async () => (await Promise.all(ids.map((id) => state(rig, id)))).every((each) => each === 'parked IN_DOUBT'));
    expect([full, partner.names(), rig.gateway.desk.systems()[0]?.availability]).toEqual([false, [], 'open']);
  });

  it('that is in doubt and did not happen is made again without those who were given up meanwhile', async () => {
    const clock = new ManualClock();
    const { folder, ids } = await interrupted(clock, 'done');
    for (const name of [fileName, marker]) partner.take(name);
    await using rig = await start(clock, { folder });
    for (const id of ids) await becomes(rig, id, 'parked IN_DOUBT');
    const request = (id: string) => ({ translationId: id, key: `k ${id}`, version: null, who: 'ann', why: 'sent by hand' });
    await rig.gateway.desk.act(request(ids[1] ?? ''), { kind: 'discard' });
    await rig.gateway.desk.act(request(ids[0] ?? ''), { kind: 'did not' });
    for (const id of [ids[0], ids[2]]) await becomes(rig, id ?? '', 'published');
    expect(partner.text(fileName)).toBe(manifestText(1, '20261120', [parcelLine('A'), parcelLine('C')]));
    expect(await said(rig)).toEqual([`A ${fileName} 1`, `C ${fileName} 2`]);
  });

  it('that is settled while another stands in line for a slot is told to its members at once', async () => {
    const clock = new ManualClock();
    const { folder, ids } = await interrupted(clock, 'done');
    for (const name of [fileName, marker]) partner.take(name);
    await using rig = await start(clock, { folder });
    for (const id of ids) await becomes(rig, id, 'parked IN_DOUBT');
    const next = await pack(rig, 'D');
    await becomes(rig, next, 'waiting batch');
    const system = rig.gateway.systems.get('parcels');
    if (system === undefined) throw new Error('no system');
    // As calls that hang would.
    system.running += system.slots;
    clock.advance(hour);
    // Until the closing of the second has looked and asked for a slot.
    for (let turn = 0; turn < 20; turn += 1) await rig.journal.dueBatch('parcels', 0, true);
    await rig.gateway.desk.actOnBatch({ key: 'k', batch: 1, act: 'happened', who: 'ann', why: 'asked the carrier' });
    for (const id of ids) await becomes(rig, id, 'received');
    system.running -= system.slots;
    rig.gateway.schedule.pump(system);
    for (const id of [...ids, next]) await becomes(rig, id, 'published');
  });

  it('that left and a new layout makes another file of is made anew when a person says that it did not happen', async () => {
    const clock = new ManualClock();
    const { folder, ids } = await interrupted(clock, 'left');
    clock.advance(hour);
    await using rig = await start(clock, { folder, adapters: [ChangedParcelsAdapter] });
    const failure = async () => (await rig.journal.reader.batches('parcels', ['calling'], 10))[0]?.failure;
    await expect.poll(async () => (await failure())?.code).toBe('CODE_CHANGED');
    expect((await failure())?.message).toContain('bring the old layout back, or settle');
    await rig.gateway.desk.actOnBatch({ key: 'k', batch: 1, act: 'did not', who: 'ann', why: 'the carrier has nothing' });
    for (const id of ids) await becomes(rig, id, 'published');
    expect([partner.names(), partner.hidden()]).toEqual([[fileName, marker], []]);
    expect(partner.text(fileName)).not.toBe(content);
  });

  it('that left is not made again before deadline and settle time, and nobody of it can be retried', async () => {
    const clock = new ManualClock();
    const { folder, ids } = await interrupted(clock, 'left');
    await using rig = await start(clock, { folder });
    await expect.poll(async () => (await rig.journal.reader.batches('parcels', ['calling'], 10))[0]?.dueMs ?? 0).toBeGreaterThan(clock.steadyMs());
    expect(partner.names()).toEqual([]);
    const retry = { translationId: ids[0] ?? '', key: 'r', version: null, who: 'ann', why: 'x' };
    await expect(rig.gateway.desk.act(retry, { kind: 'retry' })).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
    await passing(clock, async () => (await state(rig, ids[2] ?? '')) === 'published');
    expect(partner.text(fileName)).toBe(content);
  });

  it.each([
    ['happened', [], ['A', 'B', 'C']],
    ['did not', [fileName, marker], ['A', 'B', 'C']],
  ] as const)('that is in doubt is settled once for all its members: %s', async (kind, names, told) => {
    const clock = new ManualClock();
    const { folder, ids } = await interrupted(clock, 'done');
    // The receiver has taken both.
    partner.take(fileName);
    partner.take(marker);
    await using rig = await start(clock, { folder });
    for (const id of ids) await becomes(rig, id, 'parked IN_DOUBT');
    expect((await rig.story(ids[1] ?? '')).translation.failure?.message).toMatch(/^batch 1, place 2: .*cannot be told whether batch 1 happened/);
    const decide = (id: string) => {
      const request = { translationId: id, key: `k ${id}`, version: null, who: 'ann', why: 'asked the carrier' };
      return rig.gateway.desk.act(
        request,
        kind === 'did not' ? { kind } : { kind, answer: { file: fileName, size: 1, sha256: 'a'.repeat(64), place: 9 } },
      );
    };
    const decided = await Promise.allSettled(ids.map(decide));
    expect(decided.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await passing(clock, async () => (await Promise.all(ids.map((id) => state(rig, id)))).every((each) => each === 'published'));
    expect(partner.names()).toEqual(names);
    expect(await said(rig)).toEqual(told.map((each, index) => `${each} ${fileName} ${index + 1}`));
    expect((await rig.journal.reader.batches('parcels', ['answered'], 10))[0]?.answer).toMatchObject({ file: fileName, sequence: 1 });
  });

  it('that is in doubt and given up by all its members gives up its number, which is listed', async () => {
    const clock = new ManualClock();
    const { folder, ids } = await interrupted(clock, 'done');
    partner.take(fileName);
    partner.take(marker);
    await using rig = await start(clock, { folder });
    for (const id of ids) await becomes(rig, id, 'parked IN_DOUBT');
    for (const id of ids)
      await rig.gateway.desk.act({ translationId: id, key: `d ${id}`, version: null, who: 'ann', why: 'sent by hand' }, { kind: 'discard' });
    expect(await rig.journal.reader.unusedNumbers('parcels', 10)).toMatchObject([{ counter: 'Hourly', number: 1, inDoubt: true }]);
    const id = await pack(rig, 'D');
    await becomes(rig, id, 'waiting batch');
    clock.advance(hour);
    await becomes(rig, id, 'published');
    expect(await said(rig)).toEqual(['D PARCELS_20261120_0002.TXT 1']);
  });

  it('whose members await replies is answered by them, also while nobody can tell whether it happened', async () => {
    const clock = new ManualClock();
    const ending = new Ending('done');
    const first = await start(clock, { wrap: { transport: ending.transport }, drainMs: 0 });
    const ids = await Promise.all(['A', 'B'].map((parcel) => pack(first, parcel, 'Confirmed')));
    await ending.reached;
    const stopped = first.stop();
    await passing(
      clock,
      async () => (await Promise.race([stopped.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))])) === true,
    );
    partner.take('CONFIRMED_0001.TXT');
    await using rig = await start(clock, { folder: first.folder });
    for (const id of ids) await becomes(rig, id, 'waiting reply');
    partner.reply('CONF_1.TXT', [ackLine('A', 'LOADED'), endLine(1)], '');
    await passing(clock, async () => (await state(rig, ids[0] ?? '')) === 'published');
    clock.advance(6 * hour);
    await passing(clock, async () => (await state(rig, ids[1] ?? '')) === 'parked REPLY_TIMEOUT');
    partner.reply('CONF_2.TXT', [ackLine('B', 'LATE'), endLine(1)], '');
    await passing(clock, async () => (await state(rig, ids[1] ?? '')) === 'published');
    expect(await said(rig)).toEqual(['A LOADED', 'B LATE']);
    expect(partner.names()).toEqual([]);
  });
});
