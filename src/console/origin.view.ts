import { type ConsignmentState } from '../contract/consignment.ts';
import { type NativeView } from './native.view.ts';

/** Where an event came from that a source has brought in. */
export interface OriginView {
  readonly system: string;
  readonly source: string;
  /** The file, as the event names it. */
  readonly name: string;
  /** The number of its record, from 1; null for what speaks of the file as a whole. */
  readonly piece: number | null;
  /** Bytes; null when nobody has noted them. */
  readonly offset: number | null;
  readonly size: number | null;
  /** What the journal knows of the file; null when it knows it no longer, or never did. */
  readonly consignment: {
    readonly state: ConsignmentState;
    readonly size: number | null;
    readonly events: number;
    readonly parked: number;
    readonly startedMs: number;
    readonly putAwayMs: number | null;
  } | null;
  /** Of the whole file; null where files are told apart by something else. */
  readonly sha256: string | null;
  /** Where the file is by now, in words; null when its source is not there to say it. */
  readonly where: string | null;
  /** The record as its layout has it; null when only the file has its bytes. */
  readonly native: NativeView | null;
}
