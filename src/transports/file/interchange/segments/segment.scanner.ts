import { type Cut, type EndScanner } from '../record-cutter.ts';
import { type Dialect } from './dialect.ts';

/** Line ends, spaces, the end-of-file mark of DOS, and a byte order mark: nothing of a segment. */
const between: ReadonlySet<number | undefined> = new Set([0x00, 0x0a, 0x0d, 0x1a, 0x20, 0xef, 0xbb, 0xbf]);
const isBetween = (byte: number | undefined): boolean => between.has(byte);

/** Where a segment ends. Between interchanges it looks for the begin of the next; what is none ends with its line. */
export class SegmentScanner implements EndScanner {
  readonly #dialect: Dialect;
  #state: 'between' | 'tag' | 'fixed' | 'segment' | 'released' | 'junk' = 'between';
  #tag = '';
  #left = 0;
  #terminator = -1;
  #release = -1;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The next unit is the begin of an interchange, or a piece of it. */
  expectInterchange(): void {
    this.#state = 'between';
  }

  expectSegments(delimiters: { readonly segment: string; readonly release: string | null }): void {
    this.#state = 'segment';
    this.useDelimiters(delimiters);
  }

  useDelimiters({ segment, release }: { readonly segment: string; readonly release: string | null }): void {
    this.#terminator = segment.charCodeAt(0);
    this.#release = release === null ? -1 : release.charCodeAt(0);
  }

  scan(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      switch (this.#state) {
        case 'between':
          if (isBetween(byte)) break;
          this.#tag = String.fromCharCode(byte);
          this.#state = 'tag';
          break;
        case 'tag':
          this.#tag += String.fromCharCode(byte);
          if (this.#tag.length === 3) this.#begin();
          else if (byte === 0x0a) return this.#ended(at);
          break;
        case 'fixed':
          this.#left -= 1;
          if (this.#left === 0) return this.#ended(at);
          break;
        case 'junk':
          if (byte === 0x0a || byte === 0x0d) return this.#ended(at);
          break;
        case 'released':
          this.#state = 'segment';
          break;
        case 'segment': {
          const end = this.#endOf(bytes, at, to);
          if (end < to) {
            if (bytes[end] === this.#terminator) return end + 1;
            this.#state = 'released';
          }
          at = end;
          break;
        }
      }
    }
    return -1;
  }

  /** The next terminator or release character, or `to`. */
  #endOf(bytes: Uint8Array, from: number, to: number): number {
    const [terminator, release] = [this.#terminator, this.#release];
    let at = from;
    while (at < to && bytes[at] !== terminator && bytes[at] !== release) at += 1;
    return at;
  }

  #begin(): void {
    const size = this.#dialect.begins(this.#tag);
    this.#state = size === null ? 'junk' : size === 'segment' ? 'segment' : 'fixed';
    if (typeof size === 'number') this.#left = size - 3;
  }

  #ended(at: number): number {
    this.#state = 'between';
    return at + 1;
  }
}

/** Without the white space, and the byte order mark, in front of it. */
export function trimmed({ offset, length, bytes }: Cut): { cut: Cut; before: string } {
  if (!isBetween(bytes[0])) return { cut: { offset, length, bytes }, before: '' };
  let from = 1;
  while (from < bytes.length && isBetween(bytes[from])) from += 1;
  return { cut: { offset: offset + from, length: length - from, bytes: bytes.subarray(from) }, before: bytes.toString('latin1', 0, from) };
}
