import { type Json } from '../../../../contract/json.ts';

/** A JSON Schema as the gateway makes it of a payload class. */
export type Schema = { readonly [key: string]: Json };

/** A property of a payload, however deep: `recipient.name`, `parcels[].weightKg`. */
export interface Field {
  readonly path: string;
  readonly required: boolean;
  readonly sensitive: boolean;
  readonly words: string;
}

/** Deeper than this nobody reads a table: schemas may nest themselves. */
const deepest = 4;

/** The schema that a reference of `root` leads to. */
export function resolved(schema: Schema, root: Schema): Schema {
  if (typeof schema['$ref'] !== 'string') return schema;
  const definitions = (root['$defs'] ?? {}) as Record<string, Schema>;
  return definitions[schema['$ref'].split('/').at(-1) ?? ''] ?? {};
}

export const propertiesOf = (schema: Schema): readonly (readonly [string, Schema])[] =>
  Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);

export const requiredOf = (schema: Schema): ReadonlySet<string> => new Set(Array.isArray(schema['required']) ? schema['required'].map(String) : []);

/** Every property, in order, as rows of a table. */
export function fieldsOf(root: Schema): readonly Field[] {
  const walk = (schema: Schema, before: string, depth: number): Field[] => {
    const required = requiredOf(schema);
    return propertiesOf(schema).flatMap(([name, given]) => {
      const property = resolved(given, root);
      const path = `${before}${name}`;
      const field: Field = { path, required: required.has(name), sensitive: given['x-sensitive'] === true, words: wordsOf(property, root) };
      const items = resolved((property['items'] ?? {}) as Schema, root);
      const inside = property['type'] === 'array' ? items : property;
      const further = depth < deepest ? walk(inside, property['type'] === 'array' ? `${path}[].` : `${path}.`, depth + 1) : [];
      return [field, ...further];
    });
  };
  return walk(root, '', 1);
}

/** What may stand there, in words: `text, 1 to 64 characters`. */
export function wordsOf(schema: Schema, root: Schema): string {
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].map((each) => JSON.stringify(each)).join(', ')}`;
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  switch (schema['type']) {
    case 'array': {
      const items = resolved((schema['items'] ?? {}) as Schema, root);
      return `list${between(schema['minItems'], schema['maxItems'], 'items')} of ${items['type'] === 'object' ? 'objects' : wordsOf(items, root)}`;
    }
    case 'object':
      return 'object';
    case 'integer':
      return `whole number${between(schema['minimum'], schema['maximum'], '')}`;
    case 'number':
      return `number${between(schema['minimum'], schema['maximum'], '')}`;
    case 'boolean':
      return 'true or false';
    case 'string': {
      const pattern = typeof schema['pattern'] === 'string' ? `, like ${schema['pattern']}` : '';
      const format = typeof schema['format'] === 'string' ? `, ${schema['format']}` : '';
      return `text${between(schema['minLength'], schema['maxLength'], 'characters')}${format}${pattern}`;
    }
    default:
      return 'any JSON';
  }
}

function between(least: Json | undefined, most: Json | undefined, unit: string): string {
  const after = unit === '' ? '' : ` ${unit}`;
  if (typeof least === 'number' && typeof most === 'number') return `, ${least === most ? least : `${least} to ${most}`}${after}`;
  if (typeof most === 'number') return `, at most ${most}${after}`;
  return typeof least === 'number' && least > 0 ? `, at least ${least}${after}` : '';
}

/** Something to begin with where there is nothing: what a person then changes. */
export function blankOf(schema: Schema, root: Schema): Json {
  const of = resolved(schema, root);
  if (Array.isArray(of['enum'])) return of['enum'][0] ?? '';
  switch (of['type']) {
    case 'object': {
      const required = requiredOf(of);
      return Object.fromEntries(
        propertiesOf(of)
          .filter(([name]) => required.has(name))
          .map(([name, property]) => [name, blankOf(property, root)]),
      );
    }
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return typeof of['minimum'] === 'number' ? of['minimum'] : 0;
    case 'boolean':
      return false;
    default:
      return '';
  }
}
