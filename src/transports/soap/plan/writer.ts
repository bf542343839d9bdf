import { type Json } from '../../../contract/json.ts';
import { clark } from '../xml/xml.document.ts';
import { xmlNamespace } from '../xml/xml.reader.ts';
import { escapeAttribute, escapeText, isSpeakable } from '../xml/xml.text.ts';
import { type SoapVersion, soapVersions, xopNamespace, xsdNamespace } from '../wsdl/namespaces.ts';
import { type ComplexType, type ElementDeclaration, type SimpleType, type Type } from '../wsdl/schema.model.ts';
import { isContent, writeAny } from './any-value.ts';
import { type WriteGroup, compileGroup } from './group-writer.ts';
import { type Prefixes } from './namespaces.ts';
import { type Output, isObject } from './output.ts';
import { shapeOf } from './shape.ts';
import { type SimpleCodec, simpleCodec } from './simple-values.ts';
import { type ElementWriter, type ElementWriters } from './writing.ts';

/** `open` is `<n1:Order`, without its end: attributes may follow. */
type WriteType = (value: Json, open: string, close: string, out: Output) => void;

/** Attributes and content of exactly one type; `typed` is the attribute that says which, or nothing. */
type WriteContents = (value: { [key: string]: Json }, open: string, typed: string, close: string, out: Output) => void;

interface Derived {
  readonly write: WriteContents;
  readonly typed: string;
}

interface Encoding {
  readonly version: SoapVersion;
  /** rpc/encoded: every element says its type. @see SOAP 1.1, section 5 */
  readonly encoded: boolean;
}

/** Compiles declarations and types of one WSDL into functions that write them, each once. */
export class WriterCompiler implements ElementWriters {
  readonly prefixes: Prefixes;
  readonly #encoding: Encoding;
  readonly #elements = new Map<ElementDeclaration, ElementWriter>();
  readonly #types = new Map<Type, WriteType>();

  constructor(prefixes: Prefixes, encoding: Encoding) {
    this.prefixes = prefixes;
    this.#encoding = encoding;
  }

  element(declaration: ElementDeclaration): ElementWriter {
    const known = this.#elements.get(declaration);
    if (known !== undefined) return known;
    const { namespace, name, nillable } = declaration;
    const writer = this.named(namespace, name, () => declaration.type(), nillable);
    this.#elements.set(declaration, writer);
    return writer;
  }

  /** An element of this tag and type: a part of an rpc message has no declaration. */
  named(namespace: string, local: string, typeOf: () => Type, nillable: boolean): ElementWriter {
    const name = this.prefixes.qualify(namespace, local);
    const prefix = this.prefixes.numberOf(namespace);
    const open = `<${name}`;
    const close = `</${name}>`;
    let writeType: WriteType | null = null;
    return {
      write: (value, out) => {
        if (prefix >= 0) out.prefixes[prefix] = true;
        if (value === null) {
          const type = typeOf();
          if (!nillable && !this.#encoding.encoded) out.problem('is null, and its element is not nillable: leave it out');
          else if (type.kind === 'complex' && type.attributes.some(({ required }) => required))
            out.problem('is null, and its type has attributes that are required');
          else out.xml += `${open} xsi:nil="true"/>`;
          return;
        }
        (writeType ??= this.type(typeOf()))(value, open, close, out);
      },
    };
  }

  type(type: Type): WriteType {
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const made = type.kind === 'simple' ? this.#simple(type) : this.#complex(type);
    this.#types.set(type, made);
    return made;
  }

  #simple(type: SimpleType): WriteType {
    const codec = simpleCodec(type);
    const typed = this.#encoding.encoded ? this.#typeAttribute(type) : '';
    const attaches = type.primitive === 'base64' && type.item === undefined;
    return (value, open, close, out) =>
      out.trying(() => {
        const text = codec.write(value);
        if (codec.isName) out.xml += `${open}${typed}${nameWithPrefix(text)}${close}`;
        else {
          const contentId = attaches ? out.attach(text) : undefined;
          out.xml += `${open}${typed}>${contentId === undefined ? escapeText(text) : `<xop:Include xmlns:xop="${xopNamespace}" href="cid:${contentId}"/>`}${close}`;
        }
      });
  }

