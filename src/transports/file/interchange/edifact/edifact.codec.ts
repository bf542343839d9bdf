import { type RecordCodec } from '../../codecs/record-codec.ts';
import { defaultMaxRecordBytes } from '../record-fault.ts';
import { EnvelopeDecoder } from '../segments/envelope.decoder.ts';
import { EnvelopeEncoder, envelopeViolations } from '../segments/envelope.encoder.ts';
import { segmentAnatomy } from '../segments/segment.anatomy.ts';
import { edifactDialect } from './edifact.lexer.ts';

export interface EdifactOptions {
  /** Whether the characters of UNOA and UNOB are only those of the standard (`declared`) or any of ISO 8859-1 (`any`). Default `declared`. */
  readonly characters?: 'declared' | 'any';
  readonly maxRecordBytes?: number;
}

/** An envelope to try a value in that has none. */
const sample = { interchange: { header: ['UNB', ['UNOC', '3'], 'A', 'B', ['000101', '0000'], '1'] } };

/**
 * UN/EDIFACT interchanges of the batch syntax, versions 1 to 4, one record a message: its type is the message type of UNH, its value
 * `{ interchange, group, header, segments }`, where header is UNH and segments is all between UNH and UNT. The character set is the one
 * that UNB names. Envelopes are checked when read and written with their counts; what needs the release character gets it.
 * @see ISO 9735-1 and ISO 9735-2
 */
export function edifact({ characters = 'declared', maxRecordBytes = defaultMaxRecordBytes }: EdifactOptions = {}): RecordCodec {
  const dialect = edifactDialect(characters === 'any');
  return {
    name: dialect.name,
    decoder: () => new EnvelopeDecoder(dialect, maxRecordBytes),
    encoder: (control = {}) => new EnvelopeEncoder(dialect, control, maxRecordBytes),
    anatomy: (bytes, value) => segmentAnatomy(dialect, bytes, value),
    violations: (type, value) => envelopeViolations(dialect, sample, maxRecordBytes, type, value),
  };
}
