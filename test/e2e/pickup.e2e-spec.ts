import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { orderFile, orders, sourceSettings, startPickupRig, until, watched } from '../support/pickups.ts';

describe('files that become events', () => {
  it('every record of a file is one event, in order, and the file stands in the archive', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [orders], settings: [sourceSettings('orders', { directory: place.folder })] });
    writeFileSync(place.in('a.csv'), orderFile(1_000));
    await until('archived', () => place.archived().length === 1).catch((e) => {
      throw new Error(rig.logs.join('\n') + e);
    });
    const events = await rig.replies();
    expect(events).toHaveLength(1_000);
    expect(events[999]?.attributes).toMatchObject({
      type: 'test.order.found.v1',
      source: '/gatehouse/depot/orders',
      subject: 'O-1000',
      piece: '1000',
    });
  });
});
