import { translationStates } from '../contract/journal.ts';

interface Condition {
  /** In a sentence, before what it is compared with. */
  readonly noun: string;
  /** What it finds. */
  readonly about: string;
  /** Of the command line; what is in angle brackets is what follows it. */
  readonly option: string;
}

/**
 * What a search may ask for, said once: the API takes these names, the page has them in its address, and the command line has an option for
 * each.
 */
export const searchConditions = {
  text: {
    noun: 'text',
    about:
      'words that ids, keys, failure codes, systems or operations begin with, that are a part of the event type, or where bodies are searched whole words of these',
    option: '--text <words>',
  },
  state: { noun: 'state', about: `one or more of ${translationStates.join(', ')}, with commas between them`, option: '--state <states>' },
  inDoubt: { noun: 'in doubt', about: 'parked, with a call that may or may not have happened', option: '--in-doubt' },
  overMs: { noun: 'took over', about: 'took, or has been unfinished for, longer than this', option: '--over <duration>' },
  system: { noun: 'system', about: 'one or more, with commas between them', option: '--system <systems>' },
  operation: { noun: 'operation', about: 'one or more, with commas between them', option: '--operation <operations>' },
  type: { noun: 'event type', about: 'type of the event', option: '--type <type>' },
  eventId: { noun: 'event id', about: 'id of the event', option: '--event-id <id>' },
  correlation: { noun: 'correlation id', about: 'correlation id', option: '--correlation <id>' },
  businessKey: {
    noun: 'business key',
    about: 'business key; where it is a masked field, searching by it needs operator',
    option: '--business-key <key>',
  },
  key: { noun: 'ordering key', about: 'ordering key; as the business key', option: '--key <key>' },
  code: { noun: 'error code', about: 'failure code: IN_DOUBT, EVENT_INVALID, …', option: '--code <code>' },
  from: { noun: 'from', about: 'arrived at or after this time: 2026-11-21T08:00:00Z', option: '--from <time>' },
  to: { noun: 'until', about: 'arrived before this time', option: '--to <time>' },
} as const satisfies Readonly<Record<string, Condition>>;

export type SearchCondition = keyof typeof searchConditions;
export const searchNames = Object.keys(searchConditions) as readonly SearchCondition[];

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** As people write one: `500`, `500 ms`, `1.5s`, `2 min`: in ms; null when it is none of these. */
export function durationMs(text: string): number | null {
  const [, amount = '', unit = 'ms'] = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|min|h|d)?\s*$/.exec(text) ?? [];
  return amount === '' ? null : Math.round(Number(amount) * (units[unit] ?? 1));
}
