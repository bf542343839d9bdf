/**
 * Files as records: bytes ⇄ values, streaming both ways, without I/O. Every format of a file is one RecordCodec; who fetches and puts files
 * knows nothing else of formats. Memory is bounded by the longest record, not by the file.
 */
import { type GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';

/** Plain JSON. Decimals and large integers are text, so that no digit is lost. */
export type RecordValue = { readonly [field: string]: Json };

interface RecordPlace {
  /** 1 for the first record of the file; headers and trailers count. */
  readonly number: number;
  /** Byte offset in the file of the record, of its descriptor word where it has one. */
  readonly offset: number;
  /** Bytes in the file, delimiter or descriptor word included. */
  readonly length: number;
  /** The record's own bytes: no delimiter, no descriptor word. May be a view into the chunk that was pushed. */
  readonly bytes: Uint8Array;
}

export interface DecodedRecord extends RecordPlace {
  /** Name of the record layout that fits. */
  readonly type: string;
  readonly value: RecordValue;
}

/** A record that could not be read, with everything a person needs to find it. The records after it are read. */
export interface BadRecord extends RecordPlace {
  readonly error: GatehouseError;
  /** It speaks of the whole file: a header or trailer that is wrong, missing or out of place. */
  readonly file?: true;
}

export type Decoded = DecodedRecord | BadRecord;

/** A record as whoever acknowledges it has it: with the place where it stood, or without. */
export type Acknowledged = Pick<DecodedRecord, 'type' | 'value'> | BadRecord;

export const isBad = (decoded: object): decoded is BadRecord => 'error' in decoded;

/** Reads one file from front to back. */
export interface RecordDecoder {
  /** The records that this chunk completes. The chunk must not be written to afterwards: records may be views into it. */
  push(chunk: Uint8Array): Decoded[];
  /**
   * What is left: a truncated last record, a wrong or missing trailer, as bad records.
   * @throws GatehouseError RECORD_INVALID when the rest of the file could not be divided into records
   */
  end(): Decoded[];
}

/** Writes one file from front to back: `begin`, any number of records, `end`; what they return, one after the other, is the file. */
export interface RecordEncoder {
  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS when the header's values do not fit */
  begin(): Uint8Array;
  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS naming record, field, picture and value; nothing is written or counted then */
  record(type: string, value: RecordValue): Uint8Array;
  /** The trailer with its counts and totals, where the format has one. */
  end(): Uint8Array;
}

/** A piece of a record, for people: where it stands in the record's own bytes, and what it means. */
export interface RecordPiece {
  /** `lines[2].amount`, `BEG03`. */
  readonly name: string;
  /** 0 for those that are in no other. */
  readonly level: number;
  /** Bytes from the start of the record's own. */
  readonly offset: number;
  readonly length: number;
  /** `S9(7)V99 COMP-3`; empty where there is none. */
  readonly picture: string;
  /** Null for a group and for bytes without a meaning. */
  readonly value: Json | null;
}

/** A record as it lies there. */
export interface Anatomy {
  /** Null when nothing tells what it is. */
  readonly type: string | null;
  /** In order; a group before what it holds. */
  readonly pieces: readonly RecordPiece[];
  /** Why it cannot be read, or not further; null when all of it can. */
  readonly misfit: string | null;
}

export interface RecordCodec {
  /** What it is, in one word or two, for people: `copybook ORDERS`, `csv`. */
  readonly name: string;
  /** What its text is written in, when that is one for all files. */
  readonly codePage?: string;
  decoder(): RecordDecoder;
  /** @param control values for header and trailer, by the format's own names: control numbers, dates, receiver */
  encoder(control?: Record<string, Json>): RecordEncoder;
  /**
   * Where the pieces of one record stand in its own bytes, by the same reading as the decoder's. Of damaged bytes as many as can be told.
   * `value`: as it was decoded, when it was.
   */
  anatomy?(bytes: Uint8Array, value: RecordValue | null): Anatomy;
  /** Why the value does not fit the record layout `type`: one sentence a mistake; empty when it fits. */
  violations(type: string, value: Json): readonly string[];
}
