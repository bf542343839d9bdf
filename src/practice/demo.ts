import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { configSchema } from '../app.module.ts';
import { rowLine } from '../cli/words.ts';
import { loadConfig } from '../config/load-config.ts';
import { Spool } from '../contract/spool.ts';
import { type TranslationRow } from '../contract/journal-reader.ts';
import { Journal } from '../contract/journal.ts';
import { type RunningGateway, run } from '../main.ts';
import { type Chapter, type DemoEvent, demoEvents, trickle } from './demo-events.ts';
import { type DemoFigures, judge } from './demo-figures.ts';
import { type DemoSystems, booksOf, demoParts, expectedOfNight, startSystems, stopSystems, systemWords, systemsEnv } from './demo-systems.ts';

export interface DemoOptions {
  readonly once: boolean;
  readonly json: boolean;
}

const outageMs = 1_500;
const settledWithinMs = 60_000;
/** Longest time until the next chapter, where it is not the usual one: in doubt there is nothing to wait for, and a screen takes its time. */
const chapterMs: Partial<Record<Chapter, number>> = { doubt: 400, screens: 20_000 };
const port = '8480';

/** The main job at work: practice systems over real sockets, a small stream of events with everything that happens to such streams. @returns the exit code */
export async function runDemo({ once, json }: DemoOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
  const systems = await startSystems(folder);
  const say = (text: string): void => void (json || process.stdout.write(`${text}\n`));
  let gateway: RunningGateway | null = null;
  try {
    say(pc.bold('Gatehouse demo: a gateway in front of five practice systems over real protocols'));
    say(systemWords(systems));
    gateway = await startWith(folder, systems);
    say(`  gateway     ${gateway.url}, its journal in ${folder}\n`);
    const stopWatching = watch(gateway, say);
    const events = demoEvents();
    await playStream(gateway, events, systems, say);
    const rows = await settled(gateway);
    stopWatching();
    const figures = judge(events, rows, await publishedBy(gateway), booksOf(systems), expectedOfNight(systems));
    if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else closing(figures, rows, gateway.url, say);
    if (!once) await goOn(gateway, say);
    return figures.lost === 0 && figures.mismatches === 0 ? 0 : 1;
  } finally {
    await gateway?.stop();
    await stopSystems(systems);
    rmSync(folder, { recursive: true, force: true });
  }
}

function startWith(folder: string, systems: DemoSystems): Promise<RunningGateway> {
  const set = (httpPort: string) =>
    loadConfig(configSchema(demoParts), {
      file: null,
      env: {
        GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
        GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
        GATEHOUSE_JOURNAL__RESERVEBYTES: '1048576',
        GATEHOUSE_HTTP__PORT: httpPort,
        ...systemsEnv(systems),
        ...Object.fromEntries(
          ['SERVICENOW', 'DEPOT', 'CARRIER', 'LEDGER', 'STOCKROOM'].map((system) => [`GATEHOUSE_SYSTEMS__${system}__SEARCHBODIES`, 'true']),
        ),
      },
    });
  // The usual port when it is free, so that the commands below need no --url.
  return run(set(port), demoParts).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    return run(set('0'), demoParts);
  });
}

/** States too short to be worth a line. */
const passing = new Set(['received', 'running', 'answered']);

/** Prints each translation as it changes. */
function watch(gateway: RunningGateway, say: (text: string) => void): () => void {
  const journal = gateway.app.get(Journal);
  let after = 0;
  let reading = Promise.resolve();
  return journal.onChange(() => {
    reading = reading.then(
      async () => {
        const { rows } = await journal.reader.changes({}, after, 100);
        for (const row of rows) {
          after = row.changed;
          if (!passing.has(row.state) && !(row.waitingFor === 'time' && row.dueMs === null)) say(`  ${rowLine(row)}`);
        }
      },
      () => undefined,
    );
  });
}

