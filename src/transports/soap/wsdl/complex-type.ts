import { type XmlElement } from '../xml/xml.document.ts';
import { docOf } from './docs.ts';
import { type SchemaDocument } from './documents.ts';
import { encodingNamespaces, wsdlNamespace, xsdNamespace } from './namespaces.ts';
import { type AttributeUse, type ComplexType, type Particle, type SimpleType, type Type } from './schema.model.ts';
import { type SchemaReader } from './schema.reader.ts';
import { restrict } from './simple-types.ts';

/** `xs:anyType`: any element, as text. */
export const anyType: ComplexType = {
  kind: 'complex',
  name: 'anyType',
  namespace: xsdNamespace,
  abstract: false,
  mixed: true,
  attributes: [],
  anyAttribute: true,
  content: { kind: 'any', min: 0, max: Infinity },
  derived: () => [],
};

interface Derivation {
  readonly node: XmlElement;
  readonly base: Type;
  readonly by: 'extension' | 'restriction';
}

interface Contents {
  readonly attributes: readonly AttributeUse[];
  readonly anyAttribute: boolean;
  readonly mixed: boolean;
  readonly content: Particle | null;
  readonly simple?: SimpleType;
  readonly arrayOf?: { readonly type: Type; readonly name: string };
}

/** A complex type whose contents are read when first asked for: so types may contain themselves. */
export class CompiledComplexType implements ComplexType {
  readonly kind = 'complex';
  readonly name: string | null;
  readonly namespace: string;
  readonly abstract: boolean;
  readonly doc?: string;
  readonly #schemas: SchemaReader;
  readonly #node: XmlElement;
  readonly #schema: SchemaDocument;
  #contents: Contents | 'being read' | null = null;
  #derived: readonly ComplexType[] | null = null;

  constructor(schemas: SchemaReader, node: XmlElement, schema: SchemaDocument, name: string | null) {
    this.#schemas = schemas;
    this.#node = node;
    this.#schema = schema;
    this.name = name;
    this.namespace = schema.targetNamespace;
    this.abstract = isTrue(node.attribute('abstract'));
    Object.assign(this, docOf(node));
  }

  get mixed(): boolean {
    return this.#read().mixed;
  }

  get attributes(): readonly AttributeUse[] {
    return this.#read().attributes;
  }

  get anyAttribute(): boolean {
    return this.#read().anyAttribute;
  }

  get content(): Particle | null {
    return this.#read().content;
  }

  get simple(): SimpleType | undefined {
    return this.#read().simple;
  }

  get arrayOf(): { readonly type: Type; readonly name: string } | undefined {
    return this.#read().arrayOf;
  }

