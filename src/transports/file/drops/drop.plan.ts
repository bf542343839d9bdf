import { hash } from 'node:crypto';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type RecordEncoder, type RecordValue } from '../codecs/record-codec.ts';
import { correlationOf } from '../correlation.ts';
import { NameTemplate, type NameValues, stemOf } from '../places/name-template.ts';
import { type SafeName, safeName } from '../places/safe-name.ts';
import { type Drop } from './drop.ts';

/** What a file is known by, without its bytes. */
export interface FileMarks {
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly sequence: number | null;
  /** Its name; the `n`-th, from 1, where names are numbered. */
  name(n: number): SafeName;
  marker(name: string): SafeName | null;
}

/** A file to drop: a function of the call's arguments, its number and the recorded time alone, so that a second try is the same to the byte. */
export interface DropFile extends FileMarks {
  readonly bytes: Uint8Array;
  correlation(name: string): string | null;
}

export interface Content {
  readonly records: readonly { readonly type: string; readonly value: RecordValue }[];
  readonly control: Readonly<Record<string, Json>>;
  readonly fields: Readonly<Record<string, unknown>>;
}

const isObject = (value: unknown): value is Readonly<Record<string, Json>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a drop of the layout does with arguments. Pure. */
export class DropPlan {
  readonly drop: Drop<unknown, unknown>;
  /** Counter of its numbers; null when it needs none. */
  readonly counter: string | null;
  /** The moment of writing shows in the name. */
  readonly dated: boolean;
  /** Fields of the record, or of `fields`, that name, marker and control are made of. */
  readonly fields: readonly string[];
  readonly #call: string;
  readonly #name: NameTemplate;
  readonly #marker: NameTemplate | null;
  readonly #correlation: NameTemplate | null;
  readonly #prefix: string;

