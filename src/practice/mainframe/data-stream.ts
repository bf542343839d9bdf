import { type Addressing, encodeAddress, graphicOf } from './address.ts';
import { type Ebcdic } from './ebcdic.ts';

const command = { write: 0xf1, eraseWrite: 0xf5, eraseWriteAlternate: 0x7e, writeStructuredField: 0xf3 } as const;
const order = { sf: 0x1d, sfe: 0x29, sba: 0x11, ic: 0x13, pt: 0x05, ra: 0x3c, eua: 0x12 } as const;
/** Types of a start field extended. */
const extended = { field: 0xc0, highlighting: 0x41, colour: 0x42 } as const;

export interface Attribute {
  readonly protected?: boolean;
  readonly numeric?: boolean;
  readonly hidden?: boolean;
  readonly bright?: boolean;
  /** Modified data tag: comes back although nobody typed into it. */
  readonly modified?: boolean;
}

export interface WriteControl {
  /** Gives the keyboard back. */
  readonly restore?: boolean;
  readonly resetModified?: boolean;
  readonly alarm?: boolean;
}

export const highlight = { blink: 0xf1, reverse: 0xf2, underscore: 0xf4 } as const;
export const colour = { blue: 0xf1, red: 0xf2, green: 0xf4, turquoise: 0xf5, yellow: 0xf6, white: 0xf7 } as const;

/** Builds one outbound 3270 record, order by order. @see GA23-0059, "Orders" */
export class DataStream {
  readonly #bytes: number[];
  readonly #ebcdic: Ebcdic;
  readonly #addressing: Addressing;

  constructor(how: 'write' | 'eraseWrite' | 'eraseWriteAlternate', control: WriteControl, ebcdic: Ebcdic, addressing: Addressing) {
    const wcc = (control.alarm === true ? 4 : 0) | (control.restore === true ? 2 : 0) | (control.resetModified === true ? 1 : 0);
    this.#bytes = [command[how], graphicOf(wcc)];
    this.#ebcdic = ebcdic;
    this.#addressing = addressing;
  }

  /** Asks the terminal what it can do; it answers with a structured field. */
  static query(): Uint8Array {
    const readPartition = 0x01;
    const wholeTerminal = 0xff;
    const query = 0x02;
    return Uint8Array.of(command.writeStructuredField, 0x00, 0x05, readPartition, wholeTerminal, query);
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  at(address: number): this {
    this.#bytes.push(order.sba, ...encodeAddress(address, this.#addressing));
    return this;
  }

  field(attribute: Attribute): this {
    this.#bytes.push(order.sf, attributeByte(attribute));
    return this;
  }

  /** A field with colour and highlighting, for terminals that have said they know such. */
  extendedField(attribute: Attribute, look: { readonly colour?: number; readonly highlight?: number }): this {
    const pairs = [extended.field, attributeByte(attribute)];
    if (look.highlight !== undefined) pairs.push(extended.highlighting, look.highlight);
    if (look.colour !== undefined) pairs.push(extended.colour, look.colour);
    this.#bytes.push(order.sfe, pairs.length / 2, ...pairs);
    return this;
  }

  text(text: string): this {
    for (const byte of this.#ebcdic.encode(text)) this.#bytes.push(byte);
    return this;
  }

  /** The cursor stands here when all is written. */
  cursor(): this {
    this.#bytes.push(order.ic);
    return this;
  }

  repeat(until: number, char: string): this {
    this.#bytes.push(order.ra, ...encodeAddress(until, this.#addressing), this.#ebcdic.encode(char)[0] as number);
    return this;
  }

  /** NULs from here up to `until`. */
  clear(until: number): this {
    this.#bytes.push(order.ra, ...encodeAddress(until, this.#addressing), 0x00);
    return this;
  }

  /** NULs in the unprotected fields from here up to `until`. */
  eraseUnprotected(until: number): this {
    this.#bytes.push(order.eua, ...encodeAddress(until, this.#addressing));
    return this;
  }

  /** On to the next unprotected field. */
  tab(): this {
    this.#bytes.push(order.pt);
    return this;
  }
}

export function attributeByte({ protected: isProtected, numeric, hidden, bright, modified }: Attribute): number {
  const display = hidden === true ? 0x0c : bright === true ? 0x08 : 0;
  return graphicOf((isProtected === true ? 0x20 : 0) | (numeric === true ? 0x10 : 0) | display | (modified === true ? 0x01 : 0));
}
