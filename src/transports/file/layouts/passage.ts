import { type Json } from '../../../contract/json.ts';
import { type CodePage } from '../code-pages/code-page.ts';
import { type Leaf, type Reading } from './leaf.ts';
import { Misfit } from './misfit.ts';
import { type FieldLayout } from './record-layout.ts';

export type Values = Record<string, Json>;
export type Path = (string | number)[];

/** `lines[2].amount` */
const pathText = (path: Path, last: string): string =>
  [...path, last].map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');

/** Where a field stood in a record that was read, for people. */
export interface Seen {
  readonly path: string;
  /** How many groups and tables are around it. */
  readonly level: number;
  /** From the start of the record. */
  readonly offset: number;
  readonly length: number;
  /** Null for bytes without a name. */
  readonly field: FieldLayout | null;
  readonly value: Json | null;
}

/** One record on its way to a value. */
export class Passage implements Reading {
  bytes: Uint8Array = new Uint8Array();
  text: string | null = null;
  odd = false;
  /** Where the last member of variable length ended. */
  end = 0;
  /** The groups and table elements around what is being read. */
  readonly path: Path = [];
  /** Counts and record types that later parts of the record depend on. */
  readonly slots: Json[] = [];
  /** Collects the fields as they are read; null: nobody looks. */
  seen: Seen[] | null = null;
  readonly #keep: boolean;
  readonly #kept: [path: string, hex: string][] = [];

  constructor(keep: boolean) {
    this.#keep = keep;
  }

  start(bytes: Uint8Array, page: CodePage): void {
    this.bytes = bytes;
    this.text = page.characters(bytes);
    this.odd = false;
    this.path.length = 0;
    this.#kept.length = 0;
    this.slots.length = 0;
  }

  /** Tells whoever looks where a field stands; a group before what it holds. */
  see(key: string, field: FieldLayout | null, offset: number, length: number, value: Json | null): void {
    const level = this.path.reduce<number>((count, step) => (typeof step === 'number' ? count : count + 1), 0);
    // An element of a table has its index as the end of the path.
    const element = field !== null && typeof this.path.at(-1) === 'number' && this.path.at(-2) === field.key;
    const path = element ? pathText(this.path.slice(0, -2), `${field.key}[${String(this.path.at(-1))}]`) : pathText(this.path, key);
    this.seen?.push({ path, level: element ? level - 1 : level, offset, length, field, value });
  }

  /** Remembers bytes that the value alone would not bring back. */
  keep(key: string, at: number, length: number): void {
    this.odd = false;
    if (!this.#keep) return;
    const { bytes } = this;
    this.#kept.push([pathText(this.path, key), Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('hex')]);
  }

  keepNote(key: string, text: string): void {
    if (this.#keep) this.#kept.push([key, text]);
  }

  /** Keeps the bytes unless every one of them is `usual`. */
  keepUnless(usual: number, key: string, at: number, length: number): void {
    for (let i = at; i < at + length; i += 1) {
      if (this.bytes[i] !== usual) {
        this.keep(key, at, length);
        return;
      }
    }
  }

  get kept(): Values | null {
    return this.#kept.length === 0 ? null : Object.fromEntries(this.#kept);
  }

  /** Tries a reading of bytes that have others; what a failed one left behind is taken back. */
  attempt(read: () => void): Misfit | null {
    const [depth, kept, slots, seen] = [this.path.length, this.#kept.length, [...this.slots], this.seen?.length ?? 0];
    try {
      read();
      return null;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      const located = new Misfit(null, error.sentence(this.path));
      this.path.length = depth;
      this.#kept.length = kept;
      if (this.seen !== null) this.seen.length = seen;
      this.slots.splice(0, this.slots.length, ...slots);
      this.odd = false;
      return located;
    }
  }
}

/** One value on its way to a record. */
export class Draft {
  readonly target: Buffer;
  readonly root: Values;
  readonly page: CodePage;
  end = 0;
  readonly path: Path = [];
  readonly slots: Json[] = [];
  /** Collects every mistake instead of stopping at the first. */
  readonly faults: string[] | null;
  readonly #raw: Values | null;

  constructor(page: CodePage, length: number, root: Values, raw: Values | null, faults: string[] | null) {
    this.page = page;
    this.target = Buffer.allocUnsafe(length);
    this.root = root;
    this.#raw = raw;
    this.faults = faults;
  }

  /** The bytes that were kept for a place, if they have its length. @throws Misfit */
  kept(key: string, length: number): Buffer | null {
    if (this.#raw === null) return null;
    const path = pathText(this.path, key);
    const hex = Object.hasOwn(this.#raw, path) ? this.#raw[path] : undefined;
    if (hex === undefined) return null;
    if (typeof hex !== 'string' || hex.length !== 2 * length || !/^[\da-f]*$/i.test(hex))
      throw new Misfit(null, `$raw of ${path.slice(0, 80)} is not ${length} bytes in hexadecimal`);
    return Buffer.from(hex, 'hex');
  }

  note(key: string): Json | undefined {
    return this.#raw !== null && Object.hasOwn(this.#raw, key) ? this.#raw[key] : undefined;
  }

  /** Writes the bytes that were kept for a field, if they still say what the value says. */
  restore(field: FieldLayout, leaf: Leaf, at: number, given: Json): boolean {
    const bytes = this.kept(field.key, field.length);
    if (bytes === null) return false;
    try {
      if (leaf.read({ bytes, text: this.page.characters(bytes), odd: false }, 0) !== given) return false;
    } catch (error) {
      if (error instanceof Misfit) return false;
      throw error;
    }
    bytes.copy(this.target, at);
    return true;
  }

  /** Writes the bytes that were kept for a place without a value, or fills it. */
  fill(usual: number, key: string, at: number, length: number): void {
    const bytes = this.kept(key, length);
    if (bytes === null) this.target.fill(usual, at, at + length);
    else bytes.copy(this.target, at);
  }
}

/** The value of a name that the object itself has: a field may be called `constructor`. */
export function own(from: Values, key: string): Json | undefined {
  const value = from[key];
  return typeof value === 'function' ? undefined : value;
}
