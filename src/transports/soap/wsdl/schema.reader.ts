import { type QualifiedName, type XmlElement, clark } from '../xml/xml.document.ts';
import { builtInType } from './builtin-types.ts';
import { CompiledComplexType, anyType } from './complex-type.ts';
import { docOf } from './docs.ts';
import { type SchemaDocument } from './documents.ts';
import { encodingNamespaces, xsdNamespace } from './namespaces.ts';
import { type AttributeUse, type ElementDeclaration, type Particle, type SimpleType, type Type } from './schema.model.ts';
import { SchemaRegistry } from './schema.registry.ts';
import { readSimpleType } from './simple-types.ts';

/** The schemas of one WSDL: gives types and elements by name, each made once, when it is first asked for. */
export class SchemaReader {
  readonly registry: SchemaRegistry;
  readonly #types = new Map<string, Type>();
  readonly #elements = new Map<string, ElementDeclaration>();

  constructor(schemas: readonly SchemaDocument[]) {
    this.registry = new SchemaRegistry(schemas);
  }

  /** The type of this name. @throws XmlPlaceError at `at` when there is none */
  type(name: QualifiedName, at: XmlElement): Type {
    const key = clark(name);
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const made = this.#makeType(name, at);
    this.#types.set(key, made);
    return made;
  }

  /** The global element of this name. @throws XmlPlaceError at `at` when there is none */
  element(name: QualifiedName, at: XmlElement): ElementDeclaration {
    const key = clark(name);
    const known = this.#elements.get(key);
    if (known !== undefined) return known;
    const component = this.registry.find('element', name);
    if (component === undefined) throw at.mistake(`there is no element ${readable(name)}`);
    const made = this.#declaration(component.node, component.schema, name);
    this.#elements.set(key, made);
    return made;
  }

  /** Types made from this one, at any depth. */
  derivedFrom(name: QualifiedName, at: XmlElement): CompiledComplexType[] {
    const found: CompiledComplexType[] = [];
    const seen = new Set([clark(name)]);
    const ask = [name];
    for (let next = ask.pop(); next !== undefined; next = ask.pop())
      for (const derived of this.registry.derivedFrom(next)) {
        if (seen.has(clark(derived))) continue;
        seen.add(clark(derived));
        ask.push(derived);
        const type = this.type(derived, at);
        if (type instanceof CompiledComplexType) found.push(type);
      }
    return found;
  }

  simpleType(node: XmlElement, name: string, schema: SchemaDocument): SimpleType {
    const type = this.type(this.registry.reference(node, name, schema), node);
    if (type.kind === 'simple') return type;
    if (type.simple !== undefined) return type.simple;
    throw node.mistake(`'${name}' is not a simple type`);
  }

