import { type Rabbitmq } from '../support/rabbitmq.ts';
import { type BackendName } from './backends/backends.ts';
import { type BusKind } from './grounds.ts';
import { type Plant } from './plants.ts';
import { type ScenarioOptions, type ScenarioResult, isClean, runScenario } from './scenario.ts';
import { type Figures } from './verify.ts';

/** By port, the methods whose calls change something, or on whose answers a change depends: a kill at any of them must leave a state that recovery understands. */
const deadly: Readonly<Record<string, string>> = {
  journal:
    'recover receive begin leave sequence called answered wait park wake replied unpublished published setAvailability claim identify bringIn setAside release putAway beginSnapshot stage compare gone gather dueBatch tryBatch batchMembers batchSequence closeBatch batchEnded refuseMembers reopenBatch passOn remember forget evidence',
  link: 'exchange settle check give settleBatch',
  place: 'ready write rename remove look hash read list makeDirectory check',
  disk: 'link rename unlink',
  session: 'type press wait',
  bus: 'publish',
};

export const sessionMethods = ['session.type', 'session.press', 'session.wait'] as const;

function isDeadly(counted: string): boolean {
  const [port = '', method = ''] = counted.split('.');
  return deadly[port]?.split(' ').includes(method) === true;
}

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
  /** Only these methods: `journal.leave`. All deadly ones when not given. */
  readonly methods?: readonly string[];
  /** Default `all`. */
  readonly load?: 'all' | 'one';
}

/** Every kill of the scenario: before, in the middle of and after the n-th call of each method, for each kind of bus. */
export async function planKills(
  buses: readonly BusKind[],
  { backend = 'depot', broker = null, mostOfOne = 12, methods, load = 'all' }: PlanOptions = {},
): Promise<Planned[]> {
  const planned: Planned[] = [];
  for (const bus of buses) {
    const { counts } = await runScenario({ backend, killAt: null, plant: null, bus, broker, load });
    for (const [method, calls] of Object.entries(counts)) {
      if (!isDeadly(method) || methods?.includes(method) === false) continue;
      for (const n of spread(calls, mostOfOne))
        for (const when of ['before', 'during', 'after'] as const)
          planned.push({
            name: `${bus}, ${load}: ${when} ${method} #${n}`,
            options: { backend, killAt: { method, n, when }, plant: null, bus, broker, load },
          });
    }
    if (load === 'one') continue;
    planned.push({
      name: `${bus}: while the ${backend} sits on a commit`,
      options: { backend, killAt: null, plant: null, bus, broker, load: 'late' },
    });
  }
  return planned;
}

/** A kill before and after the first call of a method about a certain file, call or key. */
export function killsAbout(
  backend: BackendName,
  about: readonly (readonly [method: string, about: string])[],
  load: 'all' | 'one' = 'all',
): Planned[] {
  return about.flatMap(([method, file]) =>
    (['before', 'after'] as const).map((when) => ({
      name: `${backend}: ${when} ${method} of ${file}`,
      options: { backend, killAt: { method, n: 1, when, about: file }, plant: null, bus: 'outside' as const, load },
    })),
  );
}

/** At most `most` of the numbers from 1 to `calls`, from the first on and over the whole run. */
function spread(calls: number, most: number): readonly number[] {
  const count = Math.min(calls, most);
  return Array.from({ length: count }, (_, index) => 1 + Math.floor((index * calls) / count));
}

export interface Found {
  readonly name: string;
  readonly figures: Figures;
  /** What the journal and the backend have to say of it. */
  readonly findings: readonly string[];
}

export interface SetResult {
  readonly scenarios: number;
  readonly kills: number;
  readonly inDoubt: number;
  readonly unclean: readonly Found[];
}

export interface RunOptions {
  readonly width?: number;
  readonly callTimeoutMs?: number | undefined;
  /** Leaves the folders of those that are not clean. */
  readonly keep?: boolean;
  /** Told of each that is not clean as soon as it is. */
  found?(this: void, found: Found): void;
  /** Told of what a scenario, clean or not, has left in doubt. */
  doubted?(this: void, name: string, doubts: readonly string[]): void;
}

