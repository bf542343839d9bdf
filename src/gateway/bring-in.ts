import { type Chunk, type ConsignmentRecord, type SourceKey } from '../contract/consignment.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Clock } from '../contract/clock.ts';
import { type Arrival, type Journal, type OutboxRow } from '../contract/journal.ts';
import {
  type Consignment,
  type GoodPiece,
  type Piece,
  type Prepared,
  type PutAway,
  type Source,
  type SourceDeclaration,
} from '../contract/source.ts';
import { FirstLook } from './first-look.ts';
import { type ConsignmentOrigin, eventOfPiece, eventOfStep, isBadPiece, parkedPiece, parkedWhole, valueDigest } from './source-event.ts';
import { type System, failureOf } from './system.ts';

const goneLimit = 500;
const waitForRoomMs = 20;
/** From so many bad pieces on, more bad than good hold the whole: a layout that does not fit must not fill the parking lot. */
const manyBad = 20;

export interface BringInSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly maxEventBytes: number;
  /** No chunk is begun any more. */
  stopping(): boolean;
  publish(rows: readonly OutboxRow[]): void;
  /** What is being done, for the status. */
  progress(change: { readonly events?: number; readonly parked?: number; readonly waiting?: string | null }): void;
  log(level: 'info' | 'warn', fields: Readonly<Record<string, unknown>>, message: string): void;
}

export type Brought = 'done' | 'duplicate' | 'refused' | 'held' | 'later';

type Place = Chunk['from'];

/**
 * Brings one consignment in: read through first, known by its content, then piece by piece into the outbox, each chunk with the checkpoint
 * behind it; put away when the journal has all of it. Whatever ends it in between, the next call goes on where the journal stands.
 */
export class BringIn {
  readonly #around: BringInSurroundings;
  readonly #system: System;
  readonly #declaration: SourceDeclaration;
  readonly #source: Source;
  readonly #key: SourceKey;
  readonly #said = new Map<string, string>();

  constructor(around: BringInSurroundings, system: System, declaration: SourceDeclaration, source: Source) {
    this.#around = around;
    this.#system = system;
    this.#declaration = declaration;
    this.#source = source;
    this.#key = { system: system.name, source: declaration.name };
  }

  /** @throws GatehouseError of the place or the journal: it is tried again */
  async bring(consignment: Consignment, signal: AbortSignal): Promise<Brought> {
    try {
      return await this.#brought(consignment, signal);
    } catch (thrown) {
      const error = asGatehouseError(thrown);
      if (error.class !== 'permanent' || error.code === 'CHANGED') throw thrown;
      // One that cannot be read stands in nobody's way.
      this.#say('warn', consignment, error.code, `${consignment.name} cannot be brought in: ${error.message}`);
      return 'later';
    }
  }

