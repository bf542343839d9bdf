import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type XmlElement, readDocument } from '../xml/xml.document.ts';
import { decodeXml } from '../xml/xml.text.ts';
import { wellKnownSchemas, wsdlNamespace, xsdNamespace } from './namespaces.ts';

/** One `schema` element, in the WSDL or a file of its own. */
export interface SchemaDocument {
  readonly root: XmlElement;
  /** A schema without one takes that of the schema that includes it. */
  readonly targetNamespace: string;
}

export interface Documents {
  readonly definitions: readonly XmlElement[];
  readonly schemas: readonly SchemaDocument[];
}

/** Largest file of a WSDL and its schemas, bytes. */
const maxFileBytes = 64_000_000;

/**
 * A WSDL with all it imports and includes, from files only. A location on the network is looked for under its last name beside the file
 * that asks for it.
 * @throws Error with file and line, when a file is missing, broken, or would come from the network
 */
export function loadDocuments(wsdl: URL): Documents {
  const main = fileURLToPath(wsdl);
  const loading = new Loading(dirname(main));
  loading.readWsdl(main);
  loading.checkMissing();
  return loading;
}

interface Missing {
  readonly at: XmlElement;
  readonly namespace: string;
  readonly location: string;
}

class Loading implements Documents {
  readonly definitions: XmlElement[] = [];
  readonly schemas: SchemaDocument[] = [];
  readonly #folder: string;
  readonly #roots = new Map<string, XmlElement>();
  readonly #seen = new Set<string>();
  readonly #missing: Missing[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  readWsdl(path: string): void {
    if (this.#seen.has(path)) return;
    this.#seen.add(path);
    const root = this.#read(path);
    if (root.namespace === xsdNamespace && root.local === 'schema') return this.#schema(root, path, '');
    if (root.namespace !== wsdlNamespace || root.local !== 'definitions')
      throw root.mistake(`the root element is '${root.local}', and not the definitions of a WSDL 1.1`);
    this.definitions.push(root);
    for (const child of root.children) {
      if (child.namespace !== wsdlNamespace) continue;
      if (child.local === 'import') this.#follow(child, path, child.attribute('location'), (file) => this.readWsdl(file));
      if (child.local === 'types')
        for (const schema of child.children) if (schema.namespace === xsdNamespace && schema.local === 'schema') this.#schema(schema, path, '');
    }
  }

  checkMissing(): void {
    const known = new Set(this.schemas.map(({ targetNamespace }) => targetNamespace));
    for (const { at, namespace, location } of this.#missing)
      if (!known.has(namespace) && !wellKnownSchemas.has(namespace)) throw at.mistake(remedy(location));
  }

  #schema(root: XmlElement, path: string, including: string): void {
    const targetNamespace = root.attribute('targetNamespace') ?? including;
    this.schemas.push({ root, targetNamespace });
    for (const child of root.children) {
      if (child.namespace !== xsdNamespace) continue;
      if (child.local === 'redefine' || child.local === 'override')
        throw child.mistake(`xs:${child.local} is not read: put the changed types into the schema`);
      if (child.local !== 'import' && child.local !== 'include') continue;
      const location = child.attribute('schemaLocation');
      if (child.local === 'include' && location === undefined) throw child.mistake('xs:include has no schemaLocation');
      this.#follow(child, path, location, (file) => {
        const key = `${file} ${child.local === 'include' ? targetNamespace : ''}`;
        if (this.#seen.has(key)) return;
        this.#seen.add(key);
        const included = this.#read(file);
        if (included.namespace === wsdlNamespace) return this.readWsdl(file);
        if (included.namespace !== xsdNamespace || included.local !== 'schema')
          throw included.mistake(`the root element is '${included.local}', and not a schema`);
        this.#schema(included, file, child.local === 'include' ? targetNamespace : '');
      });
    }
  }

  #follow(at: XmlElement, from: string, location: string | undefined, found: (file: string) => void): void {
    if (location === undefined || location === '') return;
    const remote = /^[a-z][a-z\d+.-]+:/i.test(location) && !location.startsWith('file:');
    const candidates = remote
      ? [dirname(from), this.#folder].map((folder) => resolve(folder, lastName(location)))
      : [location.startsWith('file:') ? fileURLToPath(location) : resolve(dirname(from), decodeURI(location))];
    const file = candidates.find((candidate) => existsSync(candidate));
    if (file !== undefined) return found(file);
    if (at.local === 'import' && at.namespace === xsdNamespace) this.#missing.push({ at, namespace: at.attribute('namespace') ?? '', location });
    else throw at.mistake(remedy(location));
  }

  #read(path: string): XmlElement {
    const known = this.#roots.get(path);
    if (known !== undefined) return known;
    const name = relative(this.#folder, path);
    if (!existsSync(path) || !statSync(path).isFile()) throw new Error(`${name}: there is no such file`);
    const { size } = statSync(path);
    if (size > maxFileBytes) throw new Error(`${name}: ${size} bytes, and at most ${maxFileBytes} are read`);
    let text: string;
    try {
      text = decodeXml(readFileSync(path));
    } catch (error) {
      throw new Error(`${name}: its bytes are not of the encoding that it declares`, { cause: error });
    }
    const root = readDocument(name, text);
    this.#roots.set(path, root);
    return root;
  }
}

/** `https://acme.example/schemas/order.xsd` → `order.xsd`; `…/Service.svc?xsd=xsd0` → `Service.svc_xsd_xsd0.xsd` */
function lastName(location: string): string {
  const name = basename(location.replace(/[#].*$/, '').replace(/\/+$/, '')).replaceAll(/[^\w.-]/g, '_');
  return /\.(?:xsd|wsdl|xml)$/i.test(name) ? name : `${name}${/wsdl/i.test(name) ? '.wsdl' : '.xsd'}`;
}

const remedy = (location: string): string =>
  /^[a-z][a-z\d+.-]+:/i.test(location)
    ? `needs ${location}, and nothing is loaded from the network: save a copy as ${lastName(location)} beside this file`
    : `there is no file ${location}`;
