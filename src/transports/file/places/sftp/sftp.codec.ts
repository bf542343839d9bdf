/*
 * Packets of SFTP version 3, the one that every server speaks. Pure: bytes in, values out.
 * @see draft-ietf-secsh-filexfer-02; OpenSSH PROTOCOL, section 4, for the extensions
 */

export const maxPacketBytes = 256 * 1_024;

const requestTypes = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  realpath: 16,
  rename: 18,
  extended: 200,
} as const;
export type RequestType = Exclude<keyof typeof requestTypes, 'init'>;

/** Flags of `open`. */
export const openFlags = { read: 0x01, write: 0x02, create: 0x08, exclusive: 0x20 } as const;

/** @see filexfer-02, section 7; codes from 9 on are from later drafts and are sent all the same */
const statusNames: readonly string[] = [
  'SSH_FX_OK',
  'SSH_FX_EOF',
  'SSH_FX_NO_SUCH_FILE',
  'SSH_FX_PERMISSION_DENIED',
  'SSH_FX_FAILURE',
  'SSH_FX_BAD_MESSAGE',
  'SSH_FX_NO_CONNECTION',
  'SSH_FX_CONNECTION_LOST',
  'SSH_FX_OP_UNSUPPORTED',
  'SSH_FX_INVALID_HANDLE',
  'SSH_FX_NO_SUCH_PATH',
  'SSH_FX_FILE_ALREADY_EXISTS',
  'SSH_FX_WRITE_PROTECT',
  'SSH_FX_NO_MEDIA',
  'SSH_FX_NO_SPACE_ON_FILESYSTEM',
  'SSH_FX_QUOTA_EXCEEDED',
  'SSH_FX_UNKNOWN_PRINCIPAL',
  'SSH_FX_LOCK_CONFLICT',
  'SSH_FX_DIR_NOT_EMPTY',
  'SSH_FX_NOT_A_DIRECTORY',
  'SSH_FX_INVALID_FILENAME',
  'SSH_FX_LINK_LOOP',
];

/** One field of a request: a number is uint32, a bigint uint64, text and bytes are strings with their length. `raw` goes as it is. */
export type Field = number | bigint | string | Uint8Array | { readonly raw: Uint8Array };

export interface Attributes {
  /** Null where the server does not tell. */
  readonly size: number | null;
  /** Type and rights as stat(2) has them. */
  readonly mode: number | null;
  readonly modifiedMs: number | null;
}

export type Answer =
  | { readonly kind: 'version'; readonly version: number; readonly extensions: ReadonlyMap<string, string> }
  | { readonly kind: 'status'; readonly id: number; readonly status: string; readonly words: string }
  | { readonly kind: 'handle'; readonly id: number; readonly handle: Buffer }
  | { readonly kind: 'data'; readonly id: number; readonly bytes: Buffer }
  | { readonly kind: 'names'; readonly id: number; readonly names: readonly { readonly name: Buffer; readonly attributes: Attributes }[] }
  | { readonly kind: 'attributes'; readonly id: number; readonly attributes: Attributes }
  | { readonly kind: 'reply'; readonly id: number; readonly bytes: Buffer };

/** A server broke the protocol. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}

export const encodeInit = (): Buffer => packet(requestTypes.init, [3]);

export const encodeRequest = (type: RequestType, id: number, fields: readonly Field[]): Buffer => packet(requestTypes[type], [id, ...fields]);

/** Attributes that set nothing, for `open` and `mkdir`. */
export const noAttributes = 0;

function packet(type: number, fields: readonly Field[]): Buffer {
  const parts = fields.map((field) => (typeof field === 'string' ? Buffer.from(field) : field));
  let length = 1;
  for (const part of parts)
    length += typeof part === 'number' ? 4 : typeof part === 'bigint' ? 8 : 'raw' in part ? part.raw.byteLength : 4 + part.byteLength;
  const bytes = Buffer.allocUnsafe(4 + length);
  let at = bytes.writeUInt32BE(length, 0);
  at = bytes.writeUInt8(type, at);
  for (const part of parts) {
    if (typeof part === 'number') at = bytes.writeUInt32BE(part, at);
    else if (typeof part === 'bigint') at = bytes.writeBigUInt64BE(part, at);
    else {
      const content = 'raw' in part ? part.raw : part;
      if (!('raw' in part)) at = bytes.writeUInt32BE(content.byteLength, at);
      bytes.set(content, at);
      at += content.byteLength;
    }
  }
  return bytes;
}

