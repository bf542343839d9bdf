import { type TranslationRow } from '../contract/journal-reader.ts';
import { type DemoEvent, type DemoSystem } from './demo-events.ts';

export interface DemoFigures {
  readonly events: number;
  readonly published: number;
  readonly refused: number;
  readonly parked: number;
  readonly inDoubt: number;
  readonly duplicates: number;
  /** Events out of files that no event asked for. */
  readonly broughtIn: number;
  /** Events without a final or parked state. */
  readonly lost: number;
  /** Where the ledgers of the practice systems, or the replies, say something else than the journal. */
  readonly mismatches: number;
}

const refusals = new Set([
  'com.acme.stock.refused.v1',
  'com.acme.incident.refused.v1',
  'com.acme.order.rejected.v1',
  'com.acme.shipment.rejected.v1',
  'com.acme.posting.rejected.v1',
  'com.acme.reservation.refused.v1',
]);

/** How many events a night of the ledger is. */
export interface Night {
  readonly accounts: number;
  readonly customers: number;
}

/** By practice system: how often its ledger has what this reference names. */
export type Books = Readonly<Record<DemoSystem, (ref: string) => number>>;

/**
 * Judges by the ledgers: what must be there once is there once, what was refused is not there, every published one has its one reply.
 * What is brought in is as much as the mainframe left.
 */
export function judge(
  events: readonly DemoEvent[],
  rows: readonly TranslationRow[],
  replies: readonly { type: string; causation: string }[],
  books: Books,
  night: Night,
): DemoFigures {
  const byEvent = new Map(rows.map((row) => [row.eventId, row]));
  let [lost, mismatches] = [0, 0];
  for (const { event, effect, refused } of events) {
    const row = byEvent.get(event.id);
    if (row === undefined || !['published', 'parked', 'discarded'].includes(row.state)) lost += 1;
    const done = books[effect.system](effect.ref);
    const own = replies.filter(({ causation }) => causation === event.id);
    if (done !== effect.count) mismatches += 1;
    if (row?.state === 'published' && (own.length !== 1 || refusals.has(own[0]?.type ?? '') !== refused)) mismatches += 1;
  }
  const broughtIn = replies.filter(({ causation }) => causation === '');
  const ofType = (type: string): number => broughtIn.filter((each) => each.type === type).length;
  if (ofType('com.acme.account.stated.v1') !== night.accounts || ofType('com.acme.customer.created.v1') !== night.customers) mismatches += 1;
  const count = (test: (row: TranslationRow) => boolean): number => rows.filter(test).length;
  return {
    events: events.length,
    published: count(({ state }) => state === 'published'),
    refused: replies.filter(({ type }) => refusals.has(type)).length,
    parked: count(({ state }) => state === 'parked'),
    inDoubt: count(({ failure }) => failure?.code === 'IN_DOUBT'),
    duplicates: rows.reduce((sum, { duplicates }) => sum + duplicates, 0),
    broughtIn: broughtIn.length,
    lost,
    mismatches,
  };
}
