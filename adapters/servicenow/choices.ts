/** Choices of the incident table, and what events call them. @see ServiceNow, incident state model; task.urgency, task.impact */

export const levels = { low: '3', medium: '2', high: '1' } as const;
export type Level = keyof typeof levels;

export const states = { new: '1', 'in-progress': '2', 'on-hold': '3', resolved: '6', closed: '7', canceled: '8' } as const;
export type State = keyof typeof states;

/** The states that an incident does not leave again. */
const finalStates: ReadonlySet<string> = new Set([states.closed, states.canceled]);
export const isFinal = (state: string | undefined): boolean => state !== undefined && finalStates.has(state);

/** An instance may have states of its own: they keep their number. */
export const stateName = (state: string): string => Object.entries(states).find(([, value]) => value === state)?.[0] ?? state;

/** `2026-11-21 08:15:00` (UTC, as the table stores it) as `2026-11-21T08:15:00Z`; undefined for anything else. */
export const instantOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : undefined;
