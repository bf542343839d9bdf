/**
 * Writes one log line: a JSON object with the fields, that is the ids of what it is about as far as they are known (`system`, `operation`,
 * `translation`, `event`, `trace`), and a message in plain words. Never a payload, never a secret.
 */
export type Log = (level: 'info' | 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Under which the log is injected. */
export const LOG = Symbol('log');
