import { type JSX } from 'preact';
import { type TranslationState } from '../../../contract/journal.ts';
import { type TranslationRow } from '../../../contract/journal-reader.ts';
import { localTime } from './time.tsx';

/** Every state with its sign, so that colour is never the only one. `in doubt` is parked, and the one that nobody may overlook. */
export const signs: Readonly<Record<TranslationState | 'in doubt', string>> = {
  received: '○',
  running: '◐',
  waiting: '◷',
  parked: '■',
  'in doubt': '?',
  answered: '◑',
  published: '●',
  discarded: '×',
};

export type ShownState = keyof typeof signs;

export const shownState = ({ state, failure }: Pick<TranslationRow, 'state' | 'failure'>): ShownState =>
  state === 'parked' && failure?.code === 'IN_DOUBT' ? 'in doubt' : state;

/** One word and one colour a state, as in the command line. */
export function State({ of }: { readonly of: ShownState }): JSX.Element {
  return (
    <span class={`state state-${of.replace(' ', '-')}`}>
      <span aria-hidden="true">{signs[of]}</span> {of}
    </span>
  );
}

/** What has become of a translation, in one phrase. */
export function outcomeOf(row: TranslationRow): string {
  switch (row.state) {
    case 'received':
      return row.behind === null ? 'ready' : `waits behind ${row.behind.slice(0, 8)}, which has the same key`;
    case 'running':
      return 'at work';
    case 'waiting':
      return waitingFor(row);
    case 'parked':
      return row.failure === null ? '' : `${row.failure.code}: ${row.failure.message}`;
    case 'answered':
      return 'replies are on their way';
    case 'published':
      return repliesOf(row) || 'done, without a reply';
    case 'discarded':
      return ['given up by a person', repliesOf(row)].filter((words) => words !== '').join(': ');
  }
}

/** A refusal is a reply like any other: its type tells it. */
const repliesOf = ({ replyTypes }: TranslationRow): string => [...new Set(replyTypes)].join(', ');

function waitingFor({ waitingFor: what, dueMs, failure }: TranslationRow): string {
  const because = failure === null ? '' : `: ${failure.message}`;
  if (what === 'system') return `for its system${because}`;
  if (what === 'batch') return 'in a batch';
  if (what === 'reply') return 'for a reply that comes later';
  return `until ${dueMs === null ? 'now' : localTime(dueMs)}${because}`;
}
