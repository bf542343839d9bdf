import 'reflect-metadata';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { adapterWith, reserve, startDepotRig } from '../support/depot.ts';
import { eventOf } from '../support/gateway.ts';

/** A gateway whose adapter kills it for one event: by a loop without end, or by taking all memory. */
const [folder = '', how = 'loop', post = 'no'] = process.argv.slice(2);
const depot = await PracticeDepot.start();
const adapter = adapterWith(async (event, system) => {
  if (event.ref === 'killer') {
    await system.call('Stock', { sku: 'BOLT' });
    const hoard: unknown[] = [];
    for (;;) if (how === 'memory') hoard.push(Array.from({ length: 100_000 }, (_, n) => ({ n })));
  }
  if (event.ref.startsWith('beside')) await system.pause(50);
  return reserve(event, system);
});
const rig = await startDepotRig(depot, adapter, { folder, settings: { concurrency: 10 }, stillMs: 300 });
if (post === 'post') {
  const names = ['beside-1', 'beside-2', 'a', 'b', 'killer', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  await rig.gateway.intake.post(names.map((ref) => eventOf('test.asked.v1', { ref })));
}
await rig.settled(20_000);
const tallies = rig.journal.tallies().map(({ state, count }) => ({ state, count }));
const parked = (await rig.rows({ states: ['parked'] })).map(({ businessKey, failure }) => `${businessKey} ${failure?.code}`);
await rig.stop();
await depot.close();
process.stdout.write(`${JSON.stringify({ tallies, parked })}\n`);
