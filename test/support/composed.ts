import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Parts, configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Class, type Json } from '../../src/contract/json.ts';
import { Journal } from '../../src/contract/journal.ts';
import { type Story } from '../../src/contract/journal-reader.ts';
import { Spool } from '../../src/contract/spool.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { DepotAdapter } from '../../src/practice/line/depot.adapter.ts';
import { type PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineTransport } from '../../src/practice/line/line.transport.ts';
import { eventOf } from './gateway.ts';

/** The whole gateway as configuration and composition root make it, in front of a practice depot, with its log in memory. */
export interface Composed extends RunningGateway {
  readonly folder: string;
  /** One text a line, as it would stand on standard error. */
  readonly logs: readonly string[];
  post(type: string, data: Json, attributes?: Readonly<Record<string, string>>): Promise<string>;
  story(id: string): Promise<Story>;
  /** Resolves when the translation is in this state. */
  becomes(id: string, state: string): Promise<void>;
  replies(): Promise<readonly CloudEvent[]>;
}

export interface ComposedOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly adapter?: Class;
}

export async function startComposed(
  depot: PracticeDepot,
  { env = {}, folder: given, adapter = DepotAdapter }: ComposedOptions = {},
): Promise<Composed> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'gatehouse-'));
  const logs: string[] = [];
  const parts: Parts = { adapters: [adapter], transports: [new LineTransport()], logTo: { write: (line) => void logs.push(line) } };
  const config = loadConfig(configSchema(parts), {
    file: null,
    env: {
      GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
      GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
      GATEHOUSE_HTTP__PORT: '0',
      GATEHOUSE_SYSTEMS__DEPOT__LINE__PORT: String(depot.port),
      GATEHOUSE_SYSTEMS__DEPOT__CALLTIMEOUTMS: '400',
      GATEHOUSE_SYSTEMS__DEPOT__SETTLEMS: '100',
      GATEHOUSE_SYSTEMS__DEPOT__RETRY__FIRSTMS: '20',
      GATEHOUSE_SYSTEMS__DEPOT__BREAKER__PROBEMS: '20',
      ...env,
    },
  });
  const running = await run(config, parts).catch((error: unknown) => {
    if (given === undefined) rmSync(folder, { recursive: true });
    throw error;
  });
  const journal = running.app.get(Journal);
  const story = async (id: string): Promise<Story> => {
    const found = await journal.reader.story(id);
    if (found === null) throw new Error(`no translation ${id}`);
    return found;
  };
  return {
    ...running,
    folder,
    logs,
    story,
    post: async (type, data, attributes) => {
      const [taken] = await running.gateway.intake.post([eventOf(type, data, attributes)]);
      return taken?.translations[0]?.id ?? '';
    },
    becomes: async (id, state) => {
      const untilMs = performance.now() + 20_000;
      for (;;) {
        const { translation } = await story(id);
        if (translation.state === state) return;
        if (performance.now() > untilMs) throw new Error(`${id} is ${translation.state}, not ${state}\n${logs.join('')}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    replies: async () => (await running.app.get(Spool).log(0, 500)).map(({ event }) => event),
  };
}
