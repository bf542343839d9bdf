export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A class that can be constructed: an event type, an operation. */
export type Class<T = unknown> = new (...args: never[]) => T;

/**
 * A JSON path of plain property names into `T`, as text: `customerId`, `customer.id`.
 * Lists are not entered: a key is one value.
 */
export type PathOf<T, Depth extends 0[] = []> = Depth['length'] extends 4
  ? never
  : {
      [K in keyof T & string]: NonNullable<T[K]> extends string | number | bigint
        ? K
        : NonNullable<T[K]> extends readonly unknown[] | ((...args: never[]) => unknown)
          ? never
          : NonNullable<T[K]> extends object
            ? `${K}.${PathOf<NonNullable<T[K]>, [...Depth, 0]>}`
            : never;
    }[keyof T & string];

/** What JSON keeps of a value, as the journal gives it back (rule 3): dates are text, what is undefined is left out. */
export function throughJson(value: unknown): Json {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
}

/** JSON with sorted keys: equal values give equal text. Used for digests, never for what is sent. */
export function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`).join(',')}}`;
}
