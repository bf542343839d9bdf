import pc from 'picocolors';
import { type Failure, type TranslationState } from '../contract/journal.ts';
import { type BatchRow, type TranslationRow } from '../contract/journal-reader.ts';
import { safeText } from './safe-text.ts';

/** One colour and one word a state, as everywhere. */
const colours: Readonly<Record<TranslationState, (text: string) => string>> = {
  received: pc.cyan,
  running: pc.blue,
  waiting: pc.yellow,
  parked: pc.red,
  answered: pc.green,
  published: pc.green,
  discarded: pc.dim,
};

export const stateWord = (state: TranslationState): string => colours[state](state);

export const clockTime = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

/** What has become of a translation, in one phrase. */
export function outcomePhrase(row: TranslationRow): string {
  switch (row.state) {
    case 'received':
      return row.behind === null ? 'ready' : `waits behind ${row.behind.slice(0, 8)}, which has the same key`;
    case 'running':
      return 'at work';
    case 'waiting':
      return waitingPhrase(row);
    case 'parked':
      return failurePhrase(row.failure);
    case 'answered':
      return 'replies are on their way';
    case 'published':
      return row.finishedMs === null ? 'done' : `done in ${row.finishedMs - row.receivedMs} ms`;
    case 'discarded':
      return 'given up by a person';
  }
}

function waitingPhrase({ waitingFor, dueMs, failure }: TranslationRow): string {
  const because = failure === null ? '' : `: ${safeText(failure.message)}`;
  if (waitingFor === 'system') return `for its system${because}`;
  if (waitingFor === 'batch') return 'in a batch';
  if (waitingFor === 'reply') return 'for a reply that comes later';
  return `until ${dueMs === null ? 'now' : clockTime(dueMs)}${because}`;
}

export const failurePhrase = (failure: Failure | null): string => (failure === null ? '' : `${failure.code}: ${safeText(failure.message)}`);

/** What becomes of a batch, in one line. */
export function batchLine({ seq, call, group, state, events, bytes, dueMs, attempts, failure, answer }: BatchRow): string {
  const name = group === '' ? call : `${call} ${group}`;
  const when = dueMs === null ? '' : `, due ${dueMs === 0 ? 'now' : new Date(dueMs).toISOString()}`;
  const file = answer === null ? '' : `  ${JSON.stringify(answer)}`;
  const tried = failure === null ? '' : `  after ${attempts} tries: ${failure.code}: ${failure.message}`;
  return safeText(`${String(seq).padStart(6)}  ${state.padEnd(9)} ${name.padEnd(24)} ${events} members, ${bytes} bytes${when}${file}${tried}`);
}

/** One line of a list. */
export function rowLine(row: TranslationRow): string {
  const name = `${row.system} ${row.operation}`.padEnd(28);
  return `${clockTime(row.receivedMs)}  ${row.id.slice(0, 8)}  ${stateWord(row.state)}${' '.repeat(Math.max(1, 10 - row.state.length))}${name} ${safeText(row.businessKey ?? row.eventId).padEnd(14)} ${outcomePhrase(row)}`;
}
