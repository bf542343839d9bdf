import { type Json } from '../../../../contract/json.ts';
import { type RecordCodec, type RecordValue } from '../../codecs/record-codec.ts';
import { refusals } from '../record-fault.ts';
import { delimitedAnatomy } from './delimited.anatomy.ts';
import { DelimitedDecoder } from './delimited.decoder.ts';
import { DelimitedEncoder } from './delimited.encoder.ts';
import { type DelimitedOptions, delimitedSettings } from './delimited.options.ts';

/**
 * Delimited text: CSV, TSV and their relatives. A row is `{ column: text }`.
 * @throws RECORD_INVALID when the options contradict each other
 * @see RFC 4180
 * @example delimited({ columns: ['order', { name: 'amount', is: 'decimal' }], delimiter: ';', decimalMark: ',' })
 */
export function delimited(options: DelimitedOptions = {}): RecordCodec {
  const settings = delimitedSettings(options);
  const name = settings.delimiter === '\t' ? 'TSV' : 'CSV';
  return {
    name,
    codePage: settings.encoding,
    decoder: () => new DelimitedDecoder(name, settings),
    encoder: (control: Record<string, Json> = {}) => new DelimitedEncoder(name, settings, control),
    anatomy: (bytes, value) => delimitedAnatomy(settings, bytes, value),
    violations(type, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['a record is an object'];
      return refusals(() => new DelimitedEncoder(name, settings, {}).record(type, value as RecordValue));
    },
  };
}
