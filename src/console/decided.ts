import { randomUUID } from 'node:crypto';
import { GatehouseError } from '../contract/errors.ts';
import { type Asked } from './asked.ts';

/** Most characters of what people send with a decision. More is refused, never cut: half a reason may say the opposite. */
export const longest = { key: 128, why: 2_000, note: 2_000, owner: 200 } as const;

type Body = Readonly<Record<string, unknown>>;

/** Trimmed; empty when there is none. @throws GatehouseError NOT_POSSIBLE when it is no text or longer than it may be */
export function textIn(body: Body, name: keyof typeof longest): string {
  const text = body[name] ?? '';
  if (typeof text !== 'string') throw new GatehouseError('NOT_POSSIBLE', `'${name}' is text`);
  if (text.length > longest[name])
    throw new GatehouseError('NOT_POSSIBLE', `'${name}' has ${text.length} characters; at most ${longest[name]} are allowed: say it shorter`);
  return text.trim();
}

/** @throws GatehouseError NOT_POSSIBLE when there is none that anybody can read, or it is longer than it may be */
export function whyOf(body: Body): string {
  const why = textIn(body, 'why');
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(why)) throw new GatehouseError('NOT_POSSIBLE', 'say why: every decision is recorded with its reason');
  return why;
}

/** The same request with the same key does nothing more. @throws GatehouseError NOT_POSSIBLE when there is none, or it is longer than it may be */
export function keyOf(request: Asked, body: Body): string {
  const key = keyIn(request, body);
  if (key === '') throw new GatehouseError('NOT_POSSIBLE', `send a 'key' of your own making, up to ${longest.key} characters`);
  return key;
}

/** As `keyOf`; without one each request is another. */
export const keyOrNew = (request: Asked, body: Body): string => keyIn(request, body) || randomUUID();

const keyIn = (request: Asked, body: Body): string => textIn({ key: body['key'] ?? request.headers['idempotency-key'] }, 'key');
