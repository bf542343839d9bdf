import { type BulkItemEnd, BulkJournal, type BulkRef, type BulkRow, type BulkStart, type BulkTurn, type BulkWork } from '../../contract/bulk.ts';
import { type CloudEvent } from '../../contract/event.ts';
import { type Failure, type OperatorAct, type TranslationRef } from '../../contract/journal.ts';
import { type PendingBody } from './bodies.ts';
import { abandonBulk, actOnItem, bulkUnder, freezeItems, halfFrozenBulks, nextWork, refuseItem, startBulk, thawItems, turnBulk } from './bulks.ts';
import { type Ledger } from './ledger.ts';
import { type Writer } from './writer.ts';

/** Bulk actions in the same file: each intent is one record of the journal's writer. */
export class SqliteBulks extends BulkJournal {
  readonly #writer: Writer;
  readonly #ledger: Ledger;
  readonly #bodyOf: (event: CloudEvent) => PendingBody;

  /** `bodyOf`: queues what is large of an event's body before the record that uses it. */
  constructor(writer: Writer, ledger: Ledger, bodyOf: (event: CloudEvent) => PendingBody) {
    super();
    this.#writer = writer;
    this.#ledger = ledger;
    this.#bodyOf = bodyOf;
  }

  keyed(key: string): Promise<BulkRow | null> {
    return this.#writer.write((db) => bulkUnder(db, this.#ledger.bodies.codec, key));
  }

  start(start: BulkStart, nowMs: number): Promise<{ readonly seq: number; readonly repeated: boolean }> {
    return this.#writer.write((db) => startBulk(db, this.#ledger, start, nowMs), false);
  }

  freeze(seq: number, firstPlace: number, refs: readonly TranslationRef[], last: boolean): Promise<void> {
    return this.#writer.write((db) => freezeItems(db, this.#ledger, seq, firstPlace, refs, last), false);
  }

  halfFrozen(): Promise<readonly BulkRow[]> {
    return this.#writer.write((db) => halfFrozenBulks(db, this.#ledger.bodies.codec));
  }

  thaw(seq: number, limit: number): Promise<boolean> {
    return this.#writer.write((db) => thawItems(db, seq, limit));
  }

  abandon(seq: number, note: string, nowMs: number): Promise<void> {
    return this.#writer.write((db) => abandonBulk(db, this.#ledger, seq, note, nowMs));
  }

  next(limit: number): Promise<BulkWork | null> {
    return this.#writer.write((db) => nextWork(db, this.#ledger.bodies.codec, limit));
  }

  act(ref: BulkRef, act: OperatorAct, nowMs: number): Promise<BulkItemEnd> {
    const event = act.kind === 'replay' ? act.event : act.kind === 'discard' ? act.reply : undefined;
    const body = event === undefined ? null : this.#bodyOf(event);
    return this.#writer.write((db) => actOnItem(db, this.#ledger, ref, act, body, nowMs));
  }

  refuse(ref: BulkRef, failure: Failure, nowMs: number): Promise<void> {
    return this.#writer.write((db) => refuseItem(db, this.#ledger, ref, failure, nowMs));
  }

  turn(turn: BulkTurn, nowMs: number): Promise<void> {
    return this.#writer.write((db) => turnBulk(db, this.#ledger, turn, nowMs));
  }
}
