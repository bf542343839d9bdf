/** One line of the log. Fields hold ids and numbers, never a payload or a secret. */
export type Log = (level: 'info' | 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void;
