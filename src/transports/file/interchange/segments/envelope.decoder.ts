import { GatehouseError } from '../../../../contract/errors.ts';
import { type Json } from '../../../../contract/json.ts';
import { type Decoded, type RecordDecoder, type RecordValue } from '../../codecs/record-codec.ts';
import { type Cut, RecordCutter } from '../record-cutter.ts';
import { clipped, misfit, tooLong } from '../record-fault.ts';
import { type Dialect, type Level, type Opened } from './dialect.ts';
import { type Breach, EnvelopeFault, type SegmentPlace } from './envelope.fault.ts';
import { OpenMessage } from './envelope.message.ts';
import { readSegment, type Segment, textAt } from './segment.ts';
import { SegmentScanner, trimmed } from './segment.scanner.ts';

/** What stands open at one level. */
interface Open {
  readonly header: Segment;
  /** Of what the trailer counts. */
  count: number;
}

/**
 * An interchange as records: one a message, with the headers around it in its value. What is wrong with an envelope is a bad record of
 * the segment that shows it. Every header, trailer and message has a number.
 */
export class EnvelopeDecoder implements RecordDecoder {
  readonly #dialect: Dialect;
  readonly #maxRecordBytes: number;
  readonly #scanner: SegmentScanner;
  readonly #cutter: RecordCutter;
  #found: Decoded[] = [];
  #number = 0;
  #advice: string | null = null;
  #opened: Opened | null = null;
  /** What a tag ends with, as bytes. */
  #tagEnds: readonly number[] = [];
  #atFirst = false;
  #interchange: (Open & { groups: number }) | null = null;
  #group: Open | null = null;
  #message: OpenMessage | null = null;
  #end = 0;

  constructor(dialect: Dialect, maxRecordBytes: number) {
    this.#dialect = dialect;
    this.#maxRecordBytes = maxRecordBytes;
    this.#scanner = new SegmentScanner(dialect);
    this.#scanner.useDelimiters(dialect.initial(null));
    this.#cutter = new RecordCutter(this.#scanner, maxRecordBytes);
  }

  push(chunk: Uint8Array): Decoded[] {
    this.#cutter.push(chunk, (cut) => this.#take(cut));
    return this.#flush();
  }

