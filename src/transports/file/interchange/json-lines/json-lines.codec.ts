import { type Json } from '../../../../contract/json.ts';
import { type Decoded, type RecordCodec, type RecordDecoder, type RecordEncoder, type RecordValue } from '../../codecs/record-codec.ts';
import { characterSet } from '../character-set.ts';
import { type Cut, lineEndLength, LineScanner, RecordCutter } from '../record-cutter.ts';
import { clipped, decoded, defaultMaxRecordBytes, misfit, refusals, refused } from '../record-fault.ts';
import { checkMembers, parseExact } from './json-lines.lexer.ts';

export interface JsonLinesOptions {
  /** The type of every record. Default `line`. */
  readonly type?: string;
  /** The member whose text is the type of the record, instead of `type`. */
  readonly typeField?: string;
  /** Names of members, at any depth, whose numbers are strings of exact digits in values and plain numbers in the file. */
  readonly exactNumbers?: readonly string[];
  /** Written; read are LF, CR and CRLF. Default LF. */
  readonly lineEnd?: '\n' | '\r\n';
  /** Default 100. */
  readonly maxDepth?: number;
  readonly maxRecordBytes?: number;
}

type Settings = Required<Omit<JsonLinesOptions, 'typeField' | 'exactNumbers'>> & {
  readonly typeField: string | null;
  readonly exact: ReadonlySet<string>;
};

const format = 'JSON lines';
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const utf8 = characterSet('utf-8');

/**
 * One JSON object a line, in UTF-8. A number that a double does not hold becomes a string of its digits.
 * @see https://jsonlines.org, RFC 8259
 */
export function jsonLines(options: JsonLinesOptions = {}): RecordCodec {
  const settings: Settings = {
    type: 'line',
    lineEnd: '\n',
    maxDepth: 100,
    maxRecordBytes: defaultMaxRecordBytes,
    ...options,
    typeField: options.typeField ?? null,
    exact: new Set(options.exactNumbers),
  };
  return {
    name: format,
    decoder: () => new JsonLinesDecoder(settings),
    encoder: () => new JsonLinesEncoder(settings),
    violations: (type, value) => refusals(() => new JsonLinesEncoder(settings).record(type, value as RecordValue)),
  };
}

class JsonLinesDecoder implements RecordDecoder {
  readonly #settings: Settings;
  readonly #cutter: RecordCutter;
  #number = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#cutter = new RecordCutter(new LineScanner(), settings.maxRecordBytes);
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
    return found;
  }

  #take(cut: Cut, found: Decoded[]): void {
    if (cut.length === lineEndLength(cut.bytes)) return;
    this.#number += 1;
    found.push(decoded(format, this.#number, cut, this.#settings.maxRecordBytes, () => this.#read(cut)));
  }

  #read({ offset, bytes }: Cut): { type: string; value: RecordValue } {
    const text = utf8.decode(bytes).trimEnd();
    const value = parsed(offset === 0 ? text.replace(/^\uFEFF/, '') : text, this.#settings);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit('', 'is no JSON object', text);
    const { typeField, type } = this.#settings;
    const named = typeField === null ? type : value[typeField];
    if (typeof named !== 'string') throw misfit(typeField ?? '', 'is no text that names the type of the record');
    return { type: named, value };
  }
}

function parsed(text: string, { exact, maxDepth }: Settings): Json {
  try {
    // Before the parser, which calls itself for every level.
    checkMembers(text, maxDepth);
    return parseExact(text, exact);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = /position (\d+)/.exec(error.message)?.[1];
    throw misfit(at === undefined ? '' : `character ${Number(at) + 1}`, 'is no JSON', text);
  }
}

class JsonLinesEncoder implements RecordEncoder {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  begin(): Uint8Array {
    return new Uint8Array();
  }

  record(type: string, value: RecordValue): Uint8Array {
    try {
      return utf8.encode(this.#line(type, value) + this.#settings.lineEnd);
    } catch (error) {
      throw refused(format, type, error);
    }
  }

  end(): Uint8Array {
    return new Uint8Array();
  }

  #line(type: string, value: Json): string {
    const { typeField, exact, maxDepth } = this.#settings;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit('', 'a record is an object');
    const named = typeField === null ? this.#settings.type : value[typeField];
    if (named !== type) throw misfit(typeField ?? 'type', `is not the type of the record, ${clipped(type)}`, typeof named === 'string' ? named : '');
    refuseDeep(value, maxDepth);
    if (exact.size === 0) return JSON.stringify(value);
    return JSON.stringify(value, (name, given: Json) => (exact.has(name) && typeof given === 'string' ? bare(name, given) : given));
  }
}

/** @see ECMA-262, JSON.rawJSON */
function bare(name: string, text: string): Json {
  if (!number.test(text)) throw misfit(clipped(name), 'is no number', text);
  return (JSON as unknown as { rawJSON(text: string): Json }).rawJSON(text);
}

function refuseDeep(value: Json, left: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (left === 0) throw misfit('', 'is nested deeper than maxDepth');
  for (const inner of Object.values(value)) refuseDeep(inner, left - 1);
}
