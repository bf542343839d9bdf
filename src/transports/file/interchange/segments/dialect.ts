import { type Json } from '../../../../contract/json.ts';
import { type CharacterSet } from '../character-set.ts';
import { type Delimiters, type Segment } from './segment.ts';

/** A pair of segments that encloses others. */
export interface Level {
  readonly name: 'interchange' | 'group' | 'message';
  readonly open: string;
  readonly close: string;
  /** The element of the opening segment that the closing one repeats. */
  readonly reference: number;
}

/** What an interchange says of itself; enough to write its first segment, and its others, in the same bytes. */
export type Interchange = { header: Segment; lineEnd: string } & { [field: string]: Json };

/** How an interchange is to be read. */
export interface Opened {
  readonly interchange: Interchange;
  readonly delimiters: Delimiters;
  readonly set: CharacterSet;
  /** What a text of it may not have although its character set does. */
  readonly forbidden: RegExp | null;
}

/** What X12 and EDIFACT do differently; all else is in this folder. */
export interface Dialect {
  readonly name: 'X12' | 'EDIFACT';
  readonly levels: Readonly<Record<Level['name'], Level>>;
  readonly groupNeeded: boolean;
  /**
   * What may begin an interchange: how many bytes it has, or 'segment' when it ends with the terminator. Null for any other tag.
   * `advice`: the bytes of such a piece that came just before.
   */
  begins(tag: string): number | 'segment' | null;
  /** The delimiters before the first segment has been read. */
  initial(advice: string | null): Delimiters;
  /** @throws RECORD_INVALID when it is no header of an interchange */
  open(bytes: Buffer, advice: string | null): Opened;
  /** For writing. @throws RECORD_INVALID */
  reopen(interchange: { readonly [field: string]: Json }): Opened;
  /** All that stands before the first group or message, without line end behind its last segment. */
  writeOpening(opened: Opened): string;
  /** The opening segment of a message as the name of its type. */
  typeOf(header: Segment): string;
  /** How a reference that the value does not give is written. */
  numbered(count: number): string;
}
