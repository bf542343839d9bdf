import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CloudEvent } from '../../src/contract/event.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { type Rabbitmq } from '../support/rabbitmq.ts';
import { type BusKind, type Ground, groundOf } from './grounds.ts';
import { type Plant } from './plants.ts';
import { GatewayProcess } from './process.ts';
import { event, stockWanted } from './scenario.ts';
import { type Figures, isInDoubt, judge, rowsOf } from './verify.ts';

const quietMs = 60_000;

export interface RandomOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly plant: Plant | null;
  readonly bus: BusKind;
  /** Needed for `rabbitmq`: every fifth round it dies too. */
  readonly broker?: Rabbitmq | null;
  progress(round: number, kills: number, events: number): void;
}

export interface RandomResult extends Figures {
  readonly rounds: number;
  readonly kills: number;
  readonly brokerKills: number;
  /** In doubt at the end of the load, before a person settles them by the ledger; whether each had happened. */
  readonly inDoubtHappened: number;
  readonly inDoubtDidNot: number;
  /** Calls without a probe that were on the wire at the kills: no more than these can be in doubt. */
  readonly onTheWire: number;
  /** Innocent ones that were at work in two kills in a row and were parked for it; retried as a person would. */
  readonly suspectedTwice: number;
  readonly seed: number;
}

/** Kills at random moments under load, on one journal through all rounds; then lets a person settle what is in doubt by the ledger, and judges. */
export async function runRandom({ rounds, seed, plant, bus, broker, progress }: RandomOptions): Promise<RandomResult> {
  const random = mulberry32(seed);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'));
  const depot = await PracticeDepot.start({ orderMs: 10 });
  const ground = await groundOf(bus, folder, broker ?? null);
  await broker?.settled();
  const child = { folder, depotPort: depot.port, killAt: null, plant, bus, rabbitmq: ground.rabbitmq, settleMs: 50 };
  const posted = new Map<string, CloudEvent>();
  const acked = new Set<string>();
  let onTheWire = 0;
  let brokerKills = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const gateway = await GatewayProcess.start(child);
      const load = loadFor(round, random);
      for (const each of load) posted.set(each.attributes.id, each);
      const unacked = [...posted.values()].filter(({ attributes }) => !acked.has(attributes.id));
      const posting = Promise.all(
        unacked.map(async (each) => {
          if (await ground.post(gateway, each)) acked.add(each.attributes.id);
        }),
      );
      const killAfterMs = random() * 250;
      await new Promise((resolve) => setTimeout(resolve, killAfterMs));
      if (bus === 'rabbitmq' && round % 5 === 0) {
        await ground.killBroker();
        brokerKills += 1;
      }
      gateway.kill();
      await gateway.exited;
      await posting;
      onTheWire += callsOnTheWire(folder);
      progress(round, round, posted.size);
    }
    return await settleAndJudge({ rounds, seed, ground, folder, depot, child, posted, acked, onTheWire, brokerKills });
  } finally {
    await ground.close();
    await depot.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Aftermath {
  readonly rounds: number;
  readonly seed: number;
  readonly ground: Ground;
  readonly folder: string;
  readonly depot: PracticeDepot;
  readonly child: Parameters<typeof GatewayProcess.start>[0];
  readonly posted: ReadonlyMap<string, CloudEvent>;
  readonly acked: Set<string>;
  readonly onTheWire: number;
  readonly brokerKills: number;
}

/** What the file says that had left and was not answered when the process died. */
function callsOnTheWire(folder: string): number {
  const db = new DatabaseSync(join(folder, 'journal.db'), { readOnly: true });
  try {
    const row = db
      .prepare(
        "SELECT count(*) AS n FROM call c JOIN translation t ON t.seq = c.translation WHERE c.state = 'calling' AND c.name = 'Order' AND t.state IN ('running', 'waiting')",
      )
      .get();
    return Number(row?.['n'] ?? 0);
  } finally {
    db.close();
  }
}

async function settleAndJudge({
  rounds,
  seed,
  ground,
  folder,
  depot,
  child,
  posted,
  acked,
  onTheWire,
  brokerKills,
}: Aftermath): Promise<RandomResult> {
  let gateway = await GatewayProcess.start(child);
  for (const each of posted.values()) if (!acked.has(each.attributes.id) && (await ground.post(gateway, each))) acked.add(each.attributes.id);
  await gateway.quiet(quietMs, ground.sent);
  await gateway.stop();
  const before = await rowsOf(folder);
  const ordered = new Set(depot.ledger().flatMap(({ kind, ref }) => (kind === 'order' ? [ref] : [])));
  const doubtful = before.filter(isInDoubt);
  const suspected = before.filter((row) => row.failure?.code === 'KILLS_THE_GATEWAY');

  gateway = await GatewayProcess.start(child);
  for (const row of suspected) await gateway.act(row.id, { kind: 'retry' });
  for (const row of doubtful)
    await gateway.act(
      row.id,
      ordered.has(row.businessKey ?? '') ? { kind: 'happened', answer: { order: `O-${row.businessKey}` } } : { kind: 'did not' },
    );
  await gateway.quiet(quietMs, ground.sent);
  const { replies } = await gateway.stop();
  const rows = await rowsOf(folder);
  const figures = judge([...posted.values()], rows, depot.ledger(), await ground.replies(replies));
  const happened = doubtful.filter((row) => ordered.has(row.businessKey ?? '')).length;
  // Only a call without a probe may be in doubt at all.
  if (doubtful.some((row) => row.operation !== 'send-order') || doubtful.length > onTheWire) figures.lost += 1;
  return {
    rounds,
    kills: rounds,
    brokerKills,
    ...figures,
    inDoubt: doubtful.length,
    inDoubtHappened: happened,
    inDoubtDidNot: doubtful.length - happened,
    onTheWire,
    suspectedTwice: suspected.length,
    seed,
  };
}

function loadFor(round: number, random: () => number): CloudEvent[] {
  return Array.from({ length: 5 + Math.floor(random() * 25) }, (_, n) => {
    const id = `r${round}-${n}`;
    const kind = random();
    if (kind < 0.5) return stockWanted(id, random() < 0.1 ? 'NONE' : 'BOLT', `customer-${Math.floor(random() * 20)}`);
    if (kind < 0.7) return event(id, 'com.acme.order.sent.v1', { orderId: id, sku: 'BOLT' });
    if (kind < 0.9) return event(id, 'com.acme.pair.wanted.v1', { requestId: id, left: 'NUT', right: 'BOLT' });
    return event(id, 'com.acme.shelf.nudged.v1', { ref: id, sku: 'BOLT' });
  });
}

/** A small generator with a seed. @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
