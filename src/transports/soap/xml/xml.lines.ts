import { type XmlLine } from '../inspection.ts';
import { XmlError, XmlReader } from './xml.reader.ts';

export interface XmlLines {
  readonly lines: readonly XmlLine[];
  /** There is more than was asked for. */
  readonly more: boolean;
  readonly namespaces: readonly string[];
  /** Why it cannot be read further; null when it can. */
  readonly broken: string | null;
}

/** SOAP 1.1 and 1.2. */
const envelopes: ReadonlySet<string> = new Set(['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope']);
const longestText = 20_000;
const tagName = /<([^\s/>]+)/y;
const rawAttribute = /\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;

/** An XML document indented, an element with only text on a line of its own. What is damaged is given up to the damage. */
export function linesOf(text: string, most: number): XmlLines {
  const writer = new LineWriter(most);
  try {
    const reader = new XmlReader(text);
    for (let token = reader.next(); token !== 'end'; token = reader.next()) {
      if (token === 'open') writer.open(reader);
      else if (token === 'close') writer.close();
      else writer.text(reader.text);
      if (writer.full) return { ...writer.written(), more: true, broken: null };
    }
    return { ...writer.written(), more: false, broken: null };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { ...writer.written(), more: false, broken: error.message };
  }
}

interface Opened {
  readonly name: string;
  readonly namespace: number;
  /** Its line, once something but text was found in it; null while it may still go on one line. */
  begun: boolean;
  readonly attributes: XmlLine['attributes'];
  readonly fault: boolean;
  text: string;
}

class LineWriter {
  readonly #lines: XmlLine[] = [];
  readonly #namespaces: string[] = [];
  readonly #open: Opened[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get full(): boolean {
    return this.#lines.length >= this.#most;
  }

  open(reader: XmlReader): void {
    this.#begin();
    const fault = this.#open.at(-1)?.fault === true || (reader.local === 'Fault' && envelopes.has(reader.namespace));
    const { name, attributes } = tagAt(reader);
    this.#open.push({ name, attributes, namespace: this.#namespace(reader.namespace), fault, begun: false, text: '' });
  }

  text(text: string): void {
    const open = this.#open.at(-1);
    if (open !== undefined && open.text.length < longestText) open.text += text;
  }

  close(): void {
    const open = this.#open.pop();
    if (open === undefined) return;
    if (open.begun) this.#flush(open, this.#open.length + 1);
    const { name, namespace, attributes, fault } = open;
    if (open.begun) this.#add({ depth: this.#open.length, is: 'end', name, namespace, attributes: [], text: '' }, fault);
    else this.#add({ depth: this.#open.length, is: 'element', name, namespace, attributes, text: clipped(open.text) }, fault);
  }

  written(): { lines: readonly XmlLine[]; namespaces: readonly string[] } {
    // Of a document that breaks off, what was begun is shown.
    this.#begin();
    return { lines: this.#lines, namespaces: this.#namespaces };
  }

  /** The innermost element holds more than text: it gets a line of its own, and so does its text. */
  #begin(): void {
    const open = this.#open.at(-1);
    if (open === undefined) return;
    const depth = this.#open.length - 1;
    if (!open.begun) {
      const { name, namespace, attributes, fault } = open;
      open.begun = true;
      this.#add({ depth, is: 'begin', name, namespace, attributes, text: '' }, fault);
    }
    this.#flush(open, depth + 1);
  }

  #flush(open: Opened, depth: number): void {
    if (/\S/.test(open.text)) this.#add({ depth, is: 'text', name: '', namespace: null, attributes: [], text: clipped(open.text) }, open.fault);
    open.text = '';
  }

  #add(line: Omit<XmlLine, 'fault'>, fault: boolean): void {
    this.#lines.push(fault ? { ...line, fault: true } : line);
  }

  #namespace(uri: string): number {
    const known = this.#namespaces.indexOf(uri);
    return known >= 0 ? known : this.#namespaces.push(uri) - 1;
  }
}

/** The tag as it is written, declarations of namespaces among its attributes; values are those that the reader has resolved. */
function tagAt({ source, start, attributes }: XmlReader): { name: string; attributes: XmlLine['attributes'] } {
  tagName.lastIndex = start;
  const name = tagName.exec(source)?.[1] ?? '';
  const found: (readonly [string, string])[] = [];
  rawAttribute.lastIndex = tagName.lastIndex;
  let resolved = 0;
  for (let match = rawAttribute.exec(source); match !== null; match = rawAttribute.exec(source)) {
    const [, attribute = '', double, single] = match;
    const declares = attribute === 'xmlns' || attribute.startsWith('xmlns:');
    const value = declares ? (double ?? single ?? '') : (attributes[resolved]?.value ?? '');
    if (!declares) resolved += 1;
    found.push([attribute, clipped(value)]);
  }
  return { name, attributes: found };
}

const clipped = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);
