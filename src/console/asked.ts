import { type FastifyRequest } from 'fastify';
import { type Clock } from '../contract/clock.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type Journal } from '../contract/journal.ts';
import { type Caller } from '../http/access.guard.ts';

/** A request of somebody whom the guard has let in. */
export type Asked = FastifyRequest & { caller?: Caller };

/** Whether masked fields may be shown to them; each time it is recorded (rule 42). */
export const mayReveal = (caller: Caller | undefined): boolean => caller?.role === 'operator' || caller?.role === 'admin';

/** Whether masked fields are asked for. @throws GatehouseError NOT_ALLOWED when by somebody who may not */
export function asksToReveal(reveal: string | undefined, caller: Caller | undefined): boolean {
  if (reveal !== '1') return false;
  if (!mayReveal(caller)) throw new GatehouseError('NOT_ALLOWED', `${caller?.name ?? ''} may not reveal masked fields; this needs operator`);
  return true;
}

/** Awaited before anything is shown. `subject`: id of the translation, or name of the system. */
export const recordReveal = (journal: Journal, clock: Clock, caller: Caller | undefined, subject: string, why = ''): Promise<void> =>
  journal.audit({ who: caller?.name ?? '', what: 'reveal', subject, why, atMs: clock.wallMs() });

/** @throws GatehouseError NOT_POSSIBLE when `text` is no whole number */
export function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new GatehouseError('NOT_POSSIBLE', `'${name}' is a whole number`);
  return Number(text);
}

/**
 * Why somebody decides so, at most 2,000 characters.
 * @throws GatehouseError NOT_POSSIBLE when it is no text, or none that anybody can read
 */
export function whyOf({ why }: Record<string, unknown>): string {
  if (typeof why !== 'string' || !/[\p{L}\p{N}\p{P}\p{S}]/u.test(why))
    throw new GatehouseError('NOT_POSSIBLE', 'say why: every decision is recorded with its reason');
  return why.slice(0, 2_000);
}

/** @throws GatehouseError NOT_POSSIBLE when the body is no JSON object */
export function jsonBody(request: Asked): Record<string, unknown> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new GatehouseError('NOT_POSSIBLE', 'send application/json');
  try {
    const body: unknown = JSON.parse((request.body as Buffer).toString('utf8'));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new GatehouseError('NOT_POSSIBLE', 'the body is no JSON object');
}
