import { type Clock } from './clock.ts';
import { type ConsignmentRecord, type ConsignmentTrace } from './consignment.ts';
import { eventTypeOf } from './event.ts';
import { type GatehouseError } from './errors.ts';
import { type Class, type Json } from './json.ts';
import { type Log } from './log.ts';
import { type Masking } from './masking.ts';

/*
 * A source brings in events that no event caused: files that a legacy system leaves, extracts, polls. An adapter declares what its pieces
 * become; a source transport fetches them; the gateway journals the events of a chunk and the checkpoint behind it in one commit, so that
 * a crash neither loses nor repeats one (src/gateway/sources.ts).
 */

/** Where a piece came from. */
export interface PieceOrigin {
  /** The printable name of the consignment: the path of the file. */
  readonly name: string;
  /** The number of the piece in it, from 1. */
  readonly number: number;
}

/** What became of a key between two extracts. `record` is null when it was deleted. */
export interface SnapshotStep<R> {
  readonly change: 'created' | 'updated' | 'deleted';
  readonly key: string;
  readonly record: R | null;
}

/** What an adapter says about one of its sources; made by the face of the transport: `pickup({ … })`, `snapshot({ … })`. */
export interface SourceDeclaration {
  /** Lower case, digits, hyphens; its key in the configuration, and its name in journal and console beside the operations. */
  readonly name: string;
  /** The name of the source transport that fetches it. */
  readonly transport: string;
  /** Payload classes of the events it may bring in. */
  readonly produces: readonly Class<object>[];
  /** Path into the payload of what people search for: the `subject` of the event. */
  readonly businessKey: string | null;
  /** Compares whole extracts by key: `map` gets a `SnapshotStep` instead of a piece. */
  readonly snapshot: SnapshotOptions | null;
  /** Pure: a piece becomes the payload of one event, or null when it is of no interest (a header, a trailer). */
  readonly map: (piece: Json, origin: PieceOrigin) => object | null;
  /** What the transport has to know: codec, layout. */
  readonly layout: unknown;
}

export interface SnapshotOptions {
  /** `events`: all that is in the first extract is created. `baseline`: it is only what the next one is compared with. */
  readonly first: 'events' | 'baseline';
  /** More of the keys gone than this hold the extract for a person; percent of those there were. */
  readonly maxGonePercent: number;
}

const declarationName = /^[a-z][a-z0-9-]{0,62}$/;

/** @throws TypeError when the name is none, or nothing is produced */
export function checkSource(system: string, { name, produces }: SourceDeclaration): void {
  if (!declarationName.test(name)) throw new TypeError(`${system}: '${name}' is no name of a source: lower case, digits, hyphens`);
  if (produces.length === 0) throw new TypeError(`${system}: the source ${name} says nothing of what it produces`);
  for (const payload of produces) eventTypeOf(payload);
}

