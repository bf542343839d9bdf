import { type GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';

/** Plain JSON. Decimals, and integers that a double does not hold, are strings. */
export type RecordValue = { readonly [field: string]: Json };

export interface DecodedRecord {
  /** 1-based, headers and trailers counted. */
  readonly number: number;
  /** In bytes, from the begin of the file. */
  readonly offset: number;
  /** In bytes, with the record's delimiter or descriptor word. */
  readonly length: number;
  /** The record as it stands in the file: a view, to be copied by whoever keeps it. */
  readonly bytes: Uint8Array;
  /** The name of the record layout that fits. */
  readonly type: string;
  readonly value: RecordValue;
}

/** A record that does not fit its layout. The records after it are not concerned. */
export interface BadRecord {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly error: GatehouseError;
}

export type Decoded = DecodedRecord | BadRecord;

export interface RecordDecoder {
  /** What `chunk` completes, in the order of the file. The chunk may be used again afterwards. @throws RECORD_INVALID when the file as a whole cannot be read */
  push(chunk: Uint8Array): Decoded[];
  /** What the end of the file completes, and what it leaves open. @throws RECORD_INVALID when the file as a whole cannot be read */
  end(): Decoded[];
}

/** `begin`, any number of records, `end`: what they return, one after the other, is the file. */
export interface RecordEncoder {
  begin(): Uint8Array;
  /** @throws CALL_REFUSED_ARGUMENTS when the value does not fit the layout; nothing is written then, and the next record may follow */
  record(type: string, value: RecordValue): Uint8Array;
  end(): Uint8Array;
}

/** Bytes ⇄ values of one kind of file. Pure: no I/O, no clock. */
export interface RecordCodec {
  readonly name: string;
  decoder(): RecordDecoder;
  /** `control`: what stands around the records and is no record, as the codec describes it. */
  encoder(control?: Record<string, Json>): RecordEncoder;
  /** Why `value` cannot be written as a record of this type; empty when it can. */
  violations(type: string, value: Json): readonly string[];
}

export function isBad(decoded: Decoded): decoded is BadRecord {
  return 'error' in decoded;
}
