import { type Decoded, isBad, type RecordDecoder } from '../../codecs/record-codec.ts';
import { type Cut, LineScanner, RecordCutter } from '../record-cutter.ts';
import { atRecord, decoded, misfit } from '../record-fault.ts';
import { carriageReturn, endBlock, MllpScanner, startBlock } from './hl7.lexer.ts';
import { type Hl7Settings, readMessage } from './hl7.message.ts';
import { type Segment, type Separators, separatorsOf, textAt } from './hl7.text.ts';

const format = 'HL7';

interface Gathering {
  readonly offset: number;
  readonly lines: Buffer[];
  length: number;
  kept: number;
}

/** Messages of a file, and the batch headers and trailers around them, which are records of the types FHS, BHS, BTS and FTS. */
export class Hl7Decoder implements RecordDecoder {
  readonly #settings: Hl7Settings;
  readonly #cutter: RecordCutter;
  #found: Decoded[] = [];
  #number = 0;
  #open: Gathering | null = null;
  #separators: Separators | null = null;
  /** What a trailer counts; null: none is open. */
  #messages: number | null = null;
  #batches: number | null = null;
  #end = 0;

  constructor(settings: Hl7Settings) {
    this.#settings = settings;
    this.#cutter = new RecordCutter(settings.framing === 'mllp' ? new MllpScanner() : new LineScanner(), settings.maxRecordBytes);
  }

  push(chunk: Uint8Array): Decoded[] {
    this.#cutter.push(chunk, (cut) => this.#take(cut));
    return this.#flush();
  }

  end(): Decoded[] {
    const rest = this.#cutter.end();
    if (rest !== null) this.#take(rest);
    this.#closeMessage();
    if (this.#messages !== null) this.#missing('BHS', 'BTS');
    if (this.#batches !== null) this.#missing('FHS', 'FTS');
    return this.#flush();
  }

  #flush(): Decoded[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #take(cut: Cut): void {
    this.#end = cut.offset + cut.length;
    if (this.#settings.framing === 'mllp') this.#frame(cut);
    else this.#line(cut);
  }

  #frame(cut: Cut): void {
    if (cut.bytes[0] !== startBlock && cut.length <= this.#settings.maxRecordBytes && cut.bytes.every((byte) => byte === 0x0a || byte === 0x0d))
      return;
    this.#number += 1;
    this.#found.push(
      decoded(format, this.#number, cut, this.#settings.maxRecordBytes, () => {
        const { bytes } = cut;
        if (bytes[0] !== startBlock) throw misfit('', 'stands outside a frame', bytes.toString('latin1'));
        const end = bytes.lastIndexOf(endBlock);
        if (end < 0 || end < bytes.length - 2) throw misfit('', 'the frame has no end block');
        const lines = linesOf(bytes.subarray(1, end));
        if (lines[0]?.toString('latin1', 0, 3) !== 'MSH') throw misfit('', 'the frame does not begin with MSH', lines[0]?.toString('latin1') ?? '');
        const read = readMessage(lines, null, this.#settings);
        // Some leave the carriage return after the end block out.
        return bytes.at(-1) === carriageReturn ? read : { ...read, value: { ...read.value, frameEnd: 'short' } };
      }),
    );
  }

  #line(whole: Cut): void {
    const cut = withoutMark(whole);
    const name = cut.bytes.toString('latin1', 0, 3);
    if (/^[\r\n]*$/.test(name)) {
      // A blank line belongs to the line end before it.
      if (this.#open !== null) this.#add(this.#open, cut);
      return;
    }
    if (name === 'MSH') {
      this.#closeMessage();
      this.#open = { offset: cut.offset, lines: [], length: 0, kept: 0 };
      this.#add(this.#open, cut);
    } else if (['FHS', 'BHS', 'BTS', 'FTS'].includes(name)) {
      this.#closeMessage();
      this.#envelope(name, cut);
    } else if (this.#open === null) this.#record(cut, [cut.bytes], () => misfit('', 'has no MSH before it', cut.bytes.toString('latin1')));
    else this.#add(this.#open, cut);
  }

  #add(open: Gathering, { length, bytes }: Cut): void {
    open.length += length;
    const room = this.#settings.maxRecordBytes - open.kept;
    if (room <= 0) return;
    const kept = bytes.subarray(0, room);
    open.kept += kept.length;
    const last = open.lines.length - 1;
    const before = open.lines[last];
    if (before !== undefined && /^[\r\n]+$/.test(kept.toString('latin1', 0, 3))) open.lines[last] = Buffer.concat([before, kept]);
    else open.lines.push(kept);
  }

  #closeMessage(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    if (this.#messages !== null) this.#messages += 1;
    this.#record({ offset: open.offset, length: open.length, bytes: Buffer.concat(open.lines) }, open.lines, () => null);
  }

