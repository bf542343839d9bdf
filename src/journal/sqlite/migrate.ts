import { GatehouseError } from '../../contract/errors.ts';
import { type Database } from './database.ts';
import { migrations } from './migrations.ts';

/** Brings a file to the newest schema; each step is one commit. @throws GatehouseError JOURNAL_NEWER */
export function migrate(db: Database, path: string): void {
  // Before the first table: auto_vacuum cannot be changed afterwards. @see https://www.sqlite.org/pragma.html#pragma_auto_vacuum
  db.exec(
    'PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32768',
  );
  const version = db.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
  if (version > migrations.length)
    throw new GatehouseError('JOURNAL_NEWER', `the journal ${path} has schema ${version}; this gateway knows schemas up to ${migrations.length}`);
  for (const [index, sql] of migrations.entries()) if (index >= version) db.exec(`BEGIN; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`);
}
