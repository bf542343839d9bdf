import type { BulkItemState, BulkRow } from '../../contract/bulk.ts';
import type { BodyCodec } from './bodies.ts';
import { unseal } from './sealed-text.ts';

/** A bulk as it stands in the file. */
export interface BulkRecord {
  seq: number;
  act: string;
  selection: string;
  who: string;
  why: string;
  per_second: number;
  state: BulkRow['state'];
  total: number;
  done: number;
  failed: number;
  skipped: number;
  started: number;
  ended: number | null;
  note: string | null;
  changed: number;
}

export interface BulkItemRecord {
  bulk: number;
  place: number;
  translation: number;
  version: number;
  state: BulkItemState;
  code: string | null;
  message: string | null;
}

export function bulkRow(row: BulkRecord, codec: BodyCodec): BulkRow {
  const { act, selection, per_second: perSecond, started, ended } = row;
  return {
    seq: row.seq,
    act: JSON.parse(unseal(codec, act)) as BulkRow['act'],
    selection: JSON.parse(selection) as BulkRow['selection'],
    who: row.who,
    why: unseal(codec, row.why),
    perSecond,
    state: row.state,
    total: row.total,
    done: row.done,
    failed: row.failed,
    skipped: row.skipped,
    startedMs: started,
    endedMs: ended,
    note: row.note,
    changed: row.changed,
  };
}
