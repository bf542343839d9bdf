import { type Json } from '../../../contract/json.ts';
import { clark } from '../xml/xml.document.ts';
import { type XmlReader } from '../xml/xml.reader.ts';
import { encodingNamespaces, xopNamespace, xsiNamespace } from '../wsdl/namespaces.ts';
import { type ComplexType, type ElementDeclaration, type SimpleType, type Type } from '../wsdl/schema.model.ts';
import { anyType } from '../wsdl/complex-type.ts';
import { contentAsXml, readAny } from './any-value.ts';
import { type ReadFields, compileFields } from './group-reader.ts';
import { type Input } from './input.ts';
import { type ElementReaders, type ReadElement, absent } from './reading.ts';
import { shapeOf } from './shape.ts';
import { type SimpleCodec, simpleCodec } from './simple-values.ts';
import { Unfit } from './unfit.ts';

type ReadType = (reader: XmlReader, input: Input, nillable: boolean) => Json | typeof absent;

/** Compiles declarations and types of one WSDL into functions that read them, each once. */
export class ReaderCompiler implements ElementReaders {
  readonly #elements = new Map<ElementDeclaration, ReadElement>();
  readonly #types = new Map<Type, ReadType>();

  element(declaration: ElementDeclaration): ReadElement {
    const known = this.#elements.get(declaration);
    if (known !== undefined) return known;
    const read = this.typed(() => declaration.type(), declaration.nillable, declaration.byDefault ?? declaration.fixed);
    this.#elements.set(declaration, read);
    return read;
  }

  /** An element of a type: a part of an rpc message has no declaration. */
  typed(typeOf: () => Type, nillable: boolean, byDefault?: string): ReadElement {
    let readType: ReadType | null = null;
    const read: ReadElement = (reader, input) => {
      const { attributes } = reader;
      if (attributes.length > 0) {
        if (isTrue(reader.attribute('nil', xsiNamespace))) {
          reader.skip();
          return nillable ? null : absent;
        }
        const id = input.refers ? referenceOf(reader) : undefined;
        if (id !== undefined) {
          reader.skip();
          return input.follow(id, (target) => read(target, input));
        }
      }
      const value = (readType ??= this.type(typeOf()))(reader, input, nillable);
      // An empty element has the default of its declaration. @see XML Schema part 1, 3.3.1
      return byDefault !== undefined && (value === '' || value === absent) ? this.#default(typeOf(), byDefault) : value;
    };
    return read;
  }

  type(type: Type): ReadType {
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const made = type.kind === 'simple' ? simple(type) : this.#complex(type);
    this.#types.set(type, made);
    return made;
  }

  #default(type: Type, text: string): Json {
    const of = type.kind === 'simple' ? type : type.simple;
    return of === undefined ? text : simpleCodec(of).read(text);
  }

  #complex(type: ComplexType): ReadType {
    if (type === anyType) return (reader, input) => inPlace(input, () => readAny(reader));
    if (type.arrayOf !== undefined) return this.#array(type.arrayOf.type);
    const own = this.#contents(type);
    let derived: Map<string, { read: ReadType; name: string }> | null = null;
    return (reader, input, nillable) => {
      const said = reader.attributes.length === 0 ? undefined : reader.attribute('type', xsiNamespace);
      if (said !== undefined && type.name !== null) {
        const name = reader.resolve(said);
        if (name.local !== type.name || name.namespace !== type.namespace) {
          derived ??= this.#derived(type);
          const found = derived.get(clark(name));
          if (found !== undefined) {
            const value = found.read(reader, input, nillable) as { [key: string]: Json };
            return { $type: found.name, ...value };
          }
          input.note(`@xsi:type ${name.local}`);
        }
      }
      return own(reader, input, nillable);
    };
  }

  #derived(type: ComplexType): Map<string, { read: ReadType; name: string }> {
    const found = new Map<string, { read: ReadType; name: string }>();
    // As the writer names them: of several types with one local name the first has it alone.
    const locals = new Set<string>(type.abstract || type.name === null ? [] : [type.name]);
    for (const each of type.derived().filter(({ abstract }) => !abstract)) {
      const name = { namespace: each.namespace, local: each.name ?? '' };
      found.set(clark(name), { read: this.#contents(each), name: locals.has(name.local) ? clark(name) : name.local });
      locals.add(name.local);
    }
    return found;
  }

  #contents(type: ComplexType): ReadType {
    const shape = shapeOf(type);
    const attributes = shape.attributes.map(({ key, use }) => ({ key, use, codec: simpleCodec(use.type) }));
    const declared = new Set(attributes.map(({ use }) => clark({ namespace: use.namespace, local: use.name })));
    const readAttributes = (reader: XmlReader, input: Input, value: { [key: string]: Json }): void => {
      if (type.anyAttribute)
        for (const { local, namespace, value: text } of reader.attributes)
          if (namespace !== xsiNamespace && !declared.has(clark({ namespace, local })))
            value[namespace === '' ? `@${local}` : `@${clark({ namespace, local })}`] = text;
      for (const { key, use, codec } of attributes) {
        const text = reader.attribute(use.name, use.namespace) ?? use.byDefault;
        if (text === undefined) {
          if (use.required) input.refuse('is missing', key);
        } else value[key] = input.at(key, () => input.value(codec.isName ? (name) => resolved(reader.scope(), name, codec) : codec.read, text));
      }
    };
    if (type.simple !== undefined) {
      const read = simple(type.simple);
      return (reader, input, nillable) => {
        const value: { [key: string]: Json } = {};
        if (attributes.length > 0 || type.anyAttribute) readAttributes(reader, input, value);
        const inner = read(reader, input, nillable);
        if (inner !== absent) value['$value'] = inner;
        return value;
      };
    }
    if (type.mixed)
      return (reader, input) => {
        const value: { [key: string]: Json } = {};
        if (attributes.length > 0 || type.anyAttribute) readAttributes(reader, input, value);
        value['$mixed'] = contentAsXml(reader).xml;
        return value;
      };
    let fields: ReadFields | null = null;
    return (reader, input) => {
      const value: { [key: string]: Json } = {};
      if (attributes.length > 0 || type.anyAttribute) readAttributes(reader, input, value);
      (fields ??= compileFields(shape.group, this))(reader, input, value);
      return value;
    };
  }

  #array(item: Type): ReadType {
    const read = this.typed(() => item, true);
    return (reader, input) => {
      const items: Json[] = [];
      for (;;) {
        const token = reader.next();
        if (token === 'close') return items;
        if (token === 'open') {
          const value = input.at(items.length, () => read(reader, input));
          items.push(value === absent ? null : value);
        }
      }
    };
  }
}

