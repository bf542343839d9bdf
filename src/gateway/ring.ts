/** Counts in the last `slots` stretches of time, `width` of them a stretch. Its memory never grows, and nothing is done while nothing happens. */
export class Ring {
  readonly #slots: number;
  readonly #width: number;
  readonly #counts: Uint32Array;
  #newest = 0;

  constructor(slots: number, width = 1) {
    this.#slots = slots;
    this.#width = width;
    this.#counts = new Uint32Array(slots * width);
  }

  /** `tick`: the number of the stretch of time, which only grows. */
  add(tick: number, column = 0, count = 1): void {
    this.#reach(tick);
    const index = (tick % this.#slots) * this.#width + column;
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
  }

  /** The slots up to `tick`, oldest first: each `width` counts. */
  read(tick: number): readonly Uint32Array[] {
    this.#reach(tick);
    return Array.from({ length: this.#slots }, (_, n) => this.#slot(tick + 1 + n));
  }

  /** As `read`, for a width of one. */
  counts(tick: number): readonly number[] {
    return this.read(tick).map(([count]) => count ?? 0);
  }

  #slot(tick: number): Uint32Array {
    const from = (tick % this.#slots) * this.#width;
    return this.#counts.subarray(from, from + this.#width);
  }

  #reach(tick: number): void {
    if (tick <= this.#newest) return;
    if (tick - this.#newest >= this.#slots) this.#counts.fill(0);
    else for (let at = this.#newest + 1; at <= tick; at += 1) this.#slot(at).fill(0);
    this.#newest = tick;
  }
}
