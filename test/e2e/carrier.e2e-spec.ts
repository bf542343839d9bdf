import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CarrierAdapter } from '../../adapters/carrier/carrier.adapter.ts';
import { type CarrierFault } from '../../src/practice/carrier/carrier.faults.ts';
import { PracticeCarrier } from '../../src/practice/carrier/carrier.server.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { requested, settingsOf, shipment } from '../support/shipments.ts';

let practice: PracticeCarrier;
beforeEach(async () => {
  practice = await PracticeCarrier.start();
});
afterEach(() => practice.close());

const start = (more: Partial<RigOptions> = {}): Promise<Rig> =>
  startRig({
    adapters: [CarrierAdapter],
    transports: [new FileTransport()],
    systems: { carrier: { settings: { callTimeoutMs: 3_000, settleMs: 300 }, transports: { file: settingsOf(practice) } } },
    ...more,
  });

describe('shipments', () => {
  it('is announced', async () => {
    await using rig = await start();
    const id = await rig.post(requested, shipment('SHP-1'));
    await rig.settled();
    const story = await rig.story(id);
    console.log(story.translation, story.replies.map((r) => Buffer.from(r.data.bytes ?? []).toString()), practice.ledger(), rig.logs, Buffer.from(story.calls[0]?.parts[0]?.body.bytes ?? []).toString('latin1'));
  });
});
void ({} as CarrierFault);
