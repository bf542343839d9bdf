import { GatehouseError } from '../../../contract/errors.ts';
import { type Decoded, type RecordValue } from '../codecs/record-codec.ts';
import { type Cut } from './record-cutter.ts';

export const defaultMaxRecordBytes = 1_048_576;

/** At most 40 characters of a text, none of them a control character: what an error may show. */
export function clipped(text: string): string {
  return Array.from(text.slice(0, 80).replaceAll(/\p{C}/gu, '?')).slice(0, 40).join('');
}

/** `where`: field, segment or element. The record is named by `atRecord` or `refused`. */
export function misfit(where: string, why: string, value?: string): GatehouseError {
  return new GatehouseError('RECORD_INVALID', `${where}${where === '' ? '' : ': '}${value === undefined ? '' : `'${clipped(value)}' `}${why}`);
}

/** A misfit with its record. What is no GatehouseError is a defect and is thrown on. */
export function atRecord(format: string, number: number, thrown: unknown): GatehouseError {
  if (!(thrown instanceof GatehouseError)) throw thrown;
  return new GatehouseError('RECORD_INVALID', `${format} record ${number}: ${thrown.message}`, { cause: thrown });
}

/** The same on the way out: nothing was written. */
export function refused(format: string, type: string, thrown: unknown): GatehouseError {
  if (!(thrown instanceof GatehouseError)) throw thrown;
  return new GatehouseError('CALL_REFUSED_ARGUMENTS', `${format} record '${clipped(type)}': ${thrown.message}`, { cause: thrown });
}

/** Reads one cut into a record; a misfit, and a cut over the limit, is a bad record. */
export function decoded(
  format: string,
  number: number,
  { offset, length, bytes }: Cut,
  maxRecordBytes: number,
  read: () => { readonly type: string; readonly value: RecordValue },
): Decoded {
  try {
    if (length > maxRecordBytes) throw tooLong(length, maxRecordBytes);
    return { number, offset, length, bytes, ...read() };
  } catch (error) {
    return { number, offset, length, bytes, error: atRecord(format, number, error) };
  }
}

export function tooLong(length: number, maxRecordBytes: number): GatehouseError {
  return misfit('', `${length} bytes are more than maxRecordBytes (${maxRecordBytes}); is its end missing?`);
}

/** What `write` refuses, as a list for `RecordCodec.violations`. */
export function refusals(write: () => unknown): string[] {
  try {
    write();
    return [];
  } catch (error) {
    if (error instanceof GatehouseError) return [error.message];
    throw error;
  }
}
