import { type Json } from '../../../contract/json.ts';
import { type RecordValue } from './record-codec.ts';

/** Header and trailer, and what the trailer says about the file. */
export interface ControlRecords {
  /** Record type that comes first, once. */
  readonly header?: string;
  /** Record type that comes last, once. */
  readonly trailer?: string;
  /** Fields of the trailer that hold a number of records. */
  readonly counts?: readonly {
    readonly field: string;
    /** `all` counts header and trailer too; `details` everything else; a type counts its records. */
    readonly of: string;
  }[];
  /** Fields of the trailer that hold a sum. */
  readonly totals?: readonly {
    readonly field: string;
    readonly of: string;
    /** Dotted path of keys; every element where it leads through tables. */
    readonly sum: string;
    /** The trailer keeps only the last so many digits, point left out: a hash total. */
    readonly digits?: number;
  }[];
}

/** An exact sum of decimals. */
class Sum {
  #unscaled = 0n;
  #scale = 0;

  add(value: Json): void {
    const text = String(value);
    const point = text.indexOf('.');
    const scale = point < 0 ? 0 : text.length - point - 1;
    const unscaled = BigInt(text.replace('.', ''));
    if (scale > this.#scale) {
      this.#unscaled *= 10n ** BigInt(scale - this.#scale);
      this.#scale = scale;
    }
    this.#unscaled += unscaled * 10n ** BigInt(this.#scale - scale);
  }

  text(digits: number | undefined): string {
    const kept = digits === undefined ? this.#unscaled : this.#unscaled % 10n ** BigInt(digits);
    const magnitude = String(kept < 0n ? -kept : kept).padStart(this.#scale + 1, '0');
    const point = magnitude.length - this.#scale;
    return `${kept < 0n ? '-' : ''}${magnitude.slice(0, point)}${this.#scale === 0 ? '' : `.${magnitude.slice(point)}`}`;
  }
}

const isDecimal = (value: Json | undefined): value is string | number =>
  (typeof value === 'number' && Number.isSafeInteger(value)) || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value));

function* valuesAt(value: Json | undefined, path: readonly string[]): Generator<Json> {
  if (Array.isArray(value)) for (const each of value) yield* valuesAt(each, path);
  else if (path.length === 0) {
    if (value !== undefined) yield value;
  } else if (typeof value === 'object' && value !== null) yield* valuesAt(value[path[0] as string], path.slice(1));
}

function at(value: RecordValue, path: string): Json | undefined {
  return [...valuesAt(value as Json, path.split('.'))][0];
}

const same = (a: string, b: string): boolean => {
  const plain = (text: string): string =>
    text
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')
      .replace(/^(-?)0+(?=\d)/, '$1');
  return plain(a) === plain(b);
};

/** Counts and sums what goes by, for one file in one direction. */
export class ControlTotals {
  readonly #control: ControlRecords;
  readonly #sums: readonly Sum[];
  readonly #byType = new Map<string, number>();
  /** Records that could not be read: they count, and their sums are unknown. */
  bad = 0;
  #records = 0;

  constructor(control: ControlRecords) {
    this.#control = control;
    this.#sums = (control.totals ?? []).map(() => new Sum());
  }

  see(type: string | null, value: RecordValue | null): void {
    this.#records += 1;
    if (type === null || value === null) {
      this.bad += 1;
      return;
    }
    this.#byType.set(type, (this.#byType.get(type) ?? 0) + 1);
    this.#control.totals?.forEach(({ of, sum }, index) => {
      if (of !== type) return;
      for (const each of valuesAt(value as Json, sum.split('.'))) if (isDecimal(each)) this.#sums[index]?.add(each);
    });
  }

  /** What the trailer must say, once it is itself counted. */
  expected(): Record<string, string> {
    const { header, trailer, counts = [], totals = [] } = this.#control;
    const control = (header === undefined ? 0 : (this.#byType.get(header) ?? 0)) + (trailer === undefined ? 0 : (this.#byType.get(trailer) ?? 0));
    return Object.fromEntries([
      ...counts.map(({ field, of }) => [
        field,
        String(of === 'all' ? this.#records : of === 'details' ? this.#records - control : (this.#byType.get(of) ?? 0)),
      ]),
      ...totals.map(({ field, digits }, index) => [field, this.#sums[index]?.text(digits) ?? '0']),
    ]) as Record<string, string>;
  }

  /** Where a trailer differs: one sentence a field. */
  differences(trailer: RecordValue): string[] {
    return Object.entries(this.expected())
      .map(([field, expected]) => ({ field, expected, said: at(trailer, field) }))
      .filter(({ expected, said }) => said === undefined || said === null || !same(String(said), expected))
      .map(({ field, expected, said }) => `${field} says ${String(said ?? 'nothing').slice(0, 40)}, the file has ${expected}`)
      .map((sentence) => (this.bad === 0 ? sentence : `${sentence}, ${this.bad} bad records left out of sums`));
  }
}

/** The value with a field put in at a dotted path. */
export function withField(value: RecordValue, path: string, field: Json): RecordValue {
  const [first = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...value, [first]: field };
  const inner = value[first];
  const group = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...value, [first]: withField(group, rest.join('.'), field) as Json };
}
