/**
 * How a stream of chunks becomes records, the same for every format of this folder: a scanner of the format finds where a unit ends, the
 * cutter cuts it out with its exact place, and the decoder of the format reads what was cut. No byte is looked at twice, so the price of
 * a record does not depend on the size of the chunks.
 */
export interface EndScanner {
  /**
   * Looks at `bytes` from `from` up to `to`, which follow what it saw before.
   * @returns the index just past the end of the unit; `from` when the unit ended with what was seen before; -1 when it goes on
   */
  scan(bytes: Uint8Array, from: number, to: number): number;
}

export interface Cut {
  /** In bytes, from the begin of the file. */
  readonly offset: number;
  readonly length: number;
  /** A view. Of a unit that is longer than the limit: as many of its first bytes as the limit allows. */
  readonly bytes: Buffer;
}

const smallestBuffer = 65_536;

export class RecordCutter {
  readonly #scanner: EndScanner;
  readonly #maxBytes: number;
  /** Bytes that were written once are never overwritten: cuts are views of them. */
  #buffer = Buffer.alloc(0);
  #start = 0;
  #scanned = 0;
  #end = 0;
  #offset = 0;
  /** The first bytes of a unit that is too long; the rest of it is counted and let go. */
  #head: Buffer | null = null;
  #dropped = 0;

  constructor(scanner: EndScanner, maxBytes: number) {
    this.#scanner = scanner;
    this.#maxBytes = maxBytes;
  }

  /** Gives each unit to `take` before the scanner goes on, so that what a unit says can change how the next one is cut. */
  push(chunk: Uint8Array, take: (cut: Cut) => void): void {
    this.#append(chunk);
    while (this.#scanned < this.#end) {
      const end = this.#scanner.scan(this.#buffer, this.#scanned, this.#end);
      this.#scanned = end < 0 ? this.#end : end;
      if (end >= 0) take(this.#cut());
    }
    if (this.#end - this.#start > this.#maxBytes || (this.#head !== null && this.#end > this.#start)) this.#drop();
  }

  /** What is left when the file ends: a unit without its end. */
  end(): Cut | null {
    this.#scanned = this.#end;
    return this.#dropped === 0 && this.#end === this.#start ? null : this.#cut();
  }

  #append(chunk: Uint8Array): void {
    if (this.#end + chunk.byteLength > this.#buffer.byteLength) {
      const pending = this.#end - this.#start;
      const next = Buffer.allocUnsafeSlow(Math.max(smallestBuffer, pending * 2 + chunk.byteLength));
      this.#buffer.copy(next, 0, this.#start, this.#end);
      this.#buffer = next;
      this.#scanned -= this.#start;
      this.#start = 0;
      this.#end = pending;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.byteLength;
  }

  #cut(): Cut {
    const kept = this.#scanned - this.#start;
    const length = this.#dropped + kept;
    const cut: Cut = {
      offset: this.#offset,
      length,
      bytes: this.#head ?? this.#buffer.subarray(this.#start, this.#start + Math.min(kept, this.#maxBytes)),
    };
    this.#offset += length;
    this.#start = this.#scanned;
    this.#head = null;
    this.#dropped = 0;
    return cut;
  }

  #drop(): void {
    this.#head ??= Buffer.from(this.#buffer.subarray(this.#start, this.#start + this.#maxBytes));
    this.#dropped += this.#end - this.#start;
    // These bytes are in no cut: their place is used again.
    this.#end = this.#start;
    this.#scanned = this.#start;
  }
}

/** A line: up to and with LF, CR or CRLF. The CR and the LF of one line end may come in two chunks. */
export class LineScanner implements EndScanner {
  #afterCr = false;

  scan(bytes: Uint8Array, from: number, to: number): number {
    if (this.#afterCr) {
      this.#afterCr = false;
      return bytes[from] === 0x0a ? from + 1 : from;
    }
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at];
      if (byte === 0x0a) return at + 1;
      if (byte === 0x0d) {
        if (at + 1 < to) return bytes[at + 1] === 0x0a ? at + 2 : at + 1;
        this.#afterCr = true;
        return -1;
      }
    }
    return -1;
  }
}

/** How many bytes of line end stand at the end. */
export function lineEndLength(bytes: Uint8Array): number {
  const last = bytes[bytes.length - 1];
  if (last === 0x0a) return bytes[bytes.length - 2] === 0x0d ? 2 : 1;
  return last === 0x0d ? 1 : 0;
}
