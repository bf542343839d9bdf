import { type Json } from '../../../contract/json.ts';
import { type Drafting, type DraftPart } from '../../../contract/transport.ts';
import { type BatchPlan } from './batch.plan.ts';
import { doneWith } from './drop.exchange.ts';
import { type DropFile, type DropPlan } from './drop.plan.ts';

const mostNumbers = 1_000;

/** What the trace of an earlier drop says of its file. */
interface Done {
  readonly file?: unknown;
  readonly sequence?: unknown;
}

/**
 * The file that a drop would write, and under which name: with the number, and the place among taken names, of the drop it is compared with.
 * @throws GatehouseError CALL_REFUSED_ARGUMENTS
 */
export function draftOfDrop(plan: DropPlan, directory: string, args: Json, { nowMs, like }: Drafting): readonly DraftPart[] {
  const before = doneOf(like);
  const number = plan.counter !== null && Number.isSafeInteger(before.sequence) ? (before.sequence as number) : null;
  const file = number === null ? plan.draft(args, nowMs) : plan.file(args, { atMs: nowMs, sequence: number });
  const name = nameIn(file, plan, before);
  const unknown = plan.counter !== null && number === null ? { number: `the next of ${plan.counter}, shown as 1` } : {};
  return [
    { kind: 'sent', media: 'application/octet-stream', bytes: file.bytes },
    { kind: 'note', media: 'application/json', bytes: Buffer.from(JSON.stringify({ ...doneWith(file, directory, name), ...unknown })) },
  ];
}

/**
 * The records that one event adds to a batch, and what can be said of the file before the batch closes: with the number of the file that it is
 * compared with.
 * @throws GatehouseError CALL_REFUSED_ARGUMENTS
 */
export function draftOfMember(plan: DropPlan, batch: BatchPlan, directory: string, args: Json, { nowMs, like }: Drafting): readonly DraftPart[] {
  const { sequence } = doneOf(like);
  const number = plan.counter !== null && Number.isSafeInteger(sequence) ? (sequence as number) : null;
  const { bytes, gathering, alone } = batch.member(args, nowMs, number ?? 1);
  const { group, close } = gathering;
  const name = alone.name(1);
  const said = {
    file: name,
    directory,
    marker: alone.marker(name),
    ...(plan.counter !== null && number === null ? { number: `the next of ${plan.counter}, shown as 1` } : {}),
    ...(plan.dated ? { date: 'the moment at which the batch closes; the name shows that of the event' } : {}),
    ...(group === '' ? {} : { group }),
    place: 'not known before the batch closes: which record of the file it is, its offset, and the size and hash of the file',
    closes: `at ${close.events} events, at ${close.bytes} bytes of records, or ${close.afterMs / 1_000} s after its first event`,
  };
  return [
    { kind: 'note', media: 'application/octet-stream', bytes },
    { kind: 'note', media: 'application/json', bytes: Buffer.from(JSON.stringify(said)) },
  ];
}

function doneOf(like: Drafting['like']): Done {
  const part = like?.findLast(({ kind, media }) => kind === 'received' && media === 'application/json');
  if (part === undefined) return {};
  const done = JSON.parse(Buffer.from(part.bytes).toString()) as Done | null;
  return typeof done === 'object' && done !== null ? done : {};
}

function nameIn(file: DropFile, { drop }: DropPlan, { file: before }: Done): ReturnType<DropFile['name']> {
  if (drop.ifExists === 'number') for (let n = 2; n <= mostNumbers; n += 1) if (file.name(n) === before) return file.name(n);
  return file.name(1);
}
