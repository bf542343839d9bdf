import { type Primitive, type SimpleType } from '../wsdl/schema.model.ts';
import { isLiteral } from './doc-comment.ts';
import { textLiteral } from './names.ts';

/** How the values of each kind stand in JSON; see simple-values.ts. */
const texts: Readonly<Record<Primitive, string>> = {
  string: 'string',
  boolean: 'boolean',
  decimal: 'string',
  integer: 'string',
  int: 'number',
  double: "number | 'INF' | '-INF' | 'NaN'",
  dateTime: 'string',
  date: 'string',
  time: 'string',
  duration: 'string',
  calendar: 'string',
  base64: 'string',
  hex: 'string',
  qname: 'string',
  any: 'string',
};

/**
 * The values of a simple type, each once: literals, or type names; `inner` gives those of an item or a member. Text and whole numbers of an
 * enumeration are told one by one.
 */
export function simpleTexts(type: SimpleType, inner: (type: SimpleType) => readonly string[]): string[] {
  const { item, members = [], primitive } = type;
  if (item !== undefined) return [listOf(inner(item))];
  const literals = isLiteral(type) ? literalsOf(type) : [];
  if (literals.length > 0) return literals;
  if (members.length === 0) return texts[primitive].split(' | ');
  return [...new Set(members.flatMap(inner))];
}

export const listOf = (types: readonly string[]): string => (types.length === 1 ? `${types.join('')}[]` : `(${types.join(' | ')})[]`);

function literalsOf({ primitive, facets, members }: SimpleType): string[] {
  const given = [...new Set(facets.enumeration ?? [])];
  if (primitive === 'int' && members === undefined) {
    const numbers = given
      .map((text) => text.trim().replace(/^\+/, ''))
      .filter((text) => Number.isSafeInteger(Number(text)) && String(Number(text)) === text);
    return numbers.length === given.length ? [...new Set(numbers)] : [];
  }
  return given.map(textLiteral);
}
