import { GatehouseError } from '../../../../contract/errors.ts';
import { type Level } from './dialect.ts';
import { type Segment } from './segment.ts';

export type Breach = 'count' | 'reference' | 'no trailer' | 'no header' | 'content';

/** The headers that stand open around a place. */
export interface Within {
  readonly interchange: Segment | null;
  readonly group: Segment | null;
  readonly message: Segment | null;
}

/** Where in a message; segment 1 is its header. */
export interface SegmentPlace {
  readonly tag: string;
  readonly position: number;
}

/** What is wrong with an envelope or in it: what an acknowledgement needs to know about it. */
export class EnvelopeFault extends GatehouseError {
  readonly level: Level['name'];
  readonly breach: Breach;
  readonly within: Within;
  readonly place: SegmentPlace | null;

  constructor(level: Level['name'], breach: Breach, within: Within, message: string, place: SegmentPlace | null = null, cause?: unknown) {
    super('RECORD_INVALID', message, { cause });
    this.level = level;
    this.breach = breach;
    this.within = within;
    this.place = place;
  }
}
