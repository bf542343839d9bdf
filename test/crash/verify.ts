import { existsSync, readFileSync } from 'node:fs';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Tally } from '../../src/contract/journal.ts';
import { type TranslationRow, type UnusedNumber } from '../../src/contract/journal-reader.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { derivedUuid } from '../../src/gateway/identity.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { type SqliteJournal, openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { type Backend, type Effect } from './backends/backend.ts';
import { type Reply } from './events.ts';
import { findings } from './findings.ts';

export interface Figures {
  events: number;
  /** Acknowledged and neither final nor parked. */
  lost: number;
  /** Effects that must happen once and stand twice in the system's own ledger. */
  repeatedOnce: number;
  /** Published without the reply that is due, or a reply that is not due or that the ledger does not bear out. */
  missingReplies: number;
  /** One event answered under two ids, or under an id that is not the derived one. */
  doubleReplies: number;
  inDoubt: number;
  /** Parked for any other reason. */
  parked: number;
  /** Whatever else is wrong, in words. */
  oddities: string[];
}

/** What the journal says in the end. */
export interface Account {
  readonly rows: readonly TranslationRow[];
  readonly unused: readonly UnusedNumber[];
}

/** Reads the journal of this folder while no gateway has it. */
async function reading<T>(folder: string, read: (journal: SqliteJournal) => Promise<T>): Promise<T> {
  const settings = Object.assign(new JournalSettings(), { path: `${folder}/journal.db`, reserveBytes: 0 });
  const { journal } = await openSqliteJournal(settings, new SystemClock());
  try {
    return await read(journal);
  } finally {
    await journal.close();
  }
}

/** The stories of the rows that have no good end. */
export async function storiesOf(folder: string, system: string, isGood: (row: TranslationRow) => boolean): Promise<readonly string[]> {
  const { rows } = await accountOf(folder, system);
  return reading(folder, ({ reader }) =>
    findings(
      reader,
      system,
      rows.filter((row) => !isGood(row)),
    ),
  );
}

export async function accountOf(folder: string, system = ''): Promise<Account> {
  return reading(folder, async (journal) => {
    const rows: TranslationRow[] = [];
    for (let before: number | null = null; ;) {
      const page = await journal.reader.list({}, { limit: 500, ...(before === null ? {} : { before }) });
      rows.push(...page.rows);
      if (page.next === null) break;
      before = page.next;
    }
    checkCounts(journal.tallies(), rows);
    return { rows, unused: await journal.reader.unusedNumbers(system, 500) };
  });
}

/** The counts that are kept are those of the rows. @throws Error */
function checkCounts(tallies: readonly Tally[], rows: readonly TranslationRow[]): void {
  const counted = new Map<string, number>();
  for (const { state, count } of tallies) counted.set(state, (counted.get(state) ?? 0) + count);
  for (const { state } of rows) counted.set(state, (counted.get(state) ?? 0) - 1);
  const wrong = [...counted].filter(([, difference]) => difference !== 0);
  if (wrong.length > 0) throw new Error(`the kept counts differ from the rows: ${JSON.stringify(wrong)}`);
}

export function publishedOutside(folder: string): Reply[] {
  const file = `${folder}/published.jsonl`;
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Reply);
}

export const isInDoubt = (row: TranslationRow): boolean =>
  row.state === 'parked' && (row.failure?.code === 'IN_DOUBT' || row.failure?.code === 'REPLY_TIMEOUT');

/** What does not belong to the gateway, and judges it: the events as they were posted, the replies as they were seen, the ledger. */
export interface Evidence {
  readonly events: readonly CloudEvent[];
  readonly replies: readonly Reply[];
  readonly ledger: readonly Effect[];
  /** Calls in doubt that a person has settled. */
  readonly settled: number;
}

export function judge({ events, replies, ledger, settled }: Evidence, { rows, unused }: Account, backend: Backend): Figures {
  const figures: Figures = {
    events: events.length,
    lost: 0,
    repeatedOnce: 0,
    missingReplies: 0,
    doubleReplies: 0,
    inDoubt: 0,
    parked: 0,
    oddities: [],
  };
  const byEvent = new Map(rows.map((row) => [row.eventId, row]));
  const brought = replies.filter(({ type }) => backend.produces.includes(type));
  const replied = new Map<string, Reply[]>();
  for (const reply of replies) replied.set(reply.cause, [...(replied.get(reply.cause) ?? []), reply]);
  const done = new Set(ledger.map(textOf));
  for (const event of events) {
    const { id } = event.attributes;
    const row = byEvent.get(id);
    const due = backend.due(event);
    const seen = replied.get(id) ?? [];
    const overdue = due.unanswered === true && row?.failure?.code === 'REPLY_TIMEOUT';
    if (row === undefined || !['published', 'parked', 'discarded'].includes(row.state)) {
      figures.lost += 1;
      figures.oddities.push(`lost: ${id}, ${row?.state ?? 'unknown'} ${row?.waitingFor ?? ''} ${row?.failure?.message ?? ''}`);
    } else if (isInDoubt(row) && !overdue) figures.inDoubt += 1;
    else if (row.state === 'parked' && !overdue) {
      figures.parked += 1;
      figures.oddities.push(`parked: ${id}, ${row.failure?.code ?? ''} ${row.failure?.message ?? ''}`);
    } else if (due.reply !== null && seen.length === 0 && !overdue) figures.missingReplies += 1;
    figures.missingReplies += seen.filter((reply) => reply.type !== due.reply || !isBorneOut(backend.claims(reply), due.effects, done)).length;
    const ids = new Set(seen.map((reply) => reply.id));
    if (ids.size > 1 || (row !== undefined && [...ids].some((each) => each !== derivedUuid(row.id, 'reply', '0')))) figures.doubleReplies += 1;
  }
  const posted = new Set(events.map(({ attributes }) => attributes.id));
  figures.missingReplies += replies.filter((reply) => !posted.has(reply.cause) && !brought.includes(reply)).length;
  figures.repeatedOnce = ledger.length - new Set(ledger.map(({ name }) => name)).size;
  figures.oddities.push(...backend.inspect({ rows, unused, brought, inDoubt: figures.inDoubt + settled }));
  return figures;
}

const textOf = ({ name, mark }: Effect): string => `${name} = ${mark}`;

/** Whether the reply says of every effect of its event, and of no other, what the ledger says of it. */
function isBorneOut(claims: readonly Effect[], effects: readonly string[], done: ReadonlySet<string>): boolean {
  return claims.length === effects.length && claims.every((claim) => effects.includes(claim.name) && done.has(textOf(claim)));
}

/** Rows in doubt of operations that the backend leaves no room for doubt. */
export const undulyDoubted = (rows: readonly TranslationRow[], { doubtful }: Pick<Backend, 'doubtful'>): readonly TranslationRow[] =>
  rows.filter((row) => isInDoubt(row) && !doubtful.some(({ operation }) => operation === row.operation));

export const inWords = ({ operation, eventId, failure }: TranslationRow): string =>
  `in doubt: ${operation} of ${eventId}, ${failure?.code ?? ''} ${failure?.message ?? ''}`;
