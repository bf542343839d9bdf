import { GatehouseError } from '../../../contract/errors.ts';
import { editedDigits } from './edited.ts';
import { type FieldLayout, type FieldType, type Initial, type Occurs, type RecordLayout, shortestOf } from './record-layout.ts';

type Digit = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

interface Shape {
  readonly type: FieldType;
  readonly length: number;
  readonly picture: string;
  readonly occurs: Occurs | null;
  readonly initial: Initial | null;
  readonly parts: Parts | null;
}

declare const valueType: unique symbol;

/** One field of a hand-written layout; `T` is what its value is in JSON. */
export interface Part<T> extends Shape {
  readonly [valueType]?: T;
}
export type Parts = { readonly [key: string]: Part<unknown> };

/** The value of a record with these parts. */
export type ValueOf<P extends Parts> = {
  -readonly [K in keyof P as P[K] extends Part<infer T> ? ([T] extends [never] ? never : K) : never]: P[K] extends Part<infer T> ? T : never;
};

/** A layout that knows the type of its values. */
export interface FixedWidthLayout<P extends Parts> extends RecordLayout {
  readonly [valueType]?: ValueOf<P>;
}
export type RecordOf<L> = L extends FixedWidthLayout<infer P> ? ValueOf<P> : never;

export interface NumberOptions {
  readonly signed?: boolean;
  /** Digits as characters (the default), packed decimal, or a binary number of 2, 4 or 8 bytes, big-endian. */
  readonly as?: 'zoned' | 'packed' | 'binary';
  /** Of zoned: the sign is a character of its own, at this side. */
  readonly signAt?: 'leading' | 'trailing';
}

const part = <T>(type: FieldType, length: number, picture: string, rest: Partial<Shape> = {}): Part<T> => ({
  type,
  length,
  picture,
  occurs: null,
  initial: null,
  parts: null,
  ...rest,
});

function size(what: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new GatehouseError('LAYOUT_MISSING', `${what} must be a whole number between ${least} and ${most}, not ${value}`);
  return value;
}

/** Text of `length` bytes, padded with spaces on the right, or on the left where it is justified right. */
export function text(
  length: number,
  { justified = 'left', truncate = false }: { justified?: 'left' | 'right'; truncate?: boolean } = {},
): Part<string> {
  return part({ kind: 'text', justified, truncate }, size('the length of a text', length, 1, 1_000_000), `X(${length})`);
}

/** Text that is the same in every record: written when the value has none. */
export function constant(value: string): Part<string> {
  return { ...text(value.length), initial: { text: value } };
}

function numberPart<T>(digits: number, scale: number, { signed = false, as = 'zoned', signAt }: NumberOptions): Part<T> {
  size('digits', digits, 1, as === 'binary' ? 18 : 38);
  size('decimal places', scale, 0, digits);
  const shape = { digits, scale, signed };
  const picture = `${signed ? 'S' : ''}${digits > scale ? `9(${digits - scale})` : ''}${scale > 0 ? `V9(${scale})` : ''}`;
  if (as === 'packed') return part({ kind: 'packed', ...shape }, Math.floor(digits / 2) + 1, `${picture} COMP-3`);
  if (as === 'binary')
    return part({ kind: 'binary', littleEndian: false, fullRange: false, ...shape }, digits <= 4 ? 2 : digits <= 9 ? 4 : 8, `${picture} COMP`);
  const separate = signed && signAt !== undefined;
  return part(
    { kind: 'zoned', sign: signAt ?? 'trailing', separate, blankWhenZero: false, ...shape },
    digits + (separate ? 1 : 0),
    `${picture}${separate ? ` SIGN ${signAt.toUpperCase()} SEPARATE` : ''}`,
  );
}

/** A whole number: a JSON number up to 9 digits, text beyond. */
export const whole = <D extends number>(digits: D, options: NumberOptions = {}): Part<D extends Digit ? number : string> =>
  numberPart(digits, 0, options);

