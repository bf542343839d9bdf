import { type Rabbitmq } from '../support/rabbitmq.ts';
import { type BackendName } from './backends/backends.ts';
import { type BusKind } from './grounds.ts';
import { type KillAt } from './kill-switch.ts';
import { type Plant } from './plants.ts';
import { type ScenarioOptions, type ScenarioResult, isClean, runScenario } from './scenario.ts';
import { type Figures } from './verify.ts';

/** Methods whose calls change something: a kill at any of them must leave a state that recovery understands. */
const deadly =
  /^(?:journal\.(?:recover|receive|begin|leave|called|answered|wait|park|wake|replied|unpublished|published|setAvailability|gather|tryBatch|batchSequence|closeBatch|batchEnded|refuseMembers|passOn|actOnBatch)|link\.(?:exchange|check|give|settleBatch)|bus\.publish)$/;
export interface Planned {
  readonly name: string;
  readonly options: ScenarioOptions;
}

export interface PlanOptions {
  readonly backend?: BackendName;
  /** Needed for `rabbitmq`. */
  readonly broker?: Rabbitmq | null;
  /** At how many calls of one method it is killed: more are more of the same. */
  readonly mostOfOne?: number;
}

/** Every kill of the scenario: before, in the middle of and after the n-th call of each method, for each kind of bus. */
export async function planKills(
  buses: readonly BusKind[],
  { backend = 'depot', broker = null, mostOfOne = 12 }: PlanOptions = {},
): Promise<Planned[]> {
  const planned: Planned[] = [];
  for (const bus of buses) {
    const { counts } = await runScenario({ backend, killAt: null, plant: null, bus, broker });
    for (const [method, calls] of Object.entries(counts)) {
      if (!deadly.test(method)) continue;
      for (const n of spread(calls, mostOfOne))
        for (const when of ['before', 'during', 'after'] as const)
          planned.push({ name: `${bus}: ${when} ${method} #${n}`, options: { backend, killAt: { method, n, when }, plant: null, bus, broker } });
    }
    planned.push({
      name: `${bus}: while the ${backend} sits on a commit`,
      options: { backend, killAt: null, plant: null, bus, broker, load: 'late' },
    });
  }
  return planned;
}

/** At most `most` of the numbers from 1 to `calls`, from the first on and over the whole run. */
function spread(calls: number, most: number): readonly number[] {
  const count = Math.min(calls, most);
  return Array.from({ length: count }, (_, index) => 1 + Math.floor((index * calls) / count));
}

export interface Found {
  readonly name: string;
  readonly figures: Figures;
}

export interface SetResult {
  readonly scenarios: number;
  readonly kills: number;
  readonly inDoubt: number;
  readonly unclean: readonly Found[];
}

/** Runs them a few at a time: most of each is waiting. */
export async function runAll(planned: readonly Planned[], progress: (done: number, of: number) => void, width = 4): Promise<SetResult> {
  const queue = [...planned];
  const unclean: Found[] = [];
  let [kills, inDoubt, done] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const result: ScenarioResult = await runScenario(next.options);
      kills += result.kills;
      inDoubt += result.figures.inDoubt;
      if (!isClean(result.figures)) unclean.push({ name: next.name, figures: result.figures });
      progress((done += 1), planned.length);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return { scenarios: planned.length, kills, inDoubt, unclean };
}

const catching: Readonly<Record<Plant, { options: Omit<ScenarioOptions, 'plant' | 'backend'>; figure: keyof Figures }>> = {
  'ack-early': { options: { killAt: { method: 'journal.receive', n: 2, when: 'after' }, bus: 'outside' }, figure: 'lost' },
  'no-calling': { options: { killAt: { method: 'journal.answered', n: 1, when: 'before' }, bus: 'outside', load: 'one' }, figure: 'repeatedOnce' },
  'new-reply-id': { options: { killAt: { method: 'journal.published', n: 1, when: 'before' }, bus: 'outside' }, figure: 'doubleReplies' },
  'probe-at-once': { options: { killAt: null, bus: 'outside', load: 'late' }, figure: 'repeatedOnce' },
};

/** Runs the scenario that a planted fault must fail, with and without the fault. */
export async function runPlanted(
  plant: Plant,
  backend: BackendName = 'depot',
): Promise<{ readonly figure: keyof Figures; readonly planted: number; readonly honest: number; readonly killAt: KillAt | null }> {
  const { options, figure } = catching[plant];
  const planted = await runScenario({ ...options, backend, plant });
  const honest = await runScenario({ ...options, backend, plant: null });
  return { figure, planted: planted.figures[figure], honest: honest.figures[figure], killAt: options.killAt };
}