  end(): Decoded[] {
    const rest = this.#cutter.end();
    if (rest !== null) {
      const { cut } = trimmed(rest);
      this.#end = rest.offset + rest.length;
      if (cut.length > 0) this.#unfinished(cut);
    }
    const nothing: Cut = { offset: this.#end, length: 0, bytes: Buffer.alloc(0) };
    this.#closeMessage();
    for (const level of ['group', 'interchange'] as const) if (this.#at(level) !== null) this.#missing(level, nothing);
    return this.#flush();
  }

  #flush(): Decoded[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #at(level: Level['name']): Open | null {
    return level === 'interchange' ? this.#interchange : level === 'group' ? this.#group : this.#message;
  }

  #take(whole: Cut): void {
    const { cut, before } = trimmed(whole);
    this.#end = whole.offset + whole.length;
    if (cut.length === 0) return;
    if (this.#interchange === null) return this.#begin(cut);
    if (this.#atFirst && this.#opened !== null) {
      this.#opened.interchange.lineEnd = before.replaceAll(/[^\r\n]/g, '');
      this.#atFirst = false;
    }
    const { levels } = this.#dialect;
    const tag = this.#tagOf(cut);
    if (this.#dialect.begins(tag) !== null) {
      // The next interchange begins, and this one has not ended.
      this.#closeMessage();
      for (const level of ['group', 'interchange'] as const)
        if (this.#at(level) !== null) this.#missing(level, { ...cut, length: 0, bytes: Buffer.alloc(0) });
      return this.#begin(cut);
    }
    if (tag === levels.message.open) return this.#openMessage(cut);
    if (this.#message !== null && tag === levels.message.close) return this.#endMessage(cut);
    if (tag === levels.group.open) return this.#openGroup(cut);
    if (tag === levels.group.close) return this.#close('group', cut);
    if (tag === levels.interchange.close) return this.#close('interchange', cut);
    if (this.#message !== null) return this.#addToMessage(this.#message, cut, tag);
    return this.#bad('message', 'no header', cut, `segment ${clipped(tag)} stands in no message`);
  }

  #begin(cut: Cut): void {
    const advice = this.#advice;
    this.#advice = null;
    try {
      if (cut.length > this.#maxRecordBytes) throw tooLong(cut.length, this.#maxRecordBytes);
      const tag = cut.bytes.toString('latin1', 0, 3);
      if (this.#dialect.begins(tag) !== null && tag !== this.#dialect.levels.interchange.open) {
        const text = cut.bytes.toString('latin1');
        this.#scanner.useDelimiters(this.#dialect.initial(text));
        this.#advice = text;
        return this.#scanner.expectInterchange();
      }
      this.#opened = this.#dialect.open(cut.bytes, advice);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      this.#scanner.useDelimiters(this.#dialect.initial(null));
      this.#scanner.expectInterchange();
      return this.#bad('interchange', 'no header', cut, error.message, error);
    }
    this.#number += 1;
    this.#interchange = { header: this.#opened.interchange.header, count: 0, groups: 0 };
    this.#atFirst = true;
    const { element, component, segment } = this.#opened.delimiters;
    this.#tagEnds = [element, component, segment].map((mark) => mark.charCodeAt(0));
    this.#scanner.expectSegments(this.#opened.delimiters);
  }

  #openGroup(cut: Cut): void {
    this.#closeMessage();
    if (this.#group !== null) this.#missing('group', { ...cut, length: 0, bytes: Buffer.alloc(0) });
    this.#number += 1;
    if (this.#interchange !== null) this.#interchange.groups += 1;
    this.#group = { header: this.#read(cut) ?? [this.#dialect.levels.group.open], count: 0 };
  }

  #openMessage(cut: Cut): void {
    this.#closeMessage();
    for (const around of [this.#group, this.#interchange]) if (around !== null) around.count += 1;
    this.#number += 1;
    const message = new OpenMessage(cut.offset, this.#maxRecordBytes);
    this.#message = message;
    this.#addToMessage(message, cut, this.#dialect.levels.message.open);
    message.header = message.segments.shift() ?? [this.#dialect.levels.message.open];
    if (this.#dialect.groupNeeded && this.#group === null)
      message.fault ??= { error: misfit('', 'stands in no group'), place: { tag: this.#dialect.levels.message.open, position: 1 } };
  }

  #addToMessage(message: OpenMessage, cut: Cut, tag: string): void {
    message.keep(cut);
    const place = { tag: clipped(tag), position: message.count };
    try {
      if (cut.length > this.#maxRecordBytes || message.length > this.#maxRecordBytes) throw tooLong(message.length, this.#maxRecordBytes);
      if (!/^[A-Z][A-Z0-9]{1,2}$/.test(tag)) throw misfit('', 'is no tag of a segment', tag);
      const segment = this.#segment(cut);
      if (message.fault === null) message.segments.push(segment);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      message.fault ??= { error, place };
      message.segments.length = 0;
    }
  }

  #endMessage(cut: Cut): void {
    const message = this.#message;
    if (message === null) return;
    message.keep(cut);
    const trailer = this.#read(cut);
    const wrong = this.#mismatch('message', message, trailer);
    this.#message = null;
    if (message.fault !== null) return this.#badMessage(message, 'content', message.fault.error.message, message.fault.place);
    if (wrong !== null) return this.#badMessage(message, wrong.breach, wrong.why);
    if (this.#interchange === null || this.#opened === null) return;
    const value: RecordValue = {
      interchange: this.#opened.interchange as Json,
      group: (this.#group?.header ?? null) as Json,
      header: message.header,
      segments: message.segments,
    };
    this.#found.push({ ...this.#placed(message), type: this.#dialect.typeOf(message.header), value });
  }

  /** A message that ends without its trailer. */
  #closeMessage(): void {
    const message = this.#message;
    if (message === null) return;
    this.#message = null;
    const { open, close } = this.#dialect.levels.message;
    this.#badMessage(message, 'no trailer', `${open} ${reference(message.header, this.#dialect.levels.message)} has no ${close}`);
  }

  #close(name: 'group' | 'interchange', cut: Cut): void {
    this.#closeMessage();
    const level = this.#dialect.levels[name];
    if (name === 'interchange' && this.#group !== null) this.#missing('group', { ...cut, length: 0, bytes: Buffer.alloc(0) });
    const open = this.#at(name);
    if (open === null) return this.#bad(name, 'no header', cut, `${level.close} without ${level.open}`);
    const wrong = this.#mismatch(name, open, this.#read(cut));
    if (wrong === null) this.#number += 1;
    else this.#bad(name, wrong.breach, cut, wrong.why);
    if (name === 'group') this.#group = null;
    else this.#leave();
  }

  #leave(): void {
    this.#interchange = null;
    this.#opened = null;
    this.#scanner.useDelimiters(this.#dialect.initial(null));
    this.#scanner.expectInterchange();
  }

  #missing(name: 'group' | 'interchange', cut: Cut): void {
    const { open, close } = this.#dialect.levels[name];
    this.#bad(name, 'no trailer', cut, `${open} ${reference(this.#at(name)?.header ?? [], this.#dialect.levels[name])} has no ${close}`);
    if (name === 'group') this.#group = null;
    else this.#leave();
  }

  #mismatch(name: Level['name'], open: Open, trailer: Segment | null): { breach: Breach; why: string } | null {
    const level = this.#dialect.levels[name];
    if (trailer === null) return { breach: 'content', why: `${level.close} cannot be read` };
    const expected = name === 'interchange' && this.#interchange !== null && this.#interchange.groups > 0 ? this.#interchange.groups : open.count;
    if (trailer.slice(3).some((element) => element !== '')) return { breach: 'content', why: `${level.close} has more than two elements` };
    const [said, count] = [textAt(trailer, 1), textAt(trailer, 2)];
    const opening = reference(open.header, level);
    if (count !== opening) return { breach: 'reference', why: `${level.close} has the reference '${clipped(count)}', ${level.open} '${opening}'` };
    if (!/^\d{1,10}$/.test(said) || Number(said) !== expected)
      return { breach: 'count', why: `${level.close} counts '${clipped(said)}', and there are ${expected}` };
    return null;
  }

  #unfinished(cut: Cut): void {
    if (this.#interchange === null)
      return this.#bad('interchange', 'no header', cut, `the file ends inside '${clipped(cut.bytes.toString('latin1'))}'`);
    if (this.#message === null) return this.#bad('message', 'content', cut, 'the file ends inside a segment');
    this.#message.keep(cut);
  }

  #tagOf({ bytes }: Cut): string {
    const marks = this.#tagEnds;
    let end = 0;
    while (end < bytes.length && end < 40 && !marks.includes(bytes[end] ?? 0)) end += 1;
    return bytes.toString('latin1', 0, end);
  }

  /** @throws RECORD_INVALID when it has bytes or characters that the interchange cannot have */
  #segment(cut: Cut): Segment {
    const { set, delimiters, forbidden } = this.#opened as Opened;
    const text = set.decode(cut.bytes.subarray(0, cut.bytes.length - 1));
    const wrong = forbidden?.exec(text);
    if (wrong !== null && wrong !== undefined) throw misfit(`character ${wrong.index + 1}`, 'is not in the character set that UNB names', wrong[0]);
    return readSegment(text, delimiters);
  }

  #read(cut: Cut): Segment | null {
    try {
      return cut.length > this.#maxRecordBytes ? null : this.#segment(cut);
    } catch (error) {
      if (error instanceof GatehouseError) return null;
      throw error;
    }
  }

  #placed({ offset, length, bytes }: OpenMessage): { number: number; offset: number; length: number; bytes: Buffer } {
    return { number: this.#number, offset, length, bytes };
  }

  #badMessage(message: OpenMessage, breach: Breach, why: string, place: SegmentPlace | null = null): void {
    const where = place === null ? '' : `segment ${place.position} (${place.tag}): `;
    const within = { interchange: this.#interchange?.header ?? null, group: this.#group?.header ?? null, message: message.header };
    const placed = this.#placed(message);
    const error = new EnvelopeFault(
      'message',
      breach,
      within,
      `${this.#dialect.name} record ${placed.number}: ${where}${why}`,
      place,
      message.fault?.error,
    );
    this.#found.push({ ...placed, error });
  }

  #bad(level: Level['name'], breach: Breach, { offset, length, bytes }: Cut, why: string, cause?: unknown): void {
    this.#number += 1;
    const within = { interchange: this.#interchange?.header ?? null, group: this.#group?.header ?? null, message: null };
    const error = new EnvelopeFault(level, breach, within, `${this.#dialect.name} record ${this.#number}: ${why}`, null, cause);
    this.#found.push({ number: this.#number, offset, length, bytes, error });
  }
}

const reference = (header: Segment, level: Level): string => clipped(textAt(header, level.reference));
