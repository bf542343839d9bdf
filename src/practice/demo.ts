import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { CarrierAdapter } from '../../adapters/carrier/carrier.adapter.ts';
import { ServiceNowAdapter } from '../../adapters/servicenow/servicenow.adapter.ts';
import { type Parts, configSchema } from '../app.module.ts';
import { rowLine } from '../cli/words.ts';
import { loadConfig } from '../config/load-config.ts';
import { Spool } from '../contract/spool.ts';
import { type TranslationRow } from '../contract/journal-reader.ts';
import { Journal } from '../contract/journal.ts';
import { type RunningGateway, run } from '../main.ts';
import { FileTransport } from '../transports/file/file.transport.ts';
import { SoapTransport } from '../transports/soap/soap.transport.ts';
import { PracticeCarrier } from './carrier/carrier.server.ts';
import { type DemoEvent, demoEvents, trickle } from './demo-events.ts';
import { type Books, type DemoFigures, judge } from './demo-figures.ts';
import { DepotAdapter } from './line/depot.adapter.ts';
import { PracticeDepot } from './line/depot.server.ts';
import { LineTransport } from './line/line.transport.ts';
import { PracticeServiceNow } from './servicenow/servicenow.server.ts';

export interface DemoOptions {
  readonly once: boolean;
  readonly json: boolean;
}

const parts: Parts = {
  adapters: [ServiceNowAdapter, DepotAdapter, CarrierAdapter],
  transports: [new SoapTransport(), new LineTransport(), new FileTransport()],
};

interface Systems {
  readonly servicenow: PracticeServiceNow;
  readonly depot: PracticeDepot;
  readonly carrier: PracticeCarrier;
}

const outageMs = 1_500;
const settledWithinMs = 60_000;
const port = '8480';