  /**
   * `replyName`: the name of the reply file in the layout, which its correlations begin with.
   * @throws GatehouseError LAYOUT_MISSING when a template cannot be read
   */
  constructor(call: string, drop: Drop<unknown, unknown>, replyName: string | null) {
    this.#call = call;
    this.drop = drop;
    if (drop.writes.length === 0 || (drop.one && drop.writes.length !== 1))
      throw new GatehouseError(
        'LAYOUT_MISSING',
        `the drop ${call} names ${drop.writes.length} record types; one record has one type, a list at least one`,
      );
    const template = (text: string): NameTemplate => new NameTemplate(text, drop.zone);
    this.#name = template(drop.name);
    this.#marker = drop.marker === undefined ? null : template(drop.marker);
    this.#correlation = drop.reply === undefined ? null : template(drop.reply.correlation);
    this.#prefix = replyName ?? '';
    const control = templatesIn(drop.control ?? {}).map(template);
    const all = [this.#name, this.#marker, this.#correlation, ...control];
    this.fields = [this.#name, this.#marker, ...control].flatMap((each) => each?.fields ?? []);
    this.dated = this.#name.dated;
    this.counter = all.some((each) => each?.counts === true) ? (drop.sequence ?? call) : null;
  }

  /**
   * The file as it would be, where it has a number under the number 1: a call that does not fit must not use one up.
   * @throws GatehouseError CALL_REFUSED_ARGUMENTS with record, field and reason
   */
  draft(args: Json, atMs: number): DropFile {
    return this.file(args, { atMs, sequence: 1 });
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS */
  file(args: Json, { atMs, sequence }: { atMs: number; sequence: number | null }): DropFile {
    const content = this.contentOf(args);
    const values: NameValues = { atMs, fields: content.fields, ...(sequence === null ? {} : { sequence }) };
    const encoder = this.encoderFor(content.control, values);
    const pieces = [encoder.begin()];
    for (const { type, value } of content.records) pieces.push(encoder.record(type, value));
    pieces.push(encoder.end());
    const file = this.fileOf(Buffer.concat(pieces), values);
    file.correlation(file.name(1));
    return file;
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS when its name or its marker's cannot be made */
  fileOf(bytes: Uint8Array, values: NameValues): DropFile {
    const first = this.#name.nameFor(values);
    const file: DropFile = {
      bytes,
      size: bytes.byteLength,
      sha256: hash('sha256', bytes, 'hex'),
      sequence: this.counter === null ? null : Number(values.sequence),
      name: (n) => (n === 1 ? first : numbered(first, n)),
      marker: (name) => this.marker({ ...values, name }),
      correlation: (name) => this.correlation({ ...values, name }),
    };
    file.marker(first);
    return file;
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS */
  marker(values: NameValues): SafeName | null {
    return this.#marker?.nameFor(values) ?? null;
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS */
  correlation(values: NameValues): string | null {
    return this.#correlation === null ? null : this.#correlated(this.#correlation.textFor(values));
  }

  /** Writes the file, its header and trailer filled in. @throws GatehouseError CALL_REFUSED_ARGUMENTS */
  encoderFor(control: Readonly<Record<string, Json>>, values: NameValues): RecordEncoder {
    const all = { ...values, name: this.#name.nameFor(values) };
    const filled = (value: Json): Json =>
      typeof value === 'string'
        ? // An element of an envelope may be empty; no template is.
          value === ''
          ? value
          : new NameTemplate(value, this.drop.zone).textFor(all)
        : Array.isArray(value)
          ? value.map(filled)
          : isObject(value)
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]))
            : value;
    return this.drop.codec.encoder(merged(control, filled({ ...this.drop.control }) as Record<string, Json>));
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS when they are not what the drop takes */
  contentOf(args: Json): Content {
    const { one, writes } = this.drop;
    if (!isObject(args)) throw this.#refused('the arguments are no object');
    if (one) return { records: [{ type: writes[0] ?? '', value: args }], control: {}, fields: args };
    const { records, control = {}, fields = {}, ...more } = args;
    const [unknown] = Object.keys(more);
    if (unknown !== undefined) throw this.#refused(`'${unknown.slice(0, 40)}' is not known beside records, control and fields`);
    if (!Array.isArray(records) || !isObject(control) || !isObject(fields))
      throw this.#refused('records is no list, or control or fields is no object');
    return {
      control,
      fields,
      records: records.map((record, index) => {
        const { type, value } = isObject(record) ? record : {};
        if (typeof type !== 'string' || !writes.includes(type) || !isObject(value))
          throw this.#refused(`record ${index + 1} is no { type, value } with a type of ${writes.join(', ')}`);
        return { type, value };
      }),
    };
  }

  #correlated(text: string): string {
    const correlation = correlationOf(this.#prefix, text);
    if (correlation === null) throw this.#refused('the correlation of its reply is empty, or longer than 400 characters');
    return correlation;
  }

  #refused(why: string): GatehouseError {
    return new GatehouseError('CALL_REFUSED_ARGUMENTS', `${this.#call}: ${why}; nothing was sent`);
  }
}

/** `MANIFEST.TXT`, 2 → `MANIFEST_2.TXT`. */
function numbered(name: SafeName, n: number): SafeName {
  const stem = stemOf(name);
  return safeName(`${stem}_${n}${name.slice(stem.length)}`);
}

function templatesIn(value: Json): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(templatesIn);
  return isObject(value) ? Object.values(value).flatMap(templatesIn) : [];
}

/** Group by group; what the layout says wins over what a call says. */
function merged(given: Readonly<Record<string, Json>>, own: Readonly<Record<string, Json>>): Record<string, Json> {
  const both = { ...given } as Record<string, Json>;
  for (const [key, value] of Object.entries(own)) {
    const before = Object.hasOwn(both, key) ? both[key] : undefined;
    both[key] = isObject(value) && isObject(before) ? merged(before, value) : value;
  }
  return both;
}
