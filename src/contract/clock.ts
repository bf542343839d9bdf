/** Time, injected: deadlines use the monotonic clock, due times the wall clock, order and paging neither. */
export abstract class Clock {
  /** Milliseconds since 1970, UTC. May jump. */
  abstract wallMs(): number;
  /** Milliseconds since some fixed moment. Never jumps. */
  abstract monotonicMs(): number;
  /** Calls back once after `ms` of monotonic time; the answer cancels it. Does not keep the process alive. */
  abstract after(ms: number, callback: () => void): () => void;
}
