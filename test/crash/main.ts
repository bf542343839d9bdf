import { parseArgs } from 'node:util';
import { Rabbitmq } from '../support/rabbitmq.ts';
import { type BackendName, backendNames } from './backends/backends.ts';
import { bulkPlants } from './bulk-plants.ts';
import { planBulkKills, randomBulkKills, runBulkPlant, runBulks } from './bulk-runs.ts';
import { type Found, planKills, runAll, runPlanted, sessionMethods } from './deterministic.ts';
import { type Plant, filePlants, plants, terminalPlants } from './plants.ts';
import { runRandom } from './random.ts';
import { isClean } from './scenario.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    plant: { type: 'string' },
    bus: { type: 'string', default: 'embedded' },
    backend: { type: 'string', default: 'depot' },
    deterministic: { type: 'boolean', default: false },
    bulks: { type: 'boolean', default: false },
    place: { type: 'string', default: 'local' },
    most: { type: 'string', default: '12' },
    only: { type: 'string' },
    width: { type: 'string', default: '4' },
    'call-timeout': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => void (values.json || process.stderr.write(`${text}\n`));
const bus = (['embedded', 'outside', 'rabbitmq'] as const).find((kind) => kind === values.bus) ?? 'embedded';
const broker = bus === 'rabbitmq' ? await Rabbitmq.start() : null;
const rounds = Number(values.rounds ?? (values.deterministic ? 0 : 20));

async function done(result: object, ok: boolean): Promise<never> {
  await broker?.stop();
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(ok ? 0 : 1);
}

const bulkPlant = bulkPlants.find((each) => each === values.plant);
if (bulkPlant !== undefined) {
  const { caught, faults } = await runBulkPlant(bulkPlant);
  await done({ plant: bulkPlant, caught, faults }, caught);
}
if (values.bulks) {
  const planned = values.deterministic ? await planBulkKills(Number(values.most)) : [];
  const runs = [...planned.map((kill) => ({ kills: [kill] })), ...randomBulkKills(rounds, Number(values.seed))];
  const result = await runBulks(runs, Number(values.width), (n) => void (n % 25 === 0 && say(`${n} of ${runs.length} bulks`)));
  await done({ bulks: runs.length, ...result }, result.faults.length === 0);
}
const backend = (values.place === 'sftp' ? `${values.backend}-sftp` : values.backend) as BackendName;
if (!backendNames.includes(backend)) await done({ error: `there is no backend '${backend}'; there are ${backendNames.join(', ')}` }, false);
if (values.plant !== undefined) {
  const known: readonly string[] = [...plants, ...filePlants, ...terminalPlants];
  if (!known.includes(values.plant)) await done({ error: `there is no plant '${values.plant}'; there are ${known.join(', ')}` }, false);
  const { figure, planted, honest, seen } = await runPlanted(values.plant as Plant, backend);
  if (planted === 0 || honest > 0) say(JSON.stringify(seen));
  await done({ backend, plant: values.plant, figure, planted, honest, caught: planted > 0 && honest === 0 }, planted > 0 && honest === 0);
}
if (values.deterministic) {
  const planned = await planKills(bus === 'rabbitmq' ? ['rabbitmq'] : ['embedded', 'outside'], {
    backend,
    broker,
    mostOfOne: Number(values.most),
    ...(values.only === undefined ? {} : { methods: values.only.split(',') }),
  });
  // Every key, value and wait of one dialog, not some of many.
  if ((backend === 'terminal' || backend === 'mainframe') && values.only === undefined)
    planned.push(...(await planKills(['outside'], { backend, load: 'one', mostOfOne: 1_000, methods: sessionMethods })));
  const progress = (n: number, of: number): void => {
    if (n % 25 === 0) say(`${n} of ${of} scenarios`);
  };
  const found = ({ name, figures, findings }: Found): void => say([`NOT CLEAN ${name}: ${JSON.stringify(figures)}`, ...findings].join('\n  '));
  const doubted = (name: string, doubts: readonly string[]): void => say([name, ...doubts].join('\n  '));
  const result = await runAll(planned, progress, {
    width: Number(values.width),
    keep: true,
    callTimeoutMs: values['call-timeout'] === undefined ? undefined : Number(values['call-timeout']),
    found,
    doubted,
  });
  if (rounds === 0 || result.unclean.length > 0) await done({ backend, ...result, unclean: result.unclean.length }, result.unclean.length === 0);
}
const { findings, ...result } = await runRandom({
  backend,
  rounds,
  seed: Number(values.seed),
  plant: null,
  bus,
  broker,
  progress: (round, _kills, events) => {
    if (round % 10 === 0) say(`round ${round} of ${rounds}: ${events} events`);
  },
});
if (findings.length > 0) say(['NOT CLEAN', ...findings].join('\n  '));
await done({ backend, ...result }, isClean(result));
