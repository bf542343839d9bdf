import { type Json } from '../contract/json.ts';

/** A JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type Shape = { [key: string]: Json };

export const text = (description?: string): Shape => ({ type: 'string', ...(description === undefined ? {} : { description }) });
export const whole = (description?: string): Shape => ({ type: 'integer', ...(description === undefined ? {} : { description }) });
export const number = (description?: string): Shape => ({ type: 'number', ...(description === undefined ? {} : { description }) });
export const flag: Shape = { type: 'boolean' };
/** Wall clock, ms since 1970. */
export const time: Shape = { type: 'number', description: 'Wall clock: milliseconds since 1970, UTC.' };
/** Any JSON. */
export const anything: Shape = {};
export const oneOf = (...values: readonly Json[]): Shape => ({ enum: [...values] });
export const list = (items: Shape): Shape => ({ type: 'array', items });
export const named = (values: Shape): Shape => ({ type: 'object', additionalProperties: values });
export const ref = (name: string): Shape => ({ $ref: `#/components/schemas/${name}` });
export const orNull = (shape: Shape): Shape => ({ anyOf: [shape, { type: 'null' }] });

/** An object; `may`: properties that need not be there. */
export const object = (must: Readonly<Record<string, Shape>>, may: Readonly<Record<string, Shape>> = {}): Shape => ({
  type: 'object',
  required: Object.keys(must),
  properties: { ...must, ...may },
});
