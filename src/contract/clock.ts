/** Time, injected: deadlines use the monotonic clock, due times the steady one, opening hours and records the wall clock, order and paging none. */
export abstract class Clock {
  /** Milliseconds since 1970, UTC. May jump. */
  abstract wallMs(): number;
  /** Milliseconds since some fixed moment. Never jumps. */
  abstract monotonicMs(): number;
  /**
   * The wall clock at the first call, moved on by the monotonic one: for due times and deadlines that are stored. They mean durations, so a
   * wall clock that jumps must move none of them.
   */
  steadyMs(): number {
    this.#offsetMs ??= this.wallMs() - this.monotonicMs();
    return Math.round(this.monotonicMs() + this.#offsetMs);
  }
  #offsetMs: number | null = null;

  /** Calls back once after `ms` of monotonic time; the answer cancels it. Does not keep the process alive. */
  abstract after(ms: number, callback: () => void): () => void;
}
