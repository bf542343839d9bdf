import { fileURLToPath } from 'node:url';
import { type QualifiedName, type XmlElement, clark } from '../xml/xml.document.ts';
import { docOf } from './docs.ts';
import { loadDocuments } from './documents.ts';
import { type SoapVersion, soapVersions, wsdlNamespace } from './namespaces.ts';
import { SchemaReader, readable } from './schema.reader.ts';
import { type DeclaredFault, type Message, type OperationDeclaration, type Part, type Port, type Wsdl } from './wsdl.model.ts';

type Kind = 'message' | 'portType' | 'binding';

/**
 * Reads a WSDL 1.1 with everything it imports, from files only.
 * @throws Error whose message names file, line and reason
 */
export function readWsdl(url: URL): Wsdl {
  const documents = loadDocuments(url);
  const reader = new WsdlReader(documents.definitions, new SchemaReader(documents.schemas));
  const ports = reader.ports();
  if (ports.length === 0)
    throw new Error(`${documents.definitions[0] === undefined ? fileURLToPath(url) : ''}no binding of this WSDL is SOAP over HTTP`.trim());
  return { file: fileURLToPath(url), ports };
}

class WsdlReader {
  readonly #definitions: readonly XmlElement[];
  readonly #schemas: SchemaReader;
  readonly #named = new Map<string, XmlElement>();

  constructor(definitions: readonly XmlElement[], schemas: SchemaReader) {
    this.#definitions = definitions;
    this.#schemas = schemas;
    for (const root of definitions)
      for (const node of root.children) {
        const name = node.attribute('name');
        if (node.namespace === wsdlNamespace && name !== undefined)
          this.#named.set(`${node.local} ${clark({ namespace: root.attribute('targetNamespace') ?? '', local: name })}`, node);
      }
  }

