import { GatehouseError } from '../../../../contract/errors.ts';
import { type Json } from '../../../../contract/json.ts';
import { type RecordEncoder, type RecordValue } from '../../codecs/record-codec.ts';
import { type CharacterSet, characterSet } from '../character-set.ts';
import { clipped, misfit, refused } from '../record-fault.ts';
import { textOf } from './delimited.columns.ts';
import { inQuotes, readForm } from './delimited.form.ts';
import { fieldText } from './delimited.lexer.ts';
import { columnsOf, type DelimitedSettings, type KnownColumn, type TaggedLine } from './delimited.options.ts';

/**
 * `control.columns`: their names in the order they are written. `control.header` and `control.trailer`: the fields of these lines; the
 * decoder gives them as records of type `header` and `trailer`, which can be written as such instead.
 */
export class DelimitedEncoder implements RecordEncoder {
  readonly #name: string;
  readonly #settings: DelimitedSettings;
  readonly #set: CharacterSet;
  readonly #control: Record<string, Json>;
  #columns: readonly KnownColumn[] | null;
  #columnLineDue: boolean;
  #rows = 0;
  #written = false;
  #owed = '';
  #trailer: readonly string[] | null = null;

  constructor(name: string, settings: DelimitedSettings, control: Record<string, Json>) {
    this.#name = name;
    this.#settings = settings;
    this.#set = characterSet(settings.encoding);
    this.#control = control;
    this.#columnLineDue = settings.columnLine;
    this.#columns = this.#inOrder(control['columns']);
  }

  begin(): Uint8Array {
    const mark = this.#settings.byteOrderMark ? this.#set.encode('\uFEFF') : Buffer.alloc(0);
    const header = this.#control['header'];
    return header === undefined ? mark : Buffer.concat([mark, this.#guarded('header', () => this.#header(fieldTexts(header)))]);
  }

  record(type: string, value: RecordValue): Uint8Array {
    return this.#guarded(type, () => {
      if (this.#trailer !== null) throw misfit('', 'comes after the trailer');
      if (type === this.#settings.type) return this.#row(value);
      if (type === 'header') return this.#header(fieldTexts(value['fields']));
      if (type !== 'trailer') throw misfit('', `is no record of this format, which has ${this.#settings.type}, header and trailer`);
      const fields = fieldTexts(value['fields']);
      this.#tagged(this.#settings.trailer, fields);
      this.#trailer = fields;
      return Buffer.alloc(0);
    });
  }

  end(): Uint8Array {
    const { trailer, lineEnd } = this.#settings;
    return this.#guarded('trailer', () => {
      const due = this.#columnLineDue && this.#columns !== null ? this.#columnLine(this.#columns) : '';
      if (trailer === null) return this.#set.encode(due);
      const given = this.#trailer ?? (this.#control['trailer'] === undefined ? [trailer.tag] : fieldTexts(this.#control['trailer']));
      const fields = [...this.#tagged(trailer, given)];
      if (trailer.countAt !== undefined) {
        while (fields.length < trailer.countAt) fields.push('');
        // A count that was given keeps its width: 000012.
        fields[trailer.countAt - 1] = String(this.#rows).padStart(fields[trailer.countAt - 1]?.length ?? 0, '0');
      }
      return this.#set.encode(due + this.#owed + this.#line(fields) + lineEnd);
    });
  }

  /** Nothing of this encoder changes before everything that may refuse has been done. */
  #guarded(type: string, write: () => Buffer): Buffer {
    try {
      return write();
    } catch (error) {
      throw refused(this.#name, type, error);
    }
  }

  #header(fields: readonly string[]): Buffer {
    if (this.#written) throw misfit('', 'does not come first');
    const line = this.#set.encode(this.#line(this.#tagged(this.#settings.header, fields)) + this.#settings.lineEnd);
    this.#written = true;
    return line;
  }

  #tagged(line: TaggedLine | null, fields: readonly string[]): readonly string[] {
    if (line === null) throw misfit('', 'is not declared for this format');
    if (fields[0] !== line.tag) throw misfit('field 1', `is not the tag, ${line.tag}`, fields[0] ?? '');
    return fields;
  }

  #row(value: RecordValue): Buffer {
    const names = Object.keys(value).filter((name) => name !== '$form');
    const columns = this.#columns ?? columnsOf(names);
    if (names.length > columns.length) {
      const extra = names.find((name) => !columns.some((column) => column.name === name)) ?? '';
      throw misfit(clipped(extra), 'is no column');
    }
    const form = readForm(value['$form'], columns.length);
    const texts = columns.map((column, index) => {
      const given = value[column.name];
      const text = textOf(given, column, this.#settings, column.where);
      const quoted = form === null ? inQuotes(text, given ?? null, column, this.#settings) : form.quoted[index] === true;
      return fieldText(text, quoted, this.#settings, column.where);
    });
    const row = texts.join(this.#settings.delimiter);
    this.#refuseTag(texts);
    if (!this.#written && !this.#columnLineDue && row.startsWith('\uFEFF'))
      throw misfit('field 1', 'begins the file with a byte order mark, which readers drop');
    const lineEnd = form?.lineEnd ?? this.#settings.lineEnd;
    const due = this.#columnLineDue ? this.#columnLine(columns) : '';
    const written = this.#set.encode(due + this.#owed + row + lineEnd);
    this.#columns = columns;
    this.#columnLineDue = false;
    this.#written = true;
    this.#rows += 1;
    this.#owed = lineEnd === '' ? this.#settings.lineEnd : '';
    return written;
  }

  /** A row that begins with the trailer's tag would be read as the trailer. */
  #refuseTag(texts: readonly string[]): void {
    const { trailer, quote } = this.#settings;
    const first = quote === null ? texts[0] : texts[0]?.replaceAll(quote, '');
    if (trailer !== null && first === trailer.tag) throw misfit('field 1', 'is the tag of the trailer', first);
  }

  #columnLine(columns: readonly KnownColumn[]): string {
    return this.#line(columns.map(({ name }) => name)) + this.#settings.lineEnd;
  }

  #line(fields: readonly string[]): string {
    const all = this.#settings.quotes === 'all';
    return fields.map((text, index) => fieldText(text, all, this.#settings, `field ${index + 1}`)).join(this.#settings.delimiter);
  }

  #inOrder(names: Json | undefined): readonly KnownColumn[] | null {
    const declared = this.#settings.columns;
    if (names === undefined) return declared;
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
      throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${this.#name}: control.columns is no list of names`);
    const known = names.map((name) => declared?.find((column) => column.name === name) ?? name);
    if (declared !== null && (known.length !== declared.length || known.some((column) => typeof column === 'string')))
      throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${this.#name}: control.columns are not the ${declared.length} declared columns`);
    return columnsOf(known);
  }
}

function fieldTexts(fields: Json | undefined): string[] {
  const list = typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? fields['fields'] : fields;
  if (!Array.isArray(list) || !list.every((field) => typeof field === 'string')) throw misfit('fields', 'is no list of texts');
  return list;
}
