import { escapeAttribute, isSpeakable } from './xml.text.ts';

/** Not well-formed, or beyond what is read: a document type, too deep. */
export class XmlError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'XmlError';
    this.offset = offset;
  }
}

export interface Attribute {
  readonly local: string;
  readonly namespace: string;
  readonly value: string;
}

interface Binding {
  readonly prefix: string;
  readonly namespace: string;
  readonly depth: number;
}

interface Open {
  readonly name: string;
}

/** The begin of an element as a document of its own, and where in the source the rest of it begins. */
export interface Head {
  readonly text: string;
  readonly rest: number;
}

export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const none: readonly Attribute[] = [];
const maxDepth = 500;
const maxAttributes = 1_000;
const maxBindings = 500;
/** Characters of declarations that go along with elements that are taken out: small elements could make a small document huge. */
const maxCopied = 20_000_000;
const qualifiedName = /[A-Za-z_\u00B7-\uFFFD][\w.\-\u00B7-\uFFFD]*(?::[A-Za-z_\u00B7-\uFFFD][\w.\-\u00B7-\uFFFD]*)?/y;
const blank = /[\t\n\r ]*/y;

/**
 * Walks an XML document token by token, namespaces resolved. Document types are refused: so there are no entities but the five of XML, and
 * nothing that grows or reaches out. Everything else of XML 1.0 with namespaces is read.
 */
export class XmlReader {
  readonly source: string;
  /** Of the element that was opened or closed last. */
  local = '';
  namespace = '';
  attributes: readonly Attribute[] = none;
  /** Of the text met last, references resolved. */
  text = '';
  /** Where the present token begins in the source. */
  start = 0;
  #at = 0;
  #copied = 0;
  #closeNext = false;
  #rooted = false;
  #scope: ReadonlyMap<string, string> | null = null;
  readonly #open: Open[] = [];
  readonly #bindings: Binding[] = [{ prefix: 'xml', namespace: xmlNamespace, depth: 0 }];

