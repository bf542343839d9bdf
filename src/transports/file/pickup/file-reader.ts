import { GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type GoodPiece, type Piece } from '../../../contract/source.ts';
import { type BadRecord, type Decoded, type DecodedRecord, type RecordDecoder, isBad } from '../codecs/record-codec.ts';
import { EnvelopeFault } from '../interchange/segments/envelope.fault.ts';
import { type PickedRecord, type PickupLayout } from './pickup.ts';

/** What is handed to the decoder at once: what it makes of it is what one turn of the event loop takes. */
const sliceBytes = 32_768;
/** Pieces of one chunk: one commit of the journal. */
const chunkPieces = 250;
const maxKeyLength = 1_024;

/** The bytes of one file as pieces, counted from 1 in the order in which the codec gives them. */
export class FileReader {
  readonly #layout: PickupLayout;
  readonly #decoder: RecordDecoder;
  readonly #whole: PickedRecord[] = [];
  #ready: Piece[] = [];
  #number = 0;
  bad = 0;
  firstBad: GatehouseError | null = null;
  /** What is wrong with the file as a whole. */
  refusal: GatehouseError | null = null;

  constructor(layout: PickupLayout) {
    this.#layout = layout;
    this.#decoder = layout.codec.decoder();
  }

  /** Pieces so far. */
  get pieces(): number {
    return this.#number;
  }

  /** Full chunks that these bytes complete, a slice at a time. */
  *push(block: Uint8Array): Generator<readonly Piece[]> {
    for (let at = 0; at < block.byteLength && this.refusal === null; at += sliceBytes) {
      const slice = block.subarray(at, at + sliceBytes);
      this.#take(() => this.#decoder.push(slice));
      yield* this.#chunks(chunkPieces);
    }
  }

  *end(): Generator<readonly Piece[]> {
    if (this.refusal === null) this.#take(() => this.#decoder.end());
    if (this.#layout.unit === 'file' && this.refusal === null) {
      this.#number += 1;
      this.#ready.push({ number: this.#number, offset: 0, bytes: new Uint8Array(), value: this.#whole as unknown as Json });
    }
    yield* this.#chunks(1);
  }

  *#chunks(least: number): Generator<readonly Piece[]> {
    while (this.#ready.length >= least) {
      const chunk = this.#ready.slice(0, chunkPieces);
      this.#ready = this.#ready.slice(chunkPieces);
      yield chunk;
    }
  }

  #take(read: () => Decoded[]): void {
    let records: Decoded[];
    try {
      records = read();
    } catch (error) {
      this.refusal = asGatehouseError(error);
      return;
    }
    for (const record of records) this.#add(record);
  }

  #add(record: Decoded): void {
    if (isBad(record)) {
      if (concernsFile(record)) this.refusal ??= record.error;
      else this.#addBad(record, record.error);
    } else if (this.#layout.unit === 'file') this.#whole.push(picked(record));
    else this.#addGood(record);
  }

  #addGood(record: DecodedRecord): void {
    const { key: keyOf } = this.#layout;
    const value = picked(record);
    const { offset, bytes } = record;
    if (keyOf === null) {
      this.#number += 1;
      this.#ready.push({ number: this.#number, offset, bytes, value: value as unknown as Json });
      return;
    }
    const key = keyOf(value);
    if (key !== null && (typeof key !== 'string' || key === '' || key.length > maxKeyLength))
      return this.#addBad(record, new GatehouseError('RECORD_INVALID', `record ${record.number} has no key of 1 to ${maxKeyLength} characters`));
    this.#number += 1;
    this.#ready.push({ number: this.#number, offset, bytes, value: value as unknown as Json, key });
  }

  #addBad({ offset, bytes }: Decoded, error: GatehouseError): void {
    this.bad += 1;
    this.firstBad ??= error;
    this.#number += 1;
    // A file that is one piece has no pieces that could be parked.
    if (this.#layout.unit === 'record') this.#ready.push({ number: this.#number, offset, bytes, error });
  }
}

const picked = ({ type, value }: DecodedRecord): PickedRecord => ({ type, value });

/** A trailer that is wrong or missing, an envelope that does not close: then the records before it cannot be trusted either. */
function concernsFile({ error, file, length }: BadRecord): boolean {
  return file === true || length === 0 || (error instanceof EnvelopeFault && error.level !== 'message');
}

/** A record of its own, without what stood around it. @throws GatehouseError RECORD_INVALID */
export function readAlone({ codec, unit, key }: PickupLayout, bytes: Uint8Array, number: number): GoodPiece {
  if (unit === 'file' || key !== null) throw alone(codec.name);
  const decoder = codec.decoder();
  const records = [...decoder.push(bytes), ...decoder.end()];
  const [first] = records;
  if (first === undefined) throw alone(codec.name);
  if (isBad(first)) throw first.error;
  return { number, offset: first.offset, bytes, value: picked(first) as unknown as Json };
}

function alone(codec: string): GatehouseError {
  return new GatehouseError('RECORD_INVALID', `${codec}: this cannot be read by itself: have it sent again in a file of its own, and discard`);
}