async function post(gateway: RunningGateway, { event }: DemoEvent): Promise<void> {
  const response = await fetch(`${gateway.url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  });
  if (response.status !== 202) throw new Error(`the gateway answered ${response.status}: ${await response.text()}`);
}

async function playStream(gateway: RunningGateway, events: readonly DemoEvent[], systems: DemoSystems, say: (text: string) => void): Promise<void> {
  const { servicenow, depot, carrier, stockroom } = systems;
  depot.fault({ kind: 'slow', ms: 900, matching: 'SLOW' });
  depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
  servicenow.fault({ kind: 'commit-then-drop', matching: 'LOST', times: 1 });
  carrier.fault({ kind: 'cut-upload', matching: 'SHP-402' });
  carrier.fault({ kind: 'reply-late', matching: 'SHP-401', ms: 900 });
  stockroom.fault({ kind: 'broadcast', screen: 'confirm', matching: 'RES-601', text: 'The system goes down at 18:00.', times: 1 });
  stockroom.fault({ kind: 'drop-after', screen: 'confirm', matching: 'RES-LOST', times: 1 });
  for (const chapter of ['plain', 'refused', 'slow', 'lost', 'doubt', 'duplicate', 'screens', 'files', 'night', 'outage'] as const) {
    const own = events.filter((each) => each.chapter === chapter);
    say(pc.cyan(`\n${chapters[chapter]}`));
    if (chapter === 'outage') await depot.stop();
    for (const each of own) for (let n = 0; n < each.times; n += 1) await post(gateway, each);
    if (chapter === 'files') await closeBatch(gateway, 'carrier', own.length, 'the lorry leaves');
    if (chapter === 'night') await closeBatch(gateway, 'ledger', own.length, 'night falls');
    if (chapter === 'night') await night(gateway, systems, own.length, say);
    if (chapter === 'outage') {
      await new Promise((resolve) => setTimeout(resolve, outageMs));
      say(pc.cyan('… the depot is back'));
      await depot.reopen();
    }
    await quietFor(gateway, chapterMs[chapter] ?? 1_500);
  }
}

const chapters = {
  plain: 'Events come in, native calls go out, replies are published:',
  refused: 'What a system refuses becomes a reply, and is never tried again:',
  slow: 'A slow answer holds up nobody else; an order is answered later:',
  lost: 'An answer is lost after the work was done: the probe finds it, nothing is done twice:',
  doubt: 'The same without a probe: nobody can know, so a person decides (in doubt):',
  duplicate: 'The same event three times is one translation:',
  screens: 'Reservations are typed on a green screen. A message comes over one, the line is lost after the commit key of another: each is made once:',
  files: 'Shipments go to the carrier on one manifest, cut off halfway and sent again; a reply file answers each, later:',
  night: 'Postings wait for the night in one file of EBCDIC; its results answer each, and what the mainframe leaves becomes events:',
  outage: 'The depot goes away for a moment: its events wait, use up no attempts, and the other systems go on:',
} as const;

/** A file of many events is made when it is full or old enough; here somebody closes it, as before a lorry that leaves early. */
async function closeBatch(gateway: RunningGateway, system: string, events: number, why: string): Promise<void> {
  const open = async () => (await gateway.app.get(Journal).reader.batches(system, ['open'], 1))[0];
  await until(async () => (await open())?.events === events);
  const batch = (await open())?.seq;
  if (batch !== undefined) await gateway.gateway.desk.actOnBatch({ key: `demo ${system}`, batch, act: 'close', who: 'demo', why });
}

/** The batch of the mainframe runs as soon as the file is dropped. */
async function night(gateway: RunningGateway, systems: DemoSystems, postings: number, say: (text: string) => void): Promise<void> {
  const awaited = async () => (await gateway.app.get(Journal).reader.list({ system: 'ledger', states: ['waiting'] }, { limit: 500 })).rows;
  await until(async () => (await awaited()).filter(({ waitingFor }) => waitingFor === 'reply').length === postings);
  say(pc.cyan(`… ${postings} postings are dropped, and night falls`));
  systems.ledger.run();
  systems.ledger.extract();
  const { accounts, customers } = expectedOfNight(systems);
  await quietFor(gateway, settledWithinMs);
  await until(async () => (await broughtInBy(gateway)) >= accounts + customers);
  say(pc.cyan(`… brought in from its files: ${accounts} accounts of the statement, ${customers} customers of the extract`));
}

/** Until it holds, or for so long that something else will tell what is wrong. */
async function until(holds: () => Promise<boolean> | boolean, ms = settledWithinMs): Promise<void> {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs && !(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Until nothing is at work, or for so long. */
const quietFor = (gateway: RunningGateway, ms: number): Promise<void> => until(() => unfinished(gateway) === 0, ms);

function unfinished(gateway: RunningGateway): number {
  return gateway.gateway.desk
    .tallies()
    .filter(({ state }) => state === 'received' || state === 'running' || state === 'waiting' || state === 'answered')
    .reduce((sum, { count }) => sum + count, 0);
}

async function settled(gateway: RunningGateway): Promise<readonly TranslationRow[]> {
  await quietFor(gateway, settledWithinMs);
  return (await gateway.app.get(Journal).reader.list({}, { limit: 500 })).rows;
}

/** Events that no event asked for. */
const broughtInBy = async (gateway: RunningGateway): Promise<number> =>
  (await publishedBy(gateway)).filter(({ causation }) => causation === '').length;

async function publishedBy(gateway: RunningGateway): Promise<{ type: string; causation: string }[]> {
  return (await gateway.app.get(Spool).log(0, 500)).map(({ event }) => ({
    type: event.attributes.type,
    causation: event.attributes['causationid'] ?? '',
  }));
}

function closing(figures: DemoFigures, rows: readonly TranslationRow[], url: string, say: (text: string) => void): void {
  const doubtful = rows.find((row) => row.failure?.code === 'IN_DOUBT');
  const filmed = rows.find((row) => row.eventId === 'demo-RES-LOST');
  const more = url.endsWith(`:${port}`) ? '' : ` --url ${url}`;
  const { events, published, refused, parked, inDoubt, duplicates, broughtIn, lost, mismatches } = figures;
  say(
    `\n${pc.bold('Checked against the ledgers of the practice systems:')} ${events} events, ${published} published (${refused} as refusals), ${parked} parked (${inDoubt} in doubt), ${duplicates} duplicates, ${broughtIn} brought in from files, ${lost} lost, ${mismatches} differences.`,
  );
  say(`\nThe console: ${pc.bold(`${url}/console/`)}`);
  if (doubtful === undefined) return;
  const short = doubtful.id.slice(0, 8);
  say(`
Or in another terminal:
  npx gatehouse list --state parked${more}
  npx gatehouse show ${short}${more}
  npx gatehouse settle ${short} --happened '{"order":"O-1"}' --why "seen in the depot"${more}
${filmed === undefined ? '' : `  npx gatehouse screens ${filmed.id.slice(0, 8)} --call Reserve${more}     (the film of a green screen)\n`}  npx gatehouse tail${more}
  curl ${url}/events?after=0`);
}

/** A trickle of events until Ctrl-C. */
async function goOn(gateway: RunningGateway, say: (text: string) => void): Promise<void> {
  say('\nThe demo goes on with an event every two seconds; Ctrl-C ends it.');
  const stopWatching = watch(gateway, say);
  let n = 0;
  const timer = setInterval(() => void post(gateway, trickle((n += 1))).catch(() => undefined), 2_000);
  await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve()));
  clearInterval(timer);
  stopWatching();
}
