import { Misfit } from '../layouts/misfit.ts';
import { type Frame, type Framing, type LineBytes } from './framing.ts';
import { Pending } from './pending.ts';

/** A record a line. */
export interface LineFormat {
  readonly kind: 'line';
  /** `any` reads LF and CRLF and writes LF. `nel` is what EBCDIC files often have. */
  readonly ends?: 'lf' | 'crlf' | 'any' | 'nel';
  /** A byte order mark of UTF-8 at the beginning: a bad record (the default), or skipped. It is never written. */
  readonly bom?: 'refuse' | 'skip';
  /** Lines without a byte: bad records (the default), or skipped. */
  readonly blankLines?: 'refuse' | 'skip';
  /** A longer line is a bad record, and only so many of its bytes are kept. */
  readonly maxLineBytes?: number;
}

export function lineFraming({ ends = 'any', bom = 'refuse', blankLines = 'refuse', maxLineBytes = 1_048_576 }: LineFormat, line: LineBytes): Framing {
  const last = ends === 'nel' ? line.nel : line.lf;
  const delimiter = ends === 'crlf' ? Uint8Array.of(line.cr, line.lf) : Uint8Array.of(last);

  return {
    reader: () => {
      const pending = new Pending();
      let offset = 0;
      /** Bytes of an overlong line that are not kept. */
      let dropped = 0;
      const frame = (given: Uint8Array, delimiterBytes: number): Frame | null => {
        let bytes = given;
        let fault: string | null = null;
        const start = offset;
        const length = bytes.length + dropped + delimiterBytes;
        offset += length;
        if (dropped > 0) fault = `the line has ${bytes.length + dropped} bytes, more than ${maxLineBytes}`;
        dropped = 0;
        if (start === 0 && line.lf === 0x0a && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
          if (bom === 'skip') bytes = bytes.subarray(3);
          else fault ??= 'the file begins with a byte order mark; bom: skip leaves it out';
        }
        if (delimiterBytes > 0 && (ends === 'crlf' || ends === 'any')) {
          if (bytes.at(-1) === line.cr) bytes = bytes.subarray(0, -1);
          else if (ends === 'crlf') fault ??= 'the line ends with LF, the format says CRLF';
        }
        if (bytes.length === 0 && blankLines === 'skip' && fault === null) return null;
        return { offset: start, length, bytes, fault };
      };
      const gather = (bytes: Uint8Array): void => {
        const room = Math.max(0, maxLineBytes - pending.length);
        if (room > 0) pending.append(bytes.subarray(0, room));
        dropped += Math.max(0, bytes.length - room);
      };
      return {
        broken: null,
        push: (chunk) => {
          const frames: Frame[] = [];
          for (let at = 0; at < chunk.length;) {
            const end = chunk.indexOf(last, at);
            if (end < 0) {
              gather(chunk.subarray(at));
              break;
            }
            let own: Uint8Array;
            if (pending.length === 0 && end - at <= maxLineBytes) own = chunk.subarray(at, end);
            else {
              gather(chunk.subarray(at, end));
              own = pending.take();
            }
            const found = frame(own, 1);
            if (found !== null) frames.push(found);
            at = end + 1;
          }
          return frames;
        },
        // The last line may lack its end.
        end: () => {
          const found = pending.length === 0 ? null : frame(pending.take(), 0);
          return found === null ? [] : [found];
        },
      };
    },
    writer: () => ({
      record: (bytes) => {
        if (bytes.includes(last)) throw new Misfit(null, `byte ${bytes.indexOf(last) + 1} is a line end: it would begin a new record`);
        if (ends === 'any' && bytes.at(-1) === line.cr) throw new Misfit(null, 'its last byte is CR, which would be read as part of the line end');
        if (bytes.length > maxLineBytes) throw new Misfit(null, `has ${bytes.length} bytes; a line has at most ${maxLineBytes}`);
        if (bytes.length === 0 && blankLines === 'skip') throw new Misfit(null, 'has no bytes: it would be skipped as a blank line');
        return Buffer.concat([bytes, delimiter]);
      },
      end: () => new Uint8Array(),
    }),
  };
}
