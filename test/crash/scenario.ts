import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Json } from '../../src/contract/json.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { type Rabbitmq } from '../support/rabbitmq.ts';
import { type ChildOptions } from './child.ts';
import { type BusKind, type Ground, groundOf } from './grounds.ts';
import { type KillAt } from './kill-switch.ts';
import { type Plant } from './plants.ts';
import { GatewayProcess } from './process.ts';
import { type Figures, isInDoubt, judge, rowsOf } from './verify.ts';

const quietMs = 30_000;

export interface ScenarioOptions {
  readonly killAt: KillAt | null;
  readonly plant: Plant | null;
  readonly bus: BusKind;
  /** Needed for `rabbitmq`; several scenarios share one. */
  readonly broker?: Rabbitmq | null;
  /** `late`: the depot carries out the only reservation after its deadline, and the gateway is killed meanwhile. `one`: a single reservation. */
  readonly load?: 'all' | 'late' | 'one';
}

export interface ScenarioResult {
  readonly figures: Figures;
  readonly kills: number;
  readonly counts: Readonly<Record<string, number>>;
}

export function event(id: string, type: string, data: Json): CloudEvent {
  return {
    attributes: { specversion: '1.0', id, source: '/crash', type, datacontenttype: 'application/json' },
    data: Buffer.from(JSON.stringify(data)),
  };
}

export function stockWanted(id: string, sku = 'BOLT', customerId = id): CloudEvent {
  return event(id, 'com.acme.stock.wanted.v1', { requestId: id, customerId, sku, quantity: 1 });
}

/** One of each kind: two on one key, one refused, one that is tried again, two calls that must happen once, answers that come later. */
function events(load: ScenarioOptions['load']): CloudEvent[] {
  if (load === 'late') return [stockWanted('late-1')];
  if (load === 'one') return [stockWanted('one-1')];
  return [
    stockWanted('s1', 'BOLT', 'one-key'),
    stockWanted('s2', 'BOLT', 'one-key'),
    stockWanted('busy-1'),
    stockWanted('refused-1', 'NONE'),
    event('p1', 'com.acme.pair.wanted.v1', { requestId: 'p1', left: 'NUT', right: 'BOLT' }),
    event('o1', 'com.acme.order.sent.v1', { orderId: 'o1', sku: 'BOLT' }),
    event('o2', 'com.acme.order.sent.v1', { orderId: 'o2', sku: 'NONE' }),
    event('n1', 'com.acme.shelf.nudged.v1', { ref: 'n1', sku: 'BOLT' }),
  ];
}

/** Runs the scenario in a fresh folder against a fresh depot, through as many lives as it takes, and judges it. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'));
  const depot = await PracticeDepot.start({ orderMs: 5 });
  depot.fault({ kind: 'busy', matching: 'busy-1', times: 1 });
  if (options.load === 'late') depot.fault({ kind: 'commit-late', matching: 'late-1', ms: 1_200, times: 1 });
  const ground = await groundOf(options.bus, folder, options.broker ?? null);
  const child: ChildOptions = {
    folder,
    depotPort: depot.port,
    killAt: options.killAt,
    plant: options.plant,
    bus: options.bus,
    rabbitmq: ground.rabbitmq,
    settleMs: options.load === 'late' ? 1_300 : 50,
  };
  const posted = events(options.load);
  try {
    let gateway = await GatewayProcess.start(child);
    const acked = new Set<string>();
    await post(gateway, ground, posted, acked);
    if (options.load === 'late') await killWhenMet(gateway, depot);
    await gateway.quiet(quietMs, ground.sent);
    let kills = 0;
    if (gateway.dead) {
      kills = 1;
      await gateway.exited;
      gateway = await GatewayProcess.start({ ...child, killAt: null });
      // What was not acknowledged is sent again, as any sender would; and one more that was.
      const again = posted.filter(({ attributes }) => !acked.has(attributes.id));
      await post(
        gateway,
        ground,
        [...again, ...posted.filter(({ attributes }) => acked.has(attributes.id)).slice(0, options.plant === 'ack-early' ? 0 : 1)],
        acked,
      );
      await gateway.quiet(quietMs, ground.sent);
    }
    await depot.caughtUp();
    const { counts, replies } = await gateway.stop();
    const rows = await rowsOf(folder);
    const figures = judge(posted, rows, depot.ledger(), await ground.replies(replies));
    if (rows.some((row) => isInDoubt(row) && row.operation !== 'send-order')) figures.lost += 1;
    return { figures, kills, counts };
  } finally {
    await ground.close();
    await depot.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function post(gateway: GatewayProcess, ground: Ground, posted: readonly CloudEvent[], acked: Set<string>): Promise<void> {
  await Promise.all(
    posted.map(async (each) => {
      if (await ground.post(gateway, each)) acked.add(each.attributes.id);
    }),
  );
}

/** Kills once the commit is on the wire and the depot sits on it. */
async function killWhenMet(gateway: GatewayProcess, depot: PracticeDepot): Promise<void> {
  while (depot.faultsLeft() > 1 && !gateway.dead) await new Promise((resolve) => setTimeout(resolve, 5));
  gateway.kill();
  await gateway.exited;
}

export function isClean(figures: Figures): boolean {
  return figures.lost + figures.repeatedOnce + figures.missingReplies + figures.doubleReplies + figures.parked === 0;
}
