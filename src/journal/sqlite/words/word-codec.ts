import { createHmac, hkdfSync } from 'node:crypto';

/** Hashes that are remembered: most words of most texts are the same few. */
const mostRemembered = 20_000;
const digits = 16;

/**
 * Words as they stand in the index: themselves, or where the journal is encrypted 64 bits of a keyed hash of each, so that who has the file
 * and not the key learns no word, only that the same unknown word is in two translations.
 */
export class WordCodec {
  readonly #key: Uint8Array | null;
  readonly #remembered = new Map<string, string>();

  /** `keys` of the journal: the last one is that which it writes with. */
  constructor(keys: ReadonlyMap<number, Uint8Array> = new Map()) {
    const key = [...keys.values()].at(-1);
    this.#key = key === undefined ? null : new Uint8Array(hkdfSync('sha256', key, '', 'gatehouse words', 32));
  }

  /** Shows which key an index was made with, and nothing of the key. */
  get check(): string {
    return this.#key === null ? 'plain' : createHmac('sha256', this.#key).update('\0check').digest('hex').slice(0, digits);
  }

  /** Letters and digits only. */
  encode(word: string): string {
    if (this.#key === null) return word;
    const known = this.#remembered.get(word);
    if (known !== undefined) return known;
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    const hash = createHmac('sha256', this.#key).update(word).digest('hex').slice(0, digits);
    this.#remembered.set(word, hash);
    return hash;
  }
}
