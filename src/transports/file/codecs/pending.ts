/** Bytes of a record that the next chunk completes. Grows by doubling, so that many small chunks cost no more than one. */
export class Pending {
  #buffer = Buffer.alloc(0);
  length = 0;

  append(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length, 256));
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.length);
    this.length = needed;
  }

  /** The bytes so far; overwritten by the next append after a take. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** The bytes, which belong to the caller; nothing is pending then. */
  take(): Uint8Array {
    const bytes = Uint8Array.prototype.slice.call(this.#buffer, 0, this.length);
    this.length = 0;
    return bytes;
  }
}
