import { canonical, type Json } from '../../../../contract/json.ts';
import { type RecordEncoder, type RecordValue } from '../../codecs/record-codec.ts';
import { clipped, misfit, refusals, refused } from '../record-fault.ts';
import { type Dialect, type Level, type Opened } from './dialect.ts';
import { type Segment, textAt, writeSegment } from './segment.ts';

interface OpenInterchange {
  readonly key: string;
  readonly opened: Opened;
  readonly messages: number;
  readonly groups: number;
}

interface OpenGroup {
  readonly key: string;
  readonly header: Segment;
  readonly messages: number;
}

interface State {
  readonly interchange: OpenInterchange | null;
  readonly group: OpenGroup | null;
}

type Fields = { readonly [field: string]: Json };

/**
 * Messages with their envelopes; trailers are counted and written here. A message that names another interchange or group than the one
 * that is open ends that one and begins its own. `control.interchange` and `control.group` go before those of the values.
 */
export class EnvelopeEncoder implements RecordEncoder {
  readonly #dialect: Dialect;
  readonly #control: Fields;
  readonly #maxRecordBytes: number;
  #state: State = { interchange: null, group: null };
  /** The interchange of the value before, which is most often the same object or an equal one. */
  #keys = new WeakMap<object, string>();

  constructor(dialect: Dialect, control: Fields, maxRecordBytes: number) {
    this.#dialect = dialect;
    this.#control = control;
    this.#maxRecordBytes = maxRecordBytes;
  }

  begin(): Uint8Array {
    return new Uint8Array();
  }

  record(type: string, value: RecordValue): Uint8Array {
    try {
      let { state, bytes } = this.#enter(value);
      const message = this.#message(type, value, state);
      bytes = Buffer.concat([bytes, message]);
      const { interchange, group } = state;
      this.#state = {
        interchange: interchange === null ? null : { ...interchange, messages: interchange.messages + 1 },
        group: group === null ? null : { ...group, messages: group.messages + 1 },
      };
      return bytes;
    } catch (error) {
      throw refused(this.#dialect.name, type, error);
    }
  }

  end(): Uint8Array {
    const { state, bytes } = this.#left(this.#state, true);
    this.#state = state;
    return bytes;
  }

