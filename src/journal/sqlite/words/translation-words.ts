import { GatehouseError } from '../../../contract/errors.ts';
import type { EventAttributes } from '../../../contract/event.ts';
import type { Json } from '../../../contract/json.ts';
import { Masking } from '../../../contract/masking.ts';
import type { SearchedBodies, SensitiveFields } from '../../../contract/searched-bodies.ts';
import { valuesIn } from '../../../contract/sensitive-values.ts';
import { type BodyCodec, readBody } from '../bodies.ts';
import type { Database } from '../database.ts';
import { contentOf } from './content.ts';
import { addWords } from './words.ts';

/** Of one body, and of one translation: what is longer is found by its beginning. */
const longestBody = 262_144;
const longestText = 4 * longestBody;
const mostWords = 20_000;
/** More than this is not taken into memory, neither to be decrypted nor to look for what is sensitive in it. */
const longestRead = 8_000_000;
/** Shorter values may stand in any word by chance. */
const shortestInside = 4;
/** Of more sensitive words each is only compared as a whole. */
const mostInside = 500;

export interface IndexedRow {
  readonly seq: number;
  readonly event: number;
  readonly system: string;
  readonly operation: string;
  readonly state: string;
  readonly keep: number;
}

/** Bodies that cannot be masked are not searched: nobody knows which values are sensitive, or they cannot be read. */
class Unmaskable extends Error {}

/**
 * The words that people find a translation by: of its event, what was called and answered, the native exchange where it is text, and the
 * replies. As a viewer would see them, and stricter: words of sensitive values are left out wherever they stand, also apart and in upper case.
 */
export class TranslationWords {
  readonly #db: Database;
  readonly #codec: BodyCodec;
  readonly #searched: SearchedBodies;

  constructor(db: Database, codec: BodyCodec, searched: SearchedBodies) {
    this.#db = db;
    this.#codec = codec;
    this.#searched = searched;
  }

  of(row: IndexedRow): ReadonlySet<string> {
    const fields = this.#searched[row.system]?.[row.operation];
    // What drops its bodies in the end is not to be found by them either.
    if (fields === undefined || (row.keep === 0 && (row.state === 'published' || row.state === 'discarded'))) return new Set();
    try {
      return this.#words(row, fields);
    } catch (error) {
      if (error instanceof Unmaskable || error instanceof RangeError || isUnreadable(error)) return new Set();
      throw error;
    }
  }

