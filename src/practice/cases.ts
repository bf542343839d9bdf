import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Bench } from './bench.ts';
import { carrierBench } from './carrier/carrier.bench.ts';
import { type Case, type CaseWay, isSaved } from './case-folder.ts';
import { mainframeBench } from './mainframe/mainframe.bench.ts';
import { nightlyBench } from './nightly/nightly.bench.ts';
import { depotBench } from './line/depot.bench.ts';
import { type OperationOutcome, operationAgrees, operationExpected, runOperationCase } from './operation-case.ts';
import { serviceNowBench } from './servicenow/servicenow.bench.ts';
import { type SourceOutcome, isSourceCase, runSourceCase, sourceAgrees, sourceExpected } from './source-case.ts';
import { stockroomBench } from './stockroom/stockroom.bench.ts';

export type CaseOutcome = OperationOutcome | SourceOutcome;

const benches: readonly Bench[] = [serviceNowBench, carrierBench, nightlyBench, mainframeBench, stockroomBench, depotBench];

export function allCases(only?: string): Case[] {
  return benches
    .filter(({ system }) => only === undefined || system === only)
    .flatMap(({ system, casesFolder }) =>
      (existsSync(casesFolder) ? readdirSync(casesFolder) : [])
        .sort()
        .map((name) => ({ name: `${system}/${name}`, system, folder: join(casesFolder, name) })),
    );
}

function benchOf({ system }: Case): Bench {
  const bench = benches.find((each) => each.system === system);
  if (bench === undefined) throw new Error(`there is no practice system for ${system}`);
  return bench;
}

export const expectedOf = ({ folder }: Case): CaseOutcome => (isSourceCase(folder) ? sourceExpected(folder) : operationExpected(folder));

/** Runs a case through a real gateway: `live` against the practice system, `recorded` from what the case keeps. */
export const runCase = (each: Case, way: CaseWay): Promise<CaseOutcome> =>
  isSourceCase(each.folder) ? runSourceCase(benchOf(each), each.folder, way) : runOperationCase(benchOf(each), each.folder, way);

export function agrees(outcome: CaseOutcome, expected: CaseOutcome, way: CaseWay): boolean {
  if ('calls' in outcome) return 'calls' in expected && operationAgrees(outcome, expected, way);
  return 'events' in expected && sourceAgrees(outcome, expected);
}

/** The ways in which a case is run: one that was saved from a real system knows nothing of the practice system. */
export const waysOf = ({ folder }: Case): readonly CaseWay[] => (isSaved(folder) ? ['recorded'] : ['live', 'recorded']);

/** For the command line: every case, both ways unless only `recorded`. @returns the exit code */
export async function runCases({ system, recorded, json }: { system: string | undefined; recorded: boolean; json: boolean }): Promise<number> {
  const results: { name: string; source: string; ok: boolean }[] = [];
  for (const each of allCases(system))
    for (const way of recorded ? (['recorded'] as const) : waysOf(each)) {
      const ok = agrees(await runCase(each, way), expectedOf(each), way);
      results.push({ name: each.name, source: way, ok });
      if (!json) process.stdout.write(`${ok ? 'ok    ' : 'failed'} ${each.name} (${way})\n`);
    }
  if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
  if (results.length === 0) process.stderr.write(`there is no case${system === undefined ? '' : ` of ${basename(system)}`}\n`);
  return results.length > 0 && results.every(({ ok }) => ok) ? 0 : 1;
}