  #complex(type: ComplexType): WriteType {
    if (type.namespace === xsdNamespace && type.name === 'anyType') return (value, open, close, out) => writeAny(value, open, close, out);
    if (type.arrayOf !== undefined) return this.#array(type, type.arrayOf);
    const own = this.#contentsOf(type);
    const typed = this.#encoding.encoded && type.name !== null ? this.#typeAttribute(type) : '';
    const mayDerive = type.name !== null;
    let derived: Map<string, Derived> | null = null;
    return (value, open, close, out) => {
      if (!isObject(value)) return out.problem(Array.isArray(value) ? 'is a list, and the schema has one element' : 'is no object');
      const chosen = value['$type'];
      if (chosen === undefined) {
        if (type.abstract) return out.problem(`needs $type: one of ${namesOf(type).join(', ')}`);
        return own(value, open, typed, close, out);
      }
      derived ??= this.#derived(type, mayDerive);
      const found = typeof chosen === 'string' ? derived.get(chosen) : undefined;
      if (found === undefined) return out.problem(`is none of ${[...namesOf(type), ...(type.abstract ? [] : [type.name])].join(', ')}`, '$type');
      return found.write(value, open, found.typed, close, out);
    };
  }

  #derived(type: ComplexType, mayDerive: boolean): Map<string, Derived> {
    const found = new Map<string, Derived>();
    if (!mayDerive) return found;
    for (const each of [type, ...type.derived()].filter(({ abstract }) => !abstract)) {
      const entry = { write: this.#contentsOf(each), typed: this.#typeAttribute(each) };
      if (!found.has(each.name ?? '')) found.set(each.name ?? '', entry);
      found.set(clark({ namespace: each.namespace, local: each.name ?? '' }), entry);
    }
    return found;
  }

  /** Writes attributes and content of exactly this type. */
  #contentsOf(type: ComplexType): WriteContents {
    const shape = shapeOf(type);
    const attributes = shape.attributes.map(({ key, use }, index) => ({
      key,
      use,
      codec: simpleCodec(use.type),
      open: ` ${this.#attributeName(use)}="`,
      prefix: this.#attributePrefix(use),
      index,
    }));
    const simple = type.simple === undefined ? null : simpleCodec(type.simple);
    const group: WriteGroup | null = shape.group === null ? null : compileGroup(shape.group, this);
    const known = new Set([
      '$type',
      ...attributes.map(({ key }) => key),
      ...(simple === null ? [] : ['$value']),
      ...(type.mixed ? ['$mixed'] : []),
      ...(group?.keys ?? []),
    ]);
    return (value, open, typed, close, out) => {
      let others = '';
      for (const key in value)
        if (!known.has(key)) {
          if (type.anyAttribute && key.startsWith('@')) others += otherAttribute(key, value[key] as Json, out);
          else out.problem('is not in the WSDL', key);
        }
      out.xml += open + typed + others;
      for (const { key, use, codec, open: start, prefix, index } of attributes) {
        const given = value[key] ?? (use.required && use.fixed !== undefined ? codec.read(use.fixed) : undefined);
        if (given === undefined || given === null) {
          if (use.required) out.problem('is missing', key);
          continue;
        }
        out.path.push(key);
        out.trying(() => {
          if (use.fixed !== undefined && given !== use.fixed && codec.write(given) !== use.fixed)
            out.problem(`is not ${use.fixed}, which the schema fixes`);
          out.xml += writeAttribute(codec, given, start, index);
          if (prefix >= 0) out.prefixes[prefix] = true;
        });
        out.path.pop();
      }
      if (simple !== null) writeSimpleContent(simple, value['$value'], close, out);
      else if (type.mixed && value['$mixed'] !== undefined) {
        const beside = (group?.keys ?? []).filter((name) => value[name] !== undefined);
        if (beside.length > 0) out.problem(`stands beside ${beside.join(', ')}, which it would have to contain`, '$mixed');
        writeMixed(value['$mixed'], close, out);
      } else if (group === null) out.xml += `>${close}`;
      else {
        out.xml += '>';
        group.write(value, out);
        out.xml += close;
      }
    };
  }

  #array(type: ComplexType, { type: item, name }: { type: Type; name: string }): WriteType {
    const writer = this.named('', name, () => item, true);
    const itemName = this.#typeName(item);
    const { encoding } = soapVersions[this.#encoding.version];
    const arrayAttributes = (length: number): string =>
      !this.#encoding.encoded
        ? ''
        : this.#encoding.version === '1.1'
          ? ` xmlns:enc="${encoding}"${itemName.declaration} xsi:type="enc:Array" enc:arrayType="${itemName.name}[${length}]"`
          : ` xmlns:enc="${encoding}"${itemName.declaration} enc:itemType="${itemName.name}" enc:arraySize="${length}"${this.#typeAttribute(type)}`;
    return (value, open, close, out) => {
      if (!Array.isArray(value)) return out.problem('is not a list');
      out.xml += `${open}${arrayAttributes(value.length)}>`;
      value.forEach((each, index) => {
        out.path.push(index);
        writer.write(each, out);
        out.path.pop();
      });
      out.xml += close;
    };
  }

  #attributeName({ name, namespace }: { name: string; namespace: string }): string {
    return namespace === xmlNamespace ? `xml:${name}` : this.prefixes.qualify(namespace, name);
  }

  #attributePrefix({ namespace }: { namespace: string }): number {
    return namespace === xmlNamespace ? -1 : this.prefixes.numberOf(namespace);
  }

  #typeName(type: Type): { name: string; declaration: string } {
    const builtIn = type.kind === 'simple' && (type.name === null || type.namespace === xsdNamespace) ? type.builtIn : undefined;
    const local = builtIn ?? type.name ?? 'anyType';
    const namespace = builtIn === undefined && type.name !== null ? type.namespace : xsdNamespace;
    return namespace === '' ? { name: local, declaration: '' } : { name: `t:${local}`, declaration: ` xmlns:t="${escapeAttribute(namespace)}"` };
  }

  #typeAttribute(type: Type): string {
    const { name, declaration } = this.#typeName(type);
    return `${declaration} xsi:type="${name}"`;
  }
}

