import { chownSync, copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CarrierAdapter } from '../../adapters/carrier/carrier.adapter.ts';
import { Secret } from '../../src/contract/secret.ts';
import { carrierSettings } from '../../src/practice/carrier/carrier.bench.ts';
import { CarrierDesk } from '../../src/practice/carrier/carrier.desk.ts';
import { type CarrierFault, CarrierFaults, carrierFaultKinds } from '../../src/practice/carrier/carrier.faults.ts';
import { PracticeCarrier } from '../../src/practice/carrier/carrier.server.ts';
import { LateWork } from '../../src/practice/terminal/late-work.ts';
import { type FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { requested, shipment } from '../support/shipments.ts';
import { Sshd } from '../support/sshd.ts';

const patienceMs = 40_000;
let practice: PracticeCarrier;
beforeEach(async () => {
  practice = await PracticeCarrier.start();
});
afterEach(() => practice.close());

const start = (settings: Partial<FileSettings> = {}, more: Partial<RigOptions> = {}): Promise<Rig> =>
  startRig({
    adapters: [CarrierAdapter],
    transports: [new FileTransport()],
    systems: { carrier: { settings: { callTimeoutMs: 2_000, settleMs: 300 }, transports: { file: carrierSettings(practice, settings) } } },
    drainMs: 4_000,
    ...more,
  });

interface ToldOf {
  readonly type: string;
  readonly data: {
    readonly shipmentId: string;
    readonly trackingNumber?: string;
    readonly code?: string;
    readonly field?: string;
    readonly scope?: string;
  };
}

const told = async (rig: Rig): Promise<ToldOf[]> =>
  (await rig.replies()).map(({ attributes, data }) => ({ type: attributes.type, data: JSON.parse(Buffer.from(data).toString()) as ToldOf['data'] }));
const state = async (rig: Rig, id: string): Promise<string> => {
  const { state: now, waitingFor, failure } = (await rig.story(id)).translation;
  return [now, waitingFor ?? failure?.code].filter(Boolean).join(' ');
};
const becomes = (rig: Rig, id: string, wanted: string) => expect.poll(() => state(rig, id), { timeout: patienceMs }).toBe(wanted);
/** Closes every manifest that is open. */
async function close(rig: Rig): Promise<void> {
  for (const { seq } of await rig.journal.reader.batches('carrier', ['open'], 10))
    await rig.gateway.desk.actOnBatch({ key: `close ${seq}`, batch: seq, act: 'close', who: 'ann', why: 'the lorry leaves' });
}
/** Puts these shipments on manifests, one a depot, and closes them. */
async function announce(rig: Rig, shipments: Readonly<Record<string, object>>): Promise<string[]> {
  const ids = await Promise.all(Object.entries(shipments).map(([id, more]) => rig.post(requested, shipment(id, more))));
  for (const id of ids) await becomes(rig, id, 'waiting batch');
  await close(rig);
  return ids;
}
const leftOver = (folder: string): string[] =>
  ['', 'manifests', 'replies'].flatMap((name) => readdirSync(join(folder, name)).filter((file) => /\.TXT|\.gatehouse-/.test(file)));

/** Each shipment once in the carrier's book, each event one reply that agrees with it, no number missing or twice, and nothing left over. */
async function expectAllBooked(rig: Rig, ids: readonly string[]): Promise<void> {
  expect(
    practice
      .ledger()
      .map(({ shipmentId }) => shipmentId)
      .sort(),
  ).toEqual([...ids].sort());
  const replies = await told(rig);
  expect(replies.map(({ data }) => data.shipmentId).sort()).toEqual([...ids].sort());
  for (const { type, data } of replies) {
    expect(type).toBe('com.acme.shipment.accepted.v1');
    expect(data.trackingNumber).toBe(practice.ledger().find(({ shipmentId }) => shipmentId === data.shipmentId)?.trackingNumber);
  }
  expect([practice.held(), practice.repeated(), practice.faultsLeft()]).toEqual([[], [], 0]);
  await expect.poll(() => leftOver(practice.folder), { timeout: patienceMs }).toEqual([]);
}

describe('shipments by SFTP', () => {
  it('twenty at once, more depots than one: each booked once, numbers without a gap, one reply each', async () => {
    await using rig = await start();
    const ids = Array.from({ length: 20 }, (_, n) => `SHP-${n}`);
    await announce(rig, Object.fromEntries(ids.map((id, n) => [id, { depot: n % 2 === 0 ? 'MUC' : 'HAM' }])));
    await rig.settled(patienceMs);
    await expectAllBooked(rig, ids);
    expect(new Set(practice.ledger().map(({ manifest }) => manifest))).toEqual(new Set([1, 2]));
    expect(practice.ledger()[0]).toMatchObject({ parcels: 2, grams: 12_625, service: 'STD' });
    for (const { depot, shipmentId } of practice.ledger()) expect(depot).toBe(Number(shipmentId.slice(4)) % 2 === 0 ? 'MUC' : 'HAM');
  });

  it('what the carrier objects to is a rejection with its code and field, and is booked nowhere', async () => {
    await using rig = await start();
    const recipient = { name: 'A', street: 'B', postcode: '1', city: 'C', country: 'AT' };
    await announce(rig, {
      'SHP-1': { recipient: { ...recipient, country: 'AQ' } },
      'SHP-2': { recipient: { ...recipient, postcode: '803', country: 'DE' } },
      'SHP-3': { parcels: [{ weightKg: '31.501' }] },
    });
    await rig.settled(patienceMs);
    const said = (await told(rig)).map(({ type, data }) => [data.shipmentId, type, data.code, data.field, data.scope].join(' ')).sort();
    const rejected = 'com.acme.shipment.rejected.v1';
    expect(said).toEqual([
      `SHP-1 ${rejected} R010 country shipment`,
      `SHP-2 ${rejected} R011 postcode shipment`,
      `SHP-3 ${rejected} R021 weight shipment`,
    ]);
    expect(practice.ledger()).toEqual([]);
  });

  it('some of a manifest are taken and some are not, and each is told its own', async () => {
    await using rig = await start();
    await announce(rig, { 'SHP-1': {}, 'SHP-2': { parcels: [{ weightKg: '40' }] }, 'SHP-3': {}, 'SHP-4': { parcels: [{ weightKg: '31.6' }] } });
    await rig.settled(patienceMs);
    const said = Object.fromEntries((await told(rig)).map(({ data }) => [data.shipmentId, data.trackingNumber ?? data.code]));
    const tracking = (id: string): string | undefined => practice.ledger().find(({ shipmentId }) => shipmentId === id)?.trackingNumber;
    expect(said).toEqual({ 'SHP-1': tracking('SHP-1'), 'SHP-2': 'R021', 'SHP-3': tracking('SHP-3'), 'SHP-4': 'R021' });
    expect(practice.ledger().map(({ manifest }) => manifest)).toEqual([1, 1]);
  });

  it('a shipment that is put right and requested again is not answered by the old reply that comes once more', async () => {
    await using rig = await start();
    await announce(rig, { 'SHP-1': { parcels: [{ weightKg: '40' }] } });
    await rig.settled(patienceMs);
    const archive = join(practice.folder, 'archive');
    await expect.poll(() => (existsSync(archive) ? readdirSync(archive).length : 0), { timeout: patienceMs }).toBe(1);
    practice.fault({ kind: 'reply-late', ms: 2_500 });
    const [second = ''] = await announce(rig, { 'SHP-1': {} });
    await becomes(rig, second, 'waiting reply');
    copyFileSync(join(archive, readdirSync(archive)[0] ?? ''), join(practice.folder, 'replies', 'REPLY_AGAIN.TXT'));
    writeFileSync(join(practice.folder, 'replies', 'REPLY_AGAIN.TXT.done'), '');
    await rig.settled(patienceMs);
    expect((await told(rig)).map(({ data }) => data.code ?? 'accepted')).toEqual(['R021', 'accepted']);
    expect(practice.ledger()).toMatchObject([{ shipmentId: 'SHP-1', manifest: 2 }]);
  });

  it('the same shipment from a second event waits for the first, and is rejected by the carrier', async () => {
    await using rig = await start();
    const ids = await Promise.all([rig.post(requested, shipment('SHP-1')), rig.post(requested, shipment('SHP-1'))]);
    await becomes(rig, ids[0] ?? '', 'waiting batch');
    expect((await rig.story(ids[1] ?? '')).translation.behind).toBe(ids[0]);
    await close(rig);
    await becomes(rig, ids[1] ?? '', 'waiting batch');
    await close(rig);
    await rig.settled(patienceMs);
    expect((await told(rig)).map(({ data }) => data.code ?? 'accepted')).toEqual(['accepted', 'R002']);
    expect(practice.ledger()).toHaveLength(1);
  });

  it('what does not fit is refused by the name of its field before anything leaves, uses up no number and keeps no other', async () => {
    await using rig = await start();
    const recipient = { name: 'A', street: 'B', postcode: '1', city: 'C', country: 'DE' };
    const unfit: [object, string, string][] = [
      [{ recipient: { ...recipient, city: 'Łódź' } }, 'CALL_REFUSED_ARGUMENTS', 'city'],
      [{ parcels: [{ weightKg: '1', label: '5 €' }] }, 'CALL_REFUSED_ARGUMENTS', 'label'],
      [{ recipient: { ...recipient, name: 'x'.repeat(36) } }, 'EVENT_INVALID', 'name'],
      [{ recipient: { ...recipient, street: 'B\nT000' } }, 'EVENT_INVALID', 'street'],
      [{ recipient: { ...recipient, city: 'C\u0085D' } }, 'EVENT_INVALID', 'city'],
      [{ recipient: { ...recipient, postcode: '   ' } }, 'EVENT_INVALID', 'postcode'],
      [{ parcels: [{ weightKg: 12.5 }] }, 'EVENT_INVALID', 'weightKg'],
      [{ parcels: [{ weightKg: '0.000' }] }, 'EVENT_INVALID', 'weightKg'],
      [{ parcels: [] }, 'EVENT_INVALID', 'parcels'],
      [{ depot: '../' }, 'EVENT_INVALID', 'depot'],
    ];
    for (const [index, [more, code, field]] of unfit.entries()) {
      const id = await rig.post(requested, shipment(`BAD-${index}`, more));
      await becomes(rig, id, `parked ${code}`);
      expect((await rig.story(id)).translation.failure?.message).toContain(field);
    }
    await announce(rig, { 'SHP-1': {} });
    await rig.settled(patienceMs);
    expect(practice.ledger()).toMatchObject([{ shipmentId: 'SHP-1', manifest: 1 }]);
  });

  it('what looks like another record stays a value', async () => {
    await using rig = await start();
    const recipient = { name: `T${'9'.repeat(24)}`, street: 'P/../{sequence}', postcode: '80331', city: '{{name}}', country: 'DE' };
    await announce(rig, { 'SHP-1': { recipient } });
    await rig.settled(patienceMs);
    await expectAllBooked(rig, ['SHP-1']);
  });
});

describe('faults of the carrier', () => {
  const survived: [string, CarrierFault][] = [
    ['the connection is cut in the middle of an upload', { kind: 'cut-upload', matching: 'SHP-1' }],
    ['the connection is cut between upload and rename', { kind: 'cut-before-rename' }],
    ['the rename is done and its answer lost', { kind: 'cut-after-rename' }],
    ['the rename of the marker is not done', { kind: 'cut-before-rename', matching: 'marker' }],
    ['the rename of the marker is done and its answer lost', { kind: 'cut-after-rename', matching: 'marker' }],
    ['the manifest is taken away before looking finds either name', { kind: 'taken-at-once' }],
    ['the disk is full, in the words of version 3', { kind: 'full', matching: 'SHP-1' }],
    ['the disk is full, in the words of later drafts', { kind: 'no-space', matching: 'SHP-1', times: 2 }],
    ['every request takes its time', { kind: 'slow', ms: 40, times: 25 }],
    ['the reply is late', { kind: 'reply-late', ms: 1_000 }],
    ['the reply comes twice', { kind: 'reply-twice', matching: 'SHP-1' }],
    ['the reply has an unknown shipment', { kind: 'reply-stranger' }],
    ['the reply is written in two halves', { kind: 'reply-halves', ms: 500 }],
    ['the reply comes in two files', { kind: 'reply-split', ms: 300 }],
  ];
  it.each(survived)('%s: each shipment is booked once and answered once', async (_what, fault) => {
    practice.fault(fault);
    await using rig = await start();
    await announce(rig, { 'SHP-1': {}, 'SHP-2': {} });
    await announce(rig, { 'SHP-3': { depot: 'HAM' } });
    await rig.settled(patienceMs);
    await practice.caughtUp();
    await expectAllBooked(rig, ['SHP-1', 'SHP-2', 'SHP-3']);
    expect((await rig.rows()).map((row) => row.state)).toEqual(['published', 'published', 'published']);
  });

  it('one fault after the other, and the connection cut from outside besides: each shipment is booked once and answered once', async () => {
    for (const kind of ['cut-upload', 'cut-after-rename', 'reply-split', 'no-space', 'reply-twice', 'taken-at-once'] as const)
      practice.fault({ kind, ms: 300 });
    practice.fault({ kind: 'cut-after-rename', matching: 'marker' });
    await using rig = await start();
    const ids = Array.from({ length: 9 }, (_, n) => `SHP-${n}`);
    for (let at = 0; at < 9; at += 3) {
      await announce(rig, { [ids[at] ?? '']: {}, [ids[at + 1] ?? '']: { depot: 'HAM' }, [ids[at + 2] ?? '']: {} });
      practice.cut();
    }
    await rig.settled(patienceMs);
    await practice.caughtUp();
    await expectAllBooked(rig, ids);
  });

  it('a second answer is evidence, and a shipment that nobody announced is a candidate', async () => {
    practice.fault({ kind: 'reply-twice', matching: 'SHP-1' });
    practice.fault({ kind: 'reply-stranger', matching: 'SHP-2' });
    await using rig = await start();
    const [id = ''] = await announce(rig, { 'SHP-1': {} });
    await announce(rig, { 'SHP-2': {} });
    await rig.settled(patienceMs);
    const received = async (): Promise<number> => (await rig.story(id)).calls[0]?.parts.filter(({ kind }) => kind === 'received').length ?? 0;
    await expect.poll(received, { timeout: patienceMs }).toBe(2);
    expect((await rig.journal.reader.candidates('carrier', 10)).map(({ correlation }) => correlation)).toEqual(['replies:nobody']);
    await expectAllBooked(rig, ['SHP-1', 'SHP-2']);
  });

  it('a reply with a wrong trailer answers nobody, lies in the error directory, and answers when it has been mended', async () => {
    practice.fault({ kind: 'reply-wrong-trailer' });
    await using rig = await start();
    const [id = ''] = await announce(rig, { 'SHP-1': {} });
    const inError = (): string[] => (readdirSync(practice.folder).includes('error') ? readdirSync(join(practice.folder, 'error')) : []);
    await expect.poll(() => inError().length, { timeout: patienceMs }).toBe(2);
    expect(await state(rig, id)).toBe('waiting reply');
    practice.mend();
    await rig.settled(patienceMs);
    await expectAllBooked(rig, ['SHP-1']);
  });

  it('a manifest that is refused as a whole rejects its shipments, and says that it is not their fault', async () => {
    practice.fault({ kind: 'manifest-refused', matching: 'SHP-1' });
    await using rig = await start();
    await announce(rig, { 'SHP-1': {}, 'SHP-2': {} });
    await announce(rig, { 'SHP-3': {} });
    await rig.settled(patienceMs);
    const replies = await told(rig);
    for (const refused of ['SHP-1', 'SHP-2'])
      expect(replies.find(({ data }) => data.shipmentId === refused)?.data).toMatchObject({ code: 'M009', scope: 'manifest' });
    for (const { data } of replies)
      expect(data.trackingNumber !== undefined).toBe(practice.ledger().some((entry) => entry.shipmentId === data.shipmentId));
    expect([replies.length, practice.ledger().length]).toEqual([3, 1]);
  });

  it.each([
    ['a right is missing', { kind: 'denied' }, 'give the user of the place the right'],
    ['the directory is missing', { kind: 'missing' }, 'see that the directory exists'],
  ] as [string, CarrierFault, string][])(
    '%s: the system is held, nothing is parked, and it goes on when it is resumed',
    async (_what, fault, advice) => {
      practice.fault(fault);
      await using rig = await start();
      const [id = ''] = await announce(rig, { 'SHP-1': {} });
      await expect
        .poll(() => rig.gateway.desk.systems()[0], { timeout: patienceMs })
        .toMatchObject({ availability: 'held', reason: expect.stringContaining(advice) });
      expect(await state(rig, id)).not.toContain('parked');
      await rig.gateway.desk.resume('carrier', '', 'ann', 'put right');
      await rig.settled(patienceMs);
      await expectAllBooked(rig, ['SHP-1']);
    },
  );

  it('every fault that the carrier has is met in this file', () => {
    const here = new Set([...survived.map(([, { kind }]) => kind), 'reply-wrong-trailer', 'manifest-refused', 'denied', 'missing']);
    expect(carrierFaultKinds.filter((kind) => !here.has(kind))).toEqual([]);
  });
});

describe('the gateway ends and starts again', () => {
  it('between drop and reply: the reply answers the drop of before', async () => {
    practice.fault({ kind: 'reply-late', ms: 1_500 });
    const first = await start();
    const ids = await announce(first, { 'SHP-1': {}, 'SHP-2': {} });
    for (const id of ids) await becomes(first, id, 'waiting reply');
    await expect.poll(() => practice.ledger().length, { timeout: patienceMs }).toBe(2);
    await first.stop();
    await practice.caughtUp();
    await using rig = await start({}, { folder: first.folder });
    await rig.settled(patienceMs);
    await expectAllBooked(rig, ['SHP-1', 'SHP-2']);
  });

  it('while the carrier is away: what was announced is kept, and sent when it is back', async () => {
    await practice.stop();
    const first = await start();
    await announce(first, { 'SHP-1': {} });
    await first.stop();
    await using rig = await start({}, { folder: first.folder });
    await practice.reopen();
    await rig.settled(patienceMs);
    await expectAllBooked(rig, ['SHP-1']);
  });
});

describe('behind OpenSSH', () => {
  it('manifests and replies go the same way', async () => {
    const sshd = await Sshd.start();
    const late = new LateWork();
    const desk = new CarrierDesk({ folder: sshd.home, faults: new CarrierFaults(), late });
    if (process.getuid?.() === 0) for (const name of ['manifests', 'replies']) chownSync(join(sshd.home, name), 65_534, 65_534);
    const looking = setInterval(() => desk.look(), 20);
    try {
      const login = { port: sshd.port, user: sshd.user, key: new Secret('built-in', sshd.key), hostKeys: [sshd.fingerprint], directory: sshd.home };
      await using rig = await start(login);
      const ids = ['SHP-1', 'SHP-2', 'SHP-3', 'SHP-4'];
      await announce(rig, Object.fromEntries(ids.map((id) => [id, {}])));
      await rig.settled(patienceMs);
      expect(desk.ledger.map(({ shipmentId }) => shipmentId).sort()).toEqual(ids);
      expect((await told(rig)).map(({ data }) => data.shipmentId).sort()).toEqual(ids);
      expect([desk.held, desk.repeated]).toEqual([[], []]);
    } finally {
      clearInterval(looking);
      await late.done();
      await sshd.stop();
    }
  });
});
