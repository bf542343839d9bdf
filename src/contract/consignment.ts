import { type CloudEvent } from './event.ts';
import { type Arrival, type OutboxRow, type TranslationState } from './journal.ts';

/*
 * What a source brings in comes as consignments: a file, an extract, whatever is taken as a whole and told apart by its content. The journal
 * knows of each which pieces of it are events by now; who fetches it, and from where, it does not know.
 */

/** Names a source: the system and the name that its adapter gave it. */
export interface SourceKey {
  readonly system: string;
  readonly source: string;
}

/**
 * `claimed`: taken, nothing known of its content. `open`: identified, its pieces are becoming events. `held`: a person decides first.
 * `done`, `duplicate`, `refused`: settled; it only has to be put away.
 */
export type ConsignmentState = 'claimed' | 'open' | 'held' | 'done' | 'duplicate' | 'refused';

/** A consignment as the journal keeps it. */
export interface ConsignmentRecord {
  /** What the source calls its hold on it: unique a source, and what a crash leaves it to be found by. */
  readonly claim: string;
  /** Where it came from, for people and for giving it back. */
  readonly name: string;
  readonly state: ConsignmentState;
  /** Derived from the content; null before that is known. */
  readonly identity: string | null;
  /** The number of the last piece that is in the journal. */
  readonly at: number;
  /** How far the keys that are gone have been told; null before. For snapshots. */
  readonly cursor: string | null;
  /** The staged generation of a snapshot. */
  readonly generation: number | null;
  readonly events: number;
  readonly parked: number;
  /** The state of the translation that stands for it while it is held. */
  readonly heldBy: TranslationState | null;
  /** A person has said that it is right: no suspicion holds it again. */
  readonly accepted: boolean;
  /** The name of the consignment with the same content that was here before. */
  readonly sameAs: string | null;
  readonly startedMs: number;
}

/** A consignment as people are told of it, long after it is done too. */
export interface ConsignmentTrace extends Pick<ConsignmentRecord, 'claim' | 'name' | 'state' | 'identity' | 'events' | 'parked' | 'startedMs'> {
  /** Bytes; null before it was read. */
  readonly size: number | null;
  /** Wall clock, ms; null while it is not put away. */
  readonly putAwayMs: number | null;
}

export interface Identified {
  /** `busy`: another claim with the same content is not settled yet. `changed`: pieces of it are events, and its content was another then. */
  readonly outcome: 'new' | 'resumed' | 'duplicate' | 'busy' | 'changed';
  readonly record: ConsignmentRecord;
}

/** Some pieces of a consignment, in their order: events, and what could not become one. One commit, with the checkpoint behind them. */
export interface Chunk {
  readonly claim: string;
  /** The checkpoint that this chunk follows. */
  readonly from: { readonly at: number; readonly cursor: string | null };
  readonly to: { readonly at: number; readonly cursor: string | null };
  readonly events: readonly CloudEvent[];
  /** Pieces that are parked: their bytes are evidence, clipped as such. Each has one translation. */
  readonly parked: readonly Arrival[];
  /** The consignment is `done` with this chunk; a staged generation becomes the current one. */
  readonly last: boolean;
  /** False: the body of an event goes as soon as it is published (payload mode `none`). */
  readonly keepBodies: boolean;
}

export interface BroughtIn {
  readonly rows: readonly OutboxRow[];
  /** At least as many events of the outbox as asked for are not confirmed. */
  readonly outboxFull: boolean;
}

/** One key of a snapshot, and what tells whether its record has changed. */
export interface SnapshotRow {
  readonly key: string;
  /** Of the record's value; 16 bytes. */
  readonly digest: Uint8Array;
}

export type SnapshotChange = 'created' | 'updated' | 'same';

export interface Staged {
  /** Rows of this piece whose key is in the current generation too. */
  readonly kept: number;
  /** A key that was staged before: one extract must not have it twice. */
  readonly twice: string | null;
}
