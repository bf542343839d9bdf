/** How long calls took, ms. Percentiles are those of a histogram: exact to a tenth. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** One native call by its name. Series are counts a step, oldest first. */
export interface CallPulse {
  readonly name: string;
  readonly answered: readonly number[];
  /** Did not leave, or left without an answer. */
  readonly failed: readonly number[];
  /** Of the answered ones of the whole hour, from the moment a call left; null when there is none. */
  readonly latency: Latency | null;
  /** The 95th percentile of each minute, oldest first; null in a minute without an answer. */
  readonly p95Ms: readonly (number | null)[];
}

/** What a system has done in the last hour, or since the start. The last step of each series is still running. */
export interface Pulse {
  readonly system: string;
  /** Wall clock at which it was read, ms. */
  readonly atMs: number;
  /** Length of one step of a series, ms. */
  readonly stepMs: number;
  readonly received: readonly number[];
  /** Translations whose replies were written. */
  readonly finished: readonly number[];
  readonly parked: readonly number[];
  readonly calls: readonly CallPulse[];
  /** Failures of calls by code, the most frequent first. */
  readonly errors: readonly { readonly code: string; readonly count: number; readonly lastMs: number }[];
}
