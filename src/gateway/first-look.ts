import { type ConsignmentRecord, type SourceKey } from '../contract/consignment.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Journal } from '../contract/journal.ts';
import { type GoodPiece, type Piece, type Source, type SourceDeclaration } from '../contract/source.ts';
import { isBadPiece, valueDigest } from './source-event.ts';

/** What the first pass is used for beside reading: staging a snapshot, or trying the mapping of a source that is taken whole. */
export class FirstLook {
  /** Keys of the current generation that are in this one. */
  kept = 0;
  twice: string | null = null;
  failures = 0;
  firstFailure: GatehouseError | null = null;
  readonly staging: boolean;
  readonly wanted: boolean;
  readonly #journal: Journal;
  readonly #key: SourceKey;
  readonly #record: ConsignmentRecord;
  readonly #map: (piece: GoodPiece) => Promise<CloudEvent | GatehouseError | null>;
  readonly #keyed: boolean;
  #generation: number;

  constructor(
    journal: Journal,
    key: SourceKey,
    declaration: SourceDeclaration,
    source: Source,
    record: ConsignmentRecord,
    map: (piece: GoodPiece) => Promise<CloudEvent | GatehouseError | null>,
  ) {
    this.#journal = journal;
    this.#key = key;
    this.#record = record;
    this.#map = map;
    this.#keyed = declaration.snapshot !== null;
    this.#generation = record.generation ?? 0;
    // What is open has been staged whole, and what it is compared with has not moved.
    this.staging = this.#keyed && record.state !== 'open';
    this.wanted = this.staging || (!this.#keyed && source.holdsWhole);
  }

  async begin(): Promise<void> {
    if (this.staging) this.#generation = await this.#journal.beginSnapshot(this.#key, this.#record.claim);
  }

  async see(pieces: readonly Piece[]): Promise<void> {
    if (!this.staging) return this.#try(pieces);
    const rows = pieces.flatMap((piece) =>
      isBadPiece(piece) || typeof piece.key !== 'string' ? [] : [{ key: piece.key, digest: valueDigest(piece.value) }],
    );
    const { kept, twice } = await this.#journal.stage(this.#key, this.#generation, rows);
    this.kept += kept;
    this.twice ??= twice;
  }

  async #try(pieces: readonly Piece[]): Promise<void> {
    for (const piece of pieces) {
      const made = isBadPiece(piece) ? null : await this.#map(piece);
      if (!(made instanceof GatehouseError)) continue;
      this.failures += 1;
      this.firstFailure ??= made;
    }
  }

  /** The same extract is another consignment when it is compared with another generation. */
  identity(content: string): string {
    return this.#keyed ? `${content} ${this.#generation}` : content;
  }
}