/** Runs them a few at a time: most of each is waiting. */
export async function runAll(
  planned: readonly Planned[],
  progress: (done: number, of: number) => void,
  { width = 4, keep = false, callTimeoutMs, found, doubted }: RunOptions = {},
): Promise<SetResult> {
  const queue = [...planned];
  const unclean: Found[] = [];
  let [kills, inDoubt, done] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const result: ScenarioResult = await runScenario({ ...next.options, keep, callTimeoutMs });
      kills += result.kills;
      inDoubt += result.figures.inDoubt;
      if (result.figures.inDoubt > 0) doubted?.(next.name, result.doubts);
      if (!isClean(result.figures)) {
        const one = { name: next.name, figures: result.figures, findings: result.findings };
        unclean.push(one);
        found?.(one);
      }
      progress((done += 1), planned.length);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return { scenarios: planned.length, kills, inDoubt, unclean };
}

interface Catching {
  readonly options: Omit<ScenarioOptions, 'plant' | 'backend'>;
  readonly figure: Exclude<keyof Figures, 'events'>;
}

const catching: Readonly<Record<Plant, Catching>> = {
  'ack-early': { options: { killAt: { method: 'journal.receive', n: 2, when: 'after' }, bus: 'outside' }, figure: 'lost' },
  'no-calling': { options: { killAt: { method: 'journal.answered', n: 1, when: 'before' }, bus: 'outside', load: 'one' }, figure: 'repeatedOnce' },
  'new-reply-id': { options: { killAt: { method: 'journal.published', n: 1, when: 'before' }, bus: 'outside' }, figure: 'doubleReplies' },
  'probe-at-once': { options: { killAt: null, bus: 'outside', load: 'late' }, figure: 'repeatedOnce' },
  'number-from-memory': {
    options: { killAt: { method: 'place.rename', n: 7, when: 'before', about: 'out/ORDER_' }, bus: 'outside', quietMs: 8_000 },
    figure: 'oddities',
  },
  'marker-first': { options: { killAt: { method: 'place.rename', n: 1, when: 'after', about: 'out/GONE_' }, bus: 'outside' }, figure: 'oddities' },
  'archive-early': {
    options: { killAt: { method: 'place.rename', n: 1, when: 'after', about: 'archive/' }, bus: 'outside', load: 'one', quietMs: 5_000 },
    figure: 'lost',
  },
  'checkpoint-apart': { options: { killAt: { method: 'commit.bringIn', n: 2, when: 'before' }, bus: 'outside' }, figure: 'oddities' },
  'key-before-leave': { options: { killAt: { method: 'journal.leave', n: 1, when: 'before' }, bus: 'outside', load: 'one' }, figure: 'repeatedOnce' },
  'members-told-early': {
    options: { killAt: { method: 'disk.link', n: 1, when: 'before', about: 'BATCH_' }, bus: 'outside' },
    figure: 'missingReplies',
  },
  'batch-number-anew': { options: { killAt: { method: 'journal.closeBatch', n: 1, when: 'before' }, bus: 'outside' }, figure: 'oddities' },
  'gone-is-did-not': {
    options: { killAt: { method: 'place.rename', n: 1, when: 'after', about: 'out/SNATCHED_' }, bus: 'outside' },
    figure: 'repeatedOnce',
  },
};

const numberOf = (figure: number | readonly string[]): number => (typeof figure === 'number' ? figure : figure.length);

/** What is at work at the n-th call of a method is chance where several things run side by side. */
const mostTries = 4;

/** Runs the scenario that a planted fault must fail, with the fault until it does, and without. */
export async function runPlanted(plant: Plant, backend: BackendName = 'depot'): Promise<PlantedResult> {
  const { options, figure } = catching[plant];
  let planted = await runScenario({ ...options, backend, plant });
  for (let tries = 1; tries < mostTries && numberOf(planted.figures[figure]) === 0; tries += 1)
    planted = await runScenario({ ...options, backend, plant });
  const honest = await runScenario({ ...options, backend, plant: null });
  return { figure, planted: numberOf(planted.figures[figure]), honest: numberOf(honest.figures[figure]), seen: planted.figures };
}

export interface PlantedResult {
  readonly figure: keyof Figures;
  /** The figure with the fault and without it. */
  readonly planted: number;
  readonly honest: number;
  readonly seen: Figures;
}
