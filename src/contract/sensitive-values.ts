import type { Json } from './json.ts';

/** Texts and numbers that stand in the named fields, at any depth. */
export function valuesIn(value: Json, fields: ReadonlySet<string>): string[] {
  const found: string[] = [];
  collect(value, fields, found);
  return found;
}

function collect(value: Json, fields: ReadonlySet<string>, found: string[]): void {
  if (Array.isArray(value)) {
    for (const each of value) collect(each, fields, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (fields.has(name)) leaves(inner, found);
    else collect(inner, fields, found);
  }
}

function leaves(value: Json, found: string[]): void {
  if (typeof value === 'string' && value !== '') found.push(value);
  else if (typeof value === 'number') found.push(String(value));
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) leaves(inner, found);
}