function simple(type: SimpleType): ReadType {
  const codec = simpleCodec(type);
  if (codec.isName)
    return (reader, input) => {
      const scope = reader.scope();
      return input.value((text) => resolved(scope, text, codec), contentOf(reader, input));
    };
  const mayBeBeside = type.primitive === 'base64' && type.item === undefined;
  return (reader, input, nillable) => {
    const text = mayBeBeside ? contentOrAttachment(reader, input) : contentOf(reader, input);
    if (!codec.takesEmpty && text.trim() === '') return nillable ? null : absent;
    return input.value(codec.read, text);
  };
}

/** @see https://www.w3.org/TR/xop10/ */
function contentOrAttachment(reader: XmlReader, input: Input): string {
  let text = '';
  for (;;) {
    const token = reader.next();
    if (token === 'close') return text;
    if (token === 'text') text += reader.text;
    else if (reader.local === 'Include' && reader.namespace === xopNamespace) {
      const href = reader.attribute('href') ?? '';
      const bytes = input.attachments.get(contentIdOf(href));
      if (bytes === undefined) input.refuse('refers to an attachment that did not come');
      text += Buffer.from(bytes).toString('base64');
      reader.skip();
    } else input.refuse('has an element where only text may be');
  }
}

function contentIdOf(href: string): string {
  try {
    return decodeURIComponent(href.replace(/^cid:/, ''));
  } catch {
    return '';
  }
}

function contentOf(reader: XmlReader, input: Input): string {
  let text = '';
  for (;;) {
    const token = reader.next();
    if (token === 'close') return text;
    if (token === 'open') input.refuse(`has an element '${reader.local.slice(0, 60)}' where only text may be`);
    text = text === '' ? reader.text : text + reader.text;
  }
}

/** `{namespace}local` by the prefixes that held where the name stands. @throws Unfit */
function resolved(scope: ReadonlyMap<string, string>, text: string, codec: SimpleCodec): Json {
  return codec.isList
    ? text
        .split(/\s+/)
        .filter((each) => each !== '')
        .map((each) => resolvedName(scope, each))
    : resolvedName(scope, text);
}

function resolvedName(scope: ReadonlyMap<string, string>, text: string): string {
  const [prefix = '', local] = text.includes(':') ? text.trim().split(':') : ['', text.trim()];
  const namespace = scope.get(prefix) ?? (prefix === '' ? '' : undefined);
  if (namespace === undefined || local === undefined || local === '') throw new Unfit('is a name whose prefix is not declared');
  return namespace === '' ? local : clark({ namespace, local });
}

function inPlace(input: Input, read: () => Json): Json {
  return input.value(() => read(), '');
}

function referenceOf(reader: XmlReader): string | undefined {
  const href = reader.attribute('href');
  if (href?.startsWith('#') === true) return href.slice(1);
  return encodingNamespaces
    .map((namespace) => reader.attribute('ref', namespace))
    .find((ref) => ref !== undefined)
    ?.replace(/^#/, '');
}

const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1';
