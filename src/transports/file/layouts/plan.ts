import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { codePage } from '../code-pages/code-page.ts';
import { type CodePageName } from '../code-pages/tables.ts';
import { type RedefinesRule } from './alternatives.ts';
import { Compiler, leafOf } from './compiler.ts';
import { findField } from './find-field.ts';
import { type Conventions } from './leaf.ts';
import { Misfit } from './misfit.ts';
import { Draft, Passage, type Seen, type Values } from './passage.ts';
import { type RecordLayout } from './record-layout.ts';

export interface PlanOptions extends Partial<Omit<Conventions, 'page'>> {
  readonly codePage: CodePageName;
  /**
   * `keep` (the default): bytes that the values alone would not bring back (FILLER, unusual signs, padding) travel under `$raw`, so that
   * decode and encode give the same file. `drop`: they are forgotten, and written as new.
   */
  readonly raw?: 'keep' | 'drop';
  /** By the name of the field whose bytes are redefined. Of a file with several layouts, a rule is for those that have the field. */
  readonly redefines?: Readonly<Record<string, RedefinesRule>>;
  /** A record shorter than its layout: refused (the default), or read as if spaces followed. */
  readonly shortRecords?: 'refuse' | 'spaces';
  /** Every record has so many bytes: those of a shorter layout are filled with spaces. */
  readonly recordLength?: number;
}

/** A record layout compiled for one code page: bytes ⇄ values. */
export interface RecordPlan {
  readonly layout: RecordLayout;
  /** @throws Misfit naming field, picture and bytes */
  decode(bytes: Uint8Array): Values;
  /** @throws Misfit naming field, picture and value */
  encode(value: Json): Buffer;
  /** Every reason why the value cannot be encoded. */
  violations(value: Json): readonly string[];
  /** Where every field stands in these bytes, as far as they can be read, and why not further. For people: it costs more than `decode`. */
  look(bytes: Uint8Array): { readonly seen: readonly Seen[]; readonly misfit: string | null };
  /** Reads one field that stands at a fixed place, without the rest. @throws GatehouseError LAYOUT_MISSING when it has none */
  probe(field: string): (bytes: Uint8Array) => Json | undefined;
}

/** Compiles a layout. @throws GatehouseError LAYOUT_MISSING when the options do not fit it */
export function compile(layout: RecordLayout, options: PlanOptions): RecordPlan {
  const page = codePage(options.codePage);
  const conventions: Conventions = { page, blankNumbers: options.blankNumbers ?? 'refuse', asciiSigns: options.asciiSigns ?? 'digits' };
  const element = new Compiler(layout, conventions, options.redefines ?? {}).element();
  const passage = new Passage(options.raw !== 'drop');
  const { length, minLength, name } = layout;
  const { recordLength } = options;
  if (recordLength !== undefined && recordLength < length)
    throw new GatehouseError('LAYOUT_MISSING', `record ${name} has ${length} bytes, the records of the file have ${recordLength}`);

  const decode = (given: Uint8Array): Values => {
    let bytes = given;
    if (bytes.length < minLength && options.shortRecords === 'spaces') {
      bytes = Buffer.alloc(minLength, page.space);
      bytes.set(given);
    }
    if (bytes.length < minLength || (bytes.length > length && !element.variable && bytes.length !== recordLength))
      throw new Misfit(null, `has ${bytes.length} bytes, the layout has ${minLength === length ? length : `${minLength} to ${length}`}`);
    passage.start(bytes, page);
    const misfit = passage.attempt(() => readWhole(given.length, bytes));
    if (misfit !== null) throw misfit;
    const kept = passage.kept;
    return kept === null ? result : { ...result, $raw: kept };
  };
  let result: Values = {};
  const readWhole = (givenLength: number, bytes: Uint8Array): void => {
    result = element.read(passage, 0) as Values;
    if (passage.end > bytes.length) throw new Misfit(null, `has ${bytes.length} bytes, its counts ask for ${passage.end}`);
    if (passage.end < bytes.length) {
      passage.path.length = 0;
      if (recordLength === undefined) passage.keep('~rest', passage.end, bytes.length - passage.end);
      else passage.keepUnless(page.space, '~rest', passage.end, bytes.length - passage.end);
    }
    if (givenLength < minLength) passage.keepNote('~length', String(givenLength));
  };

  const draftOf = (value: Json, faults: string[] | null): Buffer => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Misfit(null, 'a record is an object of fields');
    const raw = value['$raw'];
    if (raw !== undefined && (typeof raw !== 'object' || raw === null || Array.isArray(raw))) throw new Misfit(null, '$raw is an object of places');
    const draft = new Draft(page, length, value, options.raw === 'drop' ? null : (raw ?? null), faults);
    try {
      element.write(draft, 0, value);
    } catch (error) {
      if (error instanceof Misfit) throw new Misfit(null, error.sentence(draft.path));
      throw error;
    }
    const record = draft.target.subarray(0, draft.end);
    const rest = draft.note('~rest');
    if (recordLength !== undefined && record.length < recordLength) {
      const filled = Buffer.alloc(recordLength, page.space);
      record.copy(filled);
      if (typeof rest === 'string' && rest.length === 2 * (recordLength - record.length)) filled.write(rest, record.length, 'hex');
      return filled;
    }
    if (element.variable && typeof rest === 'string' && /^(?:[\da-f]{2})+$/i.test(rest)) return Buffer.concat([record, Buffer.from(rest, 'hex')]);
    const short = Number(draft.note('~length') ?? record.length);
    return short < record.length && short >= 0 && record.subarray(short).every((byte) => byte === page.space) ? record.subarray(0, short) : record;
  };

  return {
    layout,
    decode,
    encode: (value) => draftOf(value, null),
    violations: (value) => {
      const faults: string[] = [];
      try {
        draftOf(value, faults);
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
        faults.push(error.reason);
      }
      return faults;
    },
    look: (bytes) => {
      const seen: Seen[] = [];
      // Fields beyond the end are read as spaces, and left out.
      const padded = bytes.length < length ? Buffer.concat([bytes, Buffer.alloc(length - bytes.length, page.space)]) : bytes;
      passage.start(padded, page);
      passage.seen = seen;
      try {
        element.read(passage, 0);
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
        return { seen: within(seen, bytes.length), misfit: error.sentence(passage.path) };
      } finally {
        passage.seen = null;
      }
      const fits = bytes.length >= minLength || options.shortRecords === 'spaces';
      return { seen: within(seen, bytes.length), misfit: fits ? null : `has ${bytes.length} bytes, the layout has at least ${minLength}` };
    },
    probe: (wanted) => {
      const { field, fixed } = findField(layout, wanted);
      const leaf = leafOf(field, conventions);
      if (!fixed || leaf === null)
        throw new GatehouseError('LAYOUT_MISSING', `record ${name}: ${field.name} has no fixed place in the record, or is a group`);
      return (bytes) => {
        if (bytes.length < field.offset + field.length) return undefined;
        const own = bytes.subarray(field.offset, field.offset + field.length);
        try {
          return leaf.read({ bytes: own, text: page.characters(own), odd: false }, 0);
        } catch (error) {
          if (error instanceof Misfit) return undefined;
          throw error;
        }
      };
    },
  };
}

const within = (seen: readonly Seen[], end: number): readonly Seen[] => seen.filter(({ offset, length }) => offset + length <= end);
