import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedBus } from '../bus/embedded/embedded.bus.ts';
import { type Bus } from '../contract/bus.ts';
import { Catalogue } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Class, type Json } from '../contract/json.ts';
import { type Journal } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type Story, type TranslationRow } from '../contract/journal-reader.ts';
import { type Translation } from '../contract/operation.ts';
import { SystemSettings } from '../contract/settings.ts';
import { type SourceTransport } from '../contract/source.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { type Transport } from '../contract/transport.ts';
import { SystemClock } from '../gateway/clock.ts';
import { type BulkSizes } from '../gateway/bulks.ts';
import { Gateway } from '../gateway/gateway.ts';
import { searchedBodies } from '../contract/searched-systems.ts';
import { JournalSettings } from '../journal/journal.settings.ts';
import { openSqliteJournal } from '../journal/sqlite/sqlite.journal.ts';
import { type SqliteSpool } from '../journal/sqlite/sqlite.spool.ts';

export interface RigOptions {
  readonly adapters: readonly Class[];
  readonly transports: readonly Transport[];
  readonly sourceTransports?: readonly SourceTransport[];
  /** By system: its settings where they differ from fast defaults, and those of its transports. */
  readonly systems: Readonly<Record<string, { settings?: Partial<SystemSettings>; transports?: Record<string, object> }>>;
  readonly folder?: string;
  readonly journal?: Partial<JournalSettings>;
  readonly clock?: Clock;
  readonly drainMs?: number;
  readonly maxEventBytes?: number;
  readonly stillMs?: number;
  readonly bulkSizes?: BulkSizes;
  readonly fatal?: (error: Error) => void;
  /** Instead of the embedded bus. */
  readonly bus?: (parts: { readonly clock: Clock; readonly log: Log }) => Bus;
  readonly telemetry?: (parts: { readonly clock: Clock; readonly log: Log }) => Telemetry;
  readonly wrap?: { journal?: (journal: Journal) => Journal; bus?: (bus: Bus) => Bus; transport?: (transport: Transport) => Transport };
}

/** A real gateway in this process: real journal in a temporary folder, real bus, real adapters and transports. */
export interface Rig {
  readonly gateway: Gateway;
  readonly bus: Bus;
  readonly journal: Journal;
  readonly spool: SqliteSpool;
  readonly folder: string;
  readonly logs: string[];
  post(type: string, data: Json, attributes?: Readonly<Record<string, string>>): Promise<string>;
  story(id: string): Promise<Story>;
  rows(filter?: Parameters<Journal['reader']['list']>[0]): Promise<readonly TranslationRow[]>;
  /** Resolves when every translation is published, discarded or parked. @throws after `withinMs`, naming what is not */
  settled(withinMs?: number): Promise<void>;
  replies(): Promise<readonly CloudEvent[]>;
  stop(): Promise<void>;
  /** Stops and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Times that a test can wait for: a second's backoff would be a second's test. */
export function fastSettings(changes: Partial<SystemSettings> = {}): SystemSettings {
  const settings = new SystemSettings();
  Object.assign(settings, { callTimeoutMs: 400, settleMs: 400 });
  Object.assign(settings.retry, { firstMs: 20, maxMs: 200 });
  Object.assign(settings.breaker, { probeMs: 20, maxProbeMs: 100 });
  return Object.assign(settings, changes);
}

let posted = 0;

export function eventOf(type: string, data: Json, attributes: Readonly<Record<string, string>> = {}): CloudEvent {
  posted += 1;
  return {
    attributes: {
      specversion: '1.0',
      id: `event-${process.pid}-${posted}`,
      source: '/test',
      type,
      datacontenttype: 'application/json',
      ...attributes,
    },
    data: Buffer.from(JSON.stringify(data)),
  };
}

export async function startRig(options: RigOptions): Promise<Rig> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'gatehouse-'));
  const clock = options.clock ?? new SystemClock();
  const journalSettings = Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 }, options.journal);
  const logs: string[] = [];
  const fatal = options.fatal ?? ((error: Error) => logs.push(`fatal: ${error.message}`));
  const log: Log = (level, fields, message) => logs.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  const catalogue = new Catalogue(options.adapters);
  const systems = new Map(
    Object.entries(options.systems).map(([name, { settings, transports }]) => [
      name,
      { settings: fastSettings(settings), transports: transports ?? {}, fingerprint: 'test' },
    ]),
  );
  const opened = await openSqliteJournal(journalSettings, clock, { fatal, log, searched: searchedBodies(catalogue, systems) });
  const journal = options.wrap?.journal?.(opened.journal) ?? opened.journal;
  const plain = options.bus?.({ clock, log }) ?? new EmbeddedBus(opened.spool, clock);
  const bus = options.wrap?.bus?.(plain) ?? plain;
  const instances = new Map<object, Translation<object, unknown, unknown>>();
  const gateway = new Gateway({
    journal,
    bus,
    clock,
    catalogue,
    telemetry: options.telemetry?.({ clock, log }) ?? null,
    transports: options.transports.map((transport) => options.wrap?.transport?.(transport) ?? transport),
    sourceTransports: options.sourceTransports ?? [],
    systems,
    maxEventBytes: options.maxEventBytes ?? 4_000_000,
    drainMs: options.drainMs ?? 2_000,
    ...(options.stillMs === undefined ? {} : { stillMs: options.stillMs }),
    ...(options.bulkSizes === undefined ? {} : { bulkSizes: options.bulkSizes }),
    build: 'test',
    retention: { keepMs: 86_400_000, dedupeMs: 90 * 86_400_000 },
    instance: (operation) => {
      const instance = instances.get(operation) ?? (new (operation as new () => object)() as Translation<object, unknown, unknown>);
      instances.set(operation, instance);
      return instance;
    },
    log,
    fatal,
  });
  await gateway.start();

  const rig: Rig = {
    gateway,
    bus,
    journal,
    spool: opened.spool,
    folder,
    logs,
    post: async (type, data, attributes) => {
      const [taken] = await gateway.intake.post([eventOf(type, data, attributes)]);
      return taken?.translations[0]?.id ?? '';
    },
    story: async (id) => {
      const story = await journal.reader.story(id);
      if (story === null) throw new Error(`no translation ${id}`);
      return story;
    },
    rows: async (filter = {}) => (await journal.reader.list(filter, { limit: 500 })).rows,
    settled: async (withinMs = 60_000) => {
      const untilMs = performance.now() + withinMs;
      const open = (): string[] =>
        journal
          .tallies()
          .filter(({ state }) => state === 'received' || state === 'running' || state === 'waiting' || state === 'answered')
          .map(({ system, operation, state, detail, count }) => `${count} ${state} ${detail} of ${system} ${operation}`);
      while (open().length > 0) {
        if (performance.now() > untilMs) throw new Error(`not settled after ${withinMs} ms: ${open().join('; ')}\n${logs.join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    replies: async () => {
      const events: CloudEvent[] = [];
      for (let after = 0; ;) {
        const page = await opened.spool.log(after, 500);
        events.push(...page.map(({ event }) => event));
        const last = page.at(-1);
        if (last === undefined) return events;
        after = last.position;
      }
    },
    stop: () => gateway.stop(),
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return rig;
}
