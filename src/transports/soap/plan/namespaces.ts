import { escapeAttribute } from '../xml/xml.text.ts';

/** One prefix a namespace, the same in all messages of a WSDL: `n0`, `n1`. */
export class Prefixes {
  readonly #numbers = new Map<string, number>();
  readonly #declarations: string[] = [];

  /** The number of the prefix; -1 for no namespace. */
  numberOf(namespace: string): number {
    if (namespace === '') return -1;
    let number = this.#numbers.get(namespace);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(namespace, number);
      this.#declarations.push(` xmlns:n${number}="${escapeAttribute(namespace)}"`);
    }
    return number;
  }

  /** `n1:Order`; a name without namespace has no prefix. */
  qualify(namespace: string, local: string): string {
    return namespace === '' ? local : `n${this.numberOf(namespace)}:${local}`;
  }

  /** The declarations of those that were used. */
  declare(used: readonly (true | undefined)[]): string {
    let declarations = '';
    for (let number = 0; number < used.length; number += 1) if (used[number] === true) declarations += this.#declarations[number];
    return declarations;
  }
}
