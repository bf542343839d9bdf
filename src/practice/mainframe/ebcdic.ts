/** CCSID 037, every EBCDIC byte's character: it is Latin-1 in another order. @see IBM CDRA, CCSID 00037 */
const latin1In037 = [
  '000102039c09867f978d8e0b0c0d0e0f101112139d8508871819928f1c1d1e1f',
  '80818283840a171b88898a8b8c050607909116939495960498999a9b14159e1a',
  '20a0e2e4e0e1e3e5e7f1a22e3c282b7c26e9eaebe8edeeefecdf21242a293bac',
  '2d2fc2c4c0c1c3c5c7d1a62c255f3e3ff8c9cacbc8cdcecfcc603a2340273d22',
  'd8616263646566676869abbbf0fdfeb1b06a6b6c6d6e6f707172aabae6b8c6a4',
  'b57e737475767778797aa1bfd0dddeae5ea3a5b7a9a7b6bcbdbe5b5dafa8b4d7',
  '7b414243444546474849adf4f6f2f3f57d4a4b4c4d4e4f505152b9fbfcf9faff',
  '5cf7535455565758595ab2d4d6d2d3d530313233343536373839b3dbdcd9da9f',
].join('');

export type EbcdicCodePage = 37 | 1140;

const nul = 0x00;
/** What a terminal shows for a character it does not have. */
const substitute = 0x6f;

/** Text ⇄ EBCDIC. 1140 is 037 with the euro sign in the place of the currency sign. */
export class Ebcdic {
  readonly #toText: readonly string[];
  readonly #toBytes = new Map<string, number>();

  constructor(codePage: EbcdicCodePage) {
    const chars = [...Buffer.from(latin1In037, 'hex').toString('latin1')].map((char) => (codePage === 1140 && char === '¤' ? '€' : char));
    this.#toText = chars;
    chars.forEach((char, byte) => this.#toBytes.set(char, byte));
  }

  /** Exactly one byte a character; a question mark for what the code page does not have. */
  encode(text: string): Uint8Array {
    return Uint8Array.from([...text], (char) => this.#toBytes.get(char) ?? substitute);
  }

  /** NUL, which fills what was never typed, is left out; other control characters become question marks. */
  decode(bytes: Uint8Array): string {
    let text = '';
    for (const byte of bytes) if (byte !== nul) text += byte < 0x40 || byte === 0xff ? '?' : (this.#toText[byte] as string);
    return text;
  }
}
