import { type FixedFormat, fixedFraming } from './fixed-framing.ts';
import { type LineFormat, lineFraming } from './line-framing.ts';
import { type DescriptorFormat, descriptorFraming } from './descriptor-framing.ts';

/** How a file is divided into records. */
export type RecordFormat = FixedFormat | LineFormat | DescriptorFormat;

/** A piece of the file that should be a record. */
export interface Frame {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  /** Why it is none. */
  readonly fault: string | null;
}

export interface FrameReader {
  push(chunk: Uint8Array): Frame[];
  end(): Frame[];
  /** Why nothing after the last frame can be divided; the frame before it says so too. */
  readonly broken: string | null;
}

export interface FrameWriter {
  /** @throws Misfit when the record would not come back as one */
  record(bytes: Uint8Array): Uint8Array;
  /** What was held back. */
  end(): Uint8Array;
}

export interface Framing {
  reader(): FrameReader;
  writer(): FrameWriter;
}

/** What the bytes of line ends are in the file. */
export interface LineBytes {
  readonly lf: number;
  readonly cr: number;
  readonly nel: number;
}

export function framing(format: RecordFormat, ebcdic: boolean, recordLength: number): Framing {
  switch (format.kind) {
    case 'fixed':
      return fixedFraming(recordLength);
    case 'line':
      return lineFraming(format, ebcdic ? { lf: 0x25, cr: 0x0d, nel: 0x15 } : { lf: 0x0a, cr: 0x0d, nel: 0x85 });
    case 'rdw':
      return descriptorFraming(format);
  }
}