  derived(): readonly ComplexType[] {
    if (this.name === null) return [];
    return (this.#derived ??= this.#schemas.derivedFrom({ namespace: this.namespace, local: this.name }, this.#node));
  }

  #read(): Contents {
    if (this.#contents === 'being read') throw this.#node.mistake(`the type '${this.name ?? 'without name'}' is its own base`);
    if (this.#contents !== null) return this.#contents;
    this.#contents = 'being read';
    try {
      this.#contents = this.#readNow();
    } catch (error) {
      this.#contents = null;
      throw error;
    }
    return this.#contents;
  }

  #readNow(): Contents {
    const derivation = this.#derivation();
    const mixed = isTrue(this.#node.attribute('mixed'));
    if (derivation === null) return { ...this.#own(this.#node, mixed) };
    const { node, base, by } = derivation;
    const own = this.#own(node, mixed || isTrue(parentOf(this.#node, node)?.attribute('mixed')));
    const { uses, prohibited } = this.#schemas.attributes(node, this.#schema);
    const inherited = base.kind === 'simple' ? [] : base.attributes;
    const attributes = [
      ...inherited.filter(
        ({ name, namespace }) => !prohibited.includes(name) && !uses.some((use) => use.name === name && use.namespace === namespace),
      ),
      ...uses,
    ];
    const anyAttribute = own.anyAttribute || (base.kind === 'complex' && base.anyAttribute && by === 'extension');
    const simpleBase = base.kind === 'simple' ? base : base.simple;
    if (simpleBase !== undefined)
      return { attributes, anyAttribute, mixed: false, content: null, simple: by === 'restriction' ? restrict(simpleBase, node) : simpleBase };
    if (base.kind === 'simple') throw node.mistake('complex content over a simple type');
    const arrayOf = this.#arrayOf(node) ?? base.arrayOf;
    if (by === 'restriction')
      return { attributes, anyAttribute, mixed: own.mixed, content: own.content, ...(arrayOf === undefined ? {} : { arrayOf }) };
    return {
      attributes,
      anyAttribute,
      mixed: own.mixed || (base.mixed && base !== anyType),
      content: base === anyType ? own.content : inSequence(base.content, own.content),
      ...(arrayOf === undefined ? {} : { arrayOf }),
    };
  }

  #own(node: XmlElement, mixed: boolean): Contents {
    const { uses, any } = this.#schemas.attributes(node, this.#schema);
    let content: Particle | null = null;
    for (const child of node.children) {
      if (child.namespace !== xsdNamespace || !['sequence', 'choice', 'all', 'group'].includes(child.local)) continue;
      content = this.#schemas.particle(child, this.#schema);
      break;
    }
    return { attributes: uses, anyAttribute: any, mixed, content };
  }

  #derivation(): Derivation | null {
    for (const content of this.#node.children) {
      if (content.namespace !== xsdNamespace || (content.local !== 'complexContent' && content.local !== 'simpleContent')) continue;
      for (const node of content.children) {
        if (node.namespace !== xsdNamespace || (node.local !== 'extension' && node.local !== 'restriction')) continue;
        const name = node.attribute('base');
        if (name === undefined) throw node.mistake(`xs:${node.local} has no base`);
        return { node, base: this.#schemas.type(this.#schemas.registry.reference(node, name, this.#schema), node), by: node.local };
      }
      throw content.mistake(`xs:${content.local} without extension or restriction`);
    }
    return null;
  }

  /** `wsdl:arrayType="tns:Line[]"`, or the only element of the array's sequence. */
  #arrayOf(node: XmlElement): { type: Type; name: string } | undefined {
    const base = this.#schemas.registry.reference(node, node.attribute('base') ?? '', this.#schema);
    if (base.local !== 'Array' || !encodingNamespaces.includes(base.namespace)) return undefined;
    for (const child of node.children) {
      const text = child.local === 'attribute' ? child.attribute('arrayType', wsdlNamespace) : undefined;
      const [, name, dimensions = ''] = /^(.*?)((?:\[[\d,]*\])+)$/.exec(text ?? '') ?? [];
      if (name === undefined) continue;
      let type = this.#schemas.type(this.#schemas.registry.reference(child, name, this.#schema), child);
      // `tns:Line[][]` is an array whose items are arrays.
      for (let inner = dimensions.split('[').length - 2; inner > 0; inner -= 1) type = arrayOfItems(type);
      return { type, name: 'item' };
    }
    const { content } = this.#own(node, false);
    const [only] = content === null || content.kind === 'element' || content.kind === 'any' ? [] : content.particles;
    return only?.kind === 'element' ? { type: only.element.type(), name: only.element.name } : { type: anyType, name: 'item' };
  }
}

const arrayOfItems = (type: Type): ComplexType => ({
  kind: 'complex',
  name: null,
  namespace: '',
  abstract: false,
  mixed: false,
  attributes: [],
  anyAttribute: false,
  content: null,
  derived: () => [],
  arrayOf: { type, name: 'item' },
});

const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1';

const parentOf = (complexType: XmlElement, derivation: XmlElement): XmlElement | undefined =>
  complexType.children.find(({ children }) => children.includes(derivation));

/** An extension's elements follow those of its base. @see XML Schema part 1, 3.4.2 */
function inSequence(base: Particle | null, own: Particle | null): Particle | null {
  if (base === null || own === null) return base ?? own;
  const flat = (particle: Particle): readonly Particle[] =>
    particle.kind === 'sequence' && particle.min === 1 && particle.max === 1 ? particle.particles : [particle];
  return { kind: 'sequence', min: 1, max: 1, particles: [...flat(base), ...flat(own)] };
}