interface PiecePlace {
  /** From 1; grows within the consignment, and is the same at every reading. */
  readonly number: number;
  /** Where it begins, in bytes, and what it is made of: evidence when it cannot become an event. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** One piece of a consignment as it was read. */
export interface GoodPiece extends PiecePlace {
  readonly value: Json;
  /** Its key in a snapshot; null for what has none (a header, a trailer) and is not compared. */
  readonly key?: string | null;
}

/** A piece that could not be read. */
export interface BadPiece extends PiecePlace {
  readonly error: GatehouseError;
}

export type Piece = GoodPiece | BadPiece;

/** What reading a consignment through has shown. */
export interface Prepared {
  /** The same for the same content, and another for another. */
  readonly identity: string;
  /** Bytes. */
  readonly size: number;
  readonly pieces: number;
  /** Those of them that could not be read. */
  readonly bad: number;
  readonly firstBad: GatehouseError | null;
  /** Why nothing of it may become an event: a wrong trailer, a count, bytes that cannot be divided. */
  readonly refusal: GatehouseError | null;
}

export type PutAway =
  { readonly end: 'done' } | { readonly end: 'duplicate'; readonly of: string } | { readonly end: 'refused'; readonly why: string };

/** One thing to bring in, taken so that nobody else has it. */
export interface Consignment {
  readonly claim: string;
  readonly name: string;
  /**
   * Reads it through without an effect. `look` sees every piece, in order, before it resolves.
   * @throws GatehouseError of the place; FILE_CHANGED when it is not what it was a moment ago
   */
  prepare(look: ((pieces: readonly Piece[]) => Promise<void>) | null, signal: AbortSignal): Promise<Prepared>;
  /**
   * Its pieces after `after`, in order, a few hundred at a time: exactly what `prepare` has seen.
   * @throws GatehouseError FILE_CHANGED before a piece of changed content is handed out; RECORD_INVALID when only reading on could tell
   */
  pieces(after: number, signal: AbortSignal): AsyncIterable<readonly Piece[]>;
  /** Everything is in the journal: puts it where it does not come again. Harmless twice. */
  putAway(how: PutAway, signal: AbortSignal): Promise<void>;
}

/** Where a consignment is. */
export interface Whereabouts {
  /** In words, for people. */
  readonly where: string;
  /** Of all its bytes, hexadecimal; null when its identity is made of something else. */
  readonly sha256: string | null;
}

/** A piece whose bytes are kept, for one who wants to see what it means. */
export interface RecordedPiece {
  readonly number: number;
  /** Null when nobody has noted it. */
  readonly offset: number | null;
  /** Bytes of all of it. Of a clipped one `bytes` are its first and its last ones, half of them each. */
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly clipped: boolean;
  /** What may not stand in the answer, in whatever shape. */
  readonly masking: Masking;
}

/** One source at work. */
export interface Source {
  /** In words, for people: what it watches. */
  readonly about: string;
  /** Any piece that cannot become an event holds the consignment as a whole. */
  readonly holdsWhole: boolean;
  /** Wait between two looks when nothing was there, ms. */
  readonly pollMs: number;
  /** What is there to bring in, in order, each claimed when it is handed out; first what an earlier life of this gateway has claimed. */
  consignments(signal: AbortSignal): AsyncIterable<Consignment>;
  /** A single parked piece, read again by itself. @throws GatehouseError RECORD_INVALID when it cannot be, or only with what stood around it */
  again(bytes: Uint8Array, number: number): GoodPiece;
  /** Where a consignment is by now, as the settings of now have it: asks nothing of the place. */
  whereabouts?(consignment: ConsignmentTrace): Whereabouts;
  /** What a piece means, by the layout of now: plain JSON whose type is in the `inspection.ts` of its transport. Never throws. */
  inspect?(piece: RecordedPiece): { readonly transport: string; readonly inspection: Json };
  /** Looks at the place. @returns what works and is still not as it should be, one sentence each @throws GatehouseError classified */
  check(signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What the journal remembers of claims, for a source to find its own after a crash. */
export interface Claims {
  /** Durable when it resolves: from now on the claim is found, whatever becomes of this process. */
  note(claim: string, name: string): Promise<void>;
  /** Claims that are not put away, oldest first. */
  open(): Promise<readonly ConsignmentRecord[]>;
  /** There is nothing under this claim, and nothing of it has become an event. */
  forget(claim: string): Promise<void>;
}

export interface SourceSurroundings {
  readonly system: string;
  readonly declaration: SourceDeclaration;
  /** The settings of the transport for this system: `systems.<system>.<transport>`. */
  readonly settings: object;
  /** Tells this gateway from every other that works on the same place, over restarts. */
  readonly gateway: string;
  readonly claims: Claims;
  readonly clock: Clock;
  /** Largest data of one event, bytes. */
  readonly maxEventBytes: number;
  readonly log: Log;
}

/** Where the consignments of sources come from. One instance a process; one source a declaration. */
export abstract class SourceTransport {
  /** The key in the configuration and in a declaration. */
  abstract readonly name: string;
  /** The class of its settings, with class-validator rules and `@Setting` docs. */
  abstract readonly settings: new () => object;
  /** Names of the sources that the settings of a system say something about, as they are written there; the others are left out. */
  abstract named(settings: object): readonly string[];
  /** Prepares a source without touching disk or network. @throws GatehouseError CONFIG_INVALID */
  abstract open(surroundings: SourceSurroundings): Promise<Source>;
}
