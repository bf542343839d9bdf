import type { BodyCodec } from './bodies.ts';
import type { Database } from './database.ts';
import { seal, unseal } from './sealed-text.ts';

export interface Deed {
  readonly who: string;
  readonly what: string;
  readonly subject: string;
  readonly why: string;
  readonly atMs: number;
}

/** Who did what to which, and why, in the commit of what was done. @returns the number of the row: no other has it */
export function record(db: Database, codec: BodyCodec, { who, what, subject, why, atMs }: Deed): number {
  db.run('INSERT INTO audit (who, what, subject, why, at) VALUES (?, ?, ?, ?, ?)', who, what, subject, seal(codec, why), atMs);
  return db.get<{ seq: number }>('SELECT last_insert_rowid() AS seq')?.seq ?? 0;
}

/** The newest first. */
export function auditRows(db: Database, codec: BodyCodec, before: number, limit: number): (Deed & { readonly seq: number })[] {
  return db
    .all<Deed & { readonly seq: number }>(
      'SELECT seq, who, what, subject, why, at AS atMs FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?',
      before,
      limit,
    )
    .map((row) => ({ ...row, why: unseal(codec, row.why) }));
}
