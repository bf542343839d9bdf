/** One file brought in by one contestant in a process of its own, so that what it takes is its own. */
import 'reflect-metadata';
import { createReadStream, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable } from 'node:stream';
import { EmbeddedBus } from '../../../src/bus/embedded/embedded.bus.ts';
import { type CloudEvent } from '../../../src/contract/event.ts';
import { Secret } from '../../../src/contract/secret.ts';
import { SystemClock } from '../../../src/gateway/clock.ts';
import { JournalSettings } from '../../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../../src/journal/sqlite/sqlite.journal.ts';
import { delimited } from '../../../src/transports/file/interchange/delimited/delimited.codec.ts';
import { type Decoded, type DecodedRecord, isBad } from '../../../src/transports/file/codecs/record-codec.ts';
import { pickup } from '../../../src/transports/file/pickup/pickup.ts';
import { type PlaceSettings } from '../../../src/transports/file/places/place.settings.ts';
import { OrderFound, customers, sourceSettings, startPickupRig } from '../../support/pickups.ts';
import { type Server, connected } from './sftp-client.ts';

/** `decode`: reads and decodes. `publish`: and has each record as an event on the embedded bus. `pickup`, `snapshot`: the gateway. */
export type Bringer = 'decode' | 'publish' | 'pickup' | 'snapshot';

export interface Errand {
  readonly who: Bringer;
  /** The directory on this machine, served by `server` when that is not null. */
  readonly folder: string;
  readonly server: Server | null;
  /** Hidden names, brought in one after the other. */
  readonly files: readonly string[];
}

/** One errand done. */
export interface Trip {
  /** One a file: until the last event is on the bus and the file is in the archive. */
  readonly seconds: readonly number[];
  /** CPU of the process, µs. */
  readonly cpuUs: number;
  /** Most memory above that of the process which stood ready and had seen no file, bytes. */
  readonly grewBytes: number;
}

const lookMs = 10;
const chunkEvents = 250;
const neverFull = 1_000_000_000;
/** `order;amount;filling`: what a file weighs is not what its events weigh. */
const codec = delimited({
  delimiter: ';',
  lineEnd: '\n',
  columns: ['order', { name: 'amount', is: 'integer' }, 'filling'],
  trailer: { tag: 'END', countAt: 2 },
});
const orders = pickup({
  name: 'orders',
  codec,
  produces: [OrderFound],
  businessKey: 'order',
  map: ({ type, value }) =>
    type === 'row' ? Object.assign(new OrderFound(), { order: String(value['order']), amount: Number(value['amount']) }) : null,
});

const errand = JSON.parse(process.argv[2] ?? '') as Errand;
const work = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
const ready = errand.who === 'decode' ? await decoding() : errand.who === 'publish' ? await publishing() : await gateway();
const before = process.memoryUsage.rss();
let most = before;
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), lookMs);
const start = process.cpuUsage();
const seconds: number[] = [];
for (const [index, name] of errand.files.entries()) {
  const startMs = performance.now();
  renameSync(join(errand.folder, name), join(errand.folder, `${index}.csv`));
  await ready.bring(`${index}.csv`, index + 1);
  seconds.push((performance.now() - startMs) / 1_000);
}
const { user, system } = process.cpuUsage(start);
clearInterval(watch);
await ready.close();
rmSync(work, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ seconds, cpuUs: user + system, grewBytes: most - before } satisfies Trip));

interface Ready {
  bring(name: string, files: number): Promise<void>;
  close(): Promise<void>;
}

async function gateway(): Promise<Ready> {
  const { folder, server, who } = errand;
  const place: Partial<PlaceSettings> =
    server === null
      ? { directory: folder }
      : {
          kind: 'sftp',
          directory: folder,
          host: '127.0.0.1',
          port: server.port,
          user: server.user,
          key: new Secret('env:KEY', server.key),
          hostKeys: [server.fingerprint],
        };
  const source = who === 'snapshot' ? customers({ first: 'baseline' }) : orders;
  const rig = await startPickupRig({ sources: [source], settings: [sourceSettings(source.name, place)], folder: work });
  const archive = join(folder, 'archive');
  return {
    bring: async (_name, files) => {
      while (!existsSync(archive) || readdirSync(archive).length < files || (await rig.journal.outboxHolds(1)))
        await new Promise((resolve) => setTimeout(resolve, lookMs));
    },
    close: () => rig[Symbol.asyncDispose](),
  };
}

function isGood(record: Decoded): record is DecodedRecord {
  return !isBad(record);
}

/** What somebody writes who wants the records: one pass, no check of the file, nothing kept. */
async function reader(): Promise<{ records: (name: string) => AsyncIterable<readonly DecodedRecord[]>; close: () => void }> {
  const { folder, server } = errand;
  const far = server === null ? null : await connected(server);
  async function* records(name: string): AsyncIterable<readonly DecodedRecord[]> {
    const path = join(folder, name);
    const decoder = codec.decoder();
    const stream: Readable = far === null ? createReadStream(path) : far.sftp.createReadStream(path);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    for await (const bytes of stream) yield decoder.push(bytes as Buffer).filter(isGood);
    await closed;
    yield decoder.end().filter(isGood);
  }
  return { records, close: () => far?.close() };
}

async function decoding(): Promise<Ready> {
  const { records, close } = await reader();
  return {
    bring: async (name) => {
      let rows = 0;
      for await (const some of records(name)) rows += some.length;
      if (rows === 0) throw new Error(`${name} has no records`);
    },
    close: async () => close(),
  };
}

/** The embedded bus takes what stands in the outbox: so many events a commit, then each is handed over. */
async function publishing(): Promise<Ready> {
  const { records, close } = await reader();
  const clock = new SystemClock();
  const { journal, spool } = await openSqliteJournal(
    Object.assign(new JournalSettings(), { path: join(work, 'journal.db'), reserveBytes: 0 }),
    clock,
  );
  const bus = new EmbeddedBus(spool, clock);
  const key = { system: 'script', source: 'orders' };
  return {
    bring: async (name) => {
      await journal.claim(key, name, name, clock.wallMs());
      await journal.identify(key, name, { identity: name, size: 0 }, clock.wallMs());
      let at = 0;
      let leaving: Promise<unknown> = Promise.resolve();
      const leave = async (events: readonly CloudEvent[], last: boolean): Promise<void> => {
        const chunk = { claim: name, from: { at, cursor: null }, to: { at: at + events.length, cursor: null }, events, parked: [] };
        const { rows } = await journal.bringIn(key, { ...chunk, last, keepBodies: true }, neverFull, clock.wallMs());
        at += events.length;
        await leaving;
        leaving = Promise.all(rows.map(({ seq, event }) => bus.publish({ seq, event })));
      };
      let gathered: CloudEvent[] = [];
      for await (const some of records(name))
        for (const { type, value, number } of some) {
          if (type !== 'row') continue;
          gathered.push(eventOf(name, number, { order: value['order'], amount: value['amount'] }));
          if (gathered.length === chunkEvents) await leave(gathered.splice(0), false);
        }
      await leave(gathered, true);
      await leaving;
    },
    close: async () => {
      close();
      await bus.close();
      await journal.close();
    },
  };
}

function eventOf(name: string, number: number, data: object): CloudEvent {
  return {
    attributes: { specversion: '1.0', id: `${name}-${number}`, source: '/script', type: 'test.order.found.v1', datacontenttype: 'application/json' },
    data: Buffer.from(JSON.stringify(data)),
  };
}
