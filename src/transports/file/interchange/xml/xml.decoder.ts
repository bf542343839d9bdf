import { GatehouseError } from '../../../../contract/errors.ts';
import { type Decoded, type RecordDecoder, type RecordValue } from '../../codecs/record-codec.ts';
import { type CharacterSet, characterSet, type CharacterSetName } from '../character-set.ts';
import { type Cut, RecordCutter } from '../record-cutter.ts';
import { atRecord, clipped, decoded, misfit } from '../record-fault.ts';
import { type Tag, XmlReader } from './xml.element.ts';
import { XmlScanner } from './xml.lexer.ts';
import { type XmlSettings } from './xml.options.ts';

const format = 'XML';
const encodings: Readonly<Record<string, CharacterSetName>> = {
  'utf-8': 'utf-8',
  'us-ascii': 'ascii',
  ascii: 'ascii',
  'iso-8859-1': 'latin-1',
  'windows-1252': 'windows-1252',
};

/** @see XML 1.0, production 23 */
const declaration =
  /^<\?xml\s+version\s*=\s*(?:"1\.\d"|'1\.\d')(?:\s+encoding\s*=\s*(?:"([\w.-]+)"|'([\w.-]+)'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>$/;

/** What stands before and between the records is checked and let go. A document that is not well formed there is refused as a whole. */
export class XmlDecoder implements RecordDecoder {
  readonly #settings: XmlSettings;
  readonly #cutter: RecordCutter;
  #set: CharacterSet = characterSet('utf-8');
  #found: Decoded[] = [];
  #number = 0;
  /** The elements that are open above the records. */
  readonly #open: string[] = [];
  /** How many of them lead to the records. */
  #onPath = 0;
  #rootSeen = false;
  #end = 0;

  constructor(settings: XmlSettings) {
    this.#settings = settings;
    this.#cutter = new RecordCutter(new XmlScanner(settings.path.length - 1), settings.maxRecordBytes);
  }

  push(chunk: Uint8Array): Decoded[] {
    this.#cutter.push(chunk, (cut) => this.#take(cut));
    return this.#flush();
  }

  end(): Decoded[] {
    const rest = this.#cutter.end();
    if (rest !== null) this.#take(rest);
    const at = this.#open.at(-1);
    if (at !== undefined) this.#bad(this.#nothing(), misfit('', `the document ends inside <${clipped(at)}>`));
    else if (!this.#rootSeen) this.#bad(this.#nothing(), misfit('', 'the document has no element'));
    return this.#flush();
  }

  #flush(): Decoded[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #nothing(): Cut {
    return { offset: this.#end, length: 0, bytes: Buffer.alloc(0) };
  }

  #take(cut: Cut): void {
    this.#end = cut.offset + cut.length;
    const head = cut.bytes.toString('latin1', 0, 9);
    if (!head.startsWith('<')) return this.#text(cut);
    if (head.startsWith('<?xml') && /\s/.test(head.charAt(5))) return this.#declaration(cut);
    if (head.startsWith('<?') || head.startsWith('<!--')) return undefined;
    if (head.startsWith('<!DOCTYPE')) throw this.#whole(misfit('', 'a document with a DTD is not read'));
    if (head.startsWith('<!')) return this.#outside(cut, 'a section');
    if (head.startsWith('</')) return this.#close(cut);
    return this.#open.length === this.#settings.path.length - 1 ? this.#element(cut) : this.#start(cut);
  }

  #text(cut: Cut): void {
    const from = cut.offset === 0 && cut.bytes.toString('latin1', 0, 3) === '\u00ef\u00bb\u00bf' ? 3 : 0;
    if (cut.offset === 0 && (cut.bytes[0] === 0xfe || cut.bytes[0] === 0xff)) throw this.#whole(misfit('', 'a document in UTF-16 is not read'));
    if (cut.length > cut.bytes.length || cut.bytes.subarray(from).some((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d))
      this.#outside(cut, 'text');
  }

  #declaration(cut: Cut): void {
    const read = declaration.exec(cut.bytes.toString('latin1'));
    if (read === null) throw this.#whole(misfit('', 'is no declaration of XML 1.0', cut.bytes.toString('latin1')));
    const name = read[1] ?? read[2] ?? 'utf-8';
    const known = encodings[name.toLowerCase()];
    if (this.#rootSeen || known === undefined) throw this.#whole(misfit('encoding', 'is none that is read', name));
    this.#set = characterSet(known);
  }

  #element(cut: Cut): void {
    if (this.#open.length === 0 && this.#rootSeen) throw this.#whole(misfit('', 'the document has a second root'));
    this.#rootSeen = true;
    const { path, maxRecordBytes } = this.#settings;
    if (this.#onPath < path.length - 1) return undefined;
    const name = /^<([^\s/>]*)/.exec(cut.bytes.toString('latin1', 0, 300))?.[1] ?? '';
    if (name !== Buffer.from(path.at(-1) ?? '', this.#set.name === 'utf-8' ? 'utf8' : 'latin1').toString('latin1'))
      return this.#outside(cut, `<${clipped(name)}>`);
    this.#number += 1;
    this.#found.push(decoded(format, this.#number, cut, maxRecordBytes, () => this.#read(cut)));
  }

  #read(cut: Cut): { type: string; value: RecordValue } {
    const { value } = new XmlReader(this.#set.decode(cut.bytes), this.#settings).element();
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { type: this.#settings.type, value };
    return { type: this.#settings.type, value: value === '' ? {} : { '#text': value } };
  }

  #start(cut: Cut): void {
    const tag = this.#guarded(() => this.#tag(cut));
    const depth = this.#open.length;
    if (depth === 0 && this.#rootSeen) throw this.#whole(misfit('', 'the document has a second root'));
    this.#rootSeen = true;
    const onPath = this.#onPath === depth && tag.name === this.#settings.path[depth];
    // What is inside something that was said to be beside the path is not said again.
    if (!onPath && this.#onPath === depth) this.#outside(cut, `<${clipped(tag.name)}>`);
    if (onPath && depth === 0 && this.#settings.rootRecord) {
      this.#number += 1;
      this.#found.push({ number: this.#number, ...cut, type: 'root', value: tag.attributes });
    }
    if (tag.empty) return;
    this.#open.push(tag.name);
    if (onPath) this.#onPath += 1;
  }

  #tag(cut: Cut): Tag {
    if (cut.length > this.#settings.maxRecordBytes) throw misfit('', 'a tag is longer than maxRecordBytes');
    return new XmlReader(this.#set.decode(cut.bytes), this.#settings).tag();
  }

  #close(cut: Cut): void {
    const [, name] = this.#guarded(() => /^<\/([^\s>]*)\s*>$/.exec(this.#set.decode(cut.bytes))) ?? [];
    const open = this.#open.pop();
    if (name === undefined || open !== name)
      throw this.#whole(misfit('', `ends ${open === undefined ? 'nothing that is open' : `<${clipped(open)}>`}`, cut.bytes.toString('latin1')));
    this.#onPath = Math.min(this.#onPath, this.#open.length);
  }

  #outside(cut: Cut, what: string): void {
    if (this.#settings.outside === 'refuse' && this.#onPath === this.#open.length)
      this.#bad(cut, misfit('', `${what} stands beside the path ${clipped(this.#settings.path.join('/'))}`));
  }

  #bad({ offset, length, bytes }: Cut, error: GatehouseError): void {
    this.#number += 1;
    this.#found.push({ number: this.#number, offset, length, bytes, error: atRecord(format, this.#number, error) });
  }

  #guarded<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw this.#whole(error);
    }
  }

  #whole(error: unknown): GatehouseError {
    if (!(error instanceof GatehouseError)) throw error;
    return new GatehouseError('RECORD_INVALID', `${format} after record ${this.#number}: ${error.message}`, { cause: error });
  }
}
