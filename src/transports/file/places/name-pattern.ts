import { GatehouseError } from '../../../contract/errors.ts';

/**
 * Which names of a directory are meant: `*` stands for any bytes, `?` for one, everything else for itself. A name that begins with a dot
 * is meant only by a pattern that does. Takes time in proportion to the name and the pattern, whatever a sender calls his files.
 * @example new NamePattern('ORDERS_*.TXT').matches(Buffer.from('ORDERS_0017.TXT'))
 */
export class NamePattern {
  readonly text: string;
  readonly #pattern: Buffer;
  readonly #ignoreCase: boolean;

  /** @throws GatehouseError CONFIG_INVALID when no name can match */
  constructor(text: string, options: { readonly ignoreCase?: boolean } = {}) {
    if (text === '' || /[/\0]/.test(text))
      throw new GatehouseError('CONFIG_INVALID', `the name pattern '${text}' can match no file: it is empty or has a separator`);
    this.text = text;
    this.#ignoreCase = options.ignoreCase === true;
    this.#pattern = this.#folded(Buffer.from(text));
  }

  matches(name: Buffer): boolean {
    const pattern = this.#pattern;
    const bytes = this.#folded(name);
    if (bytes[0] === dot && pattern[0] !== dot) return false;
    // Only the last star is gone back to: the ones before it have found their shortest fit.
    let [at, of, star, mark] = [0, 0, -1, 0];
    while (at < bytes.length) {
      if (of < pattern.length && pattern[of] === asterisk) {
        star = of;
        of += 1;
        mark = at;
      } else if (of < pattern.length && (pattern[of] === question || pattern[of] === bytes[at])) {
        at += 1;
        of += 1;
      } else if (star >= 0) {
        of = star + 1;
        mark += 1;
        at = mark;
      } else return false;
    }
    while (pattern[of] === asterisk) of += 1;
    return of === pattern.length;
  }

  #folded(bytes: Buffer): Buffer {
    if (!this.#ignoreCase) return bytes;
    return Buffer.from(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)));
  }
}

const dot = 0x2e;
const asterisk = 0x2a;
const question = 0x3f;