/** A decimal with an implied point: text with exactly `scale` places. */
export const decimal = (digits: number, scale: Exclude<number, 0>, options: NumberOptions = {}): Part<string> => {
  size('decimal places', scale, 1, 38);
  return numberPart(digits, scale, options);
};

/** A decimal written for people, by its picture: `edited('ZZ,ZZ9.99-')`. Written out or with counts: `Z(5)9.99`. */
export function edited(picture: string): Part<string> {
  const symbols = picture.toUpperCase().replaceAll(/(.)\((\d{1,2})\)/g, (_, symbol: string, times: string) => symbol.repeat(Number(times)));
  if (!/^[9Z*+\-$,.B0/]{1,60}(?:CR|DB)?$/.test(symbols) || !/[9Z*]|[$+-].*[$+-]/.test(symbols))
    throw new GatehouseError('LAYOUT_MISSING', `'${picture.slice(0, 60)}' is no edited picture`);
  const { digits, scale } = editedDigits(symbols);
  const signed = /[+-]|CR|DB/.test(symbols);
  if (scale === 0)
    throw new GatehouseError('LAYOUT_MISSING', `'${picture}' shows no decimal places: a picture for whole numbers belongs into a copybook`);
  return part({ kind: 'edited', symbols, point: '.', currency: '$', blankWhenZero: false, digits, scale, signed }, symbols.length, picture);
}

/** Bytes without a meaning: spaces when written, kept when read. */
export const filler = (length: number): Part<never> => part({ kind: 'filler' }, size('the length of a filler', length, 1, 1_000_000), `X(${length})`);

export const group = <P extends Parts>(parts: P): Part<ValueOf<P>> => part({ kind: 'group' }, 0, '', { parts });

/** So many of them, or as many as an earlier field says. */
export function list<T>(times: number | { readonly min: number; readonly max: number; readonly by: string }, of: Part<T>): Part<T[]> {
  if (of.occurs !== null) throw new GatehouseError('LAYOUT_MISSING', 'a list of lists needs a group between them');
  const occurs: Occurs =
    typeof times === 'number'
      ? { min: times, max: times, dependingOn: null, moves: false }
      : { min: times.min, max: times.max, dependingOn: times.by, moves: true };
  size('the length of a list', occurs.max, 1, 100_000);
  size('the least length of a list', occurs.min, 0, occurs.max);
  return { ...(of as Shape), occurs };
}

function place(parts: Parts, start: number): { fields: FieldLayout[]; end: number } {
  let at = start;
  const fields = Object.entries(parts).map(([key, { parts: inner, ...shape }]): FieldLayout => {
    if (!/^[A-Za-z]\w*$/.test(key))
      throw new GatehouseError('LAYOUT_MISSING', `'${key.slice(0, 40)}' is no name for a field: a letter, then letters, digits and _`);
    const { fields: own, end } = inner === null ? { fields: [], end: at + shape.length } : place(inner, at);
    const length = end - at;
    const field = { name: key, key, offset: at, slack: 0, redefines: null, conditions: [], fields: own, slackAfter: 0, ...shape, length };
    at += length * (shape.occurs?.max ?? 1);
    return Object.freeze(field);
  });
  return { fields, end: at };
}

/**
 * A record of fields one after the other.
 *
 * @example
 * const order = fixedWidth('ORDER', { type: constant('D1'), id: text(10), quantity: whole(5), price: decimal(9, 2, { signed: true }) });
 * type Order = RecordOf<typeof order>; // { type: string; id: string; quantity: number; price: string }
 * @throws GatehouseError LAYOUT_MISSING when a size or name is none
 */
export function fixedWidth<P extends Parts>(name: string, parts: P): FixedWidthLayout<P> {
  const { fields, end } = place(parts, 0);
  if (end === 0) throw new GatehouseError('LAYOUT_MISSING', `record ${name} has no fields`);
  return Object.freeze({ name, length: end, minLength: shortestOf(fields), fields });
}
