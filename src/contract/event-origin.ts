import { type ConsignmentTrace } from './consignment.ts';
import { type StoredBody } from './journal-reader.ts';

/** Where an event came from that a source has brought in: what its attributes say, and what this journal knows of it. */
export interface EventOrigin {
  readonly system: string;
  readonly source: string;
  /** The consignment, as the event names it: the path of the file. */
  readonly name: string;
  /** The number of the piece, from 1; null for what speaks of the consignment as a whole. */
  readonly piece: number | null;
  /** Where the piece begins, bytes; null when the event does not say it. */
  readonly offset: number | null;
  /** Bytes of the piece; null when the event does not say it. */
  readonly size: number | null;
  /** Null when this journal has none that the event can have come from. */
  readonly consignment: ConsignmentTrace | null;
  /** Of all its bytes, hexadecimal; null when that was not kept. */
  readonly sha256: string | null;
  /** Where its bytes are now, in words; null when its source is not there to say it. */
  readonly where: string | null;
  /** The bytes of the piece; null when only the consignment has them. */
  readonly bytes: StoredBody | null;
}
