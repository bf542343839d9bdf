import { type SnapshotChange, type SnapshotRow, type Staged } from '../../contract/consignment.ts';
import { type Database } from './database.ts';

/*
 * A snapshot source keeps the keys of its last extract with a digest each: the current generation. The next extract is staged beside it,
 * compared key by key, and becomes the current one in the commit of its last event. Every statement goes by key.
 */

/** A new generation beside the current one. What was staged before is dropped by the sweep. */
export function beginStaging(db: Database, source: number, claim: string): number {
  const generation = (db.get<{ last: number }>('SELECT last FROM source WHERE seq = ?', source)?.last ?? 0) + 1;
  db.run('UPDATE source SET last = ? WHERE seq = ?', generation, source);
  db.run("UPDATE snapshot SET state = 'stale' WHERE source = ? AND state = 'staged'", source);
  db.run("INSERT INTO snapshot VALUES (?, ?, 'staged', 0)", source, generation);
  db.run('UPDATE consignment SET generation = ? WHERE source = ? AND claim = ?', generation, source, claim);
  return generation;
}

export function rowsOfCurrent(db: Database, source: number): number | null {
  const current = currentOf(db, source);
  if (current === null) return null;
  return db.get<{ rows: number }>('SELECT rows FROM snapshot WHERE source = ? AND generation = ?', source, current)?.rows ?? 0;
}

export function stageRows(db: Database, source: number, generation: number, rows: readonly SnapshotRow[]): Staged {
  const current = currentOf(db, source);
  let [kept, twice, added]: [number, string | null, number] = [0, null, 0];
  for (const { key, digest } of rows) {
    const inserted = db.run('INSERT OR IGNORE INTO snapshot_row VALUES (?, ?, ?, ?)', source, generation, key, digest);
    added += inserted;
    if (inserted === 0) twice ??= key;
    else if (current !== null && digestOf(db, source, current, key) !== undefined) kept += 1;
  }
  db.run('UPDATE snapshot SET rows = rows + ? WHERE source = ? AND generation = ?', added, source, generation);
  return { kept, twice };
}

export function compareRows(db: Database, source: number, rows: readonly SnapshotRow[]): SnapshotChange[] {
  const current = currentOf(db, source);
  return rows.map(({ key, digest }) => {
    const before = current === null ? undefined : digestOf(db, source, current, key);
    return before === undefined ? 'created' : Buffer.compare(before, digest) === 0 ? 'same' : 'updated';
  });
}

export function goneKeys(db: Database, source: number, generation: number, after: string, limit: number): { keys: string[]; next: string | null } {
  const current = currentOf(db, source);
  if (current === null) return { keys: [], next: null };
  const looked = db.all<{ key: string }>(
    'SELECT key FROM snapshot_row WHERE source = ? AND generation = ? AND key > ? ORDER BY key LIMIT ?',
    source,
    current,
    after,
    limit,
  );
  const keys = looked.filter(({ key }) => digestOf(db, source, generation, key) === undefined).map(({ key }) => key);
  return { keys, next: looked.length < limit ? null : (looked.at(-1)?.key ?? null) };
}

/** The staged generation is what the next extract is measured against. */
export function makeCurrent(db: Database, source: number, generation: number): void {
  db.run("UPDATE snapshot SET state = 'stale' WHERE source = ? AND generation <> ?", source, generation);
  db.run("UPDATE snapshot SET state = 'current' WHERE source = ? AND generation = ?", source, generation);
  db.run('UPDATE source SET current = ? WHERE seq = ?', generation, source);
}

/** Rows of generations that nobody needs. @returns how many went */
export function sweepSnapshots(db: Database, piece: number): number {
  const stale = db.get<{ source: number; generation: number }>(
    "SELECT source, generation FROM snapshot INDEXED BY snapshot_stale WHERE state = 'stale' AND source > 0 LIMIT 1",
  );
  if (stale === undefined) return 0;
  const gone = db.run(
    'DELETE FROM snapshot_row WHERE source = ? AND generation = ? AND key IN (SELECT key FROM snapshot_row WHERE source = ? AND generation = ? ORDER BY key LIMIT ?)',
    stale.source,
    stale.generation,
    stale.source,
    stale.generation,
    piece,
  );
  if (gone === 0) db.run('DELETE FROM snapshot WHERE source = ? AND generation = ?', stale.source, stale.generation);
  return gone === 0 ? 1 : gone;
}

function currentOf(db: Database, source: number): number | null {
  return db.get<{ current: number | null }>('SELECT current FROM source WHERE seq = ?', source)?.current ?? null;
}

function digestOf(db: Database, source: number, generation: number, key: string): Uint8Array | undefined {
  return db.get<{ digest: Uint8Array }>('SELECT digest FROM snapshot_row WHERE source = ? AND generation = ? AND key = ?', source, generation, key)
    ?.digest;
}
