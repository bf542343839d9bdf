import 'reflect-metadata';
import { DatabaseSync } from 'node:sqlite';
import { LineSettings, LineTransport } from '../../src/practice/line/line.transport.ts';
import { adapterWith, ask, reserve } from '../support/depot.ts';
import { startRig } from '../support/gateway.ts';
import { park, parkedId } from '../support/parked.ts';
import { type BulkPlant, plantedBulks } from './bulk-plants.ts';
import { type BulkVerdict, others, selected, touched, unfit } from './bulk-verdict.ts';
import { type KillAt, KillSwitch } from './kill-switch.ts';

export interface BulkChildOptions {
  readonly folder: string;
  readonly port: number;
  readonly killAt: KillAt | null;
  readonly plant: BulkPlant | null;
}

/** A gateway with a bulk replay of parked translations, beside events that come in; it says what became of all, or dies on the way. */
const { folder, port, killAt, plant } = JSON.parse(process.argv[2] ?? '{}') as BulkChildOptions;
const killSwitch = new KillSwitch(killAt);
const line = Object.assign(new LineSettings(), { port });

const rig = await startRig({
  adapters: [adapterWith(reserve)],
  transports: [new LineTransport()],
  systems: { depot: { settings: { concurrency: 4, callTimeoutMs: 20_000, settleMs: 50 }, transports: { line } } },
  folder,
  bulkSizes: { frozenAtOnce: 16, groupOf: 8 },
  fatal: (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(74);
  },
  wrap: {
    journal: (journal) => {
      const bulks = killSwitch.wrap(
        'bulks',
        plantedBulks(journal, plant, (bare) => killSwitch.wrap('commit', bare)),
      );
      return new Proxy(journal, {
        get: (target, property) => {
          if (property === 'bulks') return bulks;
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  },
});

await park(rig.journal, [
  ...selected.map((ref) => ({ ref })),
  ...unfit.map((ref) => ({ ref, operation: '' })),
  ...others.map((ref) => ({ ref, code: 'EVENT_INVALID' as const })),
]);
const beside = ask(rig, `beside-${process.pid}`);
const began = rig.gateway.bulks.begin({
  key: 'the bulk',
  act: { kind: 'replay' },
  selection: { filter: { states: ['parked'], code: 'DEFECT' } },
  who: 'harness',
  why: 'the depot is back',
  perSecond: 0,
  expected: selected.length + unfit.length,
});
const seq = await began;
// Somebody gives one up by hand while the bulk runs.
await rig.gateway.desk
  .act({ key: 'by hand', translationId: parkedId(touched), version: null, who: 'anna', why: 'not needed' }, { kind: 'discard' })
  .catch(() => undefined);
await beside;
const untilMs = performance.now() + 30_000;
for (;;) {
  const row = await rig.journal.reader.bulk(seq);
  if (row?.state === 'done' || performance.now() > untilMs) break;
  await new Promise((resolve) => setTimeout(resolve, 10));
}
await rig.settled(30_000);
const row = await rig.journal.reader.bulk(seq);
const items = await rig.journal.reader.bulkItems(seq, { after: 0, limit: 500 });
await rig.stop();
const db = new DatabaseSync(`${folder}/journal.db`, { readOnly: true });
const verdict: BulkVerdict = {
  row,
  items: items.map(({ translationId, state }) => ({ id: translationId, state })),
  replays: Object.fromEntries(
    db
      .prepare('SELECT replay_of, count(*) AS n FROM translation WHERE replay_of IS NOT NULL GROUP BY replay_of')
      .all()
      .map((each) => [String(each['replay_of']), Number(each['n'])]),
  ),
  audit: db
    .prepare("SELECT what FROM audit WHERE subject LIKE 'bulk %' ORDER BY seq")
    .all()
    .map((each) => String(each['what'])),
  counts: Object.fromEntries(killSwitch.counts),
};
db.close();
process.stdout.write(`${JSON.stringify(verdict)}\n`);
