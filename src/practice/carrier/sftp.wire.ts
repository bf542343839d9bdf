/*
 * The server's side of SFTP version 3: bytes in, requests out, and answers back into bytes. Written apart from the gateway's own codec, so
 * that each checks the other.
 * @see draft-ietf-secsh-filexfer-02; OpenSSH PROTOCOL, section 4, for the extensions
 */

const maxPacketBytes = 256 * 1_024;

export const status = { ok: 0, eof: 1, noSuchFile: 2, denied: 3, failure: 4, badMessage: 5, unsupported: 8, noSpace: 14 } as const;
export type Status = keyof typeof status;

/** Bits of the flags of `open`. */
export const openBits = { read: 0x01, write: 0x02, append: 0x04, create: 0x08, truncate: 0x10, exclusive: 0x20 } as const;

export type SftpRequest =
  | { readonly kind: 'init' }
  | { readonly kind: 'open'; readonly id: number; readonly path: string; readonly flags: number }
  | { readonly kind: 'read'; readonly id: number; readonly handle: string; readonly offset: number; readonly length: number }
  | { readonly kind: 'write'; readonly id: number; readonly handle: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'close' | 'readdir' | 'fstat' | 'fsync' | 'fsetstat'; readonly id: number; readonly handle: string }
  | {
      readonly kind: 'lstat' | 'stat' | 'opendir' | 'remove' | 'mkdir' | 'rmdir' | 'realpath' | 'setstat';
      readonly id: number;
      readonly path: string;
    }
  | { readonly kind: 'rename' | 'posix-rename'; readonly id: number; readonly path: string; readonly to: string }
  | { readonly kind: 'unknown'; readonly id: number };

export interface FileAttributes {
  readonly size: number;
  /** Type and rights, as stat(2) has them. */
  readonly mode: number;
  readonly modifiedMs: number;
}

const withPath = { 7: 'lstat', 9: 'setstat', 11: 'opendir', 13: 'remove', 14: 'mkdir', 15: 'rmdir', 16: 'realpath', 17: 'stat' } as const;
const withHandle = { 4: 'close', 8: 'fstat', 10: 'fsetstat', 12: 'readdir' } as const;

/** Cuts what a client sends into requests. */
export class RequestReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws Error when the client breaks the protocol: nothing after it can be read */
  push(bytes: Buffer): SftpRequest[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const requests: SftpRequest[] = [];
    while (this.#rest.length >= 4) {
      const length = this.#rest.readUInt32BE(0);
      if (length === 0 || length > maxPacketBytes) throw new Error(`a packet of ${length} bytes is none`);
      if (this.#rest.length < 4 + length) break;
      requests.push(decoded(this.#rest.subarray(4, 4 + length)));
      this.#rest = this.#rest.subarray(4 + length);
    }
    return requests;
  }
}

function decoded(body: Buffer): SftpRequest {
  let at = 1;
  const uint32 = (): number => body.readUInt32BE((at += 4) - 4);
  const uint64 = (): number => Number(body.readBigUInt64BE((at += 8) - 8));
  const string = (): Buffer => {
    const length = uint32();
    if (at + length > body.length) throw new Error('a text is longer than its packet');
    return body.subarray(at, (at += length));
  };
  const path = (): string => string().toString('utf8');
  const handle = (): string => string().toString('latin1');
  const type = body.readUInt8(0);
  if (type === 1) return { kind: 'init' };
  const id = uint32();
  if (type in withPath) return { kind: withPath[type as keyof typeof withPath], id, path: path() };
  if (type in withHandle) return { kind: withHandle[type as keyof typeof withHandle], id, handle: handle() };
  if (type === 3) return { kind: 'open', id, path: path(), flags: uint32() };
  if (type === 5) return { kind: 'read', id, handle: handle(), offset: uint64(), length: uint32() };
  if (type === 6) return { kind: 'write', id, handle: handle(), offset: uint64(), bytes: Buffer.from(string()) };
  if (type === 18) return { kind: 'rename', id, path: path(), to: path() };
  if (type !== 200) return { kind: 'unknown', id };
  const name = path();
  if (name === 'posix-rename@openssh.com') return { kind: 'posix-rename', id, path: path(), to: path() };
  if (name === 'fsync@openssh.com') return { kind: 'fsync', id, handle: handle() };
  return { kind: 'unknown', id };
}

export const versionAnswer = (): Buffer =>
  packet(2, [3, ...['posix-rename@openssh.com', '1', 'fsync@openssh.com', '1'].map((text) => Buffer.from(text))]);

/** Without words of its own: `noSuchFile` as `no such file`. */
export const statusAnswer = (id: number, code: Status, words = code.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)): Buffer =>
  packet(101, [id, status[code], Buffer.from(words), Buffer.from('en')]);

export const handleAnswer = (id: number, handle: string): Buffer => packet(102, [id, Buffer.from(handle, 'latin1')]);

export const dataAnswer = (id: number, bytes: Buffer): Buffer => packet(103, [id, bytes]);

export const namesAnswer = (id: number, names: readonly { readonly name: string; readonly attributes: FileAttributes | null }[]): Buffer =>
  packet(104, [id, names.length, ...names.flatMap(({ name, attributes }) => [Buffer.from(name), Buffer.from(name), raw(attributes)])]);

export const attributesAnswer = (id: number, attributes: FileAttributes): Buffer => packet(105, [id, raw(attributes)]);

interface Raw {
  readonly raw: Buffer;
}

/** Size, rights and times; none of them for null. @see filexfer-02, section 5 */
function raw(attributes: FileAttributes | null): Raw {
  if (attributes === null) return { raw: Buffer.alloc(4) };
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32BE(0x01 | 0x04 | 0x08, 0);
  bytes.writeBigUInt64BE(BigInt(attributes.size), 4);
  bytes.writeUInt32BE(attributes.mode, 12);
  for (const at of [16, 20]) bytes.writeUInt32BE(Math.floor(attributes.modifiedMs / 1_000), at);
  return { raw: bytes };
}

function packet(type: number, fields: readonly (number | Buffer | Raw)[]): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const body = fields.flatMap((field) =>
    typeof field === 'number' ? [number(field)] : Buffer.isBuffer(field) ? [number(field.length), field] : [field.raw],
  );
  const length = body.reduce((sum, { length: bytes }) => sum + bytes, 1);
  return Buffer.concat([number(length), Buffer.from([type]), ...body]);
}
