import { type Call } from '../../../contract/calls.ts';
import { type Json } from '../../../contract/json.ts';
import { type RecordCodec } from '../codecs/record-codec.ts';
import { type RecordKinds, type ValueOfKind } from '../record-kinds.ts';
import { type ReplyFile } from '../replies/reply.ts';

/** What a drop without a reply file answers: the file stands under this name. */
export interface Dropped {
  readonly file: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Its number, where its name or content has one. */
  readonly sequence?: number;
}

/** The reply to a drop comes in a file of its own, later. */
export interface AwaitedReply<Answer> {
  readonly from: ReplyFile<Answer>;
  /** What the reply will name: a template like the file name's, and `{name}`, `{stem}` of the dropped file. */
  readonly correlation: string;
  /** How long it is awaited, hours. */
  readonly withinHours: number;
}

/** One of many events in a file: where it stands there, from 1. */
export interface Batched extends Dropped {
  readonly place: number;
}

export interface BatchOptions {
  /** The file is made at the first of these; at least one is given. */
  readonly close: {
    /** Events in it; 10,000 when not given, and at most. */
    readonly events?: number;
    /** Bytes of their records, without header and trailer; 10,000,000 when not given, 100,000,000 at most. */
    readonly bytes?: number;
    /** Age of the first event, ms; an hour when not given. */
    readonly afterMs?: number;
  };
  /** Template: events with another text go into another file. Only fields that it names may stand in the name, the marker and `control`. */
  readonly by?: string;
}

export interface DropOptions {
  /** Directory: a name that the settings give a path, or a path in the place. */
  readonly to: string;
  /** Template of the file name. Its fields are those of the record, or of `fields` beside a list of records. */
  readonly name: string;
  /** Time zone of the dates in templates; UTC when not given. */
  readonly zone?: string;
  readonly codec: RecordCodec;
  /** Values for header and trailer, by the codec's names; texts in it are templates: `{ header: { number: '{sequence:06}' } }`. */
  readonly control?: Readonly<Record<string, Json>>;
  /** Template of an empty file that is written last and says that the other is whole: `{name}.done`. */
  readonly marker?: string;
  /** What happens when the name is taken; `fail` when not given. `number` puts `_2`, `_3` … in front of the extension. */
  readonly ifExists?: 'fail' | 'number' | 'replace';
  /** Counter that `{sequence}` takes from; drops that name the same one share it. The name of the call when not given. */
  readonly sequence?: string;
  /**
   * What it means when, after an interruption, neither the temporary nor the final name is there. `happened` where the receiver takes files
   * away and nobody else removes temporary ones; otherwise a person must look.
   */
  readonly whenGone?: 'happened' | 'cannot tell';
  readonly reply?: AwaitedReply<unknown>;
  /**
   * Many events in one file. Each is a call of its own, checked at once, and waits until the file is made; then each is answered. Header and
   * trailer come from `control` and the format; a reply must come in records (`by: 'record'`), one for each event.
   */
  readonly batch?: BatchOptions;
}

/** What the call of a drop with these options answers. */
export type AnswerOf<O> = O extends { readonly reply: AwaitedReply<infer Answer> }
  ? Answer
  : O extends { readonly batch: BatchOptions }
    ? Batched
    : Dropped;

/** A file of several records. */
export interface RecordsOf<K extends RecordKinds> {
  readonly records: readonly { [T in keyof K & string]: { readonly type: T; readonly value: ValueOfKind<K[T]> } }[keyof K & string][];
  /** Values for header and trailer; those of the drop's own `control` win. */
  readonly control?: Readonly<Record<string, Json>>;
  /** What `{field:…}` in templates takes from. */
  readonly fields?: Readonly<Record<string, string | number>>;
}

declare const callType: unique symbol;

/** A drop as the layout has it; `Arguments` and `Answer` are those of its call. */
export interface Drop<Arguments, Answer> extends DropOptions {
  /** Names of the record types it may write. `one`: the arguments are the value of a single record. */
  readonly writes: readonly string[];
  readonly one: boolean;
  readonly [callType]?: Call<Arguments, Answer>;
}

/** The calls of a layout's drops. */
export type CallsOfDrops<D> = { readonly [K in keyof D]: D[K] extends Drop<infer A, infer R> ? Call<A, R> : never };

/** A drop of one record. */
export function drop<K extends RecordKinds, O extends DropOptions>(
  options: O & { readonly record: K },
): Drop<ValueOfKind<K[keyof K & string]>, AnswerOf<O>>;
/** A drop of a list of records. */
export function drop<K extends RecordKinds, O extends DropOptions>(options: O & { readonly records: K }): Drop<RecordsOf<K>, AnswerOf<O>>;
export function drop(options: DropOptions & { readonly record?: RecordKinds; readonly records?: RecordKinds }): Drop<unknown, unknown> {
  const { record, records, ...rest } = options;
  return { ...rest, writes: Object.keys(record ?? records ?? {}), one: record !== undefined };
}
