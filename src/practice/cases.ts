import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ServiceNowAdapter } from '../../adapters/servicenow/servicenow.adapter.ts';
import { readStructured } from '../contract/cloud-event-format.ts';
import { type Class, type Json, canonical } from '../contract/json.ts';
import { Secret } from '../contract/secret.ts';
import { type Link, type LinkSurroundings, type Outcome, type Passage, type Transport, Transport as TransportPort } from '../contract/transport.ts';
import { SoapSettings } from '../transports/soap/soap.settings.ts';
import { SoapTransport } from '../transports/soap/soap.transport.ts';
import { DepotAdapter } from './line/depot.adapter.ts';
import { type DepotFault, PracticeDepot } from './line/depot.server.ts';
import { LineSettings, LineTransport } from './line/line.transport.ts';
import { PracticeServiceNow, type ServiceNowFault } from './servicenow/servicenow.server.ts';
import { startRig } from './workbench.ts';

/** A native call as a case keeps it. */
export interface CaseCall {
  readonly call: string;
  readonly args: Json;
  readonly answer: Json;
}

export interface CaseReply {
  readonly type: string;
  readonly data: Json;
}

export interface Case {
  /** `servicenow/open-incident--opened` */
  readonly name: string;
  readonly folder: string;
  readonly system: string;
}

export interface CaseOutcome {
  readonly calls: readonly CaseCall[];
  readonly replies: readonly CaseReply[];
  readonly state: string;
}

/** In practice.json beside faults: incidents that are there before the event comes. */
interface IncidentsThere {
  readonly incident: Readonly<Record<string, string>>;
  readonly times?: number;
}

/** A practice system with its adapter and transport, as a case needs it. */
interface Bench {
  readonly adapter: Class;
  readonly transport: () => Transport;
  readonly casesFolder: string;
  start(faults: readonly object[]): Promise<{ settings: object; stop(): Promise<void> }>;
}

const root = resolve(import.meta.dirname, '../..');

const benches: Readonly<Record<string, Bench>> = {
  servicenow: {
    adapter: ServiceNowAdapter,
    transport: () => new SoapTransport(),
    casesFolder: join(root, 'adapters/servicenow/cases'),
    start: async (faults) => {
      const practice = await PracticeServiceNow.start();
      for (const each of faults as (ServiceNowFault | IncidentsThere)[])
        if ('incident' in each) for (let n = 0; n < (each.times ?? 1); n += 1) practice.seed(each.incident);
        else practice.fault(each);
      const settings = Object.assign(new SoapSettings(), { url: practice.url, user: 'gatehouse', password: new Secret('built-in', 'practice') });
      return { settings, stop: () => practice.stop() };
    },
  },
  depot: {
    adapter: DepotAdapter,
    transport: () => new LineTransport(),
    casesFolder: join(root, 'src/practice/line/cases'),
    start: async (faults) => {
      const practice = await PracticeDepot.start();
      for (const fault of faults) practice.fault(fault as DepotFault);
      return { settings: Object.assign(new LineSettings(), { port: practice.port }), stop: () => practice.close() };
    },
  },
};

const read = (folder: string, file: string): Json => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json;

export function allCases(only?: string): Case[] {
  return Object.entries(benches)
    .filter(([system]) => only === undefined || system === only)
    .flatMap(([system, { casesFolder }]) =>
      (existsSync(casesFolder) ? readdirSync(casesFolder) : [])
        .sort()
        .map((name) => ({ name: `${system}/${name}`, system, folder: join(casesFolder, name) })),
    );
}

export const expectedOf = ({ folder }: Case): CaseOutcome => ({
  calls: read(folder, 'exchange.json') as unknown as CaseCall[],
  replies: read(folder, 'reply.json') as unknown as CaseReply[],
  state: 'published',
});

