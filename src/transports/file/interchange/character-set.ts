import { isAscii, isUtf8 } from 'node:buffer';
import { GatehouseError } from '../../../contract/errors.ts';
import { misfit } from './record-fault.ts';

/** The character sets of this folder's formats. Every one of them has ASCII in its first 128 places, which is why delimiters are found in bytes. */
export type CharacterSetName = 'ascii' | 'utf-8' | 'latin-1' | 'windows-1252' | `iso-8859-${2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 15}`;

/** Never replaces: what does not belong to the set is refused, both ways. */
export interface CharacterSet {
  readonly name: CharacterSetName;
  /** @throws RECORD_INVALID naming the byte and its place */
  decode(bytes: Buffer): string;
  /** @throws RECORD_INVALID naming the character and its place */
  encode(text: string): Buffer;
}

const made = new Map<CharacterSetName, CharacterSet>();

export function characterSet(name: CharacterSetName): CharacterSet {
  const known = made.get(name);
  if (known !== undefined) return known;
  const set = name === 'utf-8' ? utf8 : name === 'ascii' ? ascii : singleByte(name);
  made.set(name, set);
  return set;
}

const utf8: CharacterSet = {
  name: 'utf-8',
  decode(bytes) {
    if (!isUtf8(bytes)) throw misfit('', `byte ${firstNotUtf8(bytes) + 1} begins no UTF-8 character`);
    return bytes.toString('utf8');
  },
  encode(text) {
    if (!text.isWellFormed()) throw misfit('', 'half of a surrogate pair is no character', text);
    return Buffer.from(text, 'utf8');
  },
};

function firstNotUtf8(bytes: Buffer): number {
  const text = bytes.toString('utf8');
  let at = 0;
  for (let index = text.indexOf('\uFFFD'); index >= 0; index = text.indexOf('\uFFFD', index + 1)) {
    at = Buffer.byteLength(text.slice(0, index));
    // A replacement character that was in the text is written EF BF BD.
    if (bytes[at] !== 0xef || bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd) return at;
  }
  return at;
}

const ascii: CharacterSet = {
  name: 'ascii',
  decode(bytes) {
    if (!isAscii(bytes)) {
      const at = bytes.findIndex((byte) => byte > 0x7f);
      throw misfit('', `byte ${at + 1} (0x${bytes[at]?.toString(16)}) is not ASCII`);
    }
    return bytes.toString('latin1');
  },
  encode(text) {
    const bad = /[^\p{ASCII}]/u.exec(text);
    if (bad !== null) throw outside('ascii', bad[0], bad.index);
    return Buffer.from(text, 'latin1');
  },
};

const outside = (set: string, character: string, index: number): GatehouseError => {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return misfit('', `character ${index + 1} (U+${code}) is not in ${set}`);
};

function singleByte(name: Exclude<CharacterSetName, 'utf-8' | 'ascii'>): CharacterSet {
  const table = tableOf(name);
  const places = new Map([...table].flatMap((character, byte) => (character === '\uFFFD' ? [] : [[character, byte] as const])));
  return {
    name,
    decode(bytes) {
      if (isAscii(bytes) || name === 'latin-1') return bytes.toString('latin1');
      let text = '';
      for (const [index, byte] of bytes.entries()) {
        const character = table[byte] ?? '';
        if (character === '\uFFFD') throw misfit('', `byte ${index + 1} (0x${byte.toString(16)}) is not in ${name}`);
        text += character;
      }
      return text;
    },
    encode(text) {
      const bytes = Buffer.allocUnsafe(text.length);
      for (let index = 0; index < text.length; index += 1) {
        const byte = places.get(text.charAt(index));
        if (byte === undefined) throw outside(name, String.fromCodePoint(text.codePointAt(index) ?? 0), index);
        bytes[index] = byte;
      }
      return bytes;
    },
  };
}

/**
 * 256 characters, U+FFFD where the set has none. The labels of the encoding standard mean supersets: 0x80 to 0x9F of an ISO 8859 set are
 * control characters, whatever the label latin1 or iso-8859-9 makes of them. @see https://encoding.spec.whatwg.org/#names-and-labels
 */
function tableOf(name: Exclude<CharacterSetName, 'utf-8' | 'ascii'>): readonly string[] {
  const decoder = name === 'latin-1' ? null : new TextDecoder(name);
  const iso = name !== 'windows-1252';
  return Array.from({ length: 256 }, (_, byte) =>
    decoder === null || byte < 0x80 || (iso && byte < 0xa0) ? String.fromCharCode(byte) : decoder.decode(Uint8Array.of(byte)),
  );
}
