import { existsSync, readFileSync } from 'node:fs';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Tally } from '../../src/contract/journal.ts';
import { type TranslationRow } from '../../src/contract/journal-reader.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { derivedUuid } from '../../src/gateway/identity.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { type DepotEntry } from '../../src/practice/line/depot.server.ts';

export interface Figures {
  events: number;
  /** Acknowledged and neither final nor parked. */
  lost: number;
  /** Effects that must happen once and stand twice in the system's own ledger. */
  repeatedOnce: number;
  /** Published without its reply, or a reply that the ledger does not bear out. */
  missingReplies: number;
  /** One event answered under two ids, or under an id that is not the derived one. */
  doubleReplies: number;
  inDoubt: number;
  /** Parked for any other reason. */
  parked: number;
}

export async function rowsOf(folder: string): Promise<TranslationRow[]> {
  const { journal } = await openSqliteJournal(
    Object.assign(new JournalSettings(), { path: `${folder}/journal.db`, reserveBytes: 0 }),
    new SystemClock(),
  );
  try {
    const rows: TranslationRow[] = [];
    for (let before: number | null = null; ;) {
      const page = await journal.reader.list({}, { limit: 500, ...(before === null ? {} : { before }) });
      rows.push(...page.rows);
      if (page.next === null) break;
      before = page.next;
    }
    checkCounts(journal.tallies(), rows);
    return rows;
  } finally {
    await journal.close();
  }
}

/** The counts that are kept are those of the rows. @throws Error */
function checkCounts(tallies: readonly Tally[], rows: readonly TranslationRow[]): void {
  const counted = new Map<string, number>();
  for (const { state, count } of tallies) counted.set(state, (counted.get(state) ?? 0) + count);
  for (const { state } of rows) counted.set(state, (counted.get(state) ?? 0) - 1);
  const wrong = [...counted].filter(([, difference]) => difference !== 0);
  if (wrong.length > 0) throw new Error(`the kept counts differ from the rows: ${JSON.stringify(wrong)}`);
}

export function publishedOutside(folder: string): CloudEvent['attributes'][] {
  const file = `${folder}/published.jsonl`;
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as CloudEvent['attributes']);
}

export const isInDoubt = (row: TranslationRow): boolean =>
  row.state === 'parked' && (row.failure?.code === 'IN_DOUBT' || row.failure?.code === 'REPLY_TIMEOUT');

/** Judges by what does not belong to the gateway: the events as they were posted, the ledger, the replies as they were seen. */
export function judge(
  events: readonly CloudEvent[],
  rows: readonly TranslationRow[],
  ledger: readonly DepotEntry[],
  replies: readonly CloudEvent['attributes'][],
): Figures {
  const figures: Figures = { events: events.length, lost: 0, repeatedOnce: 0, missingReplies: 0, doubleReplies: 0, inDoubt: 0, parked: 0 };
  const byEvent = new Map(rows.map((row) => [row.eventId, row]));
  const replied = new Map<string, Set<string>>();
  for (const { id, causationid = '' } of replies) replied.set(causationid, (replied.get(causationid) ?? new Set()).add(id));
  for (const { attributes } of events) {
    const row = byEvent.get(attributes.id);
    const ids = replied.get(attributes.id) ?? new Set();
    if (row === undefined || !['published', 'parked', 'discarded'].includes(row.state)) figures.lost += 1;
    else if (isInDoubt(row)) figures.inDoubt += 1;
    else if (row.state === 'parked') figures.parked += 1;
    else if (row.operation !== 'nudge-shelf' && ids.size === 0) figures.missingReplies += 1;
    if (ids.size > 1 || (row !== undefined && [...ids].some((id) => id !== derivedUuid(row.id, 'reply', '0')))) figures.doubleReplies += 1;
  }
  const once = ledger.filter(({ kind }) => kind !== 'nudge').map(({ kind, ref }) => `${kind} ${ref}`);
  figures.repeatedOnce = once.length - new Set(once).size;
  figures.missingReplies += unborne(replies, rows, new Set(once));
  return figures;
}

/** Replies that say it was done when the ledger says it was not. */
function unborne(replies: readonly CloudEvent['attributes'][], rows: readonly TranslationRow[], done: ReadonlySet<string>): number {
  const byEvent = new Map(rows.map((row) => [row.eventId, row]));
  const claims: Readonly<Record<string, (ref: string) => string[]>> = {
    'com.acme.stock.reserved.v1': (ref) => [`reserve ${ref}`],
    'com.acme.pair.reserved.v1': (ref) => [`reserve ${ref}-left`, `reserve ${ref}-right`],
    'com.acme.order.confirmed.v1': (ref) => [`order ${ref}`],
  };
  return replies.filter(({ type, causationid = '' }) => {
    const ref = byEvent.get(causationid)?.businessKey ?? '';
    return (claims[type]?.(ref) ?? []).some((claim) => !done.has(claim));
  }).length;
}
