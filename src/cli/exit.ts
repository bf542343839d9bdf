import { type Code, GatehouseError } from '../contract/errors.ts';

/** What the process says to scripts when it ends. */
export const exitCodes = {
  ok: { code: 0, means: 'done' },
  failed: { code: 1, means: 'refused or failed; the message says why' },
  usage: { code: 2, means: 'the command line is wrong' },
  notFound: { code: 3, means: 'there is nothing with this id' },
  noGateway: { code: 4, means: 'no gateway answers, and the command needs one' },
  changed: { code: 5, means: 'somebody else changed it first: look again' },
  config: { code: 6, means: 'the configuration has mistakes' },
} as const;

const byCode: Partial<Record<Code, number>> = { NOT_FOUND: 3, CHANGED: 5, CONFIG_INVALID: 6 };

/** No gateway answered at this address. */
export class NoGateway extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof NoGateway) return exitCodes.noGateway.code;
  return error instanceof GatehouseError ? (byCode[error.code] ?? 1) : 1;
}
