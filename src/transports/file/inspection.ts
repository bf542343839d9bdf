/** What the native exchange of a file call means, as people are shown it. Types only: the pages and the CLI know it by type. */
import { type BatchState } from '../../contract/batch.ts';
import { type Json } from '../../contract/json.ts';

export interface FileInspection {
  readonly view: 'file';
  /** The files and records of the call, in the order of their parts. */
  readonly pieces: readonly FilePiece[];
  /** Where the file went and how it was made visible, what was found afterwards, which reply file answered: one entry a step. */
  readonly steps: readonly FileStep[];
  /** Of a call that goes out in a file with others; null of all others. */
  readonly batch: FileBatch | null;
}

/** Where in the file of a batch a call is, as far as that is known. */
export interface FileBatch {
  readonly seq: number;
  readonly state: BatchState;
  /** Which of its calls, from 1; null before the batch has left. */
  readonly place: number | null;
  readonly calls: number;
  /** When an open one closes, wall clock, ms; null when nothing says it. */
  readonly dueMs: number | null;
  /** The first of its records, from 1, and its offset in the file; null where `unknown` says why. */
  readonly record: number | null;
  readonly offset: number | null;
  readonly unknown: string | null;
}

export interface FileStep {
  readonly atMs: number;
  readonly kind: 'sent' | 'received' | 'note';
  readonly said: Json;
}

export interface FilePiece {
  /** Index of its part in the trace. */
  readonly part: number;
  /** `dropped`: a whole file; `gathered`: one event's record in a batch; `reply`: a file or a record that answered; `picked`: a record that came in. */
  readonly role: 'dropped' | 'gathered' | 'reply' | 'picked';
  readonly codec: string;
  /** Null where nothing says it. */
  readonly codePage: string | null;
  /** Bytes of all of it, and how many of its first ones are kept. */
  readonly size: number;
  readonly kept: number;
  readonly records: readonly FileRecord[];
  /** The first record that is not shown, from 0: ask for it with `from`. Null at the end. */
  readonly next: number | null;
  /** Why it cannot be read further; null when all is well. */
  readonly stopped: string | null;
}

export interface FileRecord {
  /** From 1; headers and trailers count. */
  readonly number: number;
  readonly type: string | null;
  /** Of its own bytes in the file. */
  readonly offset: number;
  readonly length: number;
  /** Two digits a byte; `xx` where it is masked. */
  readonly hex: string;
  /** Bytes at its end that are not in `hex`. */
  readonly left: number;
  readonly error: string | null;
  readonly fields: readonly FileField[];
  /** Of a format whose values have no places of their own. */
  readonly value: Json | null;
}

export interface FileField {
  readonly name: string;
  readonly level: number;
  /** From the start of the record. */
  readonly offset: number;
  readonly length: number;
  readonly picture: string;
  readonly value: Json | null;
  readonly masked?: true;
}