/** The main job at work: practice systems over real sockets, a small stream of events with everything that happens to such streams. @returns the exit code */
export async function runDemo({ once, json }: DemoOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
  const [servicenow, depot, carrier] = await Promise.all([
    PracticeServiceNow.start(),
    PracticeDepot.start({ orderMs: 600 }),
    PracticeCarrier.start(),
  ]);
  const systems = { servicenow, depot, carrier };
  const say = (text: string): void => void (json || process.stdout.write(`${text}\n`));
  let gateway: RunningGateway | null = null;
  try {
    say(pc.bold('Gatehouse demo: a gateway in front of three practice systems over real protocols'));
    say(
      `  servicenow  SOAP on ${servicenow.url}\n  depot       a line protocol on 127.0.0.1:${depot.port}\n  carrier     files by SFTP on 127.0.0.1:${carrier.port}`,
    );
    gateway = await startWith(folder, systems);
    say(`  gateway     ${gateway.url}, its journal in ${folder}\n`);
    const stopWatching = watch(gateway, say);
    const events = demoEvents();
    await playStream(gateway, events, systems, say);
    const rows = await settled(gateway);
    stopWatching();
    const figures = judge(events, rows, await publishedBy(gateway), booksOf(systems));
    if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else closing(figures, rows, gateway.url, say);
    if (!once) await goOn(gateway, say);
    return figures.lost === 0 && figures.mismatches === 0 ? 0 : 1;
  } finally {
    await gateway?.stop();
    await Promise.all([servicenow.stop(), depot.close(), carrier.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

const booksOf = ({ servicenow, depot, carrier }: Systems): Books => ({
  servicenow: (ref) => servicenow.ledger().filter(({ correlationId }) => correlationId === ref).length,
  depot: (ref) => depot.ledger().filter((entry) => entry.ref === ref).length,
  carrier: (ref) => carrier.ledger().filter(({ shipmentId }) => shipmentId === ref).length,
});

function startWith(folder: string, { servicenow, depot, carrier }: Systems): Promise<RunningGateway> {
  const set = (httpPort: string) =>
    loadConfig(configSchema(parts), {
      file: null,
      env: {
        GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
        GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
        GATEHOUSE_JOURNAL__RESERVEBYTES: '1048576',
        GATEHOUSE_HTTP__PORT: httpPort,
        GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: servicenow.url,
        GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__USER: 'gatehouse',
        GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__PASSWORD__ENV: 'PRACTICE',
        GATEHOUSE_SYSTEMS__SERVICENOW__CALLTIMEOUTMS: '2000',
        GATEHOUSE_SYSTEMS__SERVICENOW__SETTLEMS: '300',
        GATEHOUSE_SYSTEMS__DEPOT__LINE__PORT: String(depot.port),
        GATEHOUSE_SYSTEMS__DEPOT__CALLTIMEOUTMS: '2000',
        GATEHOUSE_SYSTEMS__DEPOT__SETTLEMS: '300',
        GATEHOUSE_SYSTEMS__DEPOT__RETRY__FIRSTMS: '200',
        GATEHOUSE_SYSTEMS__DEPOT__BREAKER__PROBEMS: '200',
        GATEHOUSE_SYSTEMS__CARRIER__FILE__KIND: 'sftp',
        GATEHOUSE_SYSTEMS__CARRIER__FILE__HOST: '127.0.0.1',
        GATEHOUSE_SYSTEMS__CARRIER__FILE__PORT: String(carrier.port),
        GATEHOUSE_SYSTEMS__CARRIER__FILE__USER: 'gatehouse',
        GATEHOUSE_SYSTEMS__CARRIER__FILE__PASSWORD__ENV: 'PRACTICE',
        GATEHOUSE_SYSTEMS__CARRIER__FILE__HOSTKEYS__0: carrier.fingerprint,
        GATEHOUSE_SYSTEMS__CARRIER__FILE__DIRECTORY: '/',
        GATEHOUSE_SYSTEMS__CARRIER__FILE__POLLMS: '200',
        GATEHOUSE_SYSTEMS__CARRIER__CALLTIMEOUTMS: '2000',
        GATEHOUSE_SYSTEMS__CARRIER__SETTLEMS: '300',
        GATEHOUSE_SYSTEMS__CARRIER__RETRY__FIRSTMS: '200',
        PRACTICE: 'practice',
      },
    });
  // The usual port when it is free, so that the commands below need no --url.
  return run(set(port), parts).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    return run(set('0'), parts);
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
        const { rows } = await journal.reader.list({ changedAfter: after }, { limit: 100 });
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

async function playStream(
  gateway: RunningGateway,
  events: readonly DemoEvent[],
  { servicenow, depot, carrier }: Systems,
  say: (text: string) => void,
): Promise<void> {
  depot.fault({ kind: 'slow', ms: 900, matching: 'SLOW' });
  depot.fault({ kind: 'commit-then-drop', matching: 'DOUBT' });
  servicenow.fault({ kind: 'commit-then-drop', matching: 'LOST', times: 1 });
  carrier.fault({ kind: 'cut-upload', matching: 'SHP-402' });
  carrier.fault({ kind: 'reply-late', matching: 'SHP-401', ms: 900 });
  for (const chapter of ['plain', 'refused', 'slow', 'lost', 'doubt', 'duplicate', 'files', 'outage'] as const) {
    const own = events.filter((each) => each.chapter === chapter);
    say(pc.cyan(`\n${chapters[chapter]}`));
    if (chapter === 'outage') await depot.stop();
    for (const each of own) for (let n = 0; n < each.times; n += 1) await post(gateway, each);
    if (chapter === 'files') await closeManifest(gateway, own.length, say);
    if (chapter === 'outage') {
      await new Promise((resolve) => setTimeout(resolve, outageMs));
      say(pc.cyan('… the depot is back'));
      await depot.reopen();
    }
    await quietFor(gateway, chapter === 'doubt' ? 400 : 1_500);
  }
}

const chapters = {
  plain: 'Events come in, native calls go out, replies are published:',
  refused: 'What a system refuses becomes a reply, and is never tried again:',
  slow: 'A slow answer holds up nobody else; an order is answered later:',
  lost: 'An answer is lost after the work was done: the probe finds it, nothing is done twice:',
  doubt: 'The same without a probe: nobody can know, so a person decides (in doubt):',
  duplicate: 'The same event three times is one translation:',
  files: 'Shipments go to the carrier on one manifest, cut off halfway and sent again; a reply file answers each, later:',
  outage: 'The depot goes away for a moment: its events wait, use up no attempts, and the other systems go on:',
} as const;

/** A manifest closes when it is full or an hour old; here somebody closes it, as before a lorry that leaves early. */
async function closeManifest(gateway: RunningGateway, shipments: number, say: (text: string) => void): Promise<void> {
  const untilMs = performance.now() + settledWithinMs;
  while (performance.now() < untilMs) {
    const [open] = await gateway.app.get(Journal).reader.batches('carrier', ['open'], 1);
    if (open?.events === shipments) {
      say(pc.cyan(`… ${shipments} shipments are on the manifest, and it is closed`));
      return gateway.gateway.desk.actOnBatch({ key: 'demo', batch: open.seq, act: 'close', who: 'demo', why: 'the lorry leaves' });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Until nothing is at work, or for so long. */
async function quietFor(gateway: RunningGateway, ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs && unfinished(gateway) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

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

async function publishedBy(gateway: RunningGateway): Promise<{ type: string; causation: string }[]> {
  return (await gateway.app.get(Spool).log(0, 500)).map(({ event }) => ({
    type: event.attributes.type,
    causation: event.attributes['causationid'] ?? '',
  }));
}

function closing(figures: DemoFigures, rows: readonly TranslationRow[], url: string, say: (text: string) => void): void {
  const doubtful = rows.find((row) => row.failure?.code === 'IN_DOUBT');
  const more = url.endsWith(`:${port}`) ? '' : ` --url ${url}`;
  const { events, published, refused, parked, inDoubt, duplicates, lost, mismatches } = figures;
  say(
    `\n${pc.bold('Checked against the ledgers of the practice systems:')} ${events} events, ${published} published (${refused} as refusals), ${parked} parked (${inDoubt} in doubt), ${duplicates} duplicates, ${lost} lost, ${mismatches} differences.`,
  );
  if (doubtful === undefined) return;
  const short = doubtful.id.slice(0, 8);
  say(`
Where to look next (in another terminal):
  npx gatehouse list --state parked${more}
  npx gatehouse show ${short}${more}
  npx gatehouse settle ${short} --happened '{"order":"O-1"}' --why "seen in the depot"${more}
  npx gatehouse tail${more}
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
