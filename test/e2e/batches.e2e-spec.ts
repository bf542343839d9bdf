import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { ParcelsAdapter, manifestText, parcelLine } from '../support/batches.ts';
import { CarrierPartner, ackLine, endLine } from '../support/carrier.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { ManualClock } from '../support/manual-clock.ts';

const hour = 3_600_000;
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

type By = 'Hourly' | 'Sized' | 'ByDepot' | 'Large' | 'Confirmed';
const pack = (rig: Rig, parcelId: string, by: By = 'Hourly', depot = 'D1', type = 'test.parcel.v1'): Promise<string> =>
  rig.post(type, { parcelId, depot, by });
const state = async (rig: Rig, id: string): Promise<string> => {
  const { state: now, waitingFor, failure } = (await rig.story(id)).translation;
  return [now, waitingFor ?? failure?.code].filter(Boolean).join(' ');
};
const becomes = (rig: Rig, id: string, wanted: string) => expect.poll(() => state(rig, id), { timeout: 20_000 }).toBe(wanted);
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
});
