import type { Failure } from '../../contract/journal.ts';
import type { TranslationRow } from '../../contract/journal-reader.ts';
import type { Database } from './database.ts';
import type { TranslationRecord } from './ledger.ts';

/** All columns of a translation. */
export type FullRecord = TranslationRecord & {
  native: string | null;
  duplicates: number;
  replay_of: string | null;
  received: number;
  finished: number | null;
  changed: number;
};

/** A row says what the replies are, and does not list them all. */
const mostReplies = 4;

/** A translation as readers see it. */
export function translationRow(db: Database, row: FullRecord): TranslationRow {
  const behind =
    row.state === 'received' && row.ready === 0 && row.key !== null
      ? (db.get<{ id: string }>(
          'SELECT id FROM translation INDEXED BY translation_key WHERE system = ? AND key = ? AND holds = 1 AND seq < ? ORDER BY seq LIMIT 1',
          row.system,
          row.key,
          row.seq,
        )?.id ?? null)
      : null;
  return {
    seq: row.seq,
    id: row.id,
    version: row.version,
    system: row.system,
    operation: row.operation,
    state: row.state as TranslationRow['state'],
    waitingFor: row.waiting as TranslationRow['waitingFor'],
    dueMs: row.due,
    behind,
    type: row.type,
    eventId: row.event_id,
    source: row.source,
    correlation: row.correlation,
    key: row.key,
    businessKey: row.business_key,
    attempts: row.attempts,
    runs: row.runs,
    failure: failureOf(row),
    duplicates: row.duplicates,
    replayOf: row.replay_of,
    receivedMs: row.received,
    finishedMs: row.finished,
    replyTypes: replyTypes(db, row),
    changed: row.changed,
  };
}

function replyTypes(db: Database, { seq, state }: FullRecord): readonly string[] {
  if (state !== 'answered' && state !== 'published' && state !== 'discarded') return [];
  const replies = db.all<{ type: string }>(
    `SELECT e.attributes ->> '$.type' AS type FROM outbox o INDEXED BY outbox_translation CROSS JOIN event e ON e.seq = o.event
      WHERE o.translation = ? ORDER BY o.seq LIMIT ?`,
    seq,
    mostReplies,
  );
  return replies.map(({ type }) => type);
}

export function failureOf({ code, message, native }: { code: string | null; message: string | null; native: string | null }): Failure | null {
  return code === null ? null : { code: code as Failure['code'], message: message ?? '', ...(native === null ? {} : { native }) };
}
