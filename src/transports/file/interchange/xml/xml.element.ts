import { type Json } from '../../../../contract/json.ts';
import { clipped, misfit } from '../record-fault.ts';

type Fields = { [name: string]: Json };

export interface XmlLimits {
  readonly lists: ReadonlySet<string>;
  readonly maxDepth: number;
}

/** @see XML 1.0, productions 4 and 4a */
const start =
  ':A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD';
const name = `[${start}][${start}.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040-]*`;
const nameAlone = new RegExp(`^${name}$`);
const openTag = new RegExp(`<(${name})`, 'y');
const attribute = new RegExp(`[ \\t\\n]+(${name})[ \\t\\n]*=[ \\t\\n]*(?:"([^"<]*)"|'([^'<]*)')`, 'y');
const tagEnd = /[ \t\n]*(\/?)>/y;
const closeTag = new RegExp(`</(${name})[ \\t\\n]*>`, 'y');
const instruction = /<\?(?!xml[ \t\n?])/y;
/** @see XML 1.0, production 2 */
const noCharacter = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

export interface Tag {
  readonly name: string;
  readonly attributes: Fields;
  readonly empty: boolean;
}

/** Reads one element of a document that may have no DTD. */
export class XmlReader {
  readonly #text: string;
  readonly #limits: XmlLimits;
  #at = 0;

  /** @throws RECORD_INVALID when there is a character that XML does not have */
  constructor(text: string, limits: XmlLimits) {
    const wrong = noCharacter.exec(text);
    if (wrong !== null) throw misfit(`character ${wrong.index + 1}`, 'cannot stand in XML');
    this.#text = text.replaceAll(/\r\n?/g, '\n');
    this.#limits = limits;
  }

