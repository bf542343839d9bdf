import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { runBulkBench } from './bulks.ts';
import { runConsole } from './console.ts';
import { runDrops } from './drops.ts';
import { runLayout } from './layout.ts';
import { runMillion } from './million.ts';
import { runPipeline } from './pipeline.ts';
import { runSearch } from './search.ts';
import { runSoap } from './soap.ts';
import { runStory } from './story.ts';
import { runPickup } from './pickup.ts';
import { runPlaces } from './places.ts';
import { runDialogs } from './terminal-dialogs.ts';
import { runTerminal } from './terminal.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string', default: '1000000' },
    records: { type: 'string', default: '200000' },
    drops: { type: 'string', default: '1000' },
    events: { type: 'string', default: '15000' },
    searches: { type: 'string', default: '300' },
    items: { type: 'string', default: '20000' },
    calls: { type: 'string', default: '6000' },
    trips: { type: 'string', default: '2000' },
    changes: { type: 'string', default: '20000' },
    minutes: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '5' },
    'long-run': { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => void (values.json || process.stderr.write(`${text}\n`));

const result: Record<string, object> = {};
if (values.only === undefined || values.only === 'pipeline')
  result['pipeline'] = await runPipeline({ rounds: Number(values.rounds), events: Number(values.events), longRun: Number(values['long-run']), say });
if (values.only === undefined || values.only === 'soap')
  result['soap'] = await runSoap({ rounds: Number(values.rounds), calls: Number(values.calls), say });
if (values.only === undefined || values.only === 'million') result['million'] = await runMillion(Number(values.rows), say);
if (values.only === undefined || values.only === 'search') result['search'] = await runSearch(Number(values.rows), Number(values.searches), say);
if (values.only === undefined || values.only === 'story') result['story'] = await runStory(say);
if (values.only === undefined || values.only === 'layout') result['layout'] = runLayout(Number(values.records), Number(values.rounds), say);
if (values.only === undefined || values.only === 'places')
  result['places'] = await runPlaces({ rounds: Number(values.rounds), drops: Number(values.drops), say });
if (values.only === undefined || values.only === 'drops')
  result['drops'] = await runDrops({ rounds: Number(values.rounds), drops: Number(values.drops), say });
if (values.only === undefined || values.only === 'terminal')
  result['terminal'] = await runTerminal({ rounds: Number(values.rounds), trips: Number(values.trips), say });
if (values.only === undefined || values.only === 'dialogs')
  result['dialogs'] = await runDialogs({ rounds: Number(values.rounds), trips: Number(values.trips), say });
if (values.only === undefined || values.only === 'pickup')
  result['pickup'] = await runPickup({ rounds: Number(values.rounds), records: Number(values.records), say });
if (values.only === undefined || values.only === 'bulks') result['bulks'] = await runBulkBench(Number(values.items), say);
if (values.only === undefined || values.only === 'console')
  result['console'] = await runConsole(
    { rows: Number(values.rows), changes: Number(values.changes), rounds: Number(values.rounds), minutes: Number(values.minutes) },
    say,
  );
process.stdout.write(`${JSON.stringify(values.only === undefined ? result : result[values.only])}\n`);
