import { type BatchState } from '../../src/contract/batch.ts';
import { type Failure } from '../../src/contract/journal.ts';
import {
  type BatchRow,
  type JournalReader,
  type Story,
  type StoryCall,
  type StoryPart,
  type TranslationRow,
} from '../../src/contract/journal-reader.ts';

/* What a journal has to say to somebody who looks for the cause of a scenario that was not clean: the stories of the rows in question. */

const batchStates: readonly BatchState[] = ['open', 'calling', 'in doubt', 'answered', 'discarded'];
/** Rows told in full; the others are counted. */
const most = 12;

/** The stories of these rows and all batches of the system, in lines. */
export async function findings(reader: JournalReader, system: string, rows: readonly TranslationRow[]): Promise<readonly string[]> {
  const told: string[] = [];
  for (const { id } of rows.slice(0, most)) {
    const story = await reader.story(id);
    if (story !== null) told.push(...storyOf(story));
  }
  if (rows.length > most) told.push(`and ${rows.length - most} rows more`);
  const batches = await reader.batches(system, batchStates, 500);
  for (const { seq } of batches.toReversed()) {
    const found = await reader.batch(seq);
    if (found === null) continue;
    told.push(
      batchOf(
        found.batch,
        found.members.map(({ id }) => id),
      ),
      ...found.parts.flatMap(noteOf),
    );
  }
  return told;
}

function storyOf({ translation, attempts, calls, replies }: Story): string[] {
  const { id, operation, eventId, businessKey, state, waitingFor, failure, runs } = translation;
  return [
    `${operation} ${eventId} ${businessKey ?? ''} (${id}): ${state} ${waitingFor ?? ''} after ${runs} runs${failed(failure)}`,
    ...attempts.map(
      ({ run, startedMs, endedMs, outcome, failure: why }) =>
        `  run ${run}: ${time(startedMs)} to ${time(endedMs)}, ${outcome ?? 'open'}${failed(why)}`,
    ),
    ...calls.flatMap((call) => [callOf(call), ...call.parts.flatMap(noteOf)]),
    ...replies.map((reply) => `  reply ${reply.attributes.id}: ${reply.state}`),
  ];
}

function callOf({ seq, run, name, state, answeredBy, failure, probeOf, batch, correlation, leftMs, deadlineMs, endedMs }: StoryCall): string {
  const times = `left ${time(leftMs)}, due ${time(deadlineMs)}, ended ${time(endedMs)}`;
  const of = [
    ...(probeOf === null ? [] : [`settles ${probeOf}`]),
    ...(batch === null ? [] : [`place ${batch.place ?? '-'} in batch ${batch.seq}, ${batch.state}`]),
    ...(correlation === null ? [] : [`awaits ${correlation}`]),
  ];
  return `  call ${seq} ${name} of run ${run}: ${state} by ${answeredBy}, ${[...of, times].join(', ')}${failed(failure)}`;
}

function batchOf({ seq, call, state, events, dueMs, attempts, failure, answer, leftMs, endedMs }: BatchRow, members: readonly string[]): string {
  const times = `due ${time(dueMs)}, left ${time(leftMs)}, ended ${time(endedMs)}`;
  return `batch ${seq} of ${call}: ${state}, ${events} events, ${attempts} attempts, ${times}, answer ${JSON.stringify(answer)}, members ${members.join()}${failed(failure)}`;
}

function noteOf({ kind, atMs, body }: StoryPart): string[] {
  const text = body.bytes === null ? '' : Buffer.from(body.bytes.subarray(0, 240)).toString('latin1').replace(/\s+/g, ' ');
  return [`    ${time(atMs)} ${kind} ${body.size} bytes: ${text}`];
}

const failed = (failure: Failure | null): string => (failure === null ? '' : `; ${failure.code}: ${failure.message}`);
const time = (ms: number | null): string => (ms === null ? '-' : new Date(ms).toISOString().slice(11, 23));