  /** @throws XmlError when a character stands in it that XML does not have */
  constructor(text: string) {
    this.source = text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text;
    if (!isSpeakable(this.source)) throw new XmlError('a character that XML does not have', this.source.search(/[^\t\n\x20-\uD7FF\uE000-\uFFFD]/u));
    if (this.source.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  get depth(): number {
    return this.#open.length;
  }

  /** @throws XmlError */
  next(): 'open' | 'close' | 'text' | 'end' {
    if (this.#closeNext) {
      this.#closeNext = false;
      this.#leave();
      return 'close';
    }
    for (;;) {
      const { source } = this;
      this.start = this.#at;
      if (this.#at >= source.length) return this.#end();
      if (source.charCodeAt(this.#at) !== 60) {
        if (this.#readText()) return 'text';
        continue;
      }
      const second = source.charCodeAt(this.#at + 1);
      if (second === 47) {
        this.#closeTag();
        return 'close';
      }
      if (second === 33 || second === 63) {
        if (this.#readSpecial()) return 'text';
        continue;
      }
      this.#openTag();
      return 'open';
    }
  }

  /** The prefixes that are bound here; the same object as long as nothing changes. */
  scope(): ReadonlyMap<string, string> {
    return (this.#scope ??= new Map(this.#bindings.map(({ prefix, namespace }) => [prefix, namespace])));
  }

  /** The namespace that `prefix` stands for here; undefined when it stands for none. */
  lookup(prefix: string): string | undefined {
    for (let index = this.#bindings.length - 1; index >= 0; index -= 1) {
      const binding = this.#bindings[index] as Binding;
      if (binding.prefix === prefix) return binding.namespace;
    }
    return prefix === '' ? '' : undefined;
  }

  attribute(local: string, namespace = ''): string | undefined {
    for (const attribute of this.attributes) if (attribute.local === local && attribute.namespace === namespace) return attribute.value;
    return undefined;
  }

  /** After `open`: everything up to its end is passed over. @throws XmlError */
  skip(): void {
    const depth = this.depth - 1;
    while (this.next() !== 'close' || this.depth > depth);
  }

  /** After `open`: the text of an element that holds only text, up to its end. @throws XmlError when there is an element in it */
  content(): string {
    let text = '';
    for (;;) {
      const token = this.next();
      if (token === 'close') return text;
      if (token === 'open') throw new XmlError(`the element '${this.local}' stands where only text may be`, this.start);
      text = text === '' ? this.text : text + this.text;
    }
  }

  /** After `open`: the element as a document of its own, with every namespace it may use declared at its root. @throws XmlError */
  fragment(): string {
    const head = this.head();
    this.skip();
    return this.from(head);
  }

  /** After `open`: what `from` needs to give the element as a document of its own once it is closed. */
  head(): Head {
    const { name } = this.#open.at(-1) as Open;
    const own = new Set(this.#bindings.filter((binding) => binding.depth === this.depth).map(({ prefix }) => prefix));
    const inherited = new Map(this.#bindings.filter(({ depth }) => depth > 0 && depth < this.depth).map((each) => [each.prefix, each.namespace]));
    const declarations = [...inherited].flatMap(([prefix, namespace]) =>
      own.has(prefix) || (prefix === '' && namespace === '') ? [] : ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(namespace)}"`,
    );
    for (const declaration of declarations) this.#copied += declaration.length;
    if (this.#copied > maxCopied) throw new XmlError('more declarations of namespaces than can be copied', this.start);
    const rest = this.start + 1 + name.length;
    return { text: `<${name}${declarations.join('')}`, rest };
  }

  /** After the `close` of the element whose head it is. */
  from({ text, rest }: Head): string {
    return text + this.source.slice(rest, this.#at);
  }

  /** `QName` text by the bindings that hold here. @throws XmlError when its prefix is not bound */
  resolve(name: string): { local: string; namespace: string } {
    const colon = name.indexOf(':');
    const namespace = this.lookup(colon < 0 ? '' : name.slice(0, colon));
    if (namespace === undefined) throw new XmlError(`the prefix of '${clip(name)}' is not declared`, this.start);
    return { local: colon < 0 ? name : name.slice(colon + 1), namespace };
  }

  #end(): 'end' {
    const open = this.#open.at(-1);
    if (open !== undefined) throw new XmlError(`the document ends inside the element '${clip(open.name)}'`, this.source.length);
    if (!this.#rooted) throw new XmlError('there is no element', this.source.length);
    return 'end';
  }

  /** True when there is text to tell of: blanks outside the root are not. */
  #readText(): boolean {
    const { source } = this;
    const next = source.indexOf('<', this.#at);
    const end = next < 0 ? source.length : next;
    const raw = source.slice(this.#at, end);
    if (this.#open.length === 0) {
      if (/[^\t\n\r ]/.test(raw)) throw new XmlError('text outside the root element', this.#at);
      this.#at = end;
      return false;
    }
    if (raw.includes(']]>')) throw new XmlError("']]>' in text", this.#at);
    this.text = raw.includes('&') ? this.#references(raw, this.#at) : raw;
    this.#at = end;
    return true;
  }

  /** Comments and instructions are passed over; CDATA is text; a document type is refused. */
  #readSpecial(): boolean {
    const { source } = this;
    if (source.startsWith('<!--', this.#at)) {
      const end = this.#after('--', this.#at + 4, 'comment');
      if (source.charCodeAt(end) !== 62) throw new XmlError("'--' in a comment", end);
      this.#at = end + 1;
      return false;
    }
    if (source.startsWith('<?', this.#at)) {
      const target = this.#name(this.#at + 2);
      if (target.includes(':') || (target.toLowerCase() === 'xml' && !this.#isFirst()))
        throw new XmlError(`an instruction '${clip(target)}', which cannot stand here`, this.#at);
      this.#at = this.#after('?>', this.#at + 2, 'instruction');
      return false;
    }
    if (source.startsWith('<![CDATA[', this.#at) && this.#open.length > 0) {
      const end = this.#after(']]>', this.#at + 9, 'CDATA section');
      this.text = source.slice(this.#at + 9, end - 3);
      this.#at = end;
      return true;
    }
    throw new XmlError(source.startsWith('<!DOCTYPE', this.#at) ? 'a document type, which is not read' : 'a declaration that is not read', this.#at);
  }

  /** Blanks before the declaration are an error in XML, and the habit of many a script: they are passed over. */
  #isFirst(): boolean {
    return !this.#rooted && this.source.slice(0, this.#at).replace('\uFEFF', '').trim() === '';
  }

  #after(mark: string, from: number, what: string): number {
    const found = this.source.indexOf(mark, from);
    if (found < 0) throw new XmlError(`a ${what} without end`, this.#at);
    return found + mark.length;
  }

  #closeTag(): void {
    const open = this.#open.at(-1);
    const name = open?.name ?? '';
    let end = this.#at + 2 + name.length;
    if (open === undefined || !this.source.startsWith(name, this.#at + 2))
      throw new XmlError(`an end tag that closes nothing; open is '${clip(name)}'`, this.#at);
    if (this.source.charCodeAt(end) !== 62) {
      end = this.#pastBlanks(end);
      if (this.source.charCodeAt(end) !== 62) throw new XmlError(`the end tag does not close '${clip(name)}'`, this.#at);
    }
    this.#at = end + 1;
    this.#leave();
  }

  #leave(): void {
    const depth = this.#open.length;
    const { name } = this.#open.pop() as Open;
    const colon = name.indexOf(':');
    this.local = colon < 0 ? name : name.slice(colon + 1);
    this.namespace = this.lookup(colon < 0 ? '' : name.slice(0, colon)) ?? '';
    this.attributes = none;
    while ((this.#bindings.at(-1) as Binding).depth === depth) {
      this.#bindings.pop();
      this.#scope = null;
    }
  }

  #openTag(): void {
    if (this.#open.length === 0 && this.#rooted) throw new XmlError('a second root element', this.#at);
    if (this.#open.length >= maxDepth) throw new XmlError(`more than ${maxDepth} elements inside each other`, this.#at);
    this.#rooted = true;
    const { source } = this;
    const name = this.#name(this.#at + 1);
    this.#open.push({ name });
    let at = this.#at + 1 + name.length;
    let raw: { name: string; value: string; at: number }[] | null = null;
    for (;;) {
      let code = source.charCodeAt(at);
      if (code !== 62 && code !== 47) {
        const past = this.#pastBlanks(at);
        code = source.charCodeAt(past);
        if (code !== 62 && code !== 47) {
          if (past === at) throw new XmlError(`the tag '${clip(name)}' is broken`, at);
          const attribute = this.#attributeAt(past);
          (raw ??= []).push(attribute);
          if (raw.length > maxAttributes) throw new XmlError(`more than ${maxAttributes} attributes`, at);
          at = attribute.end;
          continue;
        }
        at = past;
      }
      if (code === 62) {
        this.#at = at + 1;
        break;
      }
      if (source.charCodeAt(at + 1) !== 62) throw new XmlError(`the tag '${clip(name)}' is broken`, at);
      this.#at = at + 2;
      this.#closeNext = true;
      break;
    }
    this.attributes = raw === null ? none : this.#namespaced(raw);
    const colon = name.indexOf(':');
    const namespace = this.lookup(colon < 0 ? '' : name.slice(0, colon));
    if (namespace === undefined) throw new XmlError(`the prefix of '${clip(name)}' is not declared`, this.start);
    this.local = colon < 0 ? name : name.slice(colon + 1);
    this.namespace = namespace;
  }

  #attributeAt(from: number): { name: string; value: string; at: number; end: number } {
    const { source } = this;
    const name = this.#name(from);
    let at = this.#pastBlanks(from + name.length);
    if (source.charCodeAt(at) !== 61) throw new XmlError(`the attribute '${clip(name)}' has no value`, from);
    at = this.#pastBlanks(at + 1);
    const quote = source[at];
    if (quote !== '"' && quote !== "'") throw new XmlError(`the value of '${clip(name)}' has no quotes`, at);
    const end = source.indexOf(quote, at + 1);
    if (end < 0) throw new XmlError(`the value of '${clip(name)}' has no end`, at);
    const raw = source.slice(at + 1, end);
    if (raw.includes('<')) throw new XmlError(`a '<' in the value of '${clip(name)}'`, at);
    const blanked = /[\t\n]/.test(raw) ? raw.replaceAll(/[\t\n]/g, ' ') : raw;
    return { name, value: blanked.includes('&') ? this.#references(blanked, at) : blanked, at: from, end: end + 1 };
  }

  /** Takes the declarations out and names the rest. */
  #namespaced(raw: readonly { name: string; value: string; at: number }[]): Attribute[] {
    const rest: { name: string; value: string; at: number }[] = [];
    const seen = new Set<string>();
    for (const attribute of raw) {
      if (raw.length > 1) {
        if (seen.has(attribute.name)) throw new XmlError(`the attribute '${clip(attribute.name)}' stands twice`, attribute.at);
        seen.add(attribute.name);
      }
      if (attribute.name === 'xmlns') this.#bind('', attribute.value);
      else if (attribute.name.startsWith('xmlns:')) {
        if (attribute.value === '') throw new XmlError(`'${clip(attribute.name)}' is empty`, attribute.at);
        this.#bind(attribute.name.slice(6), attribute.value);
      } else rest.push(attribute);
    }
    const expanded = new Set<string>();
    return rest.map(({ name, value, at }) => {
      const colon = name.indexOf(':');
      if (colon < 0) return { local: name, namespace: '', value };
      const namespace = this.lookup(name.slice(0, colon));
      if (namespace === undefined) throw new XmlError(`the prefix of '${clip(name)}' is not declared`, at);
      const local = name.slice(colon + 1);
      // The same attribute under two prefixes. @see Namespaces in XML, section 6.3
      if (expanded.has(`{${namespace}}${local}`)) throw new XmlError(`the attribute '${clip(name)}' stands twice`, at);
      expanded.add(`{${namespace}}${local}`);
      return { local, namespace, value };
    });
  }

  #bind(prefix: string, namespace: string): void {
    if (this.#bindings.length > maxBindings) throw new XmlError(`more than ${maxBindings} namespaces at a time`, this.#at);
    this.#bindings.push({ prefix, namespace, depth: this.#open.length });
    this.#scope = null;
  }

  #name(at: number): string {
    qualifiedName.lastIndex = at;
    const match = qualifiedName.exec(this.source);
    if (match === null) throw new XmlError('a name is missing', at);
    return match[0];
  }

  #pastBlanks(at: number): number {
    blank.lastIndex = at;
    blank.exec(this.source);
    return blank.lastIndex;
  }

  #references(raw: string, offset: number): string {
    return raw.replaceAll(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos))?(;?)/g, (all, hex, decimal, named, end) => {
      if (end !== ';' || all.length < 3) throw new XmlError(`a reference that XML does not know`, offset);
      if (named !== undefined) return named === 'amp' ? '&' : named === 'lt' ? '<' : named === 'gt' ? '>' : named === 'quot' ? '"' : "'";
      const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
      const character = code <= 0x10ffff ? String.fromCodePoint(code) : '\0';
      if (!isSpeakable(character)) throw new XmlError(`a reference to a character that XML does not have`, offset);
      return character;
    });
  }
}

const clip = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

/** 1-based line and column of an offset. */
export function placeIn(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, Math.max(0, offset));
  const newline = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: before.length - newline };
}
