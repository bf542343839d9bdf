import { type CaseEntry } from '../contract/case-book.ts';
import { type Effect } from '../contract/calls.ts';
import { type Json } from '../contract/json.ts';

/** An adapter in the list. */
export interface AdapterSummary {
  readonly system: string;
  readonly about: string;
  readonly transports: readonly string[];
  readonly operations: readonly string[];
  readonly sources: readonly string[];
}

export interface EventView {
  readonly type: string;
  /** JSON Schema 2020-12 of its data; `x-sensitive` marks what is masked. */
  readonly schema: { readonly [key: string]: Json };
  readonly example: Json;
  /** Where the example comes from: the name of a case, or null when it is made from the schema. */
  readonly exampleOf: string | null;
}

export interface OperationView {
  readonly name: string;
  readonly accepts: EventView;
  readonly replies: readonly EventView[];
  /** Path of the value by which events run one after the other. */
  readonly key: string | null;
  readonly businessKey: string | null;
  readonly whenParked: 'hold' | 'pass';
}

export interface CallView {
  readonly name: string;
  readonly effect: Effect;
  readonly transport: string;
  /** Longest time to the answer, ms; null for that of the system. */
  readonly timeoutMs: number | null;
  /** After an interruption its adapter can ask whether it happened. */
  readonly probe: boolean;
}

export interface SourceView {
  readonly name: string;
  readonly transport: string;
  readonly produces: readonly EventView[];
  readonly businessKey: string | null;
  /** Whole extracts are compared. */
  readonly snapshot: boolean;
}

/** All that the code of an adapter says of it. */
export interface AdapterView extends Pick<AdapterSummary, 'system' | 'about' | 'transports'> {
  readonly operations: readonly OperationView[];
  readonly calls: readonly CallView[];
  readonly sources: readonly SourceView[];
  /** Null where the cases are not installed. */
  readonly cases: readonly CaseEntry[] | null;
}
