import { type ConsignmentRecord, type SourceKey } from '../contract/consignment.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Consignment, type Prepared, type PutAway, type Source, type SourceDeclaration } from '../contract/source.ts';
import { FirstLook } from './first-look.ts';
import { SecondPass, type SecondPassSurroundings } from './second-pass.ts';
import { type ConsignmentOrigin, eventOfPiece, orError, parkedWhole } from './source-event.ts';
import { brokenWhole, suspicionOf } from './suspicion.ts';
import { type System, failureOf } from './system.ts';

export interface BringInSurroundings extends SecondPassSurroundings {
  /** Largest body of one event, bytes. */
  readonly maxEventBytes: number;
}

export type Brought = 'done' | 'duplicate' | 'refused' | 'held' | 'later';

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
      this.#say(consignment, error.code, `${consignment.name} cannot be brought in: ${error.message}`);
      return 'later';
    }
  }

  async #brought(consignment: Consignment, signal: AbortSignal): Promise<Brought> {
    const record = await this.#settledBefore(consignment, signal);
    if (typeof record === 'string') return record;
    const look = new FirstLook(this.#around.journal, this.#key, this.#declaration, this.#source, record, (piece) =>
      orError(eventOfPiece(this.#origin(consignment, ''), piece)),
    );
    await look.begin();
    let prepared: Prepared;
    try {
      prepared = await consignment.prepare(look.wanted ? (pieces) => look.see(pieces) : null, signal);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code !== 'FILE_CHANGED') throw error;
      this.#say(consignment, error.code, `${consignment.name} is not complete yet: ${error.message}`);
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

  async #suspicion(prepared: Prepared, look: FirstLook, record: ConsignmentRecord): Promise<GatehouseError | null> {
    const broken = brokenWhole(prepared, look, this.#source, this.#declaration);
    if (broken !== null || record.accepted) return broken;
    return suspicionOf(prepared, look, this.#declaration, look.staging ? await this.#around.journal.snapshotRows(this.#key) : null);
  }

  async #take(consignment: Consignment, origin: ConsignmentOrigin, record: ConsignmentRecord, signal: AbortSignal): Promise<Brought> {
    const pass = new SecondPass(this.#around, consignment, origin, record, this.#system.settings.outboxBacklog);
    try {
      await pass.run(signal);
    } catch (error) {
      const failure = asGatehouseError(error);
      if (failure.code === 'FILE_CHANGED') return this.#hold(consignment, origin, failure);
      if (failure.code !== 'RECORD_INVALID') throw error;
      const message = `${failure.message}; ${pass.at} pieces are in the journal already`;
      return this.#refuse(consignment, origin, new GatehouseError('RECORD_INVALID', message), signal);
    }
    return this.#putAway(consignment, { end: 'done' }, signal);
  }

  async #duplicate(consignment: Consignment, record: ConsignmentRecord, signal: AbortSignal): Promise<Brought> {
    this.#say(consignment, null, `${consignment.name} has the content of ${record.sameAs ?? 'another'}, which was here before: no event leaves`);
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
    this.#say(consignment, error.code, `${consignment.name} is ${how}: ${error.message}`);
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
  #say({ name, claim }: Consignment, code: string | null, message: string): void {
    if (this.#said.get(claim) === message) return;
    this.#said.set(claim, message);
    this.#around.log('warn', { ...this.#key, consignment: name, ...(code === null ? {} : { code }) }, message);
  }
}
