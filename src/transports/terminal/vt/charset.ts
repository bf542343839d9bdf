import { type Repertoire } from '../typing.ts';

/** Between the bytes of a VT host and UTF-8, which the display eats. Bytes of one character may come in two pieces. */
export class Charset implements Repertoire {
  readonly name: 'utf-8' | 'iso-8859-1' | 'ascii';

  constructor(name: 'utf-8' | 'iso-8859-1' | 'ascii') {
    this.name = name;
  }

  /** Bytes 80 to 9F of ISO 8859-1 stay controls: a host may speak 8-bit CSI. @see ECMA-48, section 5.3 */
  decode(bytes: Uint8Array): Uint8Array {
    return this.name === 'iso-8859-1' ? Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'), 'utf8') : bytes;
  }

  encode(text: string): Uint8Array {
    return Buffer.from(text, this.name === 'utf-8' ? 'utf8' : 'latin1');
  }

  has(character: string): boolean {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0xd800 && code <= 0xdfff)) return false;
    return this.name === 'utf-8' || code < (this.name === 'ascii' ? 0x7f : 0x100);
  }
}