const namesOf = (type: ComplexType): string[] => type.derived().flatMap(({ abstract, name }) => (abstract || name === null ? [] : [name]));

/** An attribute that the schema takes without knowing it: `@name`, `@{namespace}name`; its value is text. */
function otherAttribute(key: string, value: Json, out: Output): string {
  const [, namespace = '', name = ''] = /^@(?:\{([^{}]*)\})?([A-Za-z_][\w.-]*)$/.exec(key) ?? [];
  if (name === '' || typeof value !== 'string' || !isSpeakable(value)) {
    out.problem('is no attribute with a text', key);
    return '';
  }
  const start = namespace === '' ? ` ${name}` : ` xmlns:o-${name}="${escapeAttribute(namespace)}" o-${name}:${name}`;
  return `${start}="${escapeAttribute(value)}"`;
}

/** A name in the value of the `index`th attribute has a prefix of its own. */
function writeAttribute(codec: SimpleCodec, value: Json, start: string, index: number): string {
  const text = codec.write(value);
  if (!codec.isName) return `${start}${escapeAttribute(text)}"`;
  const { declarations, names } = prefixed(text, `q${index}`);
  return `${declarations}${start}${names}"`;
}

/** The end of a start tag with the declarations that its names need, and the names. */
function nameWithPrefix(text: string): string {
  const { declarations, names } = prefixed(text, 'q');
  return `${declarations}>${names}`;
}

/** `{namespace}local` as a name with a prefix; of a list each its own. */
function prefixed(text: string, prefix: string): { declarations: string; names: string } {
  let declarations = '';
  const names = text.split(' ').map((each, index) => {
    const [, namespace = '', local = each] = /^\{([^}]*)\}(.*)$/s.exec(each) ?? [];
    if (namespace === '') return local;
    declarations += ` xmlns:${prefix}-${index}="${escapeAttribute(namespace)}"`;
    return `${prefix}-${index}:${local}`;
  });
  return { declarations, names: names.join(' ') };
}

function writeSimpleContent(codec: SimpleCodec, value: Json | undefined, close: string, out: Output): void {
  if (value === undefined || value === null) return out.problem('is missing', '$value');
  out.path.push('$value');
  out.trying(() => {
    const text = codec.write(value);
    out.xml += codec.isName ? `${nameWithPrefix(text)}${close}` : `>${escapeText(text)}${close}`;
  });
  out.path.pop();
}

/** Text and elements mixed are XML text already; it must be well-formed. */
function writeMixed(value: Json, close: string, out: Output): void {
  if (typeof value !== 'string' || !isContent(value)) return out.problem('is not well-formed XML content', '$mixed');
  out.xml += `>${value}${close}`;
}
