import { type Attribute, XmlError, XmlReader, placeIn } from './xml.reader.ts';

/** An element of a document that is read as a whole: a WSDL, a schema. Comments, instructions and blank text are left out. */
export class XmlElement {
  readonly local: string;
  readonly namespace: string;
  readonly children: XmlElement[] = [];
  /** All its text put together. */
  text = '';
  readonly #attributes: readonly Attribute[];
  readonly #scope: ReadonlyMap<string, string>;
  readonly #document: XmlDocument;
  readonly #offset: number;

  constructor(document: XmlDocument, reader: XmlReader) {
    this.local = reader.local;
    this.namespace = reader.namespace;
    this.#attributes = reader.attributes;
    this.#scope = reader.scope();
    this.#document = document;
    this.#offset = reader.start;
  }

  attribute(local: string, namespace = ''): string | undefined {
    for (const attribute of this.#attributes) if (attribute.local === local && attribute.namespace === namespace) return attribute.value;
    return undefined;
  }

  /** `{namespace}local` of a `QName` by the prefixes that hold here. @throws XmlPlaceError */
  qualified(name: string): QualifiedName {
    const colon = name.indexOf(':');
    const prefix = colon < 0 ? '' : name.slice(0, colon);
    const namespace = this.#scope.get(prefix) ?? (prefix === '' ? '' : undefined);
    if (namespace === undefined) throw this.mistake(`the prefix of '${name.slice(0, 80)}' is not declared`);
    return { namespace, local: name.slice(colon + 1) };
  }

  /** An error that says where this element is. */
  mistake(message: string): XmlPlaceError {
    const { line, column } = placeIn(this.#document.source, this.#offset);
    return new XmlPlaceError(this.#document.name, line, column, message);
  }

  get line(): number {
    return placeIn(this.#document.source, this.#offset).line;
  }
}

export interface QualifiedName {
  readonly namespace: string;
  readonly local: string;
}

/** `{http://acme.example/orders}Order` */
export const clark = ({ namespace, local }: QualifiedName): string => `{${namespace}}${local}`;

/** What is wrong with a document, and where. */
export class XmlPlaceError extends Error {
  constructor(document: string, line: number, column: number, message: string) {
    super(`${document}:${line}:${column}: ${message}`);
    this.name = 'XmlPlaceError';
  }
}

interface XmlDocument {
  readonly name: string;
  readonly source: string;
}

/** @throws XmlPlaceError when it is not well-formed */
export function readDocument(name: string, text: string): XmlElement {
  let document: XmlDocument = { name, source: text };
  try {
    const reader = new XmlReader(text);
    document = { name, source: reader.source };
    const open: XmlElement[] = [];
    let root: XmlElement | undefined;
    for (let token = reader.next(); token !== 'end'; token = reader.next()) {
      const parent = open.at(-1);
      if (token === 'open') {
        const element = new XmlElement(document, reader);
        if (parent === undefined) root = element;
        else parent.children.push(element);
        open.push(element);
      } else if (token === 'close') open.pop();
      else if (parent !== undefined && /\S/.test(reader.text)) parent.text += reader.text;
    }
    return root as XmlElement;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { line, column } = placeIn(document.source, error.offset);
    throw new XmlPlaceError(name, line, column, error.message);
  }
}
