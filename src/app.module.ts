import 'reflect-metadata';
import { type DynamicModule, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type DestinationStream, pino } from 'pino';
import { adapters } from '../adapters/index.ts';
import { EmbeddedBus } from './bus/embedded/embedded.bus.ts';
import { RabbitmqBus } from './bus/rabbitmq/rabbitmq.bus.ts';
import { RabbitmqSettings, checkBindings } from './bus/rabbitmq/rabbitmq.settings.ts';
import { type Config, type ConfigSchema, loadConfig } from './config/load-config.ts';
import { ConsoleModule } from './console/console.module.ts';
import { type Layout, adapterOf } from './contract/adapter.ts';
import { BulkDesk } from './contract/bulk.ts';
import { Bus } from './contract/bus.ts';
import { build } from './contract/build.ts';
import { CaseBook } from './contract/case-book.ts';
import { Catalogue } from './contract/catalogue.ts';
import { Clock } from './contract/clock.ts';
import { Desk, Door } from './contract/control.ts';
import { type GatehouseError } from './contract/errors.ts';
import { type Class } from './contract/json.ts';
import { Journal } from './contract/journal.ts';
import { LOG, type Log } from './contract/log.ts';
import { searchedBodies } from './contract/searched-systems.ts';
import { GatewaySettings } from './contract/settings.ts';
import { type SourceTransport } from './contract/source.ts';
import { Spool } from './contract/spool.ts';
import { Telemetry } from './contract/telemetry.ts';
import { type Transport } from './contract/transport.ts';
import { BusDoor } from './gateway/bus-door.ts';
import { SystemClock } from './gateway/clock.ts';
import { Gateway } from './gateway/gateway.ts';
import { checkExposure } from './http/access.guard.ts';
import { HttpModule } from './http/http.module.ts';
import { HttpSettings } from './http/http.settings.ts';
import { JournalSettings } from './journal/journal.settings.ts';
import { openSqliteJournal } from './journal/sqlite/sqlite.journal.ts';
import { AdapterCases } from './practice/case-book.ts';
import { TelemetrySettings } from './telemetry/telemetry.settings.ts';
import { FileTransport } from './transports/file/file.transport.ts';
import { PickupTransport } from './transports/file/pickup/pickup.transport.ts';
import { SoapTransport } from './transports/soap/soap.transport.ts';
import { TerminalTransport } from './transports/terminal/terminal.transport.ts';

interface Sections {
  gateway: GatewaySettings;
  http: HttpSettings;
  journal: JournalSettings;
  rabbitmq: RabbitmqSettings;
  telemetry: TelemetrySettings;
}

export type GatehouseConfig = Config<Sections>;

/** What a gateway is made of beside its configuration: the product's own adapters and transports, or those of a demo. */
export interface Parts {
  readonly adapters: readonly Class[];
  readonly transports: readonly Transport[];
  readonly sourceTransports?: readonly SourceTransport[];
  /** Where log lines go; standard error, where a line is written before the next step begins, so that a crash loses none. */
  readonly logTo?: DestinationStream;
}

export const ownParts: Parts = {
  adapters,
  transports: [new SoapTransport(), new FileTransport(), new TerminalTransport()],
  sourceTransports: [new PickupTransport()],
};

/** What may be configured, given the adapters. */
export function configSchema({ adapters: modules, transports, sourceTransports = [] }: Parts): ConfigSchema<Sections> {
  const transportOf = ({ transport }: Pick<Layout, 'transport'>): [string, new () => object][] =>
    [...transports, ...sourceTransports].filter(({ name }) => name === transport).map(({ name, settings }) => [name, settings]);
  const systems = [...new Catalogue(modules).systems.values()].map(
    ({ system, layouts, sources = [] }) => [system, Object.fromEntries([...layouts, ...sources].flatMap(transportOf))] as const,
  );
  return {
    sections: {
      gateway: GatewaySettings,
      http: HttpSettings,
      journal: JournalSettings,
      rabbitmq: RabbitmqSettings,
      telemetry: TelemetrySettings,
    },
    systems: new Map(systems),
  };
}

/** @throws GatehouseError CONFIG_INVALID */
export function readConfig(file: string | undefined, parts: Parts = ownParts): GatehouseConfig {
  const config = loadConfig(configSchema(parts), { file, env: process.env });
  checkExposure(config.http);
  checkBindings(config.rabbitmq, [...config.systems.keys()]);
  return config;
}

const dayMs = 86_400_000;

