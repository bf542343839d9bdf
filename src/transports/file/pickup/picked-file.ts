import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Consignment, type Piece, type Prepared, type PutAway } from '../../../contract/source.ts';
import { type FilePath } from '../places/file-path.ts';
import { type Entry } from '../places/place.ts';
import { blockDigest, blocksOf } from './blocks.ts';
import { FileReader } from './file-reader.ts';
import { type PickupParts } from './pickup.source.ts';
import { putAway } from './put-away.ts';
import { stateOf } from './watch.ts';

export interface PickedParts extends PickupParts {
  readonly claim: string;
  /** Where it was picked up. */
  readonly original: FilePath;
  /** Where it is now: in the directory of claims. */
  readonly path: FilePath;
  readonly marker: FilePath | null;
}

/**
 * A claimed file. The first pass reads all of it, with a digest for every block; the second hands out nothing of a block that is not the
 * same byte for byte, so that no record of a changed file becomes an event.
 */
export class PickedFile implements Consignment {
  readonly claim: string;
  readonly name: string;
  readonly #parts: PickedParts;
  #digests: readonly Buffer[] | null = null;

  constructor(parts: PickedParts) {
    this.#parts = parts;
    this.claim = parts.claim;
    this.name = parts.original.toString();
  }

  async prepare(look: ((pieces: readonly Piece[]) => Promise<void>) | null, signal: AbortSignal): Promise<Prepared> {
    const { place, path, settings, layout, maxEventBytes } = this.#parts;
    await this.#removeMarker(signal);
    const before = await this.#look(signal);
    // A name that another file, a link or a pipe has taken between the look and the claim.
    if (before.kind !== 'file') return this.#refused(before, new GatehouseError('FILE_DENIED', `it is no plain file but a ${before.kind}`));
    if (layout.unit === 'file' && before.size > maxEventBytes)
      return this.#refused(
        before,
        new GatehouseError('EVENT_TOO_LARGE', `the file has ${before.size} bytes, and one event at most ${maxEventBytes}`),
      );
    if (settings.stream) {
      const identity = this.#hash(`${this.name} ${before.size} ${before.modifiedMs ?? ''}`);
      return { identity, size: before.size, pieces: 0, bad: 0, firstBad: null, refusal: null };
    }
    const reader = new FileReader(layout);
    const hash = createHash('sha256');
    const digests: Buffer[] = [];
    let size = 0;
    for await (const block of blocksOf(place.read(path, signal))) {
      hash.update(block);
      digests.push(blockDigest(block));
      size += block.byteLength;
      for (const pieces of reader.push(block)) {
        await look?.(pieces);
        // Decoding is work of this thread: others get their turn.
        await nextTurn();
      }
    }
    for (const pieces of reader.end()) await look?.(pieces);
    const after = await this.#look(signal);
    if (stateOf(before) !== stateOf(after) || size !== after.size)
      throw new GatehouseError(
        'FILE_CHANGED',
        `${this.name} had ${before.size} bytes, then ${after.size}, and ${size} were read: it is still written to`,
      );
    this.#digests = digests;
    const { pieces, bad, firstBad, refusal } = reader;
    return { identity: this.#hash(hash.digest('hex')), size, pieces, bad, firstBad, refusal: withFirst(refusal, firstBad) };
  }

  async *pieces(after: number, signal: AbortSignal): AsyncIterable<readonly Piece[]> {
    const { place, path, layout } = this.#parts;
    const before = await this.#look(signal);
    const reader = new FileReader(layout);
    let [index, size] = [0, 0];
    for await (const block of blocksOf(place.read(path, signal))) {
      this.#compare(index, blockDigest(block));
      index += 1;
      size += block.byteLength;
      for (const pieces of reader.push(block)) yield* later(pieces, after);
      this.#refuseWhole(reader);
    }
    const state = await this.#look(signal);
    if (size !== before.size || stateOf(before) !== stateOf(state) || (this.#digests !== null && index !== this.#digests.length))
      throw new GatehouseError('FILE_CHANGED', `${this.name} has changed after ${reader.pieces} records were read from it`);
    const rest = [...reader.end()];
    this.#refuseWhole(reader);
    for (const pieces of rest) yield* later(pieces, after);
  }

  async putAway(how: PutAway, signal: AbortSignal): Promise<void> {
    await putAway(this.#parts, how, signal);
  }

  /** Whether the name, or the content alone, makes it the same as one before. */
  #hash(content: string): string {
    return this.#parts.settings.sameBy === 'content' || this.#parts.settings.stream
      ? content
      : createHash('sha256').update(`${this.name}\0${content}`).digest('hex');
  }

  #compare(index: number, digest: Buffer): void {
    if (this.#digests === null || this.#digests[index]?.equals(digest) === true) return;
    throw new GatehouseError('FILE_CHANGED', `${this.name} has changed since it was read first, at or after byte ${index * 1_048_576}`);
  }

  #refuseWhole({ refusal }: FileReader): void {
    if (refusal !== null)
      throw refusal.code === 'RECORD_INVALID' ? refusal : new GatehouseError('RECORD_INVALID', refusal.message, { cause: refusal });
  }

  #refused({ size, modifiedMs }: Entry, refusal: GatehouseError): Prepared {
    return { identity: this.#hash(`${this.name} ${size} ${modifiedMs ?? ''}`), size, pieces: 0, bad: 0, firstBad: null, refusal };
  }

  async #look(signal: AbortSignal): Promise<Entry> {
    const { place, path } = this.#parts;
    const entry = await place.look(path, signal);
    if (entry !== null) return entry;
    throw new GatehouseError('FILE_MISSING', `${place.name}: '${path.toString()}', claimed as ${this.name}, is gone`);
  }

  /** With the file, before another of its name comes; one that is there already has the marker for itself. */
  async #removeMarker(signal: AbortSignal): Promise<void> {
    const { place, marker, original } = this.#parts;
    if (marker === null || (await place.look(original, signal)) !== null) return;
    await place.remove(marker, signal).catch((error: unknown) => {
      if (!(error instanceof GatehouseError) || error.code !== 'FILE_MISSING') throw error;
    });
  }
}

/** What is wrong with the file as a whole is often the consequence of one record. */
function withFirst(refusal: GatehouseError | null, firstBad: GatehouseError | null): GatehouseError | null {
  if (refusal === null || firstBad === null) return refusal;
  return new GatehouseError(refusal.code, `${refusal.message}; the first record that could not be read: ${firstBad.message}`, { cause: refusal });
}

function* later(pieces: readonly Piece[], after: number): Generator<readonly Piece[]> {
  const left = pieces.filter(({ number }) => number > after);
  if (left.length > 0) yield left;
}
