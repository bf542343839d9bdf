import { type Clock } from '../contract/clock.ts';
import { type Chunk, type ConsignmentRecord, type SourceKey } from '../contract/consignment.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Arrival, type Journal, type OutboxRow } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { type Consignment, type GoodPiece, type Piece } from '../contract/source.ts';
import { type ConsignmentOrigin, eventOfPiece, eventOfStep, isBadPiece, orError, parkedPiece, valueDigest } from './source-event.ts';
import { failureOf } from './system.ts';

/** Keys that are told as gone in one commit. */
const goneAtOnce = 500;
const waitForRoomMs = 20;
/** A source that had to wait for the bus goes on below this share of its `outboxBacklog`. */
const lowWaterMark = 0.8;

export interface SecondPassSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** No chunk is begun any more. */
  stopping(): boolean;
  publish(rows: readonly OutboxRow[]): void;
  /** What is being done, for the status. */
  progress(change: { readonly events?: number; readonly parked?: number; readonly waiting?: string | null }): void;
}

type Place = Chunk['from'];

/** What became of some pieces. */
class Made {
  readonly events: CloudEvent[] = [];
  readonly parked: Arrival[] = [];

  add(origin: ConsignmentOrigin, piece: Piece, event: CloudEvent | GatehouseError | null): void {
    if (event instanceof GatehouseError) this.parked.push(parkedPiece(origin, piece, failureOf(event)));
    else if (event !== null) this.events.push(event);
  }
}

/**
 * The second pass over a consignment: what was only looked at becomes events, piece by piece into the outbox, each chunk with the checkpoint
 * behind it. Goes on where the journal stands.
 */
export class SecondPass {
  readonly #around: SecondPassSurroundings;
  readonly #consignment: Consignment;
  readonly #origin: ConsignmentOrigin;
  readonly #record: ConsignmentRecord;
  /** Events that may wait for the bus. */
  readonly #outboxBacklog: number;
  readonly #key: SourceKey;
  #place: Place;

  constructor(around: SecondPassSurroundings, consignment: Consignment, origin: ConsignmentOrigin, record: ConsignmentRecord, outboxBacklog: number) {
    this.#around = around;
    this.#consignment = consignment;
    this.#origin = origin;
    this.#record = record;
    this.#outboxBacklog = outboxBacklog;
    this.#key = { system: origin.system, source: origin.declaration.name };
    this.#place = { at: record.at, cursor: record.cursor };
  }

  /** Pieces that are in the journal. */
  get at(): number {
    return this.#place.at;
  }

  /** @throws GatehouseError FILE_CHANGED, RECORD_INVALID of the consignment; STOPPING; those of the journal */
  async run(signal: AbortSignal): Promise<void> {
    const { snapshot } = this.#origin.declaration;
    const { generation } = this.#record;
    const onlyBaseline = snapshot?.first === 'baseline' && (await this.#around.journal.snapshotRows(this.#key)) === null;
    if (!onlyBaseline) {
      if (this.#place.cursor === null) await this.#tellPieces(signal);
      if (snapshot !== null && generation !== null) await this.#tellGone(generation);
    }
    await this.#commit(this.#place, new Made(), true);
  }

  async #tellPieces(signal: AbortSignal): Promise<void> {
    const made = this.#origin.declaration.snapshot === null ? this.#each : this.#changed;
    for await (const pieces of this.#consignment.pieces(this.at, signal))
      await this.#commit({ at: pieces.at(-1)?.number ?? this.at, cursor: null }, await made.call(this, pieces));
  }

  async #each(pieces: readonly Piece[]): Promise<Made> {
    const made = new Made();
    for (const piece of pieces) made.add(this.#origin, piece, isBadPiece(piece) ? piece.error : await orError(eventOfPiece(this.#origin, piece)));
    return made;
  }

  /** Of a snapshot only what is another than in the one before. */
  async #changed(pieces: readonly Piece[]): Promise<Made> {
    const made = new Made();
    const keyed = pieces.filter((piece): piece is GoodPiece & { key: string } => !isBadPiece(piece) && typeof piece.key === 'string');
    const changes = await this.#around.journal.compare(
      this.#key,
      keyed.map(({ key, value }) => ({ key, digest: valueDigest(value) })),
    );
    for (const [index, piece] of keyed.entries()) {
      const change = changes[index];
      if (change === undefined || change === 'same') continue;
      const step = { change, key: piece.key, record: piece.value };
      made.add(this.#origin, piece, await orError(eventOfStep(this.#origin, step, piece)));
    }
    return made;
  }

  /** The keys of the snapshot before that are not in this one, in their order; the cursor is the last that was told. */
  async #tellGone(generation: number): Promise<void> {
    for (let more = true; more;) {
      const { at, cursor } = this.#place;
      const { keys, next } = await this.#around.journal.gone(this.#key, generation, cursor ?? '', goneAtOnce);
      const made = new Made();
      for (const key of keys) {
        const event = await eventOfStep(this.#origin, { change: 'deleted', key, record: null }, { number: at });
        if (event !== null) made.events.push(event);
      }
      more = next !== null;
      if (made.events.length > 0 || more) await this.#commit({ at, cursor: next ?? keys.at(-1) ?? cursor }, made);
    }
  }

  async #commit(to: Place, { events, parked }: Made, last = false): Promise<void> {
    const { journal, clock, log, publish, progress, stopping } = this.#around;
    const { claim } = this.#consignment;
    if (stopping()) throw new GatehouseError('STOPPING', 'the gateway is stopping');
    const chunk: Chunk = { claim, from: this.#place, to, events, parked, last, keepBodies: this.#origin.keepBodies };
    const { rows, outboxFull } = await journal.bringIn(this.#key, chunk, this.#outboxBacklog, clock.wallMs());
    this.#place = to;
    publish(rows);
    progress({ events: rows.length, parked: parked.length });
    if (parked.length > 0) log('warn', { ...this.#key }, `${parked.length} piece(s) were parked on arrival`);
    if (outboxFull) await this.#waitForRoom();
  }

  /** The bus is slower than the source, or away. */
  async #waitForRoom(): Promise<void> {
    const { journal, clock, progress, stopping } = this.#around;
    progress({ waiting: `${this.#outboxBacklog} events are not confirmed by the bus` });
    while (!stopping() && (await journal.outboxHolds(Math.ceil(this.#outboxBacklog * lowWaterMark))))
      await new Promise<void>((resolve) => void clock.after(waitForRoomMs, resolve));
    progress({ waiting: null });
  }
}
