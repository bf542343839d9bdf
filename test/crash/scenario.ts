import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Rabbitmq } from '../support/rabbitmq.ts';
import { type Backend, type Load } from './backends/backend.ts';
import { type BackendName, backendKind } from './backends/backends.ts';
import { type ChildOptions } from './child.ts';
import { type BusKind, type Ground, groundOf } from './grounds.ts';
import { type KillAt } from './kill-switch.ts';
import { type Plant } from './plants.ts';
import { GatewayProcess } from './process.ts';
import { type Figures, accountOf, judge, storiesOf, undulyDoubted, inWords, isInDoubt } from './verify.ts';

const usualQuietMs = 30_000;

export interface ScenarioOptions {
  readonly backend: BackendName;
  readonly killAt: KillAt | null;
  readonly plant: Plant | null;
  readonly bus: BusKind;
  /** Needed for `rabbitmq`; several scenarios share one. */
  readonly broker?: Rabbitmq | null;
  /** Under `late` the gateway is killed while the system sits on the call. */
  readonly load?: Exclude<Load, 'rounds'>;
  /** How long the gateway may take to finish, ms. */
  readonly quietMs?: number;
  /** Longer or shorter than the backend's own: a short one on a busy machine lets many a caller go while the disk is at work. */
  readonly callTimeoutMs?: number | undefined;
  /** Leaves the folder of a scenario that is not clean. */
  readonly keep?: boolean;
}

export interface ScenarioResult {
  readonly figures: Figures;
  readonly kills: number;
  readonly counts: Readonly<Record<string, number>>;
  /** What is in doubt in the end, in words. */
  readonly doubts: readonly string[];
  /** Of a scenario that is not clean: the stories of the rows in question, and what lies with the backend. */
  readonly findings: readonly string[];
}

/** Runs the scenario in a fresh folder against a fresh backend, through as many lives as it takes, and judges it. */
export async function runScenario({ load = 'all', quietMs = usualQuietMs, keep = false, ...options }: ScenarioOptions): Promise<ScenarioResult> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'));
  const { side, start } = await backendKind(options.backend);
  const backend = await start(load);
  const ground = await groundOf(options.bus, folder, options.broker ?? null, side);
  const child: ChildOptions = {
    folder,
    backend: options.backend,
    place: backend.place,
    killAt: options.killAt,
    plant: options.plant,
    bus: options.bus,
    rabbitmq: ground.rabbitmq,
    settleMs: backend.settleMs,
    callTimeoutMs: options.callTimeoutMs,
  };
  const { events } = backend;
  let kept = false;
  try {
    let gateway = await GatewayProcess.start(child);
    const acked = new Set<string>();
    await post(gateway, ground, events, acked);
    if (load === 'late') await killWhenSitting(gateway, backend);
    let loud = await gateway.calm(quietMs, ground.sent, backend);
    let kills = 0;
    if (gateway.dead) {
      kills = 1;
      await gateway.exited;
      gateway = await GatewayProcess.start({ ...child, killAt: null });
      // What was not acknowledged is sent again, as any sender would; and one more that was.
      const again = events.filter(({ attributes }) => !acked.has(attributes.id));
      await post(
        gateway,
        ground,
        [...again, ...events.filter(({ attributes }) => acked.has(attributes.id)).slice(0, options.plant === 'ack-early' ? 0 : 1)],
        acked,
      );
      loud = await gateway.calm(quietMs, ground.sent, backend);
    }
    let stopped = await gateway.stopOrDie();
    if (stopped === null && kills === 0) {
      kills = 1;
      gateway = await GatewayProcess.start({ ...child, killAt: null });
      loud ??= await gateway.calm(quietMs, ground.sent, backend);
    }
    if (loud !== null) loud += `\n${gateway.stderr}`;
    stopped ??= await gateway.stop();
    const { counts, replies } = stopped;
    const { stderr } = gateway;
    const account = await accountOf(folder, side.system);
    const evidence = { events, replies: await ground.replies(replies), ledger: await backend.ledger(), settled: 0 };
    const figures = judge(evidence, account, backend);
    const undue = undulyDoubted(account.rows, backend);
    if (undue.length > 0) figures.lost += 1;
    figures.oddities.push(...undue.map((row) => `without need: ${inWords(row)}`));
    if (loud !== null) figures.oddities.push(loud);
    const doubts = account.rows.filter(isInDoubt).map(inWords);
    if (isClean(figures)) return { figures, kills, counts, doubts, findings: [] };
    kept = keep;
    const stories = await storiesOf(folder, side.system, ({ state }) => state === 'published');
    const where = keep ? [`kept in ${folder}`] : [];
    return { figures, kills, counts, doubts, findings: [...where, ...stories, ...(backend.shows?.() ?? []), stderr] };
  } finally {
    await ground.close();
    await backend.close();
    if (!kept) rmSync(folder, { recursive: true, force: true });
  }
}

async function post(gateway: GatewayProcess, ground: Ground, posted: readonly CloudEvent[], acked: Set<string>): Promise<void> {
  await Promise.all(
    posted.map(async (each) => {
      if (await ground.post(gateway, each)) acked.add(each.attributes.id);
    }),
  );
}

/** Kills once the call is on the wire and the system sits on it. */
async function killWhenSitting(gateway: GatewayProcess, backend: Backend): Promise<void> {
  while (!backend.sitting() && !gateway.dead) await new Promise((resolve) => setTimeout(resolve, 5));
  gateway.kill();
  await gateway.exited;
}

export function isClean(figures: Figures): boolean {
  return figures.lost + figures.repeatedOnce + figures.missingReplies + figures.doubleReplies + figures.parked + figures.oddities.length === 0;
}
