import { type Json } from '../contract/json.ts';
import { matchingText } from './matching-text.ts';

type Schema = { readonly [key: string]: Json };

/** Deeper than this, only what must be there is written: schemas may nest themselves. */
const deepest = 3;
/** What must be there in itself has no example. */
const endless = 12;

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-11-20T12:00:00Z',
  date: '2026-11-20',
  time: '12:00:00Z',
  email: 'ann.lee@example.com',
  uuid: '4f8a1c62-7d35-4b9e-8a10-2c6b5d9e7f31',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/** A payload that fits a schema of `payloadSchema`, to begin with: every property, short values. What only code can check, it cannot know. */
export function exampleOf(schema: Schema): Json {
  return valueOf(schema, { root: schema, name: 'example', depth: 0 });
}

interface Place {
  readonly root: Schema;
  readonly name: string;
  readonly depth: number;
}

function valueOf(schema: Schema, place: Place): Json {
  if (place.depth > endless) return null;
  if (typeof schema['$ref'] === 'string') return valueOf(definition(place.root, schema['$ref']), place);
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null;
  for (const choice of ['allOf', 'anyOf', 'oneOf'] as const) {
    const of = schema[choice];
    if (Array.isArray(of) && of.length > 0) return valueOf(Object.assign({}, ...(choice === 'allOf' ? of : [of[0]])) as Schema, place);
  }
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, place);
    case 'array':
      return Array.from({ length: Math.max(1, number(schema['minItems']) ?? 1) }, () =>
        valueOf((schema['items'] ?? {}) as Schema, { ...place, depth: place.depth + 1 }),
      );
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return textOf(schema, place.name);
  }
}

function objectOf(schema: Schema, place: Place): Json {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'].map(String) : []);
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  return Object.fromEntries(
    properties
      .filter(([name]) => place.depth < deepest || required.has(name))
      .map(([name, property]): [string, Json] => [name, valueOf(property, { ...place, name, depth: place.depth + 1 })]),
  );
}

function numberOf(schema: Schema): number {
  const least = number(schema['minimum']) ?? (number(schema['exclusiveMinimum']) === undefined ? undefined : Number(schema['exclusiveMinimum']) + 1);
  const most = number(schema['maximum']) ?? (number(schema['exclusiveMaximum']) === undefined ? undefined : Number(schema['exclusiveMaximum']) - 1);
  return least ?? Math.min(1, most ?? 1);
}

function textOf(schema: Schema, name: string): string {
  const [min = 0, max = Infinity] = [number(schema['minLength']), number(schema['maxLength'])];
  const { pattern, format } = schema;
  if (typeof pattern === 'string') {
    const found = matchingText(pattern, { min: Math.max(1, min), max });
    if (found !== null) return found;
  }
  const text = typeof format === 'string' ? (formats[format] ?? name) : name;
  return text.padEnd(min, '-').slice(0, Math.min(max, Math.max(min, text.length)));
}

function definition(root: Schema, reference: string): Schema {
  const definitions = (root['$defs'] ?? {}) as Record<string, Schema>;
  return definitions[reference.split('/').at(-1) ?? ''] ?? {};
}

const number = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined);
