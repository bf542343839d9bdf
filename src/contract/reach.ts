/** How a reply left, as the journal knows it. */
export interface Published {
  readonly state: 'pending' | 'published' | 'refused' | null;
  /** False: no queue was bound. */
  readonly routed: boolean | null;
  /** In the log of the embedded bus: `GET /events` reads it, whether a queue is bound or not. */
  readonly readable: boolean;
}

/** Nobody can have it: a queue is missing at the broker. */
export const isUnrouted = ({ routed, readable }: Published): boolean => routed === false && !readable;

/** Whom a published reply has reached, in words; empty while it is on its way. */
export function reachWords(reply: Published): string {
  if (reply.routed === true) return 'routed';
  if (isUnrouted(reply)) return 'no queue was bound';
  return reply.routed === false ? 'readable at GET /events' : '';
}
