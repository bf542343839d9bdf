import { createHash } from 'node:crypto';

const blockBytes = 1_048_576;

/** The bytes of a stream in blocks of 1 MiB, the last one shorter. */
export async function* blocksOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (let bytes of stream) {
    while (size + bytes.byteLength >= blockBytes) {
      const taken = blockBytes - size;
      parts.push(bytes.subarray(0, taken));
      yield parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
      bytes = bytes.subarray(taken);
      parts = [];
      size = 0;
    }
    if (bytes.byteLength === 0) continue;
    parts.push(bytes);
    size += bytes.byteLength;
  }
  if (size > 0) yield Buffer.concat(parts);
}

export const blockDigest = (block: Uint8Array): Buffer => createHash('sha256').update(block).digest();
