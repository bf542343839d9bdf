import { type Json } from '../../../../contract/json.ts';
import { type RecordCodec, type RecordEncoder, type RecordValue } from '../../codecs/record-codec.ts';
import { type CharacterSet, characterSet } from '../character-set.ts';
import { clipped, defaultMaxRecordBytes, misfit, refusals, refused } from '../record-fault.ts';
import { XmlDecoder } from './xml.decoder.ts';
import { attributesOf, writeElement } from './xml.element.ts';
import { type XmlOptions, type XmlSettings } from './xml.options.ts';

const labels = { ascii: 'US-ASCII', 'utf-8': 'UTF-8', 'latin-1': 'ISO-8859-1', 'windows-1252': 'windows-1252' } as const;

/**
 * The elements at one path of a document as records. Attributes are members `@name`, text beside them is `#text`, repeated children are
 * a list. A document with a DTD is refused as a whole.
 * @throws RECORD_INVALID when the path is empty
 * @see XML 1.0, fifth edition
 * @example xmlRecords({ path: ['orders', 'order'], lists: ['line'] })
 */
export function xmlRecords(options: XmlOptions): RecordCodec {
  const { path } = options;
  if (path.length === 0) throw misfit('path', 'names no element');
  const settings: XmlSettings = {
    type: path.at(-1) ?? '',
    outside: 'refuse',
    rootRecord: false,
    root: {},
    encoding: 'utf-8',
    lineEnd: '\n',
    maxDepth: 100,
    maxRecordBytes: defaultMaxRecordBytes,
    ...options,
    lists: new Set(options.lists),
  };
  return {
    name: 'XML',
    decoder: () => new XmlDecoder(settings),
    encoder: (control = {}) => new XmlEncoder(settings, control),
    violations: (type, value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['a record is an object'];
      return refusals(() => new XmlEncoder(settings, {}).record(type, value));
    },
  };
}

/** `control.root`: the attributes of the root. What stands before the records is written with the first of them. */
class XmlEncoder implements RecordEncoder {
  readonly #settings: XmlSettings;
  readonly #set: CharacterSet;
  #root: Json;
  #opened = false;

  constructor(settings: XmlSettings, control: Record<string, Json>) {
    this.#settings = settings;
    this.#set = characterSet(settings.encoding);
    this.#root = control['root'] ?? settings.root;
  }

  begin(): Uint8Array {
    return new Uint8Array();
  }

  record(type: string, value: RecordValue): Uint8Array {
    try {
      return this.#written(type, value);
    } catch (error) {
      throw refused('XML', type, error);
    }
  }

  end(): Uint8Array {
    const { path, lineEnd } = this.#settings;
    try {
      const closing = path
        .slice(0, -1)
        .toReversed()
        .map((name) => `</${name}>${lineEnd}`)
        .join('');
      return this.#set.encode(this.#opening(this.#root) + closing);
    } catch (error) {
      throw refused('XML', 'root', error);
    }
  }

  #written(type: string, value: RecordValue): Buffer {
    const { path, lineEnd, maxDepth, maxRecordBytes } = this.#settings;
    if (type === 'root' && this.#settings.rootRecord && !this.#opened) {
      this.#opening(value);
      this.#root = value;
      return Buffer.alloc(0);
    }
    if (type !== this.#settings.type) throw misfit('', `is not of the type ${clipped(this.#settings.type)}`);
    if (path.length === 1 && this.#opened) throw misfit('', 'is a second root');
    const bytes = this.#set.encode(this.#opening(this.#root) + writeElement(path.at(-1) ?? '', value, path.at(-1) ?? '', maxDepth) + lineEnd);
    if (bytes.length > maxRecordBytes) throw misfit('', `${bytes.length} bytes are more than maxRecordBytes (${maxRecordBytes})`);
    this.#opened = true;
    return bytes;
  }

  #opening(root: Json): string {
    if (this.#opened) return '';
    const { path, lineEnd, encoding } = this.#settings;
    if (typeof root !== 'object' || root === null || Array.isArray(root)) throw misfit('root', 'has no attributes');
    const tags = path.slice(0, -1).map((name, depth) => `<${name}${depth === 0 ? attributesOf(root, name) : ''}>${lineEnd}`);
    return `<?xml version="1.0" encoding="${labels[encoding]}"?>${lineEnd}${tags.join('')}`;
  }
}
