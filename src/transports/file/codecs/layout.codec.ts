import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { codePage } from '../code-pages/code-page.ts';
import { findField } from '../layouts/find-field.ts';
import { Misfit, shownBytes } from '../layouts/misfit.ts';
import { type PlanOptions } from '../layouts/plan.ts';
import { type RecordLayout } from '../layouts/record-layout.ts';
import { type ControlRecords, ControlTotals, withField } from './control-totals.ts';
import { type Frame, type Framing, framing, type RecordFormat } from './framing.ts';
import {
  type Anatomy,
  type BadRecord,
  type Decoded,
  type RecordCodec,
  type RecordDecoder,
  type RecordEncoder,
  type RecordPiece,
  type RecordValue,
} from './record-codec.ts';
import { type RecordChoice, type RecordType, recordTypes } from './record-types.ts';

/** A file of fixed-width or copybook records. */
export interface LayoutCodecOptions extends Omit<PlanOptions, 'recordLength'> {
  /** What people call this format. */
  readonly name: string;
  readonly format: RecordFormat;
  /** In the order in which they are tried. */
  readonly records: Readonly<Record<string, RecordLayout | RecordChoice>>;
  readonly control?: ControlRecords;
}

class Decoder implements RecordDecoder {
  readonly #name: string;
  readonly #types: readonly RecordType[];
  readonly #control: ControlRecords;
  readonly #frames: ReturnType<Framing['reader']>;
  readonly #totals: ControlTotals | null;
  #number = 0;
  #end = 0;
  #ended = false;

  constructor(name: string, types: readonly RecordType[], frames: Framing, control: ControlRecords | null) {
    this.#name = name;
    this.#types = types;
    this.#frames = frames.reader();
    this.#control = control ?? {};
    this.#totals = control === null ? null : new ControlTotals(control);
  }

