import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { CarrierAdapter, CarrierPartner, ackLine, endLine } from '../support/carrier.ts';
import { startRig } from '../support/gateway.ts';
import { newFolder, orderFile, orders, sourceSettings, startPickupRig, until, watched } from '../support/pickups.ts';

const many = 100_000;
const patientMs = 90_000;

/** Names for which nobody ever says that they are complete. */
function leaveUnfinished(folder: string, name: (index: number) => string, count = many): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) writeFileSync(join(folder, name(index)), '');
}

describe('directories with a hundred thousand names', () => {
  it('replies are read, and files picked up, behind more than a look holds that never complete', { timeout: 4 * patientMs }, async () => {
    const folder = newFolder();
    const partner = new CarrierPartner(folder);
    leaveUnfinished(partner.in('in'), (index) => `CONF_${index}.TXT`);
    leaveUnfinished(partner.in('orders'), (index) => `never-${index}.csv`, many / 5);
    // What has been is no part of a look.
    leaveUnfinished(partner.in('orders', 'archive'), (index) => `${index}.csv`, 1_000);
    await using carrier = await startRig({
      adapters: [CarrierAdapter],
      transports: [new FileTransport()],
      systems: {
        carrier: {
          settings: { callTimeoutMs: patientMs, settleMs: 50 },
          transports: { file: Object.assign(new FileSettings(), { directory: folder, pollMs: 25 }) },
        },
      },
    });
    await using depot = await startPickupRig({
      sources: [orders],
      settings: [sourceSettings('orders', { directory: partner.in('orders') }, { complete: 'marker', maxFiles: many / 20 })],
    });
    const orderIds = Array.from({ length: 5 }, (_, index) => `L-${index}`);
    const ids = await Promise.all(orderIds.map((orderId) => carrier.post('test.order.v1', { orderId, amount: '1.00' })));
    await until('they left', () => partner.names().length === 2 * ids.length, patientMs);
    for (const orderId of orderIds) {
      partner.reply(`CONF_of_${orderId}.TXT`, [ackLine(orderId, 'BOOKED'), endLine(1)]);
      writeFileSync(partner.in('orders', `${orderId}.csv`), orderFile(1, 1 + Number(orderId.slice(2))));
      writeFileSync(partner.in('orders', `${orderId}.csv.done`), '');
    }
    await carrier.settled(patientMs);
    expect((await carrier.replies()).length).toBe(5);
    await until('all orders came', async () => (await depot.replies()).length === 5, patientMs);
    for (const { logs } of [carrier, depot]) expect(logs.filter((line) => line.includes('more'))).not.toEqual([]);
  });

  it('files that change all the time do not keep those that stand still', async () => {
    const place = watched();
    let changes = 0;
    await using rig = await startPickupRig({
      sources: [orders],
      settings: [sourceSettings('orders', { directory: place.folder }, { complete: 'stable', stableLooks: 2, minAgeMs: 2_000, maxFiles: 10 })],
    });
    const grow = (): void => {
      changes += 1;
      for (let index = 0; index < 40; index += 1) writeFileSync(place.in(`growing-${index}.csv`), 'x'.repeat(changes));
    };
    grow();
    for (let index = 0; index < 5; index += 1) writeFileSync(place.in(`still-${index}.csv`), orderFile(1, index + 1));
    await until('those that stand still were taken', async () => {
      grow();
      return place.archived().length === 5;
    });
    expect(await rig.rows({ states: ['parked'] })).toEqual([]);
  });
});
