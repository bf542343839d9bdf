import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SystemClock } from '../../src/gateway/clock.ts';
import { FilePath } from '../../src/transports/file/places/file-path.ts';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { ReplyInbox } from '../../src/transports/file/replies/reply.inbox.ts';
import { ReplyPlan } from '../../src/transports/file/replies/reply.plan.ts';
import { carrierLayout } from '../support/carrier.ts';
import { openDirectory } from '../support/file-grounds.ts';

const never = new AbortController().signal;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-claims-'));
  openDirectory(join(folder, 'in'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('of several gateways that claim one reply file at the same time, one has it', async () => {
  const path = (name: string): FilePath => FilePath.parse(name);
  const place = openPlace('carrier', Object.assign(new PlaceSettings(), { kind: 'local', directory: folder }));
  const { receipts } = carrierLayout.replies;
  if (receipts === undefined) throw new Error('the carrier has no receipts');
  const plan = new ReplyPlan('receipts', receipts);
  const clock = new SystemClock();
  const paths = { claims: path('claims'), archive: path('archive'), error: path('error') };
  const inboxes = ['one', 'two', 'three'].map((gateway) => new ReplyInbox({ place, clock, gateway, ...paths }, plan, path('in')));
  for (const inbox of inboxes) await inbox.unfinished(never);
  for (let round = 0; round < 200; round += 1) writeFileSync(join(folder, 'in', `RECEIPT_${round}.TXT`), `${round}`);
  for (let round = 0; round < 200; round += 1) {
    const claims = await Promise.all(inboxes.map((inbox) => inbox.claim(path(`in/RECEIPT_${round}.TXT`), never)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  }
  const claimed = ['one', 'two', 'three'].flatMap((gateway) => readdirSync(join(folder, 'claims', gateway, 'receipts')));
  expect(claimed).toHaveLength(200);
  await place.close();
});