/** Runs a case through a real gateway: `live` against the practice system, `recorded` from the answers the case keeps. */
export async function runCase(each: Case, source: 'live' | 'recorded'): Promise<CaseOutcome> {
  const bench = benches[each.system] as Bench;
  const faults = existsSync(join(each.folder, 'practice.json')) ? (read(each.folder, 'practice.json') as object[]) : [];
  const practice = source === 'live' ? await bench.start(faults) : null;
  const transport = source === 'live' ? bench.transport() : new RecordedTransport(bench.transport(), expectedOf(each).calls);
  const settings = practice?.settings ?? new transport.settings();
  await using rig = await startRig({
    adapters: [bench.adapter],
    transports: [transport],
    systems: { [each.system]: { transports: { [transport.name]: settings } } },
  });
  try {
    const [taken] = await rig.gateway.intake.post([readStructured(read(each.folder, 'event.json'))]);
    await rig.settled();
    const story = await rig.story(taken?.translations[0]?.id ?? '');
    const calls = story.calls.filter(({ state }) => state === 'answered').map(({ name, args, answer }): CaseCall => ({ call: name, args, answer }));
    const replies = story.replies.map(({ attributes, data }): CaseReply => ({
      type: attributes.type,
      data: JSON.parse(Buffer.from(data.bytes ?? []).toString()) as Json,
    }));
    return { calls, replies, state: story.translation.state };
  } finally {
    await practice?.stop();
  }
}

/** Gives the answers of a recording instead of making calls. */
class RecordedTransport extends TransportPort {
  readonly name: string;
  readonly settings: new () => object;
  readonly #calls: CaseCall[];

  constructor(of: Transport, calls: readonly CaseCall[]) {
    super();
    this.name = of.name;
    this.settings = class {};
    this.#calls = [...calls];
  }

  async open(_surroundings: LinkSurroundings): Promise<Link> {
    return {
      exchange: (call, args, passage) => this.#answer(call, args, passage),
      check: async () => undefined,
      violations: () => [],
      close: async () => undefined,
    };
  }

  async #answer(call: string, args: Json, passage: Passage): Promise<Outcome> {
    const index = this.#calls.findIndex((recorded) => recorded.call === call && canonical(recorded.args) === canonical(args));
    const [recorded] = index < 0 ? [] : this.#calls.splice(index, 1);
    if (recorded === undefined) throw new Error(`the recording has no ${call} with these arguments`);
    await passage.leave();
    return { end: 'answer', answer: recorded.answer };
  }
}

/** Writes what a case does live as its recording. */
export async function recordCase(each: Case): Promise<void> {
  const { calls, replies } = await runCase(each, 'live');
  writeFileSync(join(each.folder, 'exchange.json'), `${JSON.stringify(calls, null, 2)}\n`);
  writeFileSync(join(each.folder, 'reply.json'), `${JSON.stringify(replies, null, 2)}\n`);
}

/** From a recording, what a probe asked when the case was live is not asked again. */
export function agrees(outcome: CaseOutcome, expected: CaseOutcome, source: 'live' | 'recorded'): boolean {
  if (source === 'live') return isDeepStrictEqual(outcome, expected);
  const known = outcome.calls.every((call) => expected.calls.some((recorded) => isDeepStrictEqual(recorded, call)));
  return known && isDeepStrictEqual([outcome.replies, outcome.state], [expected.replies, expected.state]);
}

/** For the command line: every case, both ways. @returns the exit code */
export async function runCases({ system, json }: { system: string | undefined; json: boolean }): Promise<number> {
  const results: { name: string; source: string; ok: boolean }[] = [];
  for (const each of allCases(system))
    for (const source of ['live', 'recorded'] as const) {
      const ok = agrees(await runCase(each, source), expectedOf(each), source);
      results.push({ name: each.name, source, ok });
      if (!json) process.stdout.write(`${ok ? 'ok    ' : 'failed'} ${each.name} (${source})\n`);
    }
  if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
  if (results.length === 0) process.stderr.write(`there is no case${system === undefined ? '' : ` of ${basename(system)}`}\n`);
  return results.length > 0 && results.every(({ ok }) => ok) ? 0 : 1;
}
