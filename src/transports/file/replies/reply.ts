import { type RecordCodec } from '../codecs/record-codec.ts';
import { type RecordKinds, type ValueOfKind } from '../record-kinds.ts';

/** A record of a reply, with its type. */
export type RecordOfReply<K extends RecordKinds> = {
  [T in keyof K & string]: { readonly record: T; readonly value: ValueOfKind<K[T]> };
}[keyof K & string];

/** What a record that answers one drop gives. */
export type EachAnswer<K extends RecordKinds> = RecordOfReply<K> & { readonly file: string };

/** What a file that answers one drop gives: its records of the types that are named. */
export interface WholeAnswer<K extends RecordKinds> {
  readonly file: string;
  readonly records: readonly RecordOfReply<K>[];
}

/** When a file is complete. `renamed`: the sender gives it its name when it is. */
export type Completeness =
  | 'renamed'
  /** Template with `{name}` or `{stem}`: a file of this name stands beside it. */
  | { readonly marker: string }
  /** Size and time have not changed for so long, seen at least twice. */
  | { readonly unchangedMs: number };

export interface ReplyOptions<K extends RecordKinds> {
  /** Directory: a name that the settings give a path, or a path in the place. */
  readonly from: string;
  /** Names of the files: `*` any characters, `?` one. By name: `{correlation}` instead, once, as in `CONF_{correlation}.TXT`. */
  readonly name: string;
  readonly codec: RecordCodec;
  /** Record types that answer, or belong to the answer; others are passed over. */
  readonly records: K;
  readonly complete: Completeness;
  /** What becomes of a file whose replies are in the journal; `archive` when not given. */
  readonly afterwards?: 'archive' | 'delete';
  /**
   * What one bad record does, a wrong trailer included. `file` (the default): the file answers nobody and lies in the error directory with the
   * reasons; it is read twice for that. `record`: the good ones answer.
   */
  readonly onBad?: 'file' | 'record';
}

declare const answerType: unique symbol;

export interface ReplyFile<Answer> extends ReplyOptions<RecordKinds> {
  readonly by: 'record' | 'field' | 'name';
  /** Record type that has the correlation of the whole file. */
  readonly of?: string;
  /** Template of the correlation over the fields of the record. */
  readonly correlation?: string;
  readonly [answerType]?: Answer;
}

/** Each record answers the drop whose correlation it names: a file may answer many. */
export function reply<K extends RecordKinds>(
  options: ReplyOptions<K> & { readonly by: 'record'; readonly correlation: string },
): ReplyFile<EachAnswer<K>>;
/** The file answers one drop: the one that the first record of type `of` names, or its own name. */
export function reply<K extends RecordKinds>(
  options: ReplyOptions<K> & ({ readonly by: 'field'; readonly of: string; readonly correlation: string } | { readonly by: 'name' }),
): ReplyFile<WholeAnswer<K>>;
export function reply(options: ReplyFile<unknown>): ReplyFile<unknown> {
  return options;
}
