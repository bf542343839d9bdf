/** `node ledger-until-dropped.js <journal folder> <folder of the practice night> <event>…`: drops postings in one file and stays, to be killed. */
import 'reflect-metadata';
import { LedgerAdapter } from '../../adapters/ledger/ledger.adapter.ts';
import { type Json } from '../../src/contract/json.ts';
import { nightlySettings } from '../../src/practice/nightly/nightly.bench.ts';
import { startRig } from '../../src/practice/workbench.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { PickupTransport } from '../../src/transports/file/pickup/pickup.transport.ts';

const [folder = '', directory = '', ...events] = process.argv.slice(2);
const rig = await startRig({
  adapters: [LedgerAdapter],
  transports: [new FileTransport()],
  sourceTransports: [new PickupTransport()],
  systems: { ledger: { settings: { callTimeoutMs: 20_000, settleMs: 300 }, transports: { ...nightlySettings({ directory }) } } },
  folder,
});
for (const event of events) await rig.post('com.acme.posting.requested.v1', JSON.parse(event) as Json);
for (;;) {
  const [open] = await rig.journal.reader.batches('ledger', ['open'], 1);
  if (open?.events === events.length) {
    await rig.gateway.desk.actOnBatch({ key: 'close', batch: open.seq, act: 'close', who: 'ann', why: 'the night begins' });
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}
setInterval(() => undefined, 60_000);
