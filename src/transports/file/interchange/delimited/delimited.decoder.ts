import { type Json } from '../../../../contract/json.ts';
import { type Decoded, type RecordDecoder, type RecordValue, isBad } from '../../codecs/record-codec.ts';
import { type CharacterSet, characterSet } from '../character-set.ts';
import { type Cut, lineEndLength, RecordCutter } from '../record-cutter.ts';
import { atRecord, decoded, misfit } from '../record-fault.ts';
import { valueOf } from './delimited.columns.ts';
import { type Form, formOf } from './delimited.form.ts';
import { DelimitedScanner, type Field, fieldsOf } from './delimited.lexer.ts';
import { type KnownColumn, columnsOf, type DelimitedSettings } from './delimited.options.ts';

interface ReadAs {
  readonly type: string;
  readonly value: RecordValue;
}

export class DelimitedDecoder implements RecordDecoder {
  readonly #name: string;
  readonly #settings: DelimitedSettings;
  readonly #set: CharacterSet;
  readonly #cutter: RecordCutter;
  #columns: readonly KnownColumn[] | null;
  #awaitsColumnLine: boolean;
  #number = 0;
  #rows = 0;
  #announced: number | null = null;
  #closed = false;
  #startsFile = true;

  constructor(name: string, settings: DelimitedSettings) {
    this.#name = name;
    this.#settings = settings;
    this.#set = characterSet(settings.encoding);
    this.#cutter = new RecordCutter(new DelimitedScanner(settings), settings.maxRecordBytes);
    this.#columns = settings.columnLine ? null : settings.columns;
    this.#awaitsColumnLine = settings.columnLine;
  }

  push(chunk: Uint8Array): Decoded[] {
    const found: Decoded[] = [];
    this.#cutter.push(chunk, (cut) => this.#take(cut, found));
    return found;
  }

  end(): Decoded[] {
    const found: Decoded[] = [];
    const rest = this.#cutter.end();
    if (rest !== null) this.#take(rest, found);
    const offset = rest === null ? 0 : rest.offset + rest.length;
    const missing = (why: string): void => {
      const number = this.#number + 1;
      found.push({ number, offset, length: 0, bytes: new Uint8Array(), error: atRecord(this.#name, number, misfit('', why)), file: true });
    };
    if (this.#awaitsColumnLine && this.#number > 0) missing('the file ends before its column line');
    if (this.#settings.trailer !== null && !this.#closed) missing(`the file ends after ${this.#rows} rows without its trailer`);
    else if (this.#announced !== null && this.#announced !== this.#rows)
      missing(`the header says ${this.#announced} rows, and the file has ${this.#rows}`);
    return found;
  }

  #take(whole: Cut, found: Decoded[]): void {
    const cut = this.#withoutMark(whole);
    const end = lineEndLength(cut.bytes);
    // A blank line is no record, but for a single column it is one that is empty.
    if (cut.length === end && (end === 0 || this.#columns?.length !== 1)) return;
    this.#number += 1;
    const number = this.#number;
    if (this.#awaitsColumnLine && !this.#atHeader) {
      this.#readColumnLine(cut, end);
      return;
    }
    // A row that is bad is a row all the same: the trailer counts it.
    if (!this.#atHeader) this.#rows += 1;
    const record = decoded(this.#name, number, cut, this.#settings.maxRecordBytes, () => this.#read(cut, end));
    // What is wrong with header or trailer, or comes after it, is wrong with the file.
    found.push(isBad(record) && (this.#atHeader || this.#closed) ? { ...record, file: true } : record);
  }

  /** Only UTF-8 has a byte order mark here; the place of the first record is behind it. */
  #withoutMark(cut: Cut): Cut {
    if (!this.#startsFile) return cut;
    this.#startsFile = false;
    const { offset, length, bytes } = cut;
    if (this.#settings.encoding !== 'utf-8' || bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf) return cut;
    return { offset: offset + 3, length: length - 3, bytes: bytes.subarray(3) };
  }

  #fields(cut: Cut, end: number): Field[] {
    return fieldsOf(this.#set.decode(cut.bytes.subarray(0, cut.bytes.length - end)), this.#settings);
  }

  get #atHeader(): boolean {
    return this.#settings.header !== null && this.#number === 1;
  }

  /** @throws RECORD_INVALID: without its columns nothing of the file can be read */
  #readColumnLine(cut: Cut, end: number): void {
    try {
      if (cut.length > this.#settings.maxRecordBytes) throw misfit('column line', 'is longer than maxRecordBytes');
      const names = this.#fields(cut, end).map(({ text }) => text);
      const declared = this.#settings.columns;
      const known = new Map(declared?.map((column) => [column.name, column]));
      const missing = declared?.find(({ name }) => !names.includes(name));
      if (missing !== undefined) throw misfit('column line', 'is missing', missing.name);
      const unknown = declared === null ? undefined : names.find((name) => !known.has(name));
      if (unknown !== undefined) throw misfit('column line', 'is not among the declared columns', unknown);
      this.#columns = columnsOf(names.map((name) => known.get(name) ?? name));
      this.#awaitsColumnLine = false;
    } catch (error) {
      throw atRecord(this.#name, this.#number, error);
    }
  }

  #read(cut: Cut, end: number): ReadAs {
    const { header, trailer, type } = this.#settings;
    const fields = this.#fields(cut, end);
    const tag = fields[0]?.text;
    if (this.#closed) throw misfit('', 'comes after the trailer');
    if (header !== null && this.#atHeader) {
      if (tag !== header.tag) throw misfit('field 1', `is not the tag of the header, ${header.tag}`, tag);
      this.#announced = header.countAt === undefined ? null : countIn(fields, header.countAt);
      return { type: 'header', value: lineValue(fields) };
    }
    if (trailer !== null && tag === trailer.tag) {
      this.#closed = true;
      this.#rows -= 1;
      const count = trailer.countAt === undefined ? this.#rows : countIn(fields, trailer.countAt);
      if (count !== this.#rows) throw misfit('trailer', `says ${count} rows, and the file has ${this.#rows}`);
      return { type: 'trailer', value: lineValue(fields) };
    }
    return { type, value: this.#row(fields, cut, end) };
  }

  #row(fields: readonly Field[], cut: Cut, end: number): RecordValue {
    const columns = this.#columns ?? [];
    if (fields.length !== columns.length) throw misfit('', `${fields.length} fields, where the layout has ${columns.length}`);
    const value: Record<string, Json> = {};
    for (let index = 0; index < columns.length; index += 1) {
      const column = columns[index] as KnownColumn;
      value[column.name] = valueOf(fields[index] as Field, column, this.#settings, column.where);
    }
    if (this.#settings.keepForm) {
      const form: Form | null = formOf(fields, columns, cut.bytes.toString('latin1', cut.bytes.length - end), this.#settings);
      if (form !== null) value['$form'] = form;
    }
    return value;
  }
}

const lineValue = (fields: readonly Field[]): RecordValue => ({ fields: fields.map(({ text }) => text) });

function countIn(fields: readonly Field[], at: number): number {
  const text = fields[at - 1]?.text ?? '';
  if (!/^\d{1,15}$/.test(text)) throw misfit(`field ${at}`, 'is no count', text);
  return Number(text);
}
