import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { type BulkChildOptions } from './bulk-child.ts';
import { type BulkPlant } from './bulk-plants.ts';
import { type BulkVerdict, faultsOf } from './bulk-verdict.ts';
import { type KillAt } from './kill-switch.ts';

const built = resolve(import.meta.dirname.replace(/([\\/])(dist[\\/])?test([\\/])crash$/, '$1dist$3test$3crash'), 'bulk-child.js');
/** A life that hangs is ended, and said to have. */
const mostMs = 120_000;

async function live(options: BulkChildOptions, killAfterMs: number | null): Promise<{ verdict: BulkVerdict | null; killed: boolean; words: string }> {
  const child = spawn(process.execPath, [built, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, words] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (words += bytes.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs ?? mostMs);
  await new Promise<void>((done) => child.on('close', () => done()));
  clearTimeout(timer);
  return { verdict: said === '' ? null : (JSON.parse(said) as BulkVerdict), killed: child.signalCode === 'SIGKILL', words };
}

export interface BulkRun {
  readonly faults: readonly string[];
  readonly kills: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface BulkRunOptions {
  /** Each life but the last ends at one of these. */
  readonly kills?: readonly (KillAt | { readonly afterMs: number })[];
  readonly plant?: BulkPlant | null;
}

/** Runs the bulk through its lives, against one depot, and judges it. */
export async function runBulk({ kills = [], plant = null }: BulkRunOptions = {}): Promise<BulkRun> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bulk-crash-'));
  const depot = await PracticeDepot.start();
  try {
    let killed = 0;
    for (const at of kills) {
      const killAt = 'method' in at ? at : null;
      const life = await live({ folder, port: depot.port, killAt, plant }, 'afterMs' in at ? at.afterMs : null);
      if (life.killed) killed += 1;
    }
    const { verdict, words } = await live({ folder, port: depot.port, killAt: null, plant }, null);
    await depot.caughtUp();
    const reserved = depot.ledger().map(({ ref }) => ref);
    const faults = verdict === null ? [`the last life said nothing: ${words}`] : faultsOf(verdict, reserved);
    return { faults, kills: killed, counts: verdict?.counts ?? {} };
  } finally {
    await depot.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Before, in the middle of and after calls of each method of the port, at most `mostOfOne` of each. */
export async function planBulkKills(mostOfOne: number): Promise<KillAt[]> {
  const { counts } = await runBulk();
  return Object.entries(counts)
    .filter(([method]) => /^bulks\.(?:start|freeze|act|refuse)$/.test(method))
    .flatMap(([method, calls]) =>
      Array.from({ length: Math.min(calls, mostOfOne) }, (_, index) => 1 + Math.floor((index * calls) / Math.min(calls, mostOfOne))).flatMap((n) =>
        (['before', 'during', 'after'] as const).map((when) => ({ method, n, when })),
      ),
    );
}

/** Runs each, a few at a time. @returns the kills that happened, and what was found, in words */
export async function runBulks(
  runs: readonly BulkRunOptions[],
  width = 3,
  progress: (done: number) => void = () => undefined,
): Promise<{ kills: number; faults: string[] }> {
  const queue = [...runs];
  const faults: string[] = [];
  let [kills, done] = [0, 0];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const run = await runBulk(next);
      kills += run.kills;
      faults.push(...run.faults.map((fault) => `${JSON.stringify(next.kills)}: ${fault}`));
      progress((done += 1));
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return { kills, faults };
}

const catching: Readonly<Record<BulkPlant, KillAt>> = {
  'bulk-end-apart': { method: 'commit.refuse', n: 9, when: 'before' },
  'bulk-runs-half': { method: 'bulks.freeze', n: 1, when: 'after' },
  'bulk-thaws-nothing': { method: 'bulks.freeze', n: 1, when: 'after' },
};

/** What tells the harm of a fault from what it does beside: ends that are written apart are failed ones, too. */
const harm: Readonly<Record<BulkPlant, RegExp>> = {
  'bulk-end-apart': /was replayed 2 times/,
  'bulk-runs-half': /16 frozen, 48 fitted/,
  'bulk-thaws-nothing': /frozen, 48 fitted/,
};

/** Runs the bulk with the fault and a kill where it tells. */
export async function runBulkPlant(plant: BulkPlant): Promise<{ readonly caught: boolean; readonly faults: readonly string[] }> {
  const { faults } = await runBulk({ kills: [catching[plant]], plant });
  return { caught: faults.some((fault) => harm[plant].test(fault)), faults };
}

/** One to three lives that end at some moment; the same seed gives the same moments. */
export function randomBulkKills(rounds: number, seed: number): BulkRunOptions[] {
  let state = seed;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: rounds }, () => ({ kills: Array.from({ length: 1 + below(3) }, () => ({ afterMs: 150 + below(900) })) }));
}
