import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { adapterOf } from '../contract/adapter.ts';
import { type CloudEvent } from '../contract/event.ts';
import { asGatehouseError } from '../contract/errors.ts';
import { type Piece, type SourceDeclaration } from '../contract/source.ts';
import { type ConsignmentOrigin, eventOfPiece, eventOfStep, isBadPiece, valueDigest } from '../gateway/source-event.ts';
import { FileReader } from '../transports/file/pickup/file-reader.ts';
import { pickupLayoutOf } from '../transports/file/pickup/pickup.ts';
import { type Bench } from './bench.ts';
import { CaseClock } from './case-clock.ts';
import { type CaseEvent, type CaseWay, filesIn, preparationOf, readJson } from './case-folder.ts';
import { type Rig, startRig } from './workbench.ts';

/*
 * A case of a source: files/ holds what the system left, as captured, in the order of the names, and events.json the events they become;
 * parked.json the codes of what does not, when there is any. Recorded, the files are only decoded and mapped.
 */

/** What files came to. */
export interface SourceOutcome {
  readonly events: readonly CaseEvent[];
  /** Codes of what is parked: pieces, and files as a whole. */
  readonly parked: readonly string[];
}

const withinMs = 60_000;

export const isSourceCase = (folder: string): boolean => existsSync(join(folder, 'events.json'));

export const sourceExpected = (folder: string): SourceOutcome => ({
  events: readJson(folder, 'events.json') as unknown as CaseEvent[],
  parked: existsSync(join(folder, 'parked.json')) ? (readJson(folder, 'parked.json') as string[]) : [],
});

export const runSourceCase = (bench: Bench, folder: string, way: CaseWay): Promise<SourceOutcome> =>
  way === 'live' ? liveOutcome(bench, folder) : decodedOutcome(bench, folder);

export const sourceAgrees = (outcome: SourceOutcome, expected: SourceOutcome): boolean => isDeepStrictEqual(outcome, expected);

/** The part of the case's name before `--`. @throws Error when the adapter has no such source */
function declarationOf({ system, adapter }: Bench, folder: string): SourceDeclaration {
  const [name = ''] = basename(folder).split('--');
  const found = adapterOf(adapter).sources?.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${system} has no source '${name}'`);
  return found;
}

async function liveOutcome(bench: Bench, folder: string): Promise<SourceOutcome> {
  const { name: source } = declarationOf(bench, folder);
  const practice = await bench.start(preparationOf(folder));
  await using rig = await startRig({
    adapters: [bench.adapter],
    transports: bench.transports(),
    sourceTransports: bench.sourceTransports?.() ?? [],
    systems: { [bench.system]: { transports: practice.settings } },
    clock: new CaseClock(),
  });
  try {
    for (const [name, content] of filesIn(folder, 'files')) {
      const before = takenIn(rig, source);
      practice.leave?.(source, name, content);
      await until(`${name} is brought in`, async () => {
        const { state } = statusOf(rig, source);
        return state === 'idle' && takenIn(rig, source) > before && !(await rig.journal.outboxHolds(1));
      });
    }
    const parked = await rig.rows({ states: ['parked'] });
    return { events: (await rig.replies()).map(caseEvent), parked: parked.map(({ failure }) => failure?.code ?? '').toReversed() };
  } finally {
    await practice.stop();
  }
}

function statusOf(rig: Rig, source: string) {
  const status = rig.gateway.desk.systems()[0]?.sources.find((each) => each.source === source);
  if (status === undefined) throw new Error(`no source ${source} is at work`);
  return status;
}

/** Files so far, taken, refused, known or held. */
function takenIn(rig: Rig, source: string): number {
  const { consignments, duplicates, parked } = statusOf(rig, source);
  return consignments + duplicates + parked;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`not after ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const caseEvent = ({ attributes, data }: CloudEvent): CaseEvent => ({
  type: attributes.type,
  data: JSON.parse(Buffer.from(data).toString()) as CaseEvent['data'],
});

/** Codec and mapping alone, without a gateway; extracts are compared in memory. */
async function decodedOutcome(bench: Bench, folder: string): Promise<SourceOutcome> {
  const declaration = declarationOf(bench, folder);
  const clock = new CaseClock();
  const events: CloudEvent[] = [];
  const parked: string[] = [];
  let rows: ReadonlyMap<string, string> | null = null;
  for (const [name, content] of filesIn(folder, 'files')) {
    const reader = new FileReader(pickupLayoutOf(bench.system, declaration));
    const pieces = [...reader.push(content), ...reader.end()].flat();
    const origin = {
      system: bench.system,
      declaration,
      identity: name,
      name,
      maxEventBytes: 4_000_000,
      keepBodies: true,
      wallMs: () => clock.wallMs(),
    };
    if (reader.refusal !== null) parked.push(reader.refusal.code);
    else if (declaration.snapshot === null) await each(origin, pieces, events, parked);
    else rows = await compared(origin, pieces, rows, events);
  }
  return { events: events.map(caseEvent), parked };
}

async function each(origin: ConsignmentOrigin, pieces: readonly Piece[], events: CloudEvent[], parked: string[]): Promise<void> {
  for (const piece of pieces)
    try {
      if (isBadPiece(piece)) throw piece.error;
      const event = await eventOfPiece(origin, piece);
      if (event !== null) events.push(event);
    } catch (error) {
      parked.push(asGatehouseError(error).code);
    }
}

/** @returns the rows of the extract, by key */
async function compared(
  origin: ConsignmentOrigin,
  pieces: readonly Piece[],
  before: ReadonlyMap<string, string> | null,
  events: CloudEvent[],
): Promise<ReadonlyMap<string, string>> {
  const rows = new Map<string, string>();
  const tell = async (step: Parameters<typeof eventOfStep>[1], number: number): Promise<void> => {
    if (before === null && origin.declaration.snapshot?.first === 'baseline') return;
    const event = await eventOfStep(origin, step, number);
    if (event !== null) events.push(event);
  };
  for (const piece of pieces) {
    if (isBadPiece(piece)) throw piece.error;
    const { key = null, value, number } = piece;
    if (key === null) continue;
    const digest = Buffer.from(valueDigest(value)).toString('hex');
    const known = before?.get(key);
    rows.set(key, digest);
    if (known !== digest) await tell({ change: known === undefined ? 'created' : 'updated', key, record: value }, number);
  }
  let number = pieces.length;
  for (const key of [...(before?.keys() ?? [])].filter((key) => !rows.has(key)).sort())
    await tell({ change: 'deleted', key, record: null }, (number += 1));
  return rows;
}
