/**
 * What an XML schema says, as far as messages need it: references resolved, groups and attribute groups put in, extensions flattened.
 * Types may contain themselves: they are made once a name and refer to each other as objects.
 * @see https://www.w3.org/TR/xmlschema-1/ and https://www.w3.org/TR/xmlschema-2/
 */

/** The built-in types that differ in what their values are. All others of XML Schema are one of these with facets. */
export type Primitive =
  | 'string'
  | 'boolean'
  /** Exact numbers: any length, as text. */
  | 'decimal'
  | 'integer'
  /** Integers of at most 32 bits: they fit a JSON number. */
  | 'int'
  | 'double'
  | 'dateTime'
  | 'date'
  | 'time'
  | 'duration'
  /** gYear, gYearMonth, gMonth, gMonthDay, gDay: as text. */
  | 'calendar'
  | 'base64'
  | 'hex'
  | 'qname'
  /** anySimpleType, and unions without members: as text. */
  | 'any';

export interface Facets {
  readonly enumeration?: readonly string[];
  /** Each must fit. XML Schema's own language of patterns. */
  readonly patterns?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minInclusive?: string;
  readonly maxInclusive?: string;
  readonly minExclusive?: string;
  readonly maxExclusive?: string;
  readonly totalDigits?: number;
  readonly fractionDigits?: number;
  readonly whiteSpace?: 'preserve' | 'replace' | 'collapse';
}

export interface SimpleType {
  readonly kind: 'simple';
  /** Null for an anonymous type. */
  readonly name: string | null;
  readonly namespace: string;
  readonly primitive: Primitive;
  /** The built-in type it comes from: `xs:unsignedByte` → `unsignedByte`. */
  readonly builtIn: string;
  readonly facets: Facets;
  /** Of a list type: blank-separated values of this type. */
  readonly item?: SimpleType;
  /** Of a union: the first that fits. */
  readonly members?: readonly SimpleType[];
  readonly doc?: string;
}

export interface AttributeUse {
  readonly name: string;
  /** Empty for the usual, unqualified attribute. */
  readonly namespace: string;
  readonly type: SimpleType;
  readonly required: boolean;
  readonly fixed?: string;
  readonly byDefault?: string;
  readonly doc?: string;
}

export interface ComplexType {
  readonly kind: 'complex';
  readonly name: string | null;
  readonly namespace: string;
  readonly abstract: boolean;
  readonly mixed: boolean;
  readonly attributes: readonly AttributeUse[];
  readonly anyAttribute: boolean;
  /** The value beside the attributes, for a type with simple content. */
  readonly simple?: SimpleType;
  /** Its elements with those of its bases before them; null when there are none. */
  readonly content: Particle | null;
  /** Named types that extend or restrict it, at any depth. Known only after the whole schema is read: ask late. */
  derived(): readonly ComplexType[];
  /** Of a SOAP-ENC array: what it holds. @see SOAP 1.1, section 5.4.2 */
  readonly arrayOf?: { readonly type: Type; readonly name: string };
  readonly doc?: string;
}

export type Type = SimpleType | ComplexType;

export interface ElementDeclaration {
  readonly name: string;
  /** Empty for an unqualified local element. */
  readonly namespace: string;
  /** Asked late: types may contain themselves. */
  type(): Type;
  readonly nillable: boolean;
  readonly abstract: boolean;
  readonly fixed?: string;
  readonly byDefault?: string;
  /** Global elements that may stand in its place, at any depth, itself not included. */
  substitutes(): readonly ElementDeclaration[];
  readonly doc?: string;
}

interface Occurs {
  readonly min: number;
  /** Infinity for unbounded. */
  readonly max: number;
}

export type Particle =
  | (Occurs & { readonly kind: 'element'; readonly element: ElementDeclaration })
  | (Occurs & { readonly kind: 'sequence' | 'choice' | 'all'; readonly particles: readonly Particle[] })
  /** Elements of other schemas, as text. */
  | (Occurs & { readonly kind: 'any' });