  /** What stands between the message before and this one. */
  #enter(value: RecordValue): { state: State; bytes: Buffer } {
    const wanted = this.#control['interchange'] ?? value['interchange'];
    if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
      throw misfit('interchange', 'is given neither by the value nor by control');
    const key = this.#keyOf(wanted);
    let state = this.#state;
    let bytes: Buffer = Buffer.alloc(0);
    if (state.interchange?.key !== key) {
      ({ state, bytes } = this.#left(state, true));
      const opened = this.#dialect.reopen(wanted);
      const head = opened.set.encode(this.#dialect.writeOpening(opened) + opened.interchange.lineEnd);
      bytes = Buffer.concat([bytes, head]);
      state = { interchange: { key, opened, messages: 0, groups: 0 }, group: null };
    }
    return this.#enterGroup(this.#control['group'] ?? value['group'] ?? null, state, bytes);
  }

  #enterGroup(wanted: Json, entered: State, before: Buffer): { state: State; bytes: Buffer } {
    const { open } = this.#dialect.levels.group;
    if (wanted === null) {
      if (this.#dialect.groupNeeded) throw misfit('group', 'is given neither by the value nor by control');
      if (entered.group !== null || (entered.interchange?.groups ?? 0) > 0) throw misfit('group', 'is missing in an interchange that has groups');
      return { state: entered, bytes: before };
    }
    if (!Array.isArray(wanted)) throw misfit('group', `is no list, ${open} and its elements`);
    const key = this.#keyOf(wanted);
    if (entered.group?.key === key) return { state: entered, bytes: before };
    if (entered.interchange !== null && entered.interchange.messages > 0 && entered.interchange.groups === 0)
      throw misfit('group', 'stands in an interchange whose other messages are in none');
    const { state, bytes } = this.#left(entered, false);
    const { interchange } = state;
    if (interchange === null) throw misfit('group', 'stands in no interchange');
    const header = this.#written(wanted, interchange.opened, open, 1);
    return {
      state: { interchange: { ...interchange, groups: interchange.groups + 1 }, group: { key, header: wanted as Segment, messages: 0 } },
      bytes: Buffer.concat([before, bytes, header]),
    };
  }

  /** Ends the group, and the interchange when `all`. */
  #left({ interchange, group }: State, all: boolean): { state: State; bytes: Buffer } {
    const parts: Buffer[] = [];
    if (interchange === null) return { state: { interchange, group }, bytes: Buffer.alloc(0) };
    const { opened } = interchange;
    const { levels } = this.#dialect;
    const trailer = (level: Level, count: number, header: Segment): void => {
      parts.push(this.#written([level.close, String(count), textAt(header, level.reference)], opened, level.close, 1));
    };
    if (group !== null) trailer(levels.group, group.messages, group.header);
    if (all) trailer(levels.interchange, interchange.groups > 0 ? interchange.groups : interchange.messages, opened.interchange.header);
    return { state: { interchange: all ? null : interchange, group: null }, bytes: Buffer.concat(parts) };
  }

  #message(type: string, value: RecordValue, { interchange, group }: State): Buffer {
    const { message: level } = this.#dialect.levels;
    const { header: given, segments } = value;
    if (!Array.isArray(given) || !Array.isArray(segments)) throw misfit('', 'has no header and segments, both lists');
    if (interchange === null) throw misfit('interchange', 'is not open');
    const header = [...given] as Segment;
    if (textAt(header, level.reference) === '') header[level.reference] = this.#dialect.numbered((group?.messages ?? interchange.messages) + 1);
    if (this.#dialect.typeOf(header) !== type) throw misfit('header', `is not of the type ${clipped(type)}`, this.#dialect.typeOf(header));
    const trailer = [level.close, String(segments.length + 2), textAt(header, level.reference)];
    const { opened } = interchange;
    const bytes = Buffer.concat([
      this.#written(header, opened, level.open, 1),
      ...segments.map((segment, index) => this.#written(segment, opened, null, index + 2)),
      this.#written(trailer, opened, level.close, segments.length + 2),
    ]);
    if (bytes.length > this.#maxRecordBytes) throw misfit('', `${bytes.length} bytes are more than maxRecordBytes (${this.#maxRecordBytes})`);
    return bytes;
  }

  /** `tag`: the one it must have; null for what stands in a message, and must not be part of an envelope. */
  #written(segment: Json, { delimiters, set, forbidden, interchange }: Opened, tag: string | null, position: number): Buffer {
    const own = Array.isArray(segment) ? (Array.isArray(segment[0]) ? segment[0][0] : segment[0]) : null;
    if (typeof own !== 'string' || !/^[A-Z][A-Z0-9]{1,2}$/.test(own)) throw misfit(`segment ${position}`, 'has no tag', JSON.stringify(own));
    if (tag === null ? this.#isEnvelope(own) : own !== tag)
      throw misfit(`segment ${position}`, tag === null ? 'is part of an envelope' : `is not ${tag}`, own);
    const text = writeSegment(segment, delimiters, position);
    const wrong = forbidden?.exec(text);
    if (wrong !== null && wrong !== undefined)
      throw misfit(`segment ${position} (${own})`, 'is not in the character set of the interchange', wrong[0]);
    return set.encode(text + delimiters.segment + interchange.lineEnd);
  }

  #isEnvelope(tag: string): boolean {
    return this.#dialect.begins(tag) !== null || Object.values(this.#dialect.levels).some(({ open, close }) => tag === open || tag === close);
  }

  #keyOf(wanted: object): string {
    const known = this.#keys.get(wanted);
    if (known !== undefined) return known;
    const key = canonical(wanted as Json);
    this.#keys.set(wanted, key);
    return key;
  }
}

/** `sample`: the envelope in which a value is tried that does not bring its own. */
export function envelopeViolations(dialect: Dialect, sample: Fields, maxRecordBytes: number, type: string, value: Json): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['a record is an object'];
  return refusals(() => new EnvelopeEncoder(dialect, {}, maxRecordBytes).record(type, { ...sample, ...value }));
}