  ports(): Port[] {
    const ports = this.#definitions.flatMap((root) =>
      root.children.filter(isWsdl('service')).flatMap((service) =>
        service.children.filter(isWsdl('port')).flatMap((port) => {
          const binding = this.#find('binding', port.qualified(port.attribute('binding') ?? ''), port);
          const address = port.children.find(({ local }) => local === 'address')?.attribute('location') ?? '';
          return this.#port(binding, service.attribute('name') ?? '', port.attribute('name') ?? '', address);
        }),
      ),
    );
    if (ports.length > 0) return ports;
    // A description without services, as tools keep them apart: its bindings are its ports.
    return this.#definitions.flatMap((root) =>
      root.children.filter(isWsdl('binding')).flatMap((binding) => this.#port(binding, '', binding.attribute('name') ?? '', '')),
    );
  }

  #port(binding: XmlElement, service: string, name: string, address: string): Port[] {
    for (const version of Object.keys(soapVersions) as SoapVersion[]) {
      const soap = soapVersions[version].binding;
      const extension = binding.children.find((child) => child.local === 'binding' && child.namespace === soap);
      if (extension === undefined) continue;
      const style = extension.attribute('style') === 'rpc' ? 'rpc' : 'document';
      let operations: ReadonlyMap<string, OperationDeclaration> | null = null;
      const read = (): ReadonlyMap<string, OperationDeclaration> => this.#operations(binding, soap, style);
      return [
        {
          service,
          name,
          version,
          address,
          get operations() {
            return (operations ??= read());
          },
        },
      ];
    }
    return [];
  }

  #operations(binding: XmlElement, soap: string, style: 'document' | 'rpc'): ReadonlyMap<string, OperationDeclaration> {
    const portType = this.#find('portType', binding.qualified(binding.attribute('type') ?? ''), binding);
    const declared = portType.children.filter(isWsdl('operation'));
    const operations = new Map<string, OperationDeclaration>();
    for (const bound of binding.children.filter(isWsdl('operation'))) {
      const name = bound.attribute('name') ?? '';
      const inputName = bound.children.find(isWsdl('input'))?.attribute('name');
      const candidates = declared.filter((node) => node.attribute('name') === name);
      const abstract =
        candidates.find((node) => candidates.length > 1 && node.children.find(isWsdl('input'))?.attribute('name') === inputName) ?? candidates[0];
      if (abstract === undefined) throw bound.mistake(`the port type has no operation '${name}'`);
      // A notification: the system speaks first, and nobody calls.
      if (!abstract.children.some(isWsdl('input'))) continue;
      const key = operations.has(name) ? `${name}:${inputName ?? operations.size}` : name;
      operations.set(key, this.#operation(name, bound, abstract, soap, style));
    }
    return operations;
  }

  #operation(name: string, bound: XmlElement, abstract: XmlElement, soap: string, portStyle: 'document' | 'rpc'): OperationDeclaration {
    const extension = bound.children.find((child) => child.local === 'operation' && child.namespace === soap);
    const style = (extension?.attribute('style') ?? portStyle) === 'rpc' ? 'rpc' : 'document';
    const message = (direction: 'input' | 'output'): { message: Message; use: 'literal' | 'encoded' } | null => {
      const node = abstract.children.find(isWsdl(direction));
      if (node === undefined) return null;
      const binding = bound.children.find(isWsdl(direction));
      const body = binding === undefined ? undefined : find(binding, 'body', soap);
      return { message: this.#message(node, binding, body, soap), use: body?.attribute('use') === 'encoded' ? 'encoded' : 'literal' };
    };
    const input = message('input');
    if (input === null) throw abstract.mistake(`the operation '${name}' has no input: a call needs one`);
    const output = message('output');
    return {
      name,
      style,
      use: input.use,
      action: extension?.attribute('soapAction') ?? '',
      input: input.message,
      output: output?.message ?? null,
      faults: abstract.children.filter(isWsdl('fault')).flatMap((node) => this.#fault(node)),
      ...docOf(abstract),
    };
  }

  #message(node: XmlElement, binding: XmlElement | undefined, body: XmlElement | undefined, soap: string): Message {
    const parts = this.#parts(node);
    const headers = (binding === undefined ? [] : binding.children.filter((child) => child.local === 'header' && child.namespace === soap)).map(
      (header) => {
        const message = this.#find('message', header.qualified(header.attribute('message') ?? ''), header);
        const part = this.#partsOf(message).find(({ name }) => name === header.attribute('part'));
        if (part === undefined) throw header.mistake(`the message has no part '${header.attribute('part') ?? ''}' for the header`);
        const named = 'type' in part ? { ...part, namespace: header.attribute('namespace') ?? '' } : part;
        return { part: named, own: message === this.#messageOf(node) };
      },
    );
    const inBody = body?.attribute('parts')?.trim().split(/\s+/);
    const isHeader = (part: Part): boolean => headers.some((header) => header.own && header.part.name === part.name);
    return {
      parts: parts.filter((part) => !isHeader(part) && (inBody === undefined || inBody.includes(part.name))),
      headers: headers.map(({ part }) => part),
      namespace: body?.attribute('namespace') ?? '',
    };
  }

  #fault(node: XmlElement): DeclaredFault[] {
    const [part] = this.#parts(node);
    return part !== undefined && 'element' in part ? [{ name: node.attribute('name') ?? part.element.name, element: part.element }] : [];
  }

  #messageOf(node: XmlElement): XmlElement {
    const reference = node.attribute('message');
    if (reference === undefined) throw node.mistake(`the ${node.local} names no message`);
    return this.#find('message', node.qualified(reference), node);
  }

  #parts(node: XmlElement): Part[] {
    return this.#partsOf(this.#messageOf(node));
  }

  #partsOf(message: XmlElement): Part[] {
    return message.children.filter(isWsdl('part')).map((part) => {
      const name = part.attribute('name') ?? '';
      const element = part.attribute('element');
      if (element !== undefined) return { name, element: this.#schemas.element(part.qualified(element), part) };
      const type = part.attribute('type');
      if (type === undefined) throw part.mistake(`the part '${name}' has neither element nor type`);
      return { name, type: this.#schemas.type(part.qualified(type), part), namespace: '' };
    });
  }

  #find(kind: Kind, name: QualifiedName, at: XmlElement): XmlElement {
    const found = this.#named.get(`${kind} ${clark(name)}`);
    if (found === undefined) throw at.mistake(`there is no ${kind} ${readable(name)}`);
    return found;
  }
}

const isWsdl =
  (local: string) =>
  (node: XmlElement): boolean =>
    node.namespace === wsdlNamespace && node.local === local;

/** Also inside a MIME binding, where the first part is the envelope. */
function find(node: XmlElement, local: string, namespace: string): XmlElement | undefined {
  for (const child of node.children) {
    if (child.local === local && child.namespace === namespace) return child;
    const inner = find(child, local, namespace);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
