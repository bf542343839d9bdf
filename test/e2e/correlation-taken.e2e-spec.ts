import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LedgerAdapter } from '../../adapters/ledger/ledger.adapter.ts';
import { outcomePhrase } from '../../src/cli/words.ts';
import { PracticeNightly } from '../../src/practice/nightly/nightly.batch.ts';
import { nightlySettings } from '../../src/practice/nightly/nightly.bench.ts';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { PickupTransport } from '../../src/transports/file/pickup/pickup.transport.ts';
import { CarrierAdapter, CarrierPartner, ackLine, endLine } from '../support/carrier.ts';
import { type Rig, startRig } from '../support/gateway.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { until } from '../support/pickups.ts';

const minute = 60_000;
const patientMs = 60_000;
const retry = { attempts: 3, firstMs: 1_000, maxMs: 300_000 };
const row = async (rig: Rig, id: string) => (await rig.story(id)).translation;
const state = async (rig: Rig, id: string): Promise<string> => {
  const { state: now, waitingFor, failure } = await row(rig, id);
  return [now, waitingFor ?? failure?.code].filter(Boolean).join(' ');
};
const becomes = (rig: Rig, clock: ManualClock, id: string, wanted: string): Promise<void> =>
  until(
    `${id} ${wanted}`,
    async () => {
      if ((await state(rig, id)) === wanted) return true;
      clock.advance(1_000);
      return false;
    },
    patientMs,
  );
/** Lets minutes pass, and everything run that falls due. */
async function pass(rig: Rig, clock: ManualClock, minutes: number, id: string): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 1) {
    clock.advance(minute);
    await until(
      'it waits on',
      async () => {
        const { dueMs, state: now } = await row(rig, id);
        if (dueMs !== null && dueMs > clock.wallMs()) return true;
        // A timer set for what was due already.
        if (now === 'waiting') clock.advance(1);
        return false;
      },
      patientMs,
    );
  }
}

it(
  'a second order with the correlation of one that waits, waits for hours behind it, uses up no attempt, and says behind whom',
  { timeout: 5 * patientMs },
  async () => {
    const clock = new ManualClock();
    const partner = new CarrierPartner(mkdtempSync(join(tmpdir(), 'gatehouse-twin-')));
    await using rig = await startRig({
      adapters: [CarrierAdapter],
      transports: [new FileTransport()],
      systems: {
        carrier: {
          settings: { callTimeoutMs: 60_000, settleMs: 1_000, retry } as never,
          transports: { file: Object.assign(new FileSettings(), { directory: partner.folder, pollMs: 1_000 }) },
        },
      },
      clock,
    });
    const first = await rig.post('test.order.v1', { orderId: 'T-1', amount: '1.00' });
    await becomes(rig, clock, first, 'waiting reply');
    for (const name of partner.names()) partner.take(name);
    const second = await rig.post('test.order.v1', { orderId: 'T-1', amount: '2.00' });
    await becomes(rig, clock, second, 'waiting time');
    await pass(rig, clock, 5 * 60, second);
    expect(await state(rig, second)).toBe('waiting time');
    const waiting = await row(rig, second);
    expect(waiting).toMatchObject({ attempts: 0, failure: { code: 'CORRELATION_TAKEN' } });
    expect(outcomePhrase(waiting)).toContain(`Order waits behind ${first.slice(0, 8)}, whose open call awaits a reply with the same correlation`);
    // Every look is a run in the journal.
    expect(waiting.runs).toBeLessThan(100);
    expect(partner.names(), 'nothing of it left').toEqual([]);

    partner.reply('CONF_1.TXT', [ackLine('T-1', 'FIRST'), endLine(1)]);
    await becomes(rig, clock, first, 'published');
    await becomes(rig, clock, second, 'waiting reply');
    expect(partner.names()).toHaveLength(2);
    partner.reply('CONF_2.TXT', [ackLine('T-1', 'SECOND'), endLine(1)]);
    await becomes(rig, clock, second, 'published');
    const said = (await rig.replies()).map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as { state: string }).state);
    expect(said).toEqual(['FIRST', 'SECOND']);
  },
);

it('a second posting with the number of one in the open batch of the ledger waits behind it over the night', { timeout: 5 * patientMs }, async () => {
  const clock = new ManualClock();
  const { folder: directory } = new PracticeNightly({ folder: mkdtempSync(join(tmpdir(), 'gatehouse-nightly-')) });
  await using rig = await startRig({
    adapters: [LedgerAdapter],
    transports: [new FileTransport()],
    sourceTransports: [new PickupTransport()],
    systems: {
      ledger: { settings: { callTimeoutMs: 60_000, settleMs: 1_000, retry } as never, transports: { ...nightlySettings({ directory }) } },
    },
    clock,
  });
  const posting = { postingId: 'P-1', debitAccount: '1000000001', creditAccount: '1000000003', currency: 'EUR', valueDate: '2026-11-20' };
  const first = await rig.post('com.acme.posting.requested.v1', { ...posting, amount: '1.00' });
  await until('gathered', async () => (await state(rig, first)) === 'waiting batch', patientMs);
  const second = await rig.post('com.acme.posting.requested.v1', { ...posting, amount: '2.00' });
  await until('it waits', async () => (await state(rig, second)) === 'waiting time', patientMs);
  await pass(rig, clock, 60, second);
  await becomes(rig, clock, first, 'waiting reply');
  await pass(rig, clock, 60, second);
  expect(await row(rig, second)).toMatchObject({ state: 'waiting', attempts: 0, failure: { code: 'CORRELATION_TAKEN' } });
  expect(outcomePhrase(await row(rig, second))).toContain(`waits behind ${first.slice(0, 8)}`);
});
