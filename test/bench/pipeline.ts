/** The whole job: a queue of RabbitMQ, a SOAP call, a confirmed reply, an ack. Every contestant in a process of its own, in interleaved rounds. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { wordFile } from '../../src/journal/sqlite/words/word-file.ts';
import { memoryFlags } from '../../src/launcher/launch.ts';
import { eventOf } from '../support/gateway.ts';
import { Rabbitmq } from '../support/rabbitmq.ts';
import { Witness } from '../support/witness.ts';
import { type Mark, type Place, openedType, queueArguments, wantedType } from './contestants/place.ts';

/** `searched` is the gateway that keeps the words of bodies, too. */
const contestants = ['gateway', 'searched', 'script', 'limit'] as const;
type Contestant = (typeof contestants)[number];

export interface PipelineOptions {
  readonly rounds: number;
  readonly events: number;
  /** Events of one further run of the gateway alone, for its memory; 0 leaves it out. */
  readonly longRun: number;
  say(text: string): void;
}

interface Figures {
  readonly eventsPerSecond: number;
  readonly cpuUsPerEvent: number;
  /** At a paced 200 events a second, from the publish of the event to the reply. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly startMs: number;
  readonly rssMb: number;
  /** Once all words are in; 0 where none are kept. */
  readonly wordBytesPerJournalByte: number;
}

const warmUp = 5_000;
const pacedPerSecond = 200;
const pacedEvents = 800;

export async function runPipeline({ rounds, events, longRun, say }: PipelineOptions): Promise<object> {
  const broker = await Rabbitmq.start();
  try {
    const all = new Map<Contestant, Figures[]>(contestants.map((name) => [name, []]));
    for (let round = 1; round <= rounds; round += 1)
      for (const name of contestants) {
        const figures = await runOne(name, broker, events);
        all.get(name)?.push(figures);
        say(
          `round ${round} ${name.padEnd(8)} ${figures.eventsPerSecond.toFixed(0)} events/s, ${figures.cpuUsPerEvent.toFixed(0)} µs CPU an event, at ${pacedPerSecond}/s p50 ${figures.p50Ms.toFixed(1)} p99 ${figures.p99Ms.toFixed(1)} ms, ${figures.rssMb.toFixed(0)} MB, started in ${figures.startMs.toFixed(0)} ms`,
        );
      }
    const long = longRun === 0 ? null : await runOne('gateway', broker, longRun);
    return {
      contestants: Object.fromEntries([...all].map(([name, each]) => [name, medians(each)])),
      ratios: {
        eventsVsScript: ratio(all, 'eventsPerSecond', 'script'),
        cpuVsScript: ratio(all, 'cpuUsPerEvent', 'script'),
        eventsVsLimit: ratio(all, 'eventsPerSecond', 'limit'),
        searchedVsGateway: Number((1 / ratio(all, 'eventsPerSecond', 'searched')).toFixed(2)),
      },
      p50AddedMs: Number(
        (median(all.get('gateway')?.map(({ p50Ms }) => p50Ms) ?? []) - median(all.get('limit')?.map(({ p50Ms }) => p50Ms) ?? [])).toFixed(1),
      ),
      ...(long === null ? {} : { longRun: { events: longRun, rssMb: Math.round(long.rssMb), eventsPerSecond: Math.round(long.eventsPerSecond) } }),
    };
  } finally {
    await broker.stop();
  }
}

let made = 0;

