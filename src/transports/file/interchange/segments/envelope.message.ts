import { type GatehouseError } from '../../../../contract/errors.ts';
import { type Cut } from '../record-cutter.ts';
import { type SegmentPlace } from './envelope.fault.ts';
import { type Segment } from './segment.ts';

/** A message while its segments come in. */
export class OpenMessage {
  readonly offset: number;
  readonly #maxBytes: number;
  readonly #parts: Buffer[] = [];
  #kept = 0;
  length = 0;
  header: Segment = [];
  readonly segments: Segment[] = [];
  /** Segments, with the header. */
  count = 0;
  fault: { readonly error: GatehouseError; readonly place: SegmentPlace } | null = null;

  constructor(offset: number, maxBytes: number) {
    this.offset = offset;
    this.#maxBytes = maxBytes;
  }

  /** As many bytes as the limit allows. */
  get bytes(): Buffer {
    const [first, second] = this.#parts;
    return first !== undefined && second === undefined ? first : Buffer.concat(this.#parts);
  }

  /** The white space between segments is part of the message: its bytes are without a gap. */
  keep(cut: Cut): void {
    this.count += 1;
    const gap = cut.offset - (this.offset + this.length);
    // Line ends in front of the segment were cut with it, and its view can be widened over them.
    const bytes = gap > 0 ? Buffer.from(cut.bytes.buffer, cut.bytes.byteOffset - gap, cut.bytes.byteLength + gap) : cut.bytes;
    this.length += gap + cut.length;
    const room = this.#maxBytes - this.#kept;
    if (room <= 0) return;
    this.#parts.push(bytes.subarray(0, room));
    this.#kept += Math.min(room, bytes.length);
  }
}
