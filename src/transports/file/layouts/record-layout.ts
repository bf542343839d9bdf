/**
 * What a record looks like, byte by byte. A copybook and a hand-written fixed-width layout become the same description; the plan (plan.ts) is
 * compiled from it, the tables and types that people read are made from it. Plain frozen data: sizes, offsets and byte orders are settled here,
 * only the code page is not.
 */

/** What a field says of its number: `digits` digits, the last `scale` of them behind the point. Negative: so many zeros follow that are not stored. */
export interface NumberShape {
  readonly digits: number;
  readonly scale: number;
  readonly signed: boolean;
}

export type FieldType =
  | { readonly kind: 'group' }
  | { readonly kind: 'filler' }
  /** `truncate`: a text that is too long is cut instead of refused. */
  | { readonly kind: 'text'; readonly justified: 'left' | 'right'; readonly truncate: boolean }
  /** UTF-16, two bytes a character. */
  | { readonly kind: 'national'; readonly justified: 'left' | 'right'; readonly littleEndian: boolean }
  | ({ readonly kind: 'zoned'; readonly sign: 'leading' | 'trailing'; readonly separate: boolean; readonly blankWhenZero: boolean } & NumberShape)
  | ({ readonly kind: 'packed' } & NumberShape)
  /** `fullRange`: the bytes bound the value, not the picture (COMP-5). */
  | ({ readonly kind: 'binary'; readonly littleEndian: boolean; readonly fullRange: boolean } & NumberShape)
  | { readonly kind: 'float'; readonly format: 'ibm' | 'ieee'; readonly littleEndian: boolean }
  /** `symbols`: the picture written out, without counts; `.` is the point and `$` the currency sign whatever the program calls them. */
  | ({
      readonly kind: 'edited';
      readonly symbols: string;
      readonly point: '.' | ',';
      readonly currency: string;
      readonly blankWhenZero: boolean;
    } & NumberShape);

export type Initial =
  | { readonly text: string }
  | { readonly number: string }
  /** Bytes, the rest being spaces. */
  | { readonly hex: string }
  /** Repeated over the whole field. */
  | { readonly all: string }
  | { readonly figurative: 'space' | 'zero' | 'low-value' | 'high-value' };

export interface Occurs {
  readonly min: number;
  readonly max: number;
  /** Name or dotted path of the field that holds the count. Null: always `max`. */
  readonly dependingOn: string | null;
  /** Whether what follows the table moves up when it has fewer than `max` elements. */
  readonly moves: boolean;
}

/** An 88 level: a name for some values of its field. */
export interface Condition {
  readonly name: string;
  readonly values: readonly (string | readonly [from: string, to: string])[];
}

export interface FieldLayout {
  /** As the layout writes it: `CUST-NAME`; `FILLER` when it has none. */
  readonly name: string;
  /** What it is called in the value: `custName`. Unique among its siblings. */
  readonly key: string;
  /** Bytes from the start of the record to its first element, every table before it at its longest. */
  readonly offset: number;
  /** Bytes of one element, at its longest. */
  readonly length: number;
  /** Bytes of padding right before it, for alignment. */
  readonly slack: number;
  readonly type: FieldType;
  /** For people: `S9(7)V99 COMP-3`; empty for a group. */
  readonly picture: string;
  readonly occurs: Occurs | null;
  /** Key of the sibling whose bytes it describes differently. */
  readonly redefines: string | null;
  readonly initial: Initial | null;
  readonly conditions: readonly Condition[];
  /** Of a group, in order. */
  readonly fields: readonly FieldLayout[];
  /** Bytes of padding after the fields, so that the next element of a table is aligned. */
  readonly slackAfter: number;
}

export interface RecordLayout {
  readonly name: string;
  /** Bytes of the longest record. */
  readonly length: number;
  /** Bytes of the shortest: every table that moves what follows at its fewest. */
  readonly minLength: number;
  readonly fields: readonly FieldLayout[];
}

/** Whether its value is a JSON number. By the picture, never by the value: whole numbers of at most 9 digits, and floats. */
export function isJsonNumber(type: FieldType): boolean {
  if (type.kind === 'float') return true;
  return 'digits' in type && type.scale <= 0 && type.digits - type.scale <= 9;
}

/** Bytes of one element at its shortest. */
export function shortest(field: FieldLayout): number {
  if (field.type.kind !== 'group') return field.length;
  return shortestOf(field.fields) + field.slackAfter;
}

/** Bytes of all of them at their shortest. */
export function shortestOf(fields: readonly FieldLayout[]): number {
  let total = 0;
  for (const field of fields) {
    if (field.redefines !== null) continue;
    const area = Math.max(shortest(field), ...fields.filter(({ redefines }) => redefines === field.key).map(({ length }) => length));
    const times = field.occurs === null ? 1 : field.occurs.moves ? field.occurs.min : field.occurs.max;
    total += field.slack + (field.occurs === null ? area : times * shortest(field));
  }
  return total;
}

/** Every field with its dotted path of keys, groups before what they hold. */
export function* walk(fields: readonly FieldLayout[], path = ''): Generator<{ readonly field: FieldLayout; readonly path: string }> {
  for (const field of fields) {
    const own = path === '' ? field.key : `${path}.${field.key}`;
    yield { field, path: own };
    yield* walk(field.fields, own);
  }
}
