import { type QualifiedName, type XmlElement, clark } from '../xml/xml.document.ts';
import { type SchemaDocument } from './documents.ts';
import { xsdNamespace } from './namespaces.ts';

/** A named component as it stands in its schema. */
export interface Component {
  readonly node: XmlElement;
  readonly schema: SchemaDocument;
}

type Kind = 'element' | 'type' | 'group' | 'attributeGroup' | 'attribute';

const kinds: Readonly<Record<string, Kind>> = {
  element: 'element',
  complexType: 'type',
  simpleType: 'type',
  group: 'group',
  attributeGroup: 'attributeGroup',
  attribute: 'attribute',
};

/** Where every named component of the schemas stands, and who refers to whom as a base or as the head of a substitution group. */
export class SchemaRegistry {
  readonly #components = new Map<string, Component>();
  readonly #derived = new Map<string, QualifiedName[]>();
  readonly #substitutes = new Map<string, QualifiedName[]>();

  /** @throws XmlPlaceError when a reference uses a prefix that is not declared */
  constructor(schemas: readonly SchemaDocument[]) {
    for (const schema of schemas)
      for (const node of schema.root.children) {
        const kind = node.namespace === xsdNamespace ? kinds[node.local] : undefined;
        const local = node.attribute('name');
        if (kind === undefined || local === undefined) continue;
        const name = { namespace: schema.targetNamespace, local };
        const key = `${kind} ${clark(name)}`;
        if (this.#components.has(key)) continue;
        this.#components.set(key, { node, schema });
        const head = node.attribute('substitutionGroup');
        if (head !== undefined) push(this.#substitutes, clark(this.reference(node, head, schema)), name);
        const base = node.local === 'complexType' ? baseOf(node) : undefined;
        if (base !== undefined) push(this.#derived, clark(this.reference(base.node, base.name, schema)), name);
      }
  }

  find(kind: Kind, name: QualifiedName): Component | undefined {
    return this.#components.get(`${kind} ${clark(name)}`);
  }

  /** Names of everything of a kind. */
  *names(kind: Kind): Generator<QualifiedName> {
    for (const key of this.#components.keys()) {
      if (!key.startsWith(`${kind} {`)) continue;
      const end = key.lastIndexOf('}');
      yield { namespace: key.slice(kind.length + 2, end), local: key.slice(end + 1) };
    }
  }

  /** Named complex types whose base is this one, directly. */
  derivedFrom(name: QualifiedName): readonly QualifiedName[] {
    return this.#derived.get(clark(name)) ?? [];
  }

  /** Global elements that name this one as the head of their group, directly. */
  substitutesOf(name: QualifiedName): readonly QualifiedName[] {
    return this.#substitutes.get(clark(name)) ?? [];
  }

  /**
   * The name that `text` refers to at `node`. In a schema without a namespace that another includes, names without prefix are of the one
   * that includes it. @see XML Schema part 1, 4.2.1
   */
  reference(node: XmlElement, text: string, schema: SchemaDocument): QualifiedName {
    const name = node.qualified(text.trim());
    return name.namespace === '' && schema.root.attribute('targetNamespace') === undefined ? { ...name, namespace: schema.targetNamespace } : name;
  }
}

function baseOf(complexType: XmlElement): { node: XmlElement; name: string } | undefined {
  for (const content of complexType.children)
    if (content.local === 'complexContent' || content.local === 'simpleContent')
      for (const node of content.children) {
        const name = node.attribute('base');
        if (name !== undefined) return { node, name };
      }
  return undefined;
}

function push(map: Map<string, QualifiedName[]>, key: string, name: QualifiedName): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [name]);
  else known.push(name);
}