  push(chunk: Uint8Array): Decoded[] {
    const frames = this.#frames.push(chunk);
    return frames.map((frame) => this.#decoded(frame));
  }

  end(): Decoded[] {
    const rest = this.#frames.end().map((frame) => this.#decoded(frame));
    if (this.#frames.broken !== null)
      throw new GatehouseError('RECORD_INVALID', `${this.#name}: the file cannot be read after byte ${this.#end}: ${this.#frames.broken}`);
    if (this.#control.trailer !== undefined && !this.#ended) {
      this.#number += 1;
      const why = this.#number === 1 ? 'the file is empty' : 'the file ends without it';
      rest.push({
        ...this.#bad({ offset: this.#end, length: 0, bytes: new Uint8Array() }, ` (${this.#control.trailer})`, `${why}: a trailer must come last`),
        file: true,
      });
    }
    return rest;
  }

  #decoded(frame: Frame): Decoded {
    const { offset, length, bytes } = frame;
    this.#number += 1;
    this.#end = offset + length;
    if (frame.fault !== null) return this.#counted(frame, '', frame.fault);
    const type = this.#types.find(({ fits }) => fits(bytes));
    if (type === undefined) return this.#counted(frame, '', `no layout fits; it begins with ${shownBytes(bytes.subarray(0, 16))}`);
    let value: RecordValue;
    try {
      value = type.plan.decode(bytes);
    } catch (error) {
      if (error instanceof Misfit) return this.#counted(frame, ` (${type.name})`, error.sentence([]));
      throw error;
    }
    if (this.#totals !== null) {
      this.#totals.see(type.name, value);
      const misplaced = this.#misplaced(type.name, value);
      if (misplaced !== null) return { ...this.#bad(frame, ` (${type.name})`, misplaced), file: true };
    }
    return { number: this.#number, offset, length, bytes, type: type.name, value };
  }

  /** What is wrong with the order of the file here, or with what its trailer says. */
  #misplaced(type: string, value: RecordValue): string | null {
    const { header, trailer } = this.#control;
    if (this.#ended) return `comes after the trailer (${trailer})`;
    if (header !== undefined && (this.#number === 1) !== (type === header))
      return type === header ? 'a header must come first and once' : `the file must begin with its header (${header})`;
    if (type !== trailer) return null;
    this.#ended = true;
    const differences = this.#totals?.differences(value) ?? [];
    return differences.length === 0 ? null : differences.join('; ');
  }

  #counted(frame: Omit<Frame, 'fault'>, type: string, why: string): Decoded {
    this.#totals?.see(null, null);
    return this.#bad(frame, type, why);
  }

  #bad({ offset, length, bytes }: Omit<Frame, 'fault'>, type: string, why: string): BadRecord {
    // A stack would say nothing about the file, and cost more than everything else when each of a million records is bad.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const error = new GatehouseError('RECORD_INVALID', `${this.#name}: record ${this.#number}${type} at byte ${offset}: ${why}`);
    Error.stackTraceLimit = limit;
    return { number: this.#number, offset, length, bytes, error };
  }
}

class Encoder implements RecordEncoder {
  readonly #name: string;
  readonly #types: ReadonlyMap<string, RecordType>;
  readonly #frames: ReturnType<Framing['writer']>;
  readonly #control: ControlRecords;
  readonly #given: Record<string, Json>;
  readonly #totals: ControlTotals | null;
  #number = 0;
  #state: 'new' | 'open' | 'ended' = 'new';

  constructor(name: string, types: readonly RecordType[], frames: Framing, control: ControlRecords | null, given: Record<string, Json>) {
    this.#name = name;
    this.#types = new Map(types.map((type) => [type.name, type]));
    this.#frames = frames.writer();
    this.#control = control ?? {};
    this.#totals = control === null ? null : new ControlTotals(control);
    this.#given = given;
    const unknown = Object.keys(given).find((key) => !(key === 'header' && this.#control.header) && !(key === 'trailer' && this.#control.trailer));
    if (unknown !== undefined) throw this.#refused(`there is no control record '${unknown.slice(0, 40)}' in this format`);
  }

  begin(): Uint8Array {
    this.#expect('new');
    this.#state = 'open';
    const { header } = this.#control;
    return header === undefined ? new Uint8Array() : this.#write(header, this.#values('header'));
  }

  record(type: string, value: RecordValue): Uint8Array {
    this.#expect('open');
    if (type === this.#control.header || type === this.#control.trailer)
      throw this.#refused(`'${type}' is written by begin or end; its values are given as control values`);
    return this.#write(type, value);
  }

  end(): Uint8Array {
    this.#expect('open');
    const { trailer } = this.#control;
    const parts: Uint8Array[] = [];
    if (trailer !== undefined) {
      let value = this.#values('trailer');
      // The trailer counts itself where it counts all.
      const counting = this.#totals as ControlTotals;
      counting.see(trailer, value);
      for (const [field, expected] of Object.entries(counting.expected())) value = withField(value, field, expected);
      parts.push(this.#write(trailer, value, true));
    }
    this.#state = 'ended';
    return Buffer.concat([...parts, this.#frames.end()]);
  }

  #values(name: 'header' | 'trailer'): RecordValue {
    const value = this.#given[name] ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw this.#refused(`the control value '${name}' is no object of fields`);
    return value;
  }

  #write(type: string, value: RecordValue, counted = false): Uint8Array {
    const found = this.#types.get(type);
    if (found === undefined)
      throw this.#refused(`there is no record type '${type.slice(0, 40)}'; there are ${[...this.#types.keys()].join(', ').slice(0, 200)}`);
    let bytes: Uint8Array;
    try {
      const own = found.plan.encode(value as Json);
      const other = [...this.#types.values()].find(({ fits }) => fits(own));
      if (other !== found) throw new Misfit(null, other === undefined ? 'its own rule (when) does not fit it' : `it would be read as ${other.name}`);
      bytes = this.#frames.record(own);
    } catch (error) {
      if (error instanceof Misfit) throw this.#refused(`record ${this.#number + 1} (${type}), ${error.sentence([])}`);
      throw error;
    }
    this.#number += 1;
    if (!counted) this.#totals?.see(type, value);
    return bytes;
  }

  #expect(state: 'new' | 'open'): void {
    if (this.#state !== state) throw this.#refused('begin comes once before all records, end once after them');
  }

  #refused(message: string): GatehouseError {
    return new GatehouseError('CALL_REFUSED_ARGUMENTS', `${this.#name}: ${message}`);
  }
}

/**
 * The codec of a file whose records have layouts.
 * @throws GatehouseError LAYOUT_MISSING when the layouts, the rules or the control records do not go together
 */
export function layoutCodec(options: LayoutCodecOptions): RecordCodec {
  const { name, format, records } = options;
  const layouts = Object.values(records).map((choice) => ('layout' in choice ? choice.layout : choice));
  const longest = Math.max(...layouts.map(({ length }) => length));
  const recordLength = format.kind === 'fixed' ? (format.length ?? longest) : undefined;
  const types = recordTypes(records, recordLength === undefined ? options : { ...options, recordLength });
  const frames = framing(format, codePage(options.codePage).ebcdic, recordLength ?? longest);
  const control = options.control === undefined ? null : resolved(options.control, types);
  return {
    name,
    codePage: options.codePage,
    decoder: () => new Decoder(name, types, frames, control),
    encoder: (given = {}) => new Encoder(name, types, frames, control, given),
    anatomy: (bytes) => anatomyOf(types, bytes),
    violations: (type, value) => {
      const found = types.find((each) => each.name === type);
      return found === undefined ? [`there is no record type '${type.slice(0, 40)}'`] : found.plan.violations(value);
    },
  };
}

function anatomyOf(types: readonly RecordType[], bytes: Uint8Array): Anatomy {
  const type = types.find(({ fits }) => fits(bytes));
  if (type === undefined) return { type: null, pieces: [], misfit: 'no layout fits' };
  const { seen, misfit } = type.plan.look(bytes);
  const pieces = seen.map(({ path, level, offset, length, field, value }): RecordPiece => {
    const picture = field === null ? `X(${length})` : field.picture;
    return { name: path, level, offset, length, picture, value };
  });
  return { type: type.name, pieces, misfit };
}

/** With every field by its path of keys. */
function resolved(control: ControlRecords, types: readonly RecordType[]): ControlRecords {
  const typeOf = (name: string): RecordType => {
    const type = types.find((each) => each.name === name);
    if (type === undefined) throw new GatehouseError('LAYOUT_MISSING', `control records name the record type '${name}', which has no layout`);
    return type;
  };
  if (control.header !== undefined) typeOf(control.header);
  if (control.trailer === undefined) {
    if ((control.counts ?? []).length + (control.totals ?? []).length > 0)
      throw new GatehouseError('LAYOUT_MISSING', 'counts and totals need a trailer');
    return control;
  }
  const trailer = typeOf(control.trailer).plan.layout;
  const counts = (control.counts ?? []).map(({ field, of }) => {
    if (of !== 'all' && of !== 'details') typeOf(of);
    return { field: findField(trailer, field).path, of };
  });
  const totals = (control.totals ?? []).map(({ field, of, sum, ...rest }) => ({
    field: findField(trailer, field).path,
    of,
    sum: findField(typeOf(of).plan.layout, sum).path,
    ...rest,
  }));
  return { ...control, counts, totals };
}