  async #brought(consignment: Consignment, signal: AbortSignal): Promise<Brought> {
    const record = await this.#settledBefore(consignment, signal);
    if (typeof record === 'string') return record;
    const look = new FirstLook(this.#around.journal, this.#key, this.#declaration, this.#source, record, (piece) =>
      this.#mapped(this.#origin(consignment, ''), piece),
    );
    await look.begin();
    let prepared: Prepared;
    try {
      prepared = await consignment.prepare(look.wanted ? (pieces) => look.see(pieces) : null, signal);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code !== 'FILE_CHANGED') throw error;
      this.#say('warn', consignment, error.code, `${consignment.name} is not complete yet: ${error.message}`);
      return 'later';
    }
    const origin = this.#origin(consignment, look.identity(prepared.identity));
    if (prepared.refusal !== null) return this.#refuse(consignment, origin, prepared.refusal, signal);
    if (look.twice !== null)
      return this.#refuse(
        consignment,
        origin,
        new GatehouseError('SNAPSHOT_SUSPICIOUS', 'the extract has a key twice; nothing of it was taken'),
        signal,
      );
    const suspicion = await this.#suspicion(prepared, look, record);
    if (suspicion !== null) return this.#hold(consignment, origin, suspicion);
    const { outcome, record: known } = await this.#around.journal.identify(
      this.#key,
      consignment.claim,
      { identity: origin.identity, size: prepared.size },
      this.#around.clock.wallMs(),
    );
    if (outcome === 'busy') return 'later';
    if (outcome === 'duplicate') return this.#duplicate(consignment, known, signal);
    if (outcome === 'changed')
      return this.#hold(
        consignment,
        origin,
        new GatehouseError('FILE_CHANGED', `its content is another than the one of which ${known.at} pieces are events by now`),
      );
    return this.#take(consignment, origin, known, signal);
  }

  /** What the journal has settled already only has to be put away. @returns the record when there is work to do */
  async #settledBefore(consignment: Consignment, signal: AbortSignal): Promise<ConsignmentRecord | Brought> {
    const { journal, clock } = this.#around;
    const { claim, name } = consignment;
    await journal.claim(this.#key, claim, name, clock.wallMs());
    const record = await this.#record(claim);
    switch (record.state) {
      case 'done':
        return this.#putAway(consignment, { end: 'done' }, signal);
      case 'duplicate':
        return this.#putAway(consignment, { end: 'duplicate', of: record.sameAs ?? '' }, signal);
      case 'refused':
        return this.#putAway(consignment, { end: 'refused', why: 'it was refused' }, signal);
      case 'held':
        // Its translation may be past keeping by now: what was decided is not known any more, and nothing leaves without a decision.
        if (record.heldBy === 'discarded' || record.heldBy === null)
          return this.#putAway(consignment, { end: 'refused', why: 'a person discarded it' }, signal);
        if (record.heldBy !== 'published') return 'held';
        await journal.release(this.#key, claim);
        return this.#record(claim);
      default:
        return record;
    }
  }

  async #record(claim: string): Promise<ConsignmentRecord> {
    const record = await this.#around.journal.consignment(this.#key, claim);
    if (record === null) throw new GatehouseError('CHANGED', `${this.#key.system} ${this.#key.source}: the claim ${claim} is gone from the journal`);
    return record;
  }

  async #suspicion({ pieces, bad, firstBad }: Prepared, look: FirstLook, record: ConsignmentRecord): Promise<GatehouseError | null> {
    const found = look.failures + bad;
    const first = firstBad ?? look.firstFailure;
    const whole = this.#source.holdsWhole || this.#declaration.snapshot !== null;
    if (found > 0 && first !== null && whole)
      return new GatehouseError(
        first.code,
        `${found} of ${pieces} pieces cannot become events, and it is taken as a whole; the first: ${first.message}`,
      );
    if (record.accepted) return null;
    if (bad >= manyBad && bad * 2 > pieces && firstBad !== null)
      return new GatehouseError(firstBad.code, `${bad} of ${pieces} pieces cannot be read; the first: ${firstBad.message}`);
    const { snapshot } = this.#declaration;
    const rows = snapshot === null || !look.staging ? null : await this.#around.journal.snapshotRows(this.#key);
    if (snapshot === null || rows === null || rows === 0) return null;
    const gonePercent = ((rows - look.kept) / rows) * 100;
    if (gonePercent <= snapshot.maxGonePercent) return null;
    return new GatehouseError(
      'SNAPSHOT_SUSPICIOUS',
      `${rows - look.kept} of ${rows} keys would be gone, ${gonePercent.toFixed(1)} %; ${snapshot.maxGonePercent} % are allowed`,
    );
  }

  /** The second pass: what was only looked at becomes events. */
  async #take(consignment: Consignment, origin: ConsignmentOrigin, record: ConsignmentRecord, signal: AbortSignal): Promise<Brought> {
    const { snapshot } = this.#declaration;
    let place: Place = { at: record.at, cursor: record.cursor };
    const onlyBaseline = snapshot?.first === 'baseline' && (await this.#around.journal.snapshotRows(this.#key)) === null;
    try {
      if (!onlyBaseline && place.cursor === null)
        for await (const pieces of consignment.pieces(place.at, signal)) {
          const at = pieces.at(-1)?.number ?? place.at;
          place = await this.#commit(consignment, place, { at, cursor: null }, await this.#made(origin, pieces));
        }
      if (!onlyBaseline && snapshot !== null && record.generation !== null)
        place = await this.#tellGone(consignment, origin, place, record.generation);
    } catch (error) {
      const failure = asGatehouseError(error);
      if (failure.code === 'FILE_CHANGED') return this.#hold(consignment, origin, failure);
      if (failure.code === 'RECORD_INVALID')
        return this.#refuse(
          consignment,
          origin,
          new GatehouseError('RECORD_INVALID', `${failure.message}; ${place.at} pieces are in the journal already`),
          signal,
        );
      throw error;
    }
    await this.#commit(consignment, place, place, { events: [], parked: [] }, true);
    return this.#putAway(consignment, { end: 'done' }, signal);
  }

  async #made(origin: ConsignmentOrigin, pieces: readonly Piece[]): Promise<{ events: CloudEvent[]; parked: Arrival[] }> {
    if (this.#declaration.snapshot !== null) return this.#compared(origin, pieces);
    const events: CloudEvent[] = [];
    const parked: Arrival[] = [];
    for (const piece of pieces) {
      const event = isBadPiece(piece) ? piece.error : await this.#mapped(origin, piece);
      if (event instanceof GatehouseError) parked.push(parkedPiece(origin, piece, failureOf(event)));
      else if (event !== null) events.push(event);
    }
    return { events, parked };
  }

  async #mapped(origin: ConsignmentOrigin, piece: GoodPiece): Promise<CloudEvent | GatehouseError | null> {
    return eventOfPiece(origin, piece).catch((error: unknown) => asGatehouseError(error));
  }

  async #compared(origin: ConsignmentOrigin, pieces: readonly Piece[]): Promise<{ events: CloudEvent[]; parked: Arrival[] }> {
    const keyed = pieces.filter((piece): piece is GoodPiece & { key: string } => !isBadPiece(piece) && typeof piece.key === 'string');
    const changes = await this.#around.journal.compare(
      this.#key,
      keyed.map(({ key, value }) => ({ key, digest: valueDigest(value) })),
    );
    const made: { events: CloudEvent[]; parked: Arrival[] } = { events: [], parked: [] };
    for (const [index, piece] of keyed.entries()) {
      const change = changes[index];
      if (change === undefined || change === 'same') continue;
      const event = await eventOfStep(origin, { change, key: piece.key, record: piece.value }, piece).catch((error: unknown) =>
        asGatehouseError(error),
      );
      if (event instanceof GatehouseError) made.parked.push(parkedPiece(origin, piece, failureOf(event)));
      else if (event !== null) made.events.push(event);
    }
    return made;
  }

  async #tellGone(consignment: Consignment, origin: ConsignmentOrigin, from: Place, generation: number): Promise<Place> {
    let place = from;
    for (;;) {
      const { keys, next } = await this.#around.journal.gone(this.#key, generation, place.cursor ?? '', goneLimit);
      const made: { events: CloudEvent[]; parked: Arrival[] } = { events: [], parked: [] };
      for (const key of keys) {
        const event = await eventOfStep(origin, { change: 'deleted', key, record: null }, { number: place.at });
        if (event !== null) made.events.push(event);
      }
      const cursor = next ?? keys.at(-1) ?? place.cursor;
      if (made.events.length > 0 || next !== null) place = await this.#commit(consignment, place, { at: place.at, cursor }, made);
      if (next === null) return place;
    }
  }

  async #commit(
    { claim }: Consignment,
    from: Place,
    to: Place,
    made: { readonly events: readonly CloudEvent[]; readonly parked: readonly Arrival[] },
    last = false,
  ): Promise<Place> {
    const { journal, clock, publish, progress, stopping } = this.#around;
    const limit = this.#system.settings.outboxBacklog;
    if (stopping()) throw new GatehouseError('STOPPING', 'the gateway is stopping');
    const chunk: Chunk = { claim, from, to, ...made, last, keepBodies: this.#system.settings.payload === 'full' };
    const { rows, outboxFull } = await journal.bringIn(this.#key, chunk, limit, clock.wallMs());
    publish(rows);
    progress({ events: rows.length, parked: made.parked.length });
    if (made.parked.length > 0)
      this.#around.log('warn', { system: this.#key.system, source: this.#key.source }, `${made.parked.length} piece(s) were parked on arrival`);
    if (outboxFull) await this.#waitForRoom(limit);
    return to;
  }

  /** The bus is slower than the source, or away. */
  async #waitForRoom(limit: number): Promise<void> {
    const { journal, clock, progress, stopping } = this.#around;
    progress({ waiting: `${limit} events are not confirmed by the bus` });
    while (!stopping() && (await journal.outboxHolds(Math.ceil(limit * 0.8))))
      await new Promise<void>((resolve) => void clock.after(waitForRoomMs, resolve));
    progress({ waiting: null });
  }

  async #duplicate(consignment: Consignment, record: ConsignmentRecord, signal: AbortSignal): Promise<Brought> {
    this.#say(
      'warn',
      consignment,
      null,
      `${consignment.name} has the content of ${record.sameAs ?? 'another'}, which was here before: no event leaves`,
    );
    return this.#putAway(consignment, { end: 'duplicate', of: record.sameAs ?? '' }, signal);
  }

  async #refuse(consignment: Consignment, origin: ConsignmentOrigin, error: GatehouseError, signal: AbortSignal): Promise<Brought> {
    await this.#setAside(consignment, origin, 'refused', error);
    return this.#putAway(consignment, { end: 'refused', why: error.message }, signal);
  }

  async #hold(consignment: Consignment, origin: ConsignmentOrigin, error: GatehouseError): Promise<Brought> {
    await this.#setAside(consignment, origin, 'held', error);
    return 'held';
  }

  async #setAside(consignment: Consignment, origin: ConsignmentOrigin, how: 'refused' | 'held', error: GatehouseError): Promise<void> {
    const { journal, clock, progress } = this.#around;
    const nowMs = clock.wallMs();
    const parked = parkedWhole(origin, `${consignment.claim} ${how} ${nowMs}`, how, failureOf(error));
    await journal.setAside(this.#key, consignment.claim, how, parked, nowMs);
    progress({ parked: 1 });
    this.#say('warn', consignment, error.code, `${consignment.name} is ${how}: ${error.message}`);
  }

  async #putAway(consignment: Consignment, how: PutAway, signal: AbortSignal): Promise<Brought> {
    await consignment.putAway(how, signal);
    await this.#around.journal.putAway(this.#key, consignment.claim, this.#around.clock.wallMs());
    this.#said.delete(consignment.claim);
    return how.end;
  }

  #origin({ name }: Consignment, identity: string): ConsignmentOrigin {
    const { clock, maxEventBytes } = this.#around;
    const keepBodies = this.#system.settings.payload === 'full';
    return { system: this.#key.system, declaration: this.#declaration, identity, name, maxEventBytes, keepBodies, wallMs: () => clock.wallMs() };
  }

  /** The same of the same consignment once: it is looked at again and again. */
  #say(level: 'info' | 'warn', { name, claim }: Consignment, code: string | null, message: string): void {
    if (this.#said.get(claim) === message) return;
    this.#said.set(claim, message);
    this.#around.log(level, { ...this.#key, consignment: name, ...(code === null ? {} : { code }) }, message);
  }
}