/** Cuts a stream of bytes into packets. @throws ProtocolError when a length cannot be true */
export class Packets {
  #pieces: Buffer[] = [];
  #size = 0;

  *push(bytes: Buffer): Generator<Buffer> {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    while (this.#size >= 4) {
      const length = this.#head(4).readUInt32BE(0);
      if (length === 0 || length > maxPacketBytes)
        throw new ProtocolError(`the server announced a packet of ${length} bytes; ${maxPacketBytes} is the most`);
      if (this.#size < 4 + length) return;
      const whole = this.#head(4 + length);
      const body = whole.subarray(4, 4 + length);
      const rest = whole.subarray(4 + length);
      this.#pieces[0] = rest;
      if (rest.length === 0) this.#pieces.shift();
      this.#size -= 4 + length;
      yield body;
    }
  }

  /** The first piece, joined with as many as it takes to have `count` bytes. */
  #head(count: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= count) return first;
    let [pieces, size] = [0, 0];
    while (size < count) {
      size += this.#pieces[pieces]?.length ?? 0;
      pieces += 1;
    }
    const joined = Buffer.concat(this.#pieces.slice(0, pieces));
    this.#pieces.splice(0, pieces, joined);
    return joined;
  }
}

/** @throws ProtocolError when the bytes are no answer */
export function decodeAnswer(body: Buffer): Answer {
  const reader = new Reader(body);
  const type = reader.byte();
  if (type === 2) {
    const version = reader.uint32();
    const extensions = new Map<string, string>();
    while (reader.left > 0) extensions.set(reader.string().toString('latin1'), reader.string().toString('latin1'));
    return { kind: 'version', version, extensions };
  }
  const id = reader.uint32();
  switch (type) {
    case 101: {
      const code = reader.uint32();
      // Very old servers send no words. @see filexfer-02, section 7
      const words = reader.left >= 4 ? reader.string().toString('utf8') : '';
      return { kind: 'status', id, status: statusNames[code] ?? `SSH_FX_${code}`, words };
    }
    case 102:
      return { kind: 'handle', id, handle: Buffer.from(reader.string()) };
    case 103:
      return { kind: 'data', id, bytes: reader.string() };
    case 104: {
      const count = reader.uint32();
      // A name with its long form and no attributes has 12 bytes.
      if (count > reader.left / 12) throw new ProtocolError(`the server announced ${count} names in ${reader.left} bytes`);
      const names = Array.from({ length: count }, () => {
        const name = Buffer.from(reader.string());
        reader.string();
        return { name, attributes: reader.attributes() };
      });
      return { kind: 'names', id, names };
    }
    case 105:
      return { kind: 'attributes', id, attributes: reader.attributes() };
    case 201:
      return { kind: 'reply', id, bytes: reader.rest() };
    default:
      throw new ProtocolError(`the server sent a packet of type ${type}, which is no answer`);
  }
}

/** Blocks that are free to the user, of `statvfs@openssh.com`: f_bavail is the fifth of eleven numbers. @see OpenSSH PROTOCOL, section 4.4 */
export const freeBlocks = (reply: Buffer): bigint => new Reader(reply.subarray(32)).uint64();

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.#take(1).readUInt8(0);
  }

  uint32(): number {
    return this.#take(4).readUInt32BE(0);
  }

  uint64(): bigint {
    return this.#take(8).readBigUInt64BE(0);
  }

  string(): Buffer {
    return this.#take(this.uint32());
  }

  rest(): Buffer {
    return this.#take(this.left);
  }

  /** @see filexfer-02, section 5 */
  attributes(): Attributes {
    const flags = this.uint32();
    const size = flags & 0x01 ? Number(this.uint64()) : null;
    if (flags & 0x02) this.#take(8);
    const mode = flags & 0x04 ? this.uint32() : null;
    let modifiedMs: number | null = null;
    if (flags & 0x08) {
      this.#take(4);
      modifiedMs = this.uint32() * 1_000;
    }
    // Names and values in turn.
    if (flags & 0x8000_0000) for (let texts = this.uint32() * 2; texts > 0; texts -= 1) this.string();
    return { size, mode, modifiedMs };
  }

  #take(count: number): Buffer {
    if (count > this.left) throw new ProtocolError(`the server sent a packet that ends ${count - this.left} bytes early`);
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}
