import type { BulkItemRow, BulkItemState, BulkRow, BulkSelection, Selected } from '../../contract/bulk.ts';
import type { JournalReader } from '../../contract/journal-reader.ts';
import type { BodyCodec } from './bodies.ts';
import { type BulkItemRecord, type BulkRecord, bulkRow } from './bulk-rows.ts';
import type { Database } from './database.ts';
import { membersOf } from './groups.ts';
import { everyFitting } from './search.ts';

interface Found {
  readonly seq: number;
  readonly version: number;
  readonly system: string;
  readonly operation: string;
}

const maxLimit = 500;
const readAtOnce = 2_000;

/** What is selected, in one look. */
export function selected(db: Database, selection: BulkSelection, limit: number): Selected {
  const found =
    'ids' in selection
      ? named(db, selection.ids)
      : standing(db, 'group' in selection ? membersOf(db, selection.group, limit) : everyFitting(db, selection.filter, limit));
  const groups = new Map<string, { readonly system: string; readonly operation: string; count: number }>();
  for (const { system, operation } of found) {
    const name = `${system}\0${operation}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { system, operation, count: 1 });
    else group.count += 1;
  }
  const ordered = found.sort((a, b) => a.seq - b.seq);
  return {
    seqs: Float64Array.from(ordered, ({ seq }) => seq),
    versions: Float64Array.from(ordered, ({ version }) => version),
    first: ordered.slice(0, 3).flatMap(({ seq }) => db.get<{ id: string }>('SELECT id FROM translation WHERE seq = ?', seq)?.id ?? []),
    groups: [...groups.values()].sort((a, b) => b.count - a.count),
  };
}

function standing(db: Database, seqs: readonly number[]): Found[] {
  const found: Found[] = [];
  for (let from = 0; from < seqs.length; from += readAtOnce)
    found.push(
      ...db.all<Found>(
        'SELECT seq, version, system, operation FROM translation WHERE seq IN (SELECT value FROM json_each(?))',
        JSON.stringify(seqs.slice(from, from + readAtOnce)),
      ),
    );
  return found;
}

function named(db: Database, ids: readonly string[]): Found[] {
  return [...new Set(ids)].flatMap((id) => {
    const row = db.get<Found>(
      'SELECT t.seq, t.version, t.system, t.operation FROM identity i JOIN translation t ON t.seq = i.translation WHERE i.key = ?',
      id,
    );
    return row === undefined ? [] : [row];
  });
}

export function bulks(db: Database, codec: BodyCodec, { before, changedAfter, limit }: Parameters<JournalReader['bulks']>[0]): BulkRow[] {
  const most = Math.max(1, Math.min(limit, maxLimit));
  const rows =
    changedAfter === undefined
      ? db.all<BulkRecord>('SELECT * FROM bulk WHERE seq < ? ORDER BY seq DESC LIMIT ?', before ?? Number.MAX_SAFE_INTEGER, most)
      : db.all<BulkRecord>('SELECT * FROM bulk INDEXED BY bulk_changed WHERE changed > ? ORDER BY changed LIMIT ?', changedAfter, most);
  return rows.map((row) => bulkRow(row, codec));
}

export function bulk(db: Database, codec: BodyCodec, seq: number): BulkRow | null {
  const row = db.get<BulkRecord>('SELECT * FROM bulk WHERE seq = ?', seq);
  return row === undefined ? null : bulkRow(row, codec);
}

/** Spelled as in the partial indexes. There is none for what is done: it is nearly all. */
const itemSearches: Readonly<Record<BulkItemState | 'all', string>> = {
  open: "SELECT i.*, t.id, t.system, t.operation FROM bulk_item i INDEXED BY bulk_item_open LEFT JOIN translation t ON t.seq = i.translation WHERE i.bulk = ? AND i.state = 'open' AND i.place > ? ORDER BY i.place LIMIT ?",
  failed:
    "SELECT i.*, t.id, t.system, t.operation FROM bulk_item i INDEXED BY bulk_item_trouble LEFT JOIN translation t ON t.seq = i.translation WHERE i.bulk = ? AND i.code IS NOT NULL AND i.state = 'failed' AND i.place > ? ORDER BY i.place LIMIT ?",
  skipped:
    "SELECT i.*, t.id, t.system, t.operation FROM bulk_item i INDEXED BY bulk_item_trouble LEFT JOIN translation t ON t.seq = i.translation WHERE i.bulk = ? AND i.code IS NOT NULL AND i.state = 'skipped' AND i.place > ? ORDER BY i.place LIMIT ?",
  done: "SELECT i.*, t.id, t.system, t.operation FROM bulk_item i LEFT JOIN translation t ON t.seq = i.translation WHERE i.bulk = ? AND i.state = 'done' AND i.place > ? ORDER BY i.place LIMIT ?",
  all: 'SELECT i.*, t.id, t.system, t.operation FROM bulk_item i LEFT JOIN translation t ON t.seq = i.translation WHERE i.bulk = ? AND i.place > ? ORDER BY i.place LIMIT ?',
};

type Item = BulkItemRecord & { id: string | null; system: string | null; operation: string | null };

export function bulkItems(db: Database, seq: number, { state, after, limit }: Parameters<JournalReader['bulkItems']>[1]): BulkItemRow[] {
  return db.all<Item>(itemSearches[state ?? 'all'], seq, after, Math.max(1, Math.min(limit, maxLimit))).map((row) => ({
    bulk: row.bulk,
    place: row.place,
    translationId: row.id,
    system: row.system,
    operation: row.operation,
    state: row.state,
    failure: row.code === null ? null : { code: row.code as NonNullable<BulkItemRow['failure']>['code'], message: row.message ?? '' },
  }));
}