  /** The particle that `node` (element, group, sequence, choice, all, any) is; null when nothing can stand there. @throws XmlPlaceError */
  particle(node: XmlElement, schema: SchemaDocument, within: readonly XmlElement[] = []): Particle | null {
    if (node.namespace !== xsdNamespace) return null;
    const occurs = occursOf(node);
    if (occurs.max === 0) return null;
    switch (node.local) {
      case 'element':
        return { kind: 'element', element: this.#localElement(node, schema), ...occurs };
      case 'any':
        return { kind: 'any', ...occurs };
      case 'sequence':
      case 'choice':
      case 'all': {
        const particles = node.children.map((child) => this.particle(child, schema, within)).filter((particle) => particle !== null);
        return particles.length === 0 ? null : { kind: node.local, particles, ...occurs };
      }
      case 'group':
        return this.#groupReference(node, schema, within, occurs);
      default:
        return null;
    }
  }

  /** Attributes declared at `node` itself, those of its groups included. @throws XmlPlaceError */
  attributes(
    node: XmlElement,
    schema: SchemaDocument,
    within: readonly XmlElement[] = [],
  ): { uses: AttributeUse[]; prohibited: string[]; any: boolean } {
    const found: { uses: AttributeUse[]; prohibited: string[]; any: boolean } = { uses: [], prohibited: [], any: false };
    for (const child of node.children) {
      if (child.namespace !== xsdNamespace) continue;
      if (child.local === 'anyAttribute') found.any = true;
      else if (child.local === 'attribute') {
        const use = this.#attribute(child, schema);
        if (use === 'prohibited') found.prohibited.push(child.attribute('name') ?? child.attribute('ref') ?? '');
        else if (use !== null) found.uses.push(use);
      } else if (child.local === 'attributeGroup') {
        const reference = child.attribute('ref');
        if (reference === undefined) continue;
        const name = this.registry.reference(child, reference, schema);
        const group = this.registry.find('attributeGroup', name);
        if (group === undefined) throw child.mistake(`there is no attribute group ${readable(name)}`);
        if (within.includes(group.node)) throw child.mistake(`the attribute group ${readable(name)} contains itself`);
        const inner = this.attributes(group.node, group.schema, [...within, group.node]);
        found.uses.push(...inner.uses);
        found.any ||= inner.any;
      }
    }
    return found;
  }

  #makeType(name: QualifiedName, at: XmlElement): Type {
    const own = this.registry.find('type', name);
    if (own !== undefined)
      return own.node.local === 'simpleType'
        ? readSimpleType(own.node, own.schema, name.local, (node, reference, schema) => this.simpleType(node, reference, schema))
        : new CompiledComplexType(this, own.node, own.schema, name.local);
    if (name.namespace === xsdNamespace && name.local === 'anyType') return anyType;
    // SOAP encoding has its own twins of the built-in types, and types of anything. @see SOAP 1.1, section 5.2.1
    const builtIn = name.namespace === xsdNamespace || encodingNamespaces.includes(name.namespace) ? builtInType(name.local) : undefined;
    if (builtIn !== undefined) return builtIn;
    if (encodingNamespaces.includes(name.namespace) || /^https?:\/\/xml\.apache\.org\/xml-soap$/.test(name.namespace)) return anyType;
    if (name.namespace === 'http://www.w3.org/2005/05/xmlmime')
      return builtInType(/hex/i.test(name.local) ? 'hexBinary' : 'base64Binary') as SimpleType;
    throw at.mistake(`there is no type ${readable(name)}`);
  }

