import { type Json } from './json.ts';

/** One case of an adapter, as its folder tells it. */
export interface CaseEntry {
  /** The folder's name: `open-incident--opened`. */
  readonly name: string;
  /** The operation or source it is a case of: what stands before `--`. */
  readonly of: string;
  /** What happens in it, in words: what stands behind. */
  readonly title: string;
  /** The event as it comes in; null for a source, which brings events in. */
  readonly event: { readonly type: string; readonly data: Json } | null;
  /** Replies, or what the source brings in. */
  readonly becomes: readonly { readonly type: string; readonly data: Json }[];
  /** Codes of what is parked in the end. */
  readonly parked: readonly string[];
}

export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  /** What is not as the case says, in words; empty when it has passed. */
  readonly differences: readonly string[];
  readonly tookMs: number;
}

/** The cases of the adapters, where they are installed beside them. */
export abstract class CaseBook {
  /** In order of their names; null when the cases of this system are not installed. */
  abstract of(system: string): Promise<readonly CaseEntry[] | null>;
  /**
   * Runs a case from its recording, on a gateway of its own in a temporary folder: no system is asked, nothing is published. One at a time.
   * @throws GatehouseError NOT_FOUND
   */
  abstract run(system: string, name: string): Promise<CaseResult>;
}