  /** @throws RECORD_INVALID when this is not one start tag and nothing else */
  tag(): Tag {
    const tag = this.#tag('');
    if (this.#at !== this.#text.length) throw this.#wrong('follows a tag');
    return tag;
  }

  /** @throws RECORD_INVALID when this is not one element and nothing else */
  element(): { name: string; value: Json } {
    const tag = this.#tag('');
    const value = this.#content(tag, tag.name, 1);
    if (this.#at !== this.#text.length) throw this.#wrong('follows the element');
    return { name: tag.name, value };
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #between(begin: string, end: string): string | null {
    if (!this.#text.startsWith(begin, this.#at)) return null;
    const close = this.#text.indexOf(end, this.#at + begin.length);
    if (close < 0) return null;
    const text = this.#text.slice(this.#at + begin.length, close);
    this.#at = close + end.length;
    return text;
  }

  /** Whether a comment or an instruction stood here. */
  #skipped(): boolean {
    const begin = this.#at;
    const comment = this.#between('<!--', '-->');
    if (comment !== null && (comment.includes('--') || comment.endsWith('-'))) {
      this.#at = begin;
      throw this.#wrong('is no comment');
    }
    instruction.lastIndex = this.#at;
    return comment !== null || (instruction.test(this.#text) && this.#between('<?', '?>') !== null);
  }

  #plain(): string | null {
    const next = this.#text.indexOf('<', this.#at);
    const end = next < 0 ? this.#text.length : next;
    if (end === this.#at) return null;
    const text = this.#text.slice(this.#at, end);
    this.#at = end;
    return text;
  }

  #wrong(why: string, where = ''): Error {
    return misfit(
      where === '' ? `character ${this.#at + 1}` : `character ${this.#at + 1}, ${clipped(where)}`,
      why,
      this.#text.slice(this.#at, this.#at + 80),
    );
  }

  #tag(where: string): Tag {
    const [, own] = this.#match(openTag) ?? [];
    if (own === undefined) throw this.#wrong('is no tag', where);
    const attributes: Fields = {};
    for (let found = this.#match(attribute); found !== null; found = this.#match(attribute)) {
      const [, key = '', double, single] = found;
      if (Object.hasOwn(attributes, `@${key}`)) throw this.#wrong(`follows the attribute ${clipped(key)}, which is there twice`, where);
      attributes[`@${key}`] = this.#resolved((double ?? single ?? '').replaceAll(/[\t\n]/g, ' '), where);
    }
    const end = this.#match(tagEnd);
    if (end === null) throw this.#wrong(`does not belong into the tag <${clipped(own)}>`, where);
    return { name: own, attributes, empty: end[1] === '/' };
  }

  #content(tag: Tag, path: string, depth: number): Json {
    if (depth > this.#limits.maxDepth) throw this.#wrong(`is nested deeper than maxDepth (${this.#limits.maxDepth})`);
    const items: (string | readonly [string, Json])[] = [];
    while (!tag.empty) {
      const close = this.#match(closeTag);
      if (close !== null) {
        if (close[1] !== tag.name)
          throw this.#wrong(`follows the end of ${clipped(close[1] ?? '')}, where that of ${clipped(tag.name)} was due`, path);
        break;
      }
      if (this.#skipped()) continue;
      const section = this.#between('<![CDATA[', ']]>');
      const text = section ?? this.#plain();
      if (text !== null) {
        if (section === null && text.includes(']]>')) throw this.#wrong("follows ']]>' in text", path);
        const read = section === null ? this.#resolved(text, path) : text;
        const last = items.at(-1);
        if (typeof last === 'string') items[items.length - 1] = last + read;
        else items.push(read);
        continue;
      }
      if (this.#at >= this.#text.length) throw this.#wrong('the element has no end', path);
      const inner = this.#tag(path);
      items.push([inner.name, this.#content(inner, `${path}/${inner.name}`, depth + 1)]);
    }
    return valueOf(tag.attributes, items, this.#limits.lists);
  }

  #resolved(text: string, where: string): string {
    if (!text.includes('&')) return text;
    return text.replaceAll(/&([^;&]{0,20});?/g, (whole, reference: string) => {
      if (!whole.endsWith(';')) throw misfit(clipped(where), 'is no reference', whole);
      const named = Object.hasOwn(entities, reference) ? entities[reference] : undefined;
      if (named !== undefined) return named;
      const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(reference) ?? [];
      const point = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
      const character = point <= 0x10ffff ? String.fromCodePoint(point) : '';
      if (character === '' || noCharacter.test(character)) throw misfit(clipped(where), 'is no entity that is known without a DTD', whole);
      return character;
    });
  }
}

/** Text alone is a string; children are members, in a list when there are several; what this cannot carry is a list of its own, `#content`. */
function valueOf(attributes: Fields, items: readonly (string | readonly [string, Json])[], lists: ReadonlySet<string>): Json {
  const children = items.filter((item) => typeof item !== 'string');
  const text = items.filter((item) => typeof item === 'string').join('');
  const bare = Object.keys(attributes).length === 0;
  if (children.length === 0) return bare ? text : text === '' ? attributes : { ...attributes, '#text': text };
  if (/[^ \t\n]/.test(text) || interleaved(children))
    return {
      ...attributes,
      '#content': items
        .filter((item) => typeof item !== 'string' || /[^ \t\n]/.test(text))
        .map((item) => (typeof item === 'string' ? item : { [item[0]]: item[1] })),
    };
  const value: Fields = { ...attributes };
  for (const [child, inner] of children) {
    if (child === '__proto__') throw misfit('', 'is a reserved name', child);
    const before = value[child];
    if (before === undefined) value[child] = lists.has(child) ? [inner] : inner;
    else if (Array.isArray(before)) before.push(inner);
    else value[child] = [before, inner];
  }
  return value;
}

function interleaved(children: readonly (readonly [string, Json])[]): boolean {
  const ended = new Set<string>();
  return children.some(([child], index) => {
    const before = children[index - 1]?.[0];
    if (before !== undefined && before !== child) ended.add(before);
    return ended.has(child);
  });
}

/** @throws RECORD_INVALID naming the path of what cannot be written */
export function writeElement(tag: string, value: Json, path: string, maxDepth: number): string {
  if (!nameAlone.test(tag)) throw misfit(clipped(path), 'is no name in XML', tag);
  if (maxDepth < 1) throw misfit(clipped(path), 'is nested deeper than maxDepth');
  if (typeof value !== 'object') return enclosed(tag, '', textOf(value, path));
  if (value === null || Array.isArray(value)) throw misfit(clipped(path), 'is neither text nor an element', JSON.stringify(value));
  const inner: string[] = [];
  for (const [field, each] of Object.entries(value)) {
    if (field.startsWith('@')) continue;
    if (field === '#text') inner.push(textOf(each, `${path}/#text`));
    else if (field === '#content') inner.push(...contentOf(each, path, maxDepth));
    else for (const one of Array.isArray(each) ? each : [each]) inner.push(writeElement(field, one, `${path}/${field}`, maxDepth - 1));
  }
  return enclosed(tag, attributesOf(value, path), inner.join(''));
}

function contentOf(content: Json, path: string, maxDepth: number): string[] {
  if (!Array.isArray(content)) throw misfit(clipped(path), 'has a #content that is no list');
  return content.flatMap((item) => {
    if (typeof item !== 'object') return [textOf(item, path)];
    return Object.entries(item ?? {}).map(([child, inner]) => writeElement(child, inner, `${path}/${child}`, maxDepth - 1));
  });
}

const enclosed = (tag: string, attributes: string, inner: string): string =>
  inner === '' ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${inner}</${tag}>`;

export function attributesOf(value: { readonly [field: string]: Json }, path: string): string {
  return Object.entries(value)
    .filter(([field]) => field.startsWith('@'))
    .map(([field, each]) => {
      if (!nameAlone.test(field.slice(1))) throw misfit(clipped(path), 'is no name in XML', field);
      const text = textOf(each, `${path}/${field}`).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
      return ` ${field.slice(1)}="${text}"`;
    })
    .join('');
}

function textOf(value: Json, path: string): string {
  if (typeof value === 'object') throw misfit(clipped(path), 'is no text', JSON.stringify(value));
  const text = String(value);
  const wrong = text.isWellFormed() ? noCharacter.exec(text) : { index: 0 };
  if (wrong !== null) throw misfit(clipped(path), `has a character that XML cannot carry, at ${wrong.index + 1}`, text);
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}
