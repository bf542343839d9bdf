import { setImmediate as nextTurn } from 'node:timers/promises';
import { asGatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type RecordedExchange } from '../../contract/transport.ts';
import { placeInBatch } from './batch-place.ts';
import { type Decoded, type RecordCodec, isBad } from './codecs/record-codec.ts';
import { type FileInspection, type FilePiece, type FileRecord, type FileStep } from './inspection.ts';
import { RecordSketch } from './record-sketch.ts';

type RecordedPart = RecordedExchange['parts'][number];

/** What a call's files are written and read with; null where the layout has no such call any more. */
export interface FileCodecs {
  readonly drop: RecordCodec | null;
  readonly reply: RecordCodec | null;
}

const mostRecords = 200;
/** Characters of records in one answer: a page of a browser must not choke on them. */
const mostShown = 1_500_000;
const chunkBytes = 65_536;
const mostSteps = 200;
/** Bytes of one event's records. */
const mostGathered = 1_000_000;

/** The files of a call as records with their fields, by the layout's own codecs. */
export async function inspectFiles(exchange: RecordedExchange, codecs: FileCodecs): Promise<FileInspection> {
  const pieces: FilePiece[] = [];
  const steps: FileStep[] = [];
  const told = (part: RecordedPart): void => {
    if (steps.length < mostSteps) steps.push({ atMs: part.atMs, kind: part.kind, said: exchange.masking.json(parsed(part)) });
  };
  for (const [index, part] of exchange.parts.entries()) {
    if (isJson(part)) {
      told(part);
      continue;
    }
    const role = part.kind === 'sent' ? 'dropped' : part.kind === 'note' ? 'gathered' : 'reply';
    const codec = role === 'reply' ? codecs.reply : codecs.drop;
    if (codec === null || part.bytes === null) continue;
    const sketch = new RecordSketch(codec, exchange.masking);
    const alone = role === 'reply' && isOneRecord(exchange.parts[index + 1]);
    const about = { part: index, role, codec: codec.name, codePage: codec.codePage ?? null, size: part.size, kept: keptOf(part) } as const;
    const read = alone
      ? aloneOf(exchange, part, sketch)
      : role === 'gathered'
        ? (withoutFile(part, codec, sketch) ?? aloneOf(exchange, part, sketch))
        : await recordsOf(exchange, part, codec, sketch);
    pieces.push({ ...about, ...read, stopped: read.stopped === null ? null : exchange.masking.text(read.stopped) });
  }
  // What became of the file that the call went out in with others; not the file, as the values of others stand in it.
  const gone = exchange.batch !== undefined && exchange.batch.place !== null ? exchange.batch.parts : [];
  for (const part of gone.filter(isJson)) told(part);
  const batch = exchange.batch === undefined ? null : await placeInBatch(exchange, exchange.batch, codecs.drop);
  return { view: 'file', pieces, steps: steps.sort((a, b) => a.atMs - b.atMs), batch };
}

type ReadPiece = Pick<FilePiece, 'records' | 'next' | 'stopped'>;

/** The middle of a clipped part is not there: what comes after it belongs to no record that could be told. */
const keptOf = ({ bytes, clipped }: RecordedPart): number => (bytes === null ? 0 : clipped ? Math.ceil(bytes.byteLength / 2) : bytes.byteLength);

/** A record of its own, without what stood around it; its value is what the call was told. */
function aloneOf({ args, answer, from }: RecordedExchange, part: RecordedPart, sketch: RecordSketch): ReadPiece {
  if (from > 0) return { records: [], next: null, stopped: null };
  const bytes = (part.bytes ?? new Uint8Array()).subarray(0, keptOf(part));
  const told = part.kind === 'received' ? valueIn(answer) : args;
  const value = typeof told === 'object' && told !== null && !Array.isArray(told) ? told : null;
  return { records: [sketch.record({ number: 1, offset: 0, length: bytes.byteLength, bytes }, value, null)], next: null, stopped: null };
}

/** The records of one event, that header and trailer come around later: null when the format cannot be read without them. */
function withoutFile(part: RecordedPart, codec: RecordCodec, sketch: RecordSketch): ReadPiece | null {
  const bytes = (part.bytes ?? new Uint8Array()).subarray(0, Math.min(mostGathered, keptOf(part)));
  let decoded: Decoded[];
  try {
    const decoder = codec.decoder();
    decoded = [...decoder.push(bytes), ...decoder.end()];
  } catch {
    return null;
  }
  // Only what is wrong with the file may be wrong: that there is none yet.
  const records = decoded.filter((each) => each.length > 0);
  if (codec.anatomy === undefined || records.length === 0 || records.some((each) => isBad(each) && each.file !== true)) return null;
  const shown = records.slice(0, mostRecords).map((each) => sketch.record(within(each, bytes), isBad(each) ? null : each.value, null));
  return { records: shown, next: null, stopped: null };
}

async function recordsOf({ from }: RecordedExchange, part: RecordedPart, codec: RecordCodec, sketch: RecordSketch): Promise<ReadPiece> {
  const bytes = (part.bytes ?? new Uint8Array()).subarray(0, keptOf(part));
  const records: FileRecord[] = [];
  let seen = 0;
  let shown = 0;
  const take = (decoded: readonly Decoded[]): boolean => {
    for (const each of decoded) {
      seen += 1;
      if (seen <= from) continue;
      if (records.length >= mostRecords || shown > mostShown) return false;
      const record = isBad(each)
        ? sketch.record(within(each, bytes), null, each.error.message)
        : sketch.record(within(each, bytes), each.value, null);
      records.push(record);
      shown += record.hex.length + record.fields.length * 120;
    }
    return true;
  };
  try {
    const decoder = codec.decoder();
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
      if (!take(decoder.push(bytes.subarray(at, at + chunkBytes)))) return { records, next: from + records.length, stopped: null };
      // Decoding is work of the gateway's own thread: translations get their turn.
      await nextTurn();
    }
    if (!part.clipped && !take(decoder.end())) return { records, next: from + records.length, stopped: null };
  } catch (error) {
    return { records, next: null, stopped: asGatehouseError(error).message };
  }
  const stopped = part.clipped ? `only the first ${bytes.byteLength} of its ${part.size} bytes can be read as records` : null;
  return { records, next: null, stopped };
}

/** The place of a record's own bytes: behind the descriptor words, where there are some. */
function within({ number, offset, bytes }: Decoded, file: Uint8Array): { number: number; offset: number; length: number; bytes: Uint8Array } {
  const own = [0, 4, 8].find((word) => startsWith(file, offset + word, bytes)) ?? 0;
  return { number, offset: offset + own, length: bytes.byteLength, bytes };
}

function startsWith(file: Uint8Array, at: number, bytes: Uint8Array): boolean {
  const here = file.subarray(at, at + bytes.byteLength);
  return here.byteLength === bytes.byteLength && Buffer.compare(here, bytes) === 0;
}

const isJson = ({ media }: RecordedPart): boolean => media === 'application/json';

function parsed({ bytes, clipped, size }: RecordedPart): Json {
  if (bytes === null) return null;
  if (clipped) return `${size} bytes, which are not kept whole`;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text.slice(0, 2_000);
  }
}

/** A reply by record is followed by a note of its place in the file. */
function isOneRecord(next: RecordedPart | undefined): boolean {
  if (next === undefined || !isJson(next)) return false;
  const note = parsed(next);
  return typeof note === 'object' && note !== null && !Array.isArray(note) && typeof note['record'] === 'number';
}

const valueIn = (answer: Json): Json => (typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? (answer['value'] ?? null) : null);
