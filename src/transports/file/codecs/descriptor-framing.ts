import { GatehouseError } from '../../../contract/errors.ts';
import { Misfit } from '../layouts/misfit.ts';
import { type Frame, type Framing } from './framing.ts';
import { Pending } from './pending.ts';

/**
 * Records of variable length, each behind a record descriptor word of 4 bytes: 2 bytes length, 2 bytes zero (RECFM V); with blocks, a block
 * descriptor word of the same form before each block (VB).
 * @see z/OS DFSMS Using Data Sets, variable-length record formats
 */
export interface DescriptorFormat {
  readonly kind: 'rdw';
  /** Byte order of the length: big-endian on the mainframe. */
  readonly order?: 'big-endian' | 'little-endian';
  /** Whether the length counts its own 4 bytes: on the mainframe it does. */
  readonly includesItself?: boolean;
  /** Where in the word the two bytes of the length stand. */
  readonly lengthAt?: 0 | 2;
  /** Whether records come in blocks with descriptor words of their own. */
  readonly blocks?: boolean;
  /** Bytes of the largest block that is written, its word included. */
  readonly maxBlockBytes?: number;
}

const wordBytes = 4;

export function descriptorFraming(format: DescriptorFormat): Framing {
  const { order = 'big-endian', includesItself = true, lengthAt = 0, blocks = false, maxBlockBytes = 32_760 } = format;
  const big = order === 'big-endian';
  const own = includesItself ? wordBytes : 0;
  // From 32,768 on the word would be an extended one.
  if (!Number.isInteger(maxBlockBytes) || maxBlockBytes < 64 || maxBlockBytes > 32_760)
    throw new GatehouseError('LAYOUT_MISSING', `maxBlockBytes is ${maxBlockBytes}; it must be a whole number from 64 to 32760`);

  /** Bytes behind the word, or −1 when it is none. */
  const bodyOf = (word: Uint8Array, block: boolean): number => {
    const [a = 0, b = 0] = [word[lengthAt], word[lengthAt + 1]];
    const other = (word[2 - lengthAt] as number) | (word[3 - lengthAt] as number);
    // An extended block descriptor word has its first bit set and 31 bits of length.
    if (block && big && lengthAt === 0 && (a & 0x80) !== 0) return Buffer.from(word).readUInt32BE() - 0x8000_0000 - own;
    return other === 0 ? (big ? a * 256 + b : b * 256 + a) - own : -1;
  };
  const wordOf = (body: number): Buffer => {
    const word = Buffer.alloc(wordBytes);
    if (big) word.writeUInt16BE(body + own, lengthAt);
    else word.writeUInt16LE(body + own, lengthAt);
    return word;
  };

  return {
    reader: () => {
      const pending = new Pending();
      let offset = 0;
      let inBlock = 0;
      let broken: string | null = null;
      /** What the pending bytes belong to, and how many it needs. */
      let state: 'block' | 'word' | 'body' = blocks ? 'block' : 'word';
      let needed = wordBytes;
      const isBroken = (): boolean => broken !== null;

      const advance = (bytes: Uint8Array, frames: Frame[]): void => {
        if (state === 'body') {
          frames.push({ offset, length: bytes.length + wordBytes, bytes, fault: null });
          offset += bytes.length + wordBytes;
          if (blocks) inBlock -= bytes.length + wordBytes;
          state = blocks && inBlock === 0 ? 'block' : 'word';
          needed = wordBytes;
          return;
        }
        const body = bodyOf(bytes, state === 'block');
        const hex = Buffer.from(bytes).toString('hex');
        if (body < 0)
          broken = `${hex} (hexadecimal) is no ${state === 'block' ? 'block' : 'record'} descriptor word; records in segments are not supported`;
        else if (state === 'word' && blocks && body + wordBytes > inBlock)
          broken = `a record of ${body} bytes begins ${inBlock} bytes before the end of its block`;
        else if (state === 'block' && body > 0 && body < wordBytes) broken = `a block of ${body} bytes holds no record`;
        if (broken !== null) {
          frames.push({ offset, length: wordBytes, bytes: Uint8Array.from(bytes), fault: `${broken}; nothing after it can be read` });
          return;
        }
        if (state === 'block') {
          offset += wordBytes;
          inBlock = body;
          state = body === 0 ? 'block' : 'word';
          needed = wordBytes;
        } else {
          state = 'body';
          needed = body;
          if (body === 0) advance(new Uint8Array(), frames);
        }
      };

      return {
        get broken() {
          return broken;
        },
        push: (chunk) => {
          const frames: Frame[] = [];
          for (let at = 0; at < chunk.length && !isBroken();) {
            const take = Math.min(needed - pending.length, chunk.length - at);
            if (pending.length === 0 && take === needed) advance(chunk.subarray(at, at + take), frames);
            else {
              pending.append(chunk.subarray(at, at + take));
              if (pending.length === needed) advance(pending.take(), frames);
            }
            at += take;
          }
          return frames;
        },
        end: () => {
          if (broken !== null || (pending.length === 0 && state !== 'body' && inBlock === 0)) return [];
          const [length, wanted] = [pending.length, needed];
          const what = { block: 'block descriptor word', word: 'record descriptor word', body: 'record' }[state];
          const word = state === 'body' ? wordBytes : 0;
          return [
            { offset, length: length + word, bytes: pending.take(), fault: `the file ends after ${length} of the ${wanted} bytes of a ${what}` },
          ];
        },
      };
    },
    writer: () => {
      let block: Uint8Array[] = [];
      let blockBytes = 0;
      const flush = (): Uint8Array => {
        if (blockBytes === 0) return new Uint8Array();
        const bytes = Buffer.concat([wordOf(blockBytes), ...block]);
        block = [];
        blockBytes = 0;
        return bytes;
      };
      return {
        record: (bytes) => {
          const most = blocks ? maxBlockBytes - 2 * wordBytes : 65_535 - own;
          if (bytes.length > most) throw new Misfit(null, `has ${bytes.length} bytes; a record of this format has at most ${most}`);
          const record = Buffer.concat([wordOf(bytes.length), bytes]);
          if (!blocks) return record;
          const full = blockBytes + record.length + wordBytes > maxBlockBytes ? flush() : new Uint8Array();
          block.push(record);
          blockBytes += record.length;
          return full;
        },
        end: flush,
      };
    },
  };
}
