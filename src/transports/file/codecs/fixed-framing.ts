import { type Frame, type Framing } from './framing.ts';
import { Pending } from './pending.ts';

/** Records of one length, one after the other (RECFM F, FB). */
export interface FixedFormat {
  readonly kind: 'fixed';
  /** Bytes a record; the longest layout's otherwise. Shorter layouts are filled with spaces. */
  readonly length?: number;
}

export function fixedFraming(size: number): Framing {
  return {
    reader: () => {
      const pending = new Pending();
      let offset = 0;
      const frame = (bytes: Uint8Array): Frame => {
        const own = { offset, length: bytes.length, bytes, fault: null };
        offset += bytes.length;
        return own;
      };
      return {
        broken: null,
        push: (chunk) => {
          const frames: Frame[] = [];
          let at = 0;
          if (pending.length > 0) {
            at = Math.min(size - pending.length, chunk.length);
            pending.append(chunk.subarray(0, at));
            if (pending.length < size) return frames;
            frames.push(frame(pending.take()));
          }
          for (; chunk.length - at >= size; at += size) frames.push(frame(chunk.subarray(at, at + size)));
          if (at < chunk.length) pending.append(chunk.subarray(at));
          return frames;
        },
        end: () => {
          const { length } = pending;
          return length === 0 ? [] : [{ ...frame(pending.take()), fault: `the file ends after ${length} of its ${size} bytes` }];
        },
      };
    },
    writer: () => ({ record: (bytes) => bytes, end: () => new Uint8Array() }),
  };
}