  /** `wrong`: looks at the segment that was read. */
  #record(cut: Cut, lines: readonly Buffer[], wrong: (segment: Segment) => Error | null): void {
    this.#number += 1;
    const record = decoded(format, this.#number, cut, this.#settings.maxRecordBytes, () => {
      const read = readMessage(lines, this.#separators, this.#settings);
      const error = wrong((read.value['segments'] as Segment[])[0] ?? []);
      if (error !== null) throw error;
      return read;
    });
    this.#found.push(record);
  }

  #envelope(name: string, cut: Cut): void {
    const opens = name === 'FHS' || name === 'BHS';
    if (name !== 'BTS' && this.#messages !== null) this.#missing('BHS', 'BTS');
    if (name === 'FHS' && this.#batches !== null) this.#missing('FHS', 'FTS');
    const [messages, batches] = [this.#messages, this.#batches];
    if (opens) this.#separators = separatorsIn(cut.bytes);
    this.#record(cut, [cut.bytes], (segment) => {
      if (name === 'BTS') return miscount('BTS', textAt(segment, 1), messages, 'messages');
      return name === 'FTS' ? miscount('FTS', textAt(segment, 1), batches, 'batches') : null;
    });
    if (name === 'FHS') this.#batches = 0;
    if (name === 'BHS') this.#messages = 0;
    if (name === 'BTS') {
      this.#messages = null;
      if (this.#batches !== null) this.#batches += 1;
    }
    if (name === 'FTS') this.#batches = null;
  }

  #missing(open: string, close: string): void {
    this.#number += 1;
    const error = atRecord(format, this.#number, misfit('', `${open} has no ${close}`));
    const bad = { number: this.#number, offset: this.#end, length: 0, bytes: new Uint8Array(), error };
    if (isBad(bad)) this.#found.push(bad);
    if (open === 'BHS') this.#messages = null;
    else this.#batches = null;
  }
}

/** The count of a trailer may be left out. @see HL7 v2, chapter 2, BTS-1 and FTS-1 */
function miscount(name: string, said: string, count: number | null, what: string): Error | null {
  if (count === null) return misfit('', `${name} has no ${name === 'BTS' ? 'BHS' : 'FHS'} before it`);
  return said === '' || (/^\d{1,10}$/.test(said) && Number(said) === count)
    ? null
    : misfit(`${name}-1`, `is not the number of ${what}, ${count}`, said);
}

function separatorsIn(bytes: Buffer): Separators | null {
  try {
    return separatorsOf(bytes.toString('latin1').replace(/[\r\n]+$/, ''));
  } catch {
    return null;
  }
}

function withoutMark(cut: Cut): Cut {
  const { offset, length, bytes } = cut;
  if (offset !== 0 || bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf) return cut;
  return { offset: 3, length: length - 3, bytes: bytes.subarray(3) };
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  const cutter = new RecordCutter(new LineScanner(), bytes.length + 1);
  const take = ({ bytes: line }: Cut): void => {
    const last = lines.length - 1;
    const before = lines[last];
    if (before !== undefined && /^[\r\n]+$/.test(line.toString('latin1', 0, 3))) lines[last] = Buffer.concat([before, line]);
    else lines.push(line);
  };
  cutter.push(bytes, take);
  const rest = cutter.end();
  if (rest !== null) take(rest);
  return lines;
}
