import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { runMillion } from './million.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string', default: '1000000' },
    events: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => void (values.json || process.stderr.write(`${text}\n`));

interface Figures {
  readonly eventsPerSecond: number;
  readonly cpuUsPerEvent: number;
  readonly rssMb: number;
  readonly startMs: number;
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** Interleaved rounds, every contestant in a process of its own, the practice system in another. */
async function pipeline(): Promise<object> {
  const rounds = new Map<string, Figures[]>();
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const contestant of ['gateway', 'script', 'limit']) {
      const peer = spawn(process.execPath, [join(import.meta.dirname, 'peer.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(peer.stdout, 'data')) as [Buffer];
      const { stdout } = await promisify(execFile)(process.execPath, [
        join(import.meta.dirname, 'contestant.js'),
        contestant,
        line.toString().trim(),
        values.events,
      ]);
      peer.kill();
      const figures = JSON.parse(stdout) as Figures;
      rounds.set(contestant, [...(rounds.get(contestant) ?? []), figures]);
      say(
        `round ${round + 1} ${contestant.padEnd(8)} ${figures.eventsPerSecond.toFixed(0)} events/s, ${figures.cpuUsPerEvent.toFixed(0)} µs CPU an event, ${figures.rssMb.toFixed(0)} MB, started in ${figures.startMs.toFixed(0)} ms`,
      );
    }
  }
  const names = ['eventsPerSecond', 'cpuUsPerEvent', 'rssMb', 'startMs'] as const;
  const contestants = Object.fromEntries(
    [...rounds].map(([name, all]) => [
      name,
      Object.fromEntries(names.map((figure) => [figure, Math.round(median(all.map((each) => each[figure])))])),
    ]),
  );
  // Ratios round by round, then their median: the machine's speed drifts.
  const ratio = (figure: (typeof names)[number], against: string): number => {
    const [own = [], other = []] = [rounds.get('gateway'), rounds.get(against)];
    return Number(median(own.map((each, index) => each[figure] / (other[index]?.[figure] ?? Number.NaN))).toFixed(2));
  };
  return {
    contestants,
    ratios: {
      eventsVsScript: ratio('eventsPerSecond', 'script'),
      cpuVsScript: ratio('cpuUsPerEvent', 'script'),
      eventsVsLimit: ratio('eventsPerSecond', 'limit'),
    },
  };
}

const result: Record<string, object> = {};
if (values.only === undefined || values.only === 'pipeline') result['pipeline'] = await pipeline();
if (values.only === undefined || values.only === 'million') result['million'] = await runMillion(Number(values.rows), say);
process.stdout.write(`${JSON.stringify(values.only === undefined ? result : result[values.only])}\n`);