  #words(row: IndexedRow, fields: SensitiveFields): ReadonlySet<string> {
    const events = this.#events(row);
    const values = events.flatMap((event, n) => {
      const names = n === 0 ? fields.event : (fields.replies[event.attributes.type] ?? []);
      return names.length === 0 ? [] : this.#sensitive(event.body, new Set(names), n === 0);
    });
    const hidden = new Hidden(values);
    const text = new Gathered(hidden);
    for (const { attributes, body } of events) {
      text.add(attributes.subject ?? '');
      text.add(attributes.source);
      this.#add(text, body);
    }
    this.#calls(row.seq, text, hidden.masking.isNone);
    return text.words();
  }

  /** That of the translation, then its replies. */
  #events(row: IndexedRow): readonly { readonly attributes: EventAttributes; readonly body: number | null }[] {
    const own = this.#db.all<{ attributes: string; body: number | null }>('SELECT attributes, body FROM event WHERE seq = ?', row.event);
    const replies = this.#db.all<{ attributes: string; body: number | null }>(
      'SELECT e.attributes, e.body FROM outbox o INDEXED BY outbox_translation JOIN event e ON e.seq = o.event WHERE o.translation = ? ORDER BY o.seq LIMIT 1000',
      row.seq,
    );
    return [...own, ...replies].map(({ attributes, body }) => ({ attributes: JSON.parse(attributes) as EventAttributes, body }));
  }

  #calls(translation: number, text: Gathered, allMayBeSeen: boolean): void {
    for (const call of this.#db.all<{ seq: number; name: string; args: number | null; answer: number | null; native: string | null }>(
      'SELECT seq, name, args, answer, native FROM call INDEXED BY call_translation WHERE translation = ? ORDER BY seq',
      translation,
    )) {
      if (text.isFull) return;
      text.add(call.name);
      text.add(call.native ?? '');
      this.#add(text, call.args);
      this.#add(text, call.answer);
      for (const part of this.#db.all<{ media: string; body: number | null }>(
        'SELECT media, body FROM part INDEXED BY part_call WHERE call = ? ORDER BY seq',
        call.seq,
      ))
        if (isText.test(part.media)) this.#add(text, part.body);
        // A viewer sees such bytes only where nothing is masked.
        else if (allMayBeSeen) this.#add(text, part.body, true);
    }
  }

  #sensitive(body: number | null, names: ReadonlySet<string>, isEvent: boolean): readonly string[] {
    if (body === null) {
      // Once the event is dropped nobody knows its values, which still stand in the exchange.
      if (isEvent) throw new Unmaskable();
      return [];
    }
    const bytes = this.#bytes(body, longestRead);
    if (bytes === null || bytes.isCut) throw new Unmaskable();
    try {
      return valuesIn(JSON.parse(bytes.text) as Json, names);
    } catch {
      throw new Unmaskable();
    }
  }

  #add(text: Gathered, body: number | null, onlyIfText = false): void {
    if (body === null || text.isFull) return;
    const bytes = this.#bytes(body, longestBody);
    if (bytes !== null && !(onlyIfText && binary.test(bytes.text))) text.add(bytes.text);
  }

  /** The beginning of a body; null where there is none, or one that is too long to be decrypted. */
  #bytes(id: number, most: number): { readonly text: string; readonly isCut: boolean } | null {
    const row = this.#db.get<{ codec: number; size: number; chunked: number }>(
      'SELECT codec, size, bytes IS NULL AS chunked FROM body WHERE id = ?',
      id,
    );
    if (row === undefined) return null;
    if (row.chunked === 1 && row.codec === 0 && row.size > most) {
      const first = this.#db.get<{ bytes: Uint8Array }>('SELECT bytes FROM body_chunk WHERE body = ? ORDER BY n LIMIT 1', id)?.bytes;
      return first === undefined ? null : { text: textOf(first.subarray(0, most)), isCut: true };
    }
    if (row.size > longestRead) return null;
    const { bytes } = readBody(this.#db, this.#codec, id);
    if (bytes === null) return null;
    return { text: textOf(bytes.subarray(0, most)), isCut: bytes.byteLength > most };
  }
}

/** A body that was encrypted with a key of before. */
const isUnreadable = (error: unknown): boolean => error instanceof GatehouseError && error.code === 'JOURNAL_BROKEN';

const isText = /^(?:text\/|application\/(?:[\w.+-]*json|[\w.+-]*xml)|message\/http)/;
/** What is no UTF-8, or has control characters that no text has. */
// oxlint-disable-next-line no-control-regex
const binary = /[\u0000-\u0008\u000e-\u001a\ufffd]/;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

/** What nobody finds anything by. */
class Hidden {
  readonly masking: Masking;
  readonly #words = new Set<string>();
  readonly #inside: readonly string[];

  constructor(values: readonly string[]) {
    this.masking = new Masking(values);
    for (const value of values) addWords(value, this.#words, mostWords);
    const inside = [...this.#words].filter((word) => word.length >= shortestInside);
    this.#inside = inside.length > mostInside ? [] : inside;
  }

  has(word: string): boolean {
    return this.#words.has(word) || this.#inside.some((each) => word.includes(each));
  }
}

/** Words as they come together. */
class Gathered {
  readonly #hidden: Hidden;
  readonly #found = new Set<string>();
  #left = longestText;

  constructor(hidden: Hidden) {
    this.#hidden = hidden;
  }

  get isFull(): boolean {
    return this.#left <= 0 || this.#found.size >= mostWords;
  }

  add(text: string): void {
    if (text === '' || this.isFull) return;
    const taken = text.slice(0, this.#left);
    this.#left -= taken.length;
    const { masking } = this.#hidden;
    const shown = masking.isNone ? taken : masking.document(taken);
    if (shown !== null) addWords(contentOf(shown), this.#found, mostWords);
  }

  words(): ReadonlySet<string> {
    for (const word of this.#found) if (this.#hidden.has(word)) this.#found.delete(word);
    return this.#found;
  }
}