function busOf({ gateway, rabbitmq }: GatehouseConfig, { spool, clock, log }: { spool: Spool; clock: Clock; log: Log }): Bus {
  if (gateway.bus === 'embedded') return new EmbeddedBus(spool, clock);
  return new RabbitmqBus({ settings: rabbitmq, clock, log, maxEventBytes: gateway.maxEventBytes, gateway: gateway.name });
}

/** Null, and nothing of it loaded, unless a collector is configured. */
async function openTelemetry({ gateway, telemetry }: GatehouseConfig, clock: Clock, log: Log): Promise<Telemetry | null> {
  const { endpoint } = telemetry;
  if (endpoint === undefined) return null;
  const { OtlpTelemetry } = await import('./telemetry/otlp.telemetry.ts');
  return new OtlpTelemetry({ settings: { ...telemetry, endpoint }, name: gateway.name, build, clock, log });
}

@Module({})
class GatewayModule {}

/** The composition root: a gateway is a clock, a journal with its spool, a bus, a catalogue of adapters, and the verbs between them. */
export function appModule(config: GatehouseConfig, parts: Parts): DynamicModule {
  const logger = pino({ name: config.gateway.name, level: config.gateway.logLevel }, parts.logTo ?? pino.destination({ dest: 2, sync: true }));
  const log: Log = (level, fields, message) => logger[level](fields, message);
  const fatal = (error: GatehouseError): void => {
    logger.fatal({ code: error.code }, error.message);
    process.exit(74);
  };
  const [standing, leftOut] = [true, false].map((has) => parts.adapters.filter((each) => config.systems.has(adapterOf(each).system) === has)) as [
    Class[],
    Class[],
  ];
  for (const { system } of leftOut.map(adapterOf))
    log('info', { system }, `${system} is left out: the configuration names other systems, and not this one`);
  const opened = Symbol('journal and spool');
  const core: DynamicModule = {
    module: GatewayModule,
    global: true,
    imports: standing as (new () => object)[],
    providers: [
      { provide: Clock, useValue: new SystemClock() },
      { provide: LOG, useValue: log },
      { provide: Telemetry, useFactory: (clock: Clock) => openTelemetry(config, clock, log), inject: [Clock] },
      { provide: HttpSettings, useValue: config.http },
      { provide: Catalogue, useFactory: () => new Catalogue(standing) },
      {
        provide: opened,
        useFactory: (clock: Clock, catalogue: Catalogue) =>
          openSqliteJournal(config.journal, clock, { fatal, log, searched: searchedBodies(catalogue, config.systems) }),
        inject: [Clock, Catalogue],
      },
      { provide: Journal, useFactory: (from: Awaited<ReturnType<typeof openSqliteJournal>>) => from.journal, inject: [opened] },
      { provide: Spool, useFactory: (from: Awaited<ReturnType<typeof openSqliteJournal>>) => from.spool, inject: [opened] },
      { provide: Bus, useFactory: (spool: Spool, clock: Clock) => busOf(config, { spool, clock, log }), inject: [Spool, Clock] },
      {
        provide: Gateway,
        useFactory: (journal: Journal, bus: Bus, clock: Clock, catalogue: Catalogue, telemetry: Telemetry | null, nest: ModuleRef) =>
          new Gateway({
            name: config.gateway.name,
            journal,
            bus,
            clock,
            catalogue,
            telemetry,
            transports: parts.transports,
            sourceTransports: parts.sourceTransports ?? [],
            systems: config.systems,
            maxEventBytes: config.gateway.maxEventBytes,
            drainMs: config.gateway.drainMs,
            build,
            retention: { keepMs: config.journal.retentionDays * dayMs, dedupeMs: config.journal.dedupeDays * dayMs },
            instance: (operation) => nest.get(operation as never, { strict: false }),
            log,
            fatal,
          }),
        inject: [Journal, Bus, Clock, Catalogue, Telemetry, ModuleRef],
      },
      {
        provide: Door,
        useFactory: (gateway: Gateway, bus: Bus) => (config.gateway.bus === 'embedded' ? gateway.intake : new BusDoor(bus, gateway.intake)),
        inject: [Gateway, Bus],
      },
      { provide: Desk, useFactory: (gateway: Gateway) => gateway.desk, inject: [Gateway] },
      { provide: CaseBook, useValue: new AdapterCases() },
      { provide: BulkDesk, useFactory: (gateway: Gateway) => gateway.bulks, inject: [Gateway] },
    ],
    exports: [LOG, Clock, HttpSettings, Catalogue, Journal, Spool, Bus, Gateway, Door, Desk, BulkDesk, CaseBook],
  };
  return { module: class AppModule {}, imports: [core, HttpModule, ConsoleModule] };
}
