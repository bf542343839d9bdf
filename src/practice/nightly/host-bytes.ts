import { Ebcdic } from '../mainframe/ebcdic.ts';

/*
 * Bytes as the mainframe has them, read and written without the gateway's codecs: what judges them must not share their mistakes.
 */

/** Where CCSID 273 has another character than 037: those of 273, and below each the one of 037 that has the same byte. @see IBM CDRA */
const in273 = '{Ä!~Ü^[ö§ß¢@¬|ä¦ü}Ö\\]';
const in037 = 'ä¢|ß!¬Ä¦@~^§[]{ö}ü\\ÖÜ';

export type HostCcsid = '273' | '037';

/** Text of one CCSID. */
export class HostText {
  readonly #page = new Ebcdic(37);
  readonly #german: boolean;

  constructor(ccsid: HostCcsid) {
    this.#german = ccsid === '273';
  }

  read(bytes: Uint8Array): string {
    return this.#swapped(this.#page.decode(bytes), in037, in273).trimEnd();
  }

  /** Exactly `width` bytes; a text that is too long is a mistake of ours. */
  write(text: string, width: number): Uint8Array {
    if (text.length > width) throw new RangeError(`'${text}' has ${text.length} characters, the field has ${width}`);
    return this.#page.encode(this.#swapped(text.padEnd(width), in273, in037));
  }

  #swapped(text: string, from: string, to: string): string {
    return this.#german ? Array.from(text, (char) => (from.includes(char) ? (to[from.indexOf(char)] as string) : char)).join('') : text;
  }
}

/** COMP-3. @throws RangeError when a nibble is no digit, or the last is no sign */
export function readPacked(bytes: Uint8Array): bigint {
  const nibbles = Buffer.from(bytes).toString('hex');
  if (!/^\d+[a-f]$/.test(nibbles)) throw new RangeError(`${nibbles} is no packed number`);
  const magnitude = BigInt(nibbles.slice(0, -1));
  return /[bd]$/.test(nibbles) ? -magnitude : magnitude;
}

export function writePacked(value: bigint, width: number, signed = true): Uint8Array {
  const digits = String(value < 0n ? -value : value).padStart(2 * width - 1, '0');
  if (digits.length > 2 * width - 1) throw new RangeError(`${value} does not fit into ${width} bytes`);
  return Buffer.from(`${digits}${signed ? (value < 0n ? 'd' : 'c') : 'f'}`, 'hex');
}

/** COMP, unsigned, big-endian. */
export function writeBinary(value: number, width: 2 | 4): Uint8Array {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}

/** A record of pieces, filled up with spaces. */
export function hostRecord(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const record = Buffer.alloc(length, 0x40);
  const content = Buffer.concat(pieces);
  if (content.length > length) throw new RangeError(`the record has ${content.length} bytes, ${length} are allowed`);
  content.copy(record);
  return record;
}
