import { type Facets, type Primitive, type SimpleType } from './schema.model.ts';
import { xsdNamespace } from './namespaces.ts';

const range = (minInclusive?: string, maxInclusive?: string): Facets => ({
  ...(minInclusive === undefined ? {} : { minInclusive }),
  ...(maxInclusive === undefined ? {} : { maxInclusive }),
});

/** @see https://www.w3.org/TR/xmlschema-2/#built-in-datatypes */
const types: Readonly<Record<string, readonly [Primitive, Facets?]>> = {
  string: ['string', { whiteSpace: 'preserve' }],
  normalizedString: ['string', { whiteSpace: 'replace' }],
  token: ['string'],
  language: ['string'],
  Name: ['string'],
  NCName: ['string'],
  NMTOKEN: ['string'],
  ID: ['string'],
  IDREF: ['string'],
  ENTITY: ['string'],
  anyURI: ['string'],
  boolean: ['boolean'],
  decimal: ['decimal'],
  integer: ['integer'],
  nonNegativeInteger: ['integer', range('0')],
  positiveInteger: ['integer', range('1')],
  nonPositiveInteger: ['integer', range(undefined, '0')],
  negativeInteger: ['integer', range(undefined, '-1')],
  long: ['integer', range('-9223372036854775808', '9223372036854775807')],
  unsignedLong: ['integer', range('0', '18446744073709551615')],
  int: ['int', range('-2147483648', '2147483647')],
  short: ['int', range('-32768', '32767')],
  byte: ['int', range('-128', '127')],
  unsignedInt: ['int', range('0', '4294967295')],
  unsignedShort: ['int', range('0', '65535')],
  unsignedByte: ['int', range('0', '255')],
  float: ['double'],
  double: ['double'],
  dateTime: ['dateTime'],
  dateTimeStamp: ['dateTime'],
  date: ['date'],
  time: ['time'],
  duration: ['duration'],
  dayTimeDuration: ['duration'],
  yearMonthDuration: ['duration'],
  gYear: ['calendar'],
  gYearMonth: ['calendar'],
  gMonth: ['calendar'],
  gMonthDay: ['calendar'],
  gDay: ['calendar'],
  base64Binary: ['base64'],
  base64: ['base64'],
  hexBinary: ['hex'],
  QName: ['qname'],
  NOTATION: ['qname'],
  anySimpleType: ['any', { whiteSpace: 'preserve' }],
  anyAtomicType: ['any', { whiteSpace: 'preserve' }],
};

const lists: Readonly<Record<string, string>> = { NMTOKENS: 'NMTOKEN', IDREFS: 'IDREF', ENTITIES: 'ENTITY' };

const made = new Map<string, SimpleType>();

/** A simple type of XML Schema itself; undefined when it has none of this name. The same object for a name every time. */
export function builtInType(local: string): SimpleType | undefined {
  const known = made.get(local);
  if (known !== undefined) return known;
  const item = lists[local];
  const entry = item === undefined ? (Object.hasOwn(types, local) ? types[local] : undefined) : types[item];
  if (entry === undefined) return undefined;
  const [primitive, facets = {}] = entry;
  const type: SimpleType = {
    kind: 'simple',
    name: local,
    namespace: xsdNamespace,
    primitive,
    builtIn: local,
    facets: { whiteSpace: 'collapse', ...facets },
    ...(item === undefined ? {} : { item: builtInType(item) as SimpleType, facets: { whiteSpace: 'collapse', minLength: 1 } }),
  };
  made.set(local, type);
  return type;
}
