import { createHmac, timingSafeEqual } from 'node:crypto';
import { md4 } from './md4.ts';

/** The server's half of NTLMv2, written from MS-NLMP; sections in brackets. Domain controllers and NTLMv1 are left out. */

const signature = Buffer.from('NTLMSSP\0', 'latin1');
const unicode = 0x1;
const oem = 0x2;
/** What is offered [2.2.2.5]: REQUEST_TARGET, NTLM, ALWAYS_SIGN, TARGET_TYPE_DOMAIN, EXTENDED_SESSIONSECURITY, TARGET_INFO, VERSION, 128, 56. */
const offered = (0x4 | 0x200 | 0x8000 | 0x1_0000 | 0x8_0000 | 0x80_0000 | 0x200_0000 | 0x2000_0000 | 0x8000_0000) >>> 0;
const keyExchange = 0x4000_0000;
/** Given to those who ask: SIGN, SEAL and a session key of the client's own; nothing is signed with it but the MIC. */
const granted = 0x10 | 0x20 | keyExchange;
const attribute = { end: 0, computer: 1, domain: 2, flags: 6, timestamp: 7 } as const;
const micProvided = 0x2;

export interface Account {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

/** What an AUTHENTICATE_MESSAGE said, when it was right. */
export interface Authenticated {
  readonly user: string;
  readonly domain: string;
  readonly workstation: string;
  /** The three messages were bound together by a MIC, and it was right. */
  readonly mic: boolean;
  /** The response took the challenge's time over, as clients should [3.1.5.1.2]; the MIC is owed then. */
  readonly timeTaken: boolean;
}

export interface Challenge {
  readonly message: Buffer;
  readonly serverChallenge: Buffer;
  readonly timestamp: Buffer;
}

/**
 * CHALLENGE_MESSAGE [2.2.1.2] to a NEGOTIATE_MESSAGE [2.2.1.1].
 * @throws Error when it is none
 */
export function challenge(negotiate: Buffer, domain: string, serverChallenge: Buffer, nowMs: number): Challenge {
  if (negotiate.length < 32 || typeOf(negotiate) !== 1) throw new Error('no NEGOTIATE_MESSAGE');
  const asked = negotiate.readUInt32LE(12);
  if ((asked & (unicode | oem)) === 0) throw new Error('neither UNICODE nor OEM is asked for');
  const wide = (asked & unicode) !== 0;
  const name = Buffer.from(domain, wide ? 'utf16le' : 'latin1');
  const timestamp = Buffer.alloc(8);
  // 100 ns since 1601 [2.3.3 of MS-DTYP]
  timestamp.writeBigUInt64LE(BigInt(nowMs) * 10_000n + 116_444_736_000_000_000n);
  const info = Buffer.concat([
    pair(attribute.domain, Buffer.from(domain, 'utf16le')),
    pair(attribute.computer, Buffer.from('PEER', 'utf16le')),
    pair(attribute.timestamp, timestamp),
    pair(attribute.end, Buffer.alloc(0)),
  ]);
  const head = Buffer.alloc(56);
  signature.copy(head);
  head.writeUInt32LE(2, 8);
  field(head, 12, name.length, 56);
  head.writeUInt32LE((offered | (asked & granted) | (wide ? unicode : oem)) >>> 0, 20);
  serverChallenge.copy(head, 24);
  field(head, 40, info.length, 56 + name.length);
  Buffer.from('0a00614a0000000f', 'hex').copy(head, 48);
  return { message: Buffer.concat([head, name, info]), serverChallenge, timestamp };
}

/**
 * Checks an AUTHENTICATE_MESSAGE [2.2.1.3] as a server that knows the password [3.2.5.1.2].
 * @throws Error that says which part is wrong
 */
export function authenticated(negotiate: Buffer, sent: Challenge, message: Buffer, account: Account): Authenticated {
  if (message.length < 64 || typeOf(message) !== 3) throw new Error('no AUTHENTICATE_MESSAGE');
  const encoding = (message.readUInt32LE(60) & unicode) === 0 ? 'latin1' : 'utf16le';
  const [response, domain, user, workstation] = [
    payload(message, 20),
    payload(message, 28).toString(encoding),
    payload(message, 36).toString(encoding),
    payload(message, 44).toString(encoding),
  ];
  if (response.length === 24) throw new Error('an NTLMv1 response');
  if (response.length < 16 + 28 + 4) throw new Error(`an NTLMv2 response of ${response.length} bytes`);
  if (user.toUpperCase() !== account.user.toUpperCase()) throw new Error(`unknown user '${user}'`);
  const proof = response.subarray(0, 16);
  const temp = response.subarray(16);
  const hash = ntowfv2(account.password, user, domain);
  const expected = hmacMd5(hash, Buffer.concat([sent.serverChallenge, temp]));
  if (!timingSafeEqual(proof, expected)) throw new Error('NTProofStr is wrong');
  if (domain !== '' && domain.toUpperCase() !== account.domain.toUpperCase()) throw new Error(`unknown domain '${domain}'`);
  if (temp[0] !== 1 || temp[1] !== 1) throw new Error('the response is not of version 1 [2.2.2.7]');
  const pairs = pairsOf(temp.subarray(28));
  for (const id of [attribute.domain, attribute.computer]) {
    if (!pairs.has(id)) throw new Error(`the response leaves out attribute ${id} of the challenge`);
  }
  const mic = ((pairs.get(attribute.flags)?.readUInt32LE(0) ?? 0) & micProvided) !== 0;
  if (mic) checkMic(negotiate, sent.message, message, hmacMd5(hash, proof));
  return { user, domain, workstation, mic, timeTaken: temp.subarray(8, 16).equals(sent.timestamp) };
}

/** NTOWFv2 [3.3.2]. */
export function ntowfv2(password: string, user: string, domain: string): Buffer {
  return hmacMd5(md4(Buffer.from(password, 'utf16le')), Buffer.from(user.toUpperCase() + domain, 'utf16le'));
}

export function hmacMd5(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest();
}

/** The session's key is the base key, or what the client sent encrypted with it [3.1.5.1.2]. */
function checkMic(negotiate: Buffer, challenge: Buffer, message: Buffer, base: Buffer): void {
  const key = (message.readUInt32LE(60) & keyExchange) === 0 ? base : rc4(base, payload(message, 52));
  const without = Buffer.from(message);
  without.fill(0, 72, 88);
  const expected = hmacMd5(key, Buffer.concat([negotiate, challenge, without]));
  if (!timingSafeEqual(message.subarray(72, 88), expected)) throw new Error('the MIC is wrong');
}

/** As MD4, OpenSSL 3 leaves it out. */
function rc4(key: Buffer, data: Buffer): Buffer {
  const box = Uint8Array.from({ length: 256 }, (_, at) => at);
  const at = (index: number): number => box[index & 255] ?? 0;
  const swap = (i: number, j: number): void => {
    [box[i & 255], box[j & 255]] = [at(j), at(i)];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let j = 0;
  return data.map((byte, n) => {
    j = (j + at(n + 1)) & 255;
    swap(n + 1, j);
    return byte ^ at(at(n + 1) + at(j));
  }) as Buffer;
}

function typeOf(message: Buffer): number {
  return message.subarray(0, 8).equals(signature) ? message.readUInt32LE(8) : 0;
}

function field(head: Buffer, at: number, length: number, offset: number): void {
  head.writeUInt16LE(length, at);
  head.writeUInt16LE(length, at + 2);
  head.writeUInt32LE(offset, at + 4);
}

function payload(message: Buffer, at: number): Buffer {
  const length = message.readUInt16LE(at);
  const offset = message.readUInt32LE(at + 4);
  if (length > 0 && offset + length > message.length) throw new Error(`field ${at} points behind the message`);
  return message.subarray(offset, offset + length);
}

function pair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

function pairsOf(info: Buffer): Map<number, Buffer> {
  const pairs = new Map<number, Buffer>();
  let at = 0;
  for (;;) {
    if (at + 4 > info.length) throw new Error('the attributes do not end [2.2.2.1]');
    const id = info.readUInt16LE(at);
    const length = info.readUInt16LE(at + 2);
    if (id === attribute.end) return pairs;
    pairs.set(id, info.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
}
