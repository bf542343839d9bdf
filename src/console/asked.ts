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

/** Most bytes of a body beside the data that it carries: more than anything that people choose or write comes to. */
const mostBytes = 262_144;

/**
 * `mostData`: bytes of data that the body may carry.
 * @throws GatehouseError NOT_POSSIBLE when the body is no JSON object, or larger than it may be
 */
export function jsonBody(request: Asked, mostData = 0): Record<string, unknown> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new GatehouseError('NOT_POSSIBLE', 'send application/json');
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (bytes.byteLength > mostBytes + mostData)
    throw new GatehouseError('NOT_POSSIBLE', `the body has ${bytes.byteLength} bytes; at most ${mostBytes + mostData} are allowed here: send less`);
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new GatehouseError('NOT_POSSIBLE', 'the body is no JSON object');
}