async function runOne(name: Contestant, broker: Rabbitmq, events: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const exchange = `bench-${(made += 1)}`;
  const queue = `${exchange}.servicenow`;
  const peer = spawn(process.execPath, [join(import.meta.dirname, 'contestants', 'peer.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(peer.stdout, 'data')) as [Buffer];
  const witness = await Witness.open(broker.port, exchange, { types: [openedType], countOnly: true });
  await witness.channel.assertQueue(queue, { durable: true, arguments: queueArguments });
  await witness.channel.bindQueue(queue, exchange, wantedType);
  const place: Place = { port: broker.port, exchange, queue, soapUrl: line.toString().trim(), folder, searched: name === 'searched' };
  const child = fork(join(import.meta.dirname, 'contestants', `${name === 'searched' ? 'gateway' : name}.js`), [JSON.stringify(place)], {
    execArgv: name === 'gateway' || name === 'searched' ? [...memoryFlags] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const [{ startMs }] = (await once(child, 'message')) as [{ startMs: number }];
    await burst(witness, warmUp);
    const before = await mark(child);
    const began = performance.now();
    await burst(witness, events);
    const seconds = (performance.now() - began) / 1_000;
    const after = await mark(child);
    const latencies = await paced(witness);
    return {
      eventsPerSecond: events / seconds,
      cpuUsPerEvent: (after.cpuUs - before.cpuUs) / events,
      p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
      p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
      startMs,
      rssMb: after.rssMb,
      wordBytesPerJournalByte: name === 'searched' ? await sizeOfWords(join(folder, 'journal.db')) : 0,
    };
  } finally {
    child.kill('SIGKILL');
    peer.kill();
    await witness.channel.deleteQueue(queue);
    await witness.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sizeOfWords(journal: string): Promise<number> {
  const newest = new DatabaseSync(journal, { readOnly: true });
  const words = new DatabaseSync(wordFile(journal), { readOnly: true });
  const read = (db: DatabaseSync, sql: string): number => Number((db.prepare(sql).get() as { n: number }).n);
  const bytes = 'SELECT page_count * page_size AS n FROM pragma_page_count(), pragma_page_size()';
  try {
    while (read(words, 'SELECT changed AS n FROM mark') < read(newest, 'SELECT max(changed) AS n FROM translation'))
      await new Promise((resolve) => setTimeout(resolve, 200));
    return read(words, bytes) / read(newest, bytes);
  } finally {
    words.close();
    newest.close();
  }
}

async function mark(child: ChildProcess): Promise<Mark> {
  const answer = once(child, 'message');
  child.send('mark');
  const [used] = (await answer) as [Mark];
  return used;
}

const request = (n: number) =>
  eventOf(wantedType, { requestId: `B-${n}`, callerId: `c${n}`, summary: 'No network in room 4.12', details: 'Since this morning' });

let sent = 0;

/** As fast as RabbitMQ takes them, at most 500 unconfirmed and 5,000 unanswered. */
async function burst(witness: Witness, events: number): Promise<void> {
  const wanted = witness.count + events;
  for (let n = 0; n < events; n += 500) {
    await witness.send(...Array.from({ length: Math.min(500, events - n) }, () => request((sent += 1))));
    await witness.seenAtLeast(wanted - events + n - 4_500);
  }
  await witness.seenAtLeast(wanted);
}

/** Latencies in ms, sorted. */
async function paced(witness: Witness): Promise<number[]> {
  const latencies: number[] = [];
  const left = new Map<string, number>();
  witness.onSeen((causation) => {
    const leftMs = left.get(causation);
    if (leftMs !== undefined) latencies.push(performance.now() - leftMs);
  });
  const wanted = witness.count + pacedEvents;
  const began = performance.now();
  for (let n = 0; n < pacedEvents; n += 1) {
    const dueMs = began + (n * 1_000) / pacedPerSecond;
    while (performance.now() < dueMs) await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    const event = request((sent += 1));
    left.set(event.attributes.id, performance.now());
    void witness.send(event);
  }
  await witness.seenAtLeast(wanted);
  witness.onSeen(() => undefined);
  return latencies.sort((a, b) => a - b);
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

function medians(all: readonly Figures[]): Record<string, number> {
  const names = Object.keys(all[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(
    names.map((name) => [name, Number(median(all.map((each) => each[name])).toFixed(name.startsWith('p') ? 1 : name.startsWith('word') ? 2 : 0))]),
  );
}

/** Round by round, then the median: the machine's speed drifts. */
function ratio(all: ReadonlyMap<Contestant, readonly Figures[]>, figure: keyof Figures, against: Contestant): number {
  const [own = [], other = []] = [all.get('gateway'), all.get(against)];
  return Number(median(own.map((each, index) => each[figure] / (other[index]?.[figure] ?? Number.NaN))).toFixed(2));
}
