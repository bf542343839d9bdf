import { randomInt } from 'node:crypto';

/**
 * Which names of a directory one look holds. When there are more than may be held, looks take turns: each holds another share of the names,
 * so that those which never become complete cannot stand in the way of the others for ever. Shares are drawn anew every round.
 */
export class DirectoryShare {
  readonly #most: number;
  #seed = randomInt(2 ** 32);
  #shares = 1;
  #turn = 0;
  #looks = 0;
  /** End of the first look of this share. */
  #sinceMs = 0;
  #beganMs = 0;
  #found = 0;
  #held = 0;

  /** @param most names held at a time */
  constructor(most: number) {
    this.#most = most;
  }

  /** A look begins. `nowMs` is monotonic. */
  begin(nowMs: number): void {
    this.#beganMs = nowMs;
    this.#found = 0;
    this.#held = 0;
  }

  /** Whether this look holds the name, or what belongs together under it. */
  takes(name: string): boolean {
    this.#found += 1;
    if (this.#held >= this.#most || (this.#shares > 1 && hashOf(name, this.#seed) % this.#shares !== this.#turn)) return false;
    this.#held += 1;
    return true;
  }

  /** The look has found more names than are held at a time. */
  get isOverfull(): boolean {
    return this.#found > this.#most;
  }

  /** The look is over. A share is kept for so many looks and so long: what it takes to see that a file stands still. */
  end(nowMs: number, looks: number, forMs: number): void {
    if (this.#looks === 0) this.#sinceMs = nowMs;
    this.#looks += 1;
    if (this.#looks < looks || (looks > 1 && this.#beganMs - this.#sinceMs < forMs)) return;
    this.#looks = 0;
    this.#turn += 1;
    if (this.#turn < this.#shares) return;
    this.#turn = 0;
    this.#seed = randomInt(2 ** 32);
    // A quarter more than would do: shares are not all of one size.
    this.#shares = this.isOverfull ? Math.ceil((1.25 * this.#found) / this.#most) : 1;
  }
}

/** FNV-1a, begun at the seed. */
function hashOf(name: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01_00_01_93);
  // The low bits alone depend on too little of the name.
  return (hash ^ (hash >>> 15)) >>> 0;
}
