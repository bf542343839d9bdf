import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type TranslationRow } from '../../src/contract/journal-reader.ts';
import { type Rabbitmq } from '../support/rabbitmq.ts';
import { type Backend, type Doubtful } from './backends/backend.ts';
import { type BackendName, backendKind } from './backends/backends.ts';
import { type ChildOptions } from './child.ts';
import { type BusKind, type Ground, groundOf } from './grounds.ts';
import { type Plant } from './plants.ts';
import { GatewayProcess } from './process.ts';
import { isClean } from './scenario.ts';
import { type Figures, accountOf, isInDoubt, judge, storiesOf, undulyDoubted, inWords } from './verify.ts';

const quietMs = 60_000;

export interface RandomOptions {
  readonly backend: BackendName;
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
  /** When it is not clean: the stories of the rows in question, and what lies with the backend. */
  readonly findings: readonly string[];
}

/** Kills at random moments under load, on one journal through all rounds; then lets a person settle what is in doubt by the ledger, and judges. */
export async function runRandom({ backend: name, rounds, seed, plant, bus, broker, progress }: RandomOptions): Promise<RandomResult> {
  const random = mulberry32(seed);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'));
  const { side, start } = await backendKind(name);
  const backend = await start('rounds');
  const ground = await groundOf(bus, folder, broker ?? null, side);
  await broker?.settled();
  const child: ChildOptions = {
    folder,
    backend: name,
    place: backend.place,
    killAt: null,
    plant,
    bus,
    rabbitmq: ground.rabbitmq,
    settleMs: backend.settleMs,
  };
  const posted = new Map<string, CloudEvent>();
  const acked = new Set<string>();
  let onTheWire = 0;
  let brokerKills = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const gateway = await GatewayProcess.start(child);
      const load = backend.round(round, random);
      for (const each of load) posted.set(each.attributes.id, each);
      const unacked = [...posted.values()].filter(({ attributes }) => !acked.has(attributes.id));
      const posting = Promise.all(
        unacked.map(async (each) => {
          if (await ground.post(gateway, each)) acked.add(each.attributes.id);
        }),
      );
      const killAfterMs = random() * (backend.killWithinMs ?? 250);
      await new Promise((resolve) => setTimeout(resolve, killAfterMs));
      if (bus === 'rabbitmq' && round % 5 === 0) {
        await ground.killBroker();
        brokerKills += 1;
      }
      gateway.kill();
      await gateway.exited;
      await posting;
      onTheWire += callsOnTheWire(folder, backend.doubtful);
      progress(round, round, posted.size);
    }
    return await settleAndJudge({ rounds, seed, system: side.system, ground, folder, backend, child, posted, acked, onTheWire, brokerKills });
  } finally {
    await ground.close();
    await backend.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Aftermath {
  readonly rounds: number;
  readonly seed: number;
  readonly system: string;
  readonly ground: Ground;
  readonly folder: string;
  readonly backend: Backend;
  readonly child: ChildOptions;
  readonly posted: ReadonlyMap<string, CloudEvent>;
  readonly acked: Set<string>;
  readonly onTheWire: number;
  readonly brokerKills: number;
}

/** What the file says that had left and was not answered when the process died. */
function callsOnTheWire(folder: string, doubtful: readonly Doubtful[]): number {
  const db = new DatabaseSync(join(folder, 'journal.db'), { readOnly: true });
  try {
    const row = db
      .prepare(
        "SELECT count(*) AS n FROM call c JOIN translation t ON t.seq = c.translation WHERE c.state = 'calling' AND c.name IN (SELECT value FROM json_each(?)) AND t.state IN ('running', 'waiting')",
      )
      .get(JSON.stringify(doubtful.map(({ call }) => call)));
    return Number(row?.['n'] ?? 0);
  } finally {
    db.close();
  }
}

async function settleAndJudge({
  rounds,
  seed,
  system,
  ground,
  folder,
  backend,
  child,
  posted,
  acked,
  onTheWire,
  brokerKills,
}: Aftermath): Promise<RandomResult> {
  let gateway = await GatewayProcess.start(child);
  for (const each of posted.values()) if (!acked.has(each.attributes.id) && (await ground.post(gateway, each))) acked.add(each.attributes.id);
  const loud = [await gateway.calm(quietMs, ground.sent, backend)];
  await gateway.stop();
  const { rows: before } = await accountOf(folder, system);
  const doubtful = before.filter(isInDoubt);
  const suspected = before.filter((row) => row.failure?.code === 'KILLS_THE_GATEWAY');

  const found = await backend.ledger();
  const settlements = doubtful.map((row) => ({ row, act: backend.settle(row, found) }));

  gateway = await GatewayProcess.start(child);
  for (const row of suspected) await gateway.act(row.id, { kind: 'retry' });
  for (const { row, act } of settlements) await gateway.act(row.id, act);
  loud.push(await gateway.calm(quietMs, ground.sent, backend));
  const { replies } = await gateway.stop();
  const { stderr } = gateway;
  const evidence = { events: [...posted.values()], replies: await ground.replies(replies), ledger: await backend.ledger(), settled: doubtful.length };
  const figures = judge(evidence, await accountOf(folder, system), backend);
  figures.oddities.push(...loud.filter((each) => each !== null));
  const unanswered = new Set(backend.doubtful.filter((each) => each.unanswered === true).map(({ operation }) => operation));
  const happened = settlements.filter(({ row, act }) => act.kind === 'happened' && !unanswered.has(row.operation)).length;
  const killed = doubtful.filter(({ operation }) => !unanswered.has(operation));
  const undue = undulyDoubted(before, backend);
  figures.oddities.push(...undue.map((row) => `without need: ${inWords(row)}`));
  if (undue.length > 0 || killed.length > onTheWire) figures.lost += 1;
  const unduly = new Set(undue.map(({ id }) => id));
  const isGood = ({ id, state }: TranslationRow): boolean => state === 'published' && !unduly.has(id);
  const findings = isClean(figures) ? [] : [...(await storiesOf(folder, system, isGood)), ...(backend.shows?.() ?? []), stderr];
  return {
    rounds,
    kills: rounds,
    brokerKills,
    ...figures,
    inDoubt: killed.length,
    inDoubtHappened: happened,
    inDoubtDidNot: killed.length - happened,
    onTheWire,
    suspectedTwice: suspected.length,
    seed,
    findings,
  };
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