  #groupReference(node: XmlElement, schema: SchemaDocument, within: readonly XmlElement[], occurs: { min: number; max: number }): Particle | null {
    const reference = node.attribute('ref');
    if (reference === undefined) throw node.mistake('xs:group has no ref');
    const name = this.registry.reference(node, reference, schema);
    const group = this.registry.find('group', name);
    if (group === undefined) throw node.mistake(`there is no group ${readable(name)}`);
    if (within.includes(group.node)) throw node.mistake(`the group ${readable(name)} contains itself`);
    for (const child of group.node.children) {
      const particle = this.particle(child, group.schema, [...within, group.node]);
      if (particle === null || particle.kind === 'element' || particle.kind === 'any') continue;
      return { ...particle, min: particle.min * occurs.min, max: particle.max * occurs.max };
    }
    return null;
  }

  #localElement(node: XmlElement, schema: SchemaDocument): ElementDeclaration {
    const reference = node.attribute('ref');
    if (reference !== undefined) {
      const name = this.registry.reference(node, reference, schema);
      if (name.namespace === xsdNamespace && name.local === 'schema') return anyElement(name);
      return this.element(name, node);
    }
    const local = node.attribute('name');
    if (local === undefined) throw node.mistake('an element without name and ref');
    const qualified = (node.attribute('form') ?? schema.root.attribute('elementFormDefault')) === 'qualified';
    return this.#declaration(node, schema, { namespace: qualified ? schema.targetNamespace : '', local }, false);
  }

  #declaration(node: XmlElement, schema: SchemaDocument, name: QualifiedName, global = true): ElementDeclaration {
    let type: Type | null = null;
    let substitutes: readonly ElementDeclaration[] | null = null;
    const fixed = node.attribute('fixed');
    const byDefault = node.attribute('default');
    return {
      name: name.local,
      namespace: name.namespace,
      type: () => (type ??= this.#typeOf(node, schema)),
      nillable: /^(?:true|1)$/.test(node.attribute('nillable') ?? ''),
      abstract: /^(?:true|1)$/.test(node.attribute('abstract') ?? ''),
      ...(fixed === undefined ? {} : { fixed }),
      ...(byDefault === undefined ? {} : { byDefault }),
      substitutes: () => (substitutes ??= global ? this.#substitutes(name, node) : []),
      ...docOf(node),
    };
  }

  #typeOf(node: XmlElement, schema: SchemaDocument): Type {
    const name = node.attribute('type');
    if (name !== undefined) return this.type(this.registry.reference(node, name, schema), node);
    for (const child of node.children) {
      if (child.namespace !== xsdNamespace) continue;
      if (child.local === 'complexType') return new CompiledComplexType(this, child, schema, null);
      if (child.local === 'simpleType') return readSimpleType(child, schema, null, (at, reference, of) => this.simpleType(at, reference, of));
    }
    const head = node.attribute('substitutionGroup');
    return head === undefined ? anyType : this.element(this.registry.reference(node, head, schema), node).type();
  }

  #substitutes(head: QualifiedName, at: XmlElement): ElementDeclaration[] {
    const found = new Map<string, ElementDeclaration>();
    const ask = [head];
    for (let next = ask.pop(); next !== undefined; next = ask.pop())
      for (const name of this.registry.substitutesOf(next)) {
        if (found.has(clark(name))) continue;
        found.set(clark(name), this.element(name, at));
        ask.push(name);
      }
    return [...found.values()];
  }

  #attribute(node: XmlElement, schema: SchemaDocument): AttributeUse | 'prohibited' | null {
    if (node.attribute('use') === 'prohibited') return 'prohibited';
    const reference = node.attribute('ref');
    const name = reference === undefined ? undefined : this.registry.reference(node, reference, schema);
    if (name !== undefined && encodingNamespaces.includes(name.namespace)) return null;
    const component = name === undefined ? undefined : this.registry.find('attribute', name);
    if (
      name !== undefined &&
      component === undefined &&
      name.namespace !== 'http://www.w3.org/XML/1998/namespace' &&
      name.namespace !== 'http://www.w3.org/2005/05/xmlmime'
    )
      throw node.mistake(`there is no attribute ${readable(name)}`);
    const declared = component?.node ?? node;
    const of = component?.schema ?? schema;
    const local = name?.local ?? node.attribute('name');
    if (local === undefined) throw node.mistake('an attribute without name and ref');
    const qualified = (node.attribute('form') ?? schema.root.attribute('attributeFormDefault')) === 'qualified';
    const typeName = declared.attribute('type');
    const inline = declared.children.find((child) => child.namespace === xsdNamespace && child.local === 'simpleType');
    const fixed = node.attribute('fixed') ?? declared.attribute('fixed');
    const byDefault = node.attribute('default') ?? declared.attribute('default');
    return {
      name: local,
      namespace: name?.namespace ?? (qualified ? schema.targetNamespace : ''),
      type:
        typeName !== undefined
          ? this.simpleType(declared, typeName, of)
          : inline !== undefined
            ? readSimpleType(inline, of, null, (at, one, schemaOf) => this.simpleType(at, one, schemaOf))
            : (builtInType('string') as SimpleType),
      required: node.attribute('use') === 'required',
      ...(fixed === undefined ? {} : { fixed }),
      ...(byDefault === undefined ? {} : { byDefault }),
      ...docOf(declared),
    };
  }
}

function occursOf(node: XmlElement): { min: number; max: number } {
  const number = (name: string): number => {
    const text = node.attribute(name)?.trim() ?? '1';
    if (text === 'unbounded' && name === 'maxOccurs') return Infinity;
    if (!/^\d{1,9}$/.test(text)) throw node.mistake(`${name} is '${text.slice(0, 40)}', and not a whole number`);
    return Number(text);
  };
  const min = number('minOccurs');
  const max = number('maxOccurs');
  if (min > max) throw node.mistake(`minOccurs ${min} is more than maxOccurs ${max}`);
  return { min, max };
}

/** `<xs:element ref="xs:schema"/>`, which .NET data sets have: whatever stands there. */
const anyElement = ({ namespace, local }: QualifiedName): ElementDeclaration => ({
  name: local,
  namespace,
  type: () => anyType,
  nillable: false,
  abstract: false,
  substitutes: () => [],
});

export const readable = ({ namespace, local }: QualifiedName): string => `'${local}'${namespace === '' ? '' : ` of ${namespace}`}`;
