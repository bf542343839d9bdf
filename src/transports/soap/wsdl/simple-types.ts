import { type XmlElement, clark } from '../xml/xml.document.ts';
import { collapse } from '../xml/xml.text.ts';
import { builtInType } from './builtin-types.ts';
import { type SchemaDocument } from './documents.ts';
import { docOf } from './docs.ts';
import { xsdNamespace } from './namespaces.ts';
import { type Facets, type SimpleType } from './schema.model.ts';

/** Finds a simple type by the name that stands at `node`. */
type FindSimple = (node: XmlElement, name: string, schema: SchemaDocument) => SimpleType;

/**
 * The type that a `simpleType` element defines, or `restriction` of simple content over `base`.
 * @throws XmlPlaceError
 */
export function readSimpleType(node: XmlElement, schema: SchemaDocument, name: string | null, find: FindSimple): SimpleType {
  const made = { name, namespace: schema.targetNamespace, ...docOf(node) };
  for (const child of node.children) {
    if (child.namespace !== xsdNamespace) continue;
    if (child.local === 'restriction') {
      const base = referredOrInline(child, 'base', schema, find)[0] ?? (builtInType('anySimpleType') as SimpleType);
      return { ...restrict(base, child), ...made };
    }
    if (child.local === 'list') {
      const [item] = referredOrInline(child, 'itemType', schema, find);
      if (item === undefined) throw child.mistake('xs:list has no item type');
      return { kind: 'simple', primitive: item.primitive, builtIn: item.builtIn, facets: { whiteSpace: 'collapse' }, item, ...made };
    }
    if (child.local === 'union') {
      const members = referredOrInline(child, 'memberTypes', schema, find);
      const alike = members[0] !== undefined && members.every(({ primitive, item }) => primitive === members[0]?.primitive && item === undefined);
      const first = members[0] ?? (builtInType('anySimpleType') as SimpleType);
      return {
        kind: 'simple',
        primitive: alike ? first.primitive : 'any',
        builtIn: alike ? first.builtIn : 'anySimpleType',
        facets: { whiteSpace: 'collapse' },
        members,
        ...made,
      };
    }
  }
  throw node.mistake('a simple type that is no restriction, list or union');
}

/** `base` with the facets that stand in a `restriction`. */
export function restrict(base: SimpleType, restriction: XmlElement): SimpleType {
  const facets: Record<string, unknown> = {};
  const enumeration: string[] = [];
  const patterns: string[] = [];
  for (const facet of restriction.children) {
    const value = facet.attribute('value');
    if (facet.namespace !== xsdNamespace || value === undefined) continue;
    switch (facet.local) {
      case 'enumeration':
        enumeration.push(base.primitive === 'qname' ? nameOf(facet, value) : value);
        break;
      case 'pattern':
        patterns.push(value);
        break;
      case 'length':
        facets['minLength'] = facets['maxLength'] = wholeNumber(facet, value);
        break;
      case 'minLength':
      case 'maxLength':
      case 'totalDigits':
      case 'fractionDigits':
        facets[facet.local] = wholeNumber(facet, value);
        break;
      case 'minInclusive':
      case 'maxInclusive':
      case 'minExclusive':
      case 'maxExclusive':
      case 'whiteSpace':
        facets[facet.local] = value.trim();
        break;
      default:
    }
  }
  const merged: Facets = {
    ...base.facets,
    ...facets,
    ...(enumeration.length === 0 ? {} : { enumeration: base.facets.whiteSpace === 'collapse' ? enumeration.map(collapse) : enumeration }),
    // Patterns of one step are alternatives; those of different steps must all fit.
    ...(patterns.length === 0
      ? {}
      : {
          patterns: [...(base.facets.patterns ?? []), patterns.length === 1 ? (patterns[0] as string) : patterns.map((one) => `(${one})`).join('|')],
        }),
  };
  return { ...base, facets: merged };
}

/** As values have it: `{http://acme.example/}Order`. */
function nameOf(facet: XmlElement, text: string): string {
  const name = facet.qualified(text.trim());
  return name.namespace === '' ? name.local : clark(name);
}

function wholeNumber(facet: XmlElement, value: string): number {
  const number = Number(value);
  if (!/^\s*\+?\d+\s*$/.test(value) || !Number.isSafeInteger(number))
    throw facet.mistake(`xs:${facet.local} is '${value.slice(0, 40)}', and not a whole number`);
  return number;
}

function referredOrInline(node: XmlElement, attribute: string, schema: SchemaDocument, find: FindSimple): SimpleType[] {
  const names = node.attribute(attribute)?.trim();
  const referred = names === undefined || names === '' ? [] : names.split(/\s+/).map((name) => find(node, name, schema));
  const inline = node.children
    .filter(({ local, namespace }) => namespace === xsdNamespace && local === 'simpleType')
    .map((child) => readSimpleType(child, schema, null, find));
  return [...referred, ...inline];
}
