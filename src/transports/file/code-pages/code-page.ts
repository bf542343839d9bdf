import { GatehouseError } from '../../../contract/errors.ts';
import { type CodePageName, codePageNames, noCharacter, unicodeByByte } from './tables.ts';

/** Text ⇄ bytes of one code page. Nothing is ever replaced: what has no counterpart is said, with its position. */
export interface CodePage {
  readonly name: CodePageName;
  readonly ebcdic: boolean;
  /** The byte of a space. */
  readonly space: number;
  /**
   * One character a byte, so that positions are the same; U+FFFF for a byte without a character. Null when the bytes cannot be seen so: UTF-8
   * beyond ASCII.
   */
  characters(bytes: Uint8Array): string | null;
  /** The text of the bytes from `from` to `to`, or the offset in it of the first byte that is no character. */
  decode(bytes: Uint8Array, from: number, to: number): string | number;
  /** How many bytes the text takes. */
  width(text: string): number;
  /** Writes the text, which must have room; −1, or the index of the first character that the page does not have. */
  write(text: string, target: Uint8Array, at: number): number;
}

class SingleByte implements CodePage {
  readonly name: CodePageName;
  readonly ebcdic: boolean;
  readonly space: number;
  readonly #unicode: Uint16Array;
  /** For pages within Latin-1, whose strings take one byte a character. */
  readonly #latin1: Uint8Array | null;
  readonly #complete: boolean;
  readonly #bytes = new Int16Array(65_536).fill(-1);
  #scratch = Buffer.alloc(1024);

  constructor(name: Exclude<CodePageName, 'utf-8'>) {
    this.name = name;
    this.#unicode = unicodeByByte(name);
    this.#unicode.forEach((character, byte) => {
      if (character !== noCharacter) this.#bytes[character] = byte;
    });
    this.ebcdic = this.#bytes[0x41] !== 0x41;
    this.space = this.#bytes[0x20] as number;
    this.#latin1 = this.#unicode.every((character) => character <= 0xff) ? Uint8Array.from(this.#unicode) : null;
    this.#complete = !this.#unicode.includes(noCharacter);
  }

  characters(bytes: Uint8Array): string {
    const { length } = bytes;
    if (this.#scratch.length < 2 * length) this.#scratch = Buffer.alloc(4 * length);
    const scratch = this.#scratch;
    const latin1 = this.#latin1;
    if (latin1 !== null) {
      for (let i = 0; i < length; i += 1) scratch[i] = latin1[bytes[i] as number] as number;
      return scratch.toString('latin1', 0, length);
    }
    const unicode = this.#unicode;
    let seen = 0;
    for (let i = 0; i < length; i += 1) {
      const character = unicode[bytes[i] as number] as number;
      seen |= character;
      scratch[i] = character;
    }
    // Most records have nothing beyond Latin-1, and a narrow string is cheaper for everybody after.
    if (seen <= 0xff) return scratch.toString('latin1', 0, length);
    for (let i = 0; i < length; i += 1) scratch.writeUInt16LE(unicode[bytes[i] as number] as number, 2 * i);
    return scratch.toString('utf16le', 0, 2 * length);
  }

  decode(bytes: Uint8Array, from: number, to: number): string | number {
    const text = this.characters(bytes.subarray(from, to));
    if (this.#complete) return text;
    const hole = text.indexOf('\uffff');
    return hole < 0 ? text : hole;
  }

  width(text: string): number {
    return text.length;
  }

  write(text: string, target: Uint8Array, at: number): number {
    const table = this.#bytes;
    for (let i = 0; i < text.length; i += 1) {
      const byte = table[text.charCodeAt(i)] as number;
      if (byte < 0) return i;
      target[at + i] = byte;
    }
    return -1;
  }
}

class Utf8 implements CodePage {
  readonly name = 'utf-8';
  readonly ebcdic = false;
  readonly space = 0x20;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  characters(bytes: Uint8Array): string | null {
    for (let i = 0; i < bytes.length; i += 1) if ((bytes[i] as number) >= 0x80) return null;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }

  decode(bytes: Uint8Array, from: number, to: number): string | number {
    try {
      return this.#decoder.decode(bytes.subarray(from, to));
    } catch {
      for (let end = from; end < to; end += 1) if (!isUtf8Start(bytes.subarray(from, end + 1))) return end - from;
      return to - 1 - from;
    }
  }

  width(text: string): number {
    return Buffer.byteLength(text, 'utf8');
  }

  write(text: string, target: Uint8Array, at: number): number {
    if (!text.isWellFormed()) return [...text].findIndex((character) => !character.isWellFormed());
    Buffer.from(target.buffer, target.byteOffset, target.length).write(text, at, 'utf8');
    return -1;
  }
}

/** Whether these bytes can begin a text: the last character may be cut. */
function isUtf8Start(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const known = new Map<CodePageName, CodePage>();

/** @throws GatehouseError LAYOUT_MISSING when there is no such code page */
export function codePage(name: string): CodePage {
  const wanted = codePageNames.find((each) => each === name.toLowerCase());
  if (wanted === undefined)
    throw new GatehouseError('LAYOUT_MISSING', `there is no code page '${name.slice(0, 40)}'; known are ${codePageNames.join(', ')}`);
  let page = known.get(wanted);
  if (page === undefined) known.set(wanted, (page = wanted === 'utf-8' ? new Utf8() : new SingleByte(wanted)));
  return page;
}
