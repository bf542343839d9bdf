import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readStructured } from '../contract/cloud-event-format.ts';
import { type Json, canonical } from '../contract/json.ts';
import { SourceTransport } from '../contract/source.ts';
import { type Link, type LinkSurroundings, type Outcome, type Passage, Transport } from '../contract/transport.ts';
import { type Bench } from './bench.ts';
import { CaseClock } from './case-clock.ts';
import { type CaseEvent, type CaseWay, filesIn, preparationOf, readJson } from './case-folder.ts';
import { type Rig, startRig } from './workbench.ts';

/*
 * A case of an operation: event.json, the native calls in exchange.json, the replies in reply.json, and in dropped/ the files that the
 * practice system got, byte for byte. practice.json prepares the practice system. Where the event is parked, parked.json says with which code.
 */

/** A native call as a case keeps it. */
export interface CaseCall {
  readonly call: string;
  readonly args: Json;
  readonly answer: Json;
}

/** What an event came to. */
export interface OperationOutcome {
  readonly calls: readonly CaseCall[];
  readonly replies: readonly CaseEvent[];
  readonly state: string;
  /** Why it is parked; null when it is not. */
  readonly code: string | null;
  /** Hexadecimal, by name; none from a recording. */
  readonly dropped: Readonly<Record<string, string>>;
}

export const operationExpected = (folder: string): OperationOutcome => ({
  calls: readJson(folder, 'exchange.json') as unknown as CaseCall[],
  replies: readJson(folder, 'reply.json') as unknown as CaseEvent[],
  ...endOf(folder),
  dropped: hex(filesIn(folder, 'dropped')),
});

function endOf(folder: string): Pick<OperationOutcome, 'state' | 'code'> {
  if (!existsSync(join(folder, 'parked.json'))) return { state: 'published', code: null };
  return { state: 'parked', code: (readJson(folder, 'parked.json') as { code: string }).code };
}

export async function runOperationCase(bench: Bench, folder: string, way: CaseWay): Promise<OperationOutcome> {
  const practice = way === 'live' ? await bench.start(preparationOf(folder)) : null;
  const recording = practice === null ? [...operationExpected(folder).calls] : [];
  const transports = bench.transports().map((each) => (practice === null ? new RecordedTransport(each, recording) : each));
  const sourceTransports = (bench.sourceTransports?.() ?? []).map((each) => new QuietSources(each.name));
  const quiet = Object.fromEntries([...transports, ...sourceTransports].map(({ name }): [string, object] => [name, {}]));
  await using rig = await startRig({
    adapters: [bench.adapter],
    transports,
    sourceTransports,
    systems: { [bench.system]: { settings: bench.timing ?? {}, transports: { ...quiet, ...practice?.settings } } },
    clock: new CaseClock(),
  });
  try {
    const [taken] = await rig.gateway.intake.post([readStructured(readJson(folder, 'event.json'))]);
    await settledAlone(rig, bench.system);
    const story = await rig.story(taken?.translations[0]?.id ?? '');
    const calls = story.calls.filter(({ state }) => state === 'answered').map(({ name, args, answer }): CaseCall => ({ call: name, args, answer }));
    const replies = story.replies.map(({ attributes, data }): CaseEvent => ({
      type: attributes.type,
      data: JSON.parse(Buffer.from(data.bytes ?? []).toString()) as Json,
    }));
    const { state, failure } = story.translation;
    return { calls, replies, state, code: state === 'parked' ? (failure?.code ?? '') : null, dropped: hex(practice?.dropped?.() ?? new Map()) };
  } finally {
    await practice?.stop();
  }
}

/** A case has one event: a batch that it waits in has nobody else to wait for, and is closed. */
async function settledAlone(rig: Rig, system: string): Promise<void> {
  const settled = rig.settled().then(() => true);
  const soon = (): Promise<boolean> => new Promise((resolve) => setTimeout(() => resolve(false), 10));
  while (!(await Promise.race([settled, soon()])))
    for (const { seq } of await rig.journal.reader.batches(system, ['open'], 1))
      await rig.gateway.desk.actOnBatch({ key: `case ${seq}`, batch: seq, act: 'close', who: 'case', why: 'nobody else comes' });
}

/** From a recording, what a probe asked when the case was live is not asked again, and no file is dropped. */
export function operationAgrees(outcome: OperationOutcome, expected: OperationOutcome, way: CaseWay): boolean {
  if (way === 'live') return isDeepStrictEqual(outcome, expected);
  const known = outcome.calls.every((call) => expected.calls.some((recorded) => isDeepStrictEqual(recorded, call)));
  return known && isDeepStrictEqual([outcome.replies, outcome.state, outcome.code], [expected.replies, expected.state, expected.code]);
}

const hex = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries([...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]));

/** Sources that nothing comes from: what an operation does is told without them. */
class QuietSources extends SourceTransport {
  readonly name: string;
  readonly settings = class {};

  constructor(name: string) {
    super();
    this.name = name;
  }

  named(): readonly string[] {
    return [];
  }

  async open(): Promise<never> {
    throw new Error('a source was opened that nothing names');
  }
}

/** Gives the answers of a recording instead of making calls. */
class RecordedTransport extends Transport {
  readonly name: string;
  readonly settings: new () => object;
  readonly #calls: CaseCall[];

  constructor(of: Transport, calls: CaseCall[]) {
    super();
    this.name = of.name;
    this.settings = class {};
    this.#calls = calls;
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
