import { type RecordCodec } from '../../codecs/record-codec.ts';
import { type CharacterSetName } from '../character-set.ts';
import { defaultMaxRecordBytes } from '../record-fault.ts';
import { EnvelopeDecoder } from '../segments/envelope.decoder.ts';
import { EnvelopeEncoder, envelopeViolations } from '../segments/envelope.encoder.ts';
import { segmentAnatomy } from '../segments/segment.anatomy.ts';
import { x12Dialect } from './x12.lexer.ts';

export interface X12Options {
  /** Default `utf-8`, which is ASCII where a partner sends only that. */
  readonly encoding?: CharacterSetName;
  readonly maxRecordBytes?: number;
}

/** An envelope to try a value in that has none. */
const sample = {
  interchange: { header: ['ISA', '00', '', '00', '', 'ZZ', 'A', 'ZZ', 'B', '000101', '0000', '^', '00501', '000000001', '0', 'P', ':'] },
  group: ['GS', 'PO', 'A', 'B', '20000101', '0000', '1', 'X', '005010'],
};

/**
 * ASC X12 interchanges, one record a transaction set: its type is ST01, its value `{ interchange, group, header, segments }`, where header
 * is ST and segments is all between ST and SE. Envelopes are checked when read and written with their counts; a value cannot hold a
 * delimiter, because X12 has no escape.
 * @see ASC X12.5 and X12.6
 */
export function x12({ encoding = 'utf-8', maxRecordBytes = defaultMaxRecordBytes }: X12Options = {}): RecordCodec {
  const dialect = x12Dialect(encoding);
  return {
    name: dialect.name,
    codePage: encoding,
    decoder: () => new EnvelopeDecoder(dialect, maxRecordBytes),
    encoder: (control = {}) => new EnvelopeEncoder(dialect, control, maxRecordBytes),
    anatomy: (bytes, value) => segmentAnatomy(dialect, bytes, value),
    violations: (type, value) => envelopeViolations(dialect, sample, maxRecordBytes, type, value),
  };
}
