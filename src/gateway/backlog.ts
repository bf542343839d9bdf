import { type Journal } from '../contract/journal.ts';
import { type System } from './system.ts';

/** Below this share of its limits a backlog takes in again: not at every translation that ends. */
const lowWaterMark = 0.8;

/** What of a system is not done yet, against its limits `backlog` and `backlogWaiting`. */
export interface Backlog {
  /** Translations that are ready, at work or due later; those that wait for a key, a batch or a reply have their own limit (rule 18). */
  readonly active: number;
  /** Nothing more is taken in. */
  readonly full: boolean;
  /** What was held takes in again (rule 30). */
  readonly low: boolean;
}

/** Of the counts that the journal keeps: costs no query. */
export function backlogOf(journal: Pick<Journal, 'tallies'>, { name, settings }: System): Backlog {
  let active = 0;
  let waiting = 0;
  for (const { system, state, detail, count } of journal.tallies()) {
    if (system !== name) continue;
    if (detail === 'behind' || detail === 'batch' || detail === 'reply') waiting += count;
    else if (state === 'received' || state === 'running' || state === 'waiting') active += count;
  }
  const { backlog, backlogWaiting } = settings;
  return {
    active,
    full: active >= backlog || waiting >= backlogWaiting,
    low: active <= backlog * lowWaterMark && waiting <= backlogWaiting * lowWaterMark,
  };
}
