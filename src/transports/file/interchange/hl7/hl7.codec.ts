import { type RecordCodec, type RecordValue } from '../../codecs/record-codec.ts';
import { type CharacterSetName } from '../character-set.ts';
import { defaultMaxRecordBytes, refusals } from '../record-fault.ts';
import { hl7Anatomy } from './hl7.anatomy.ts';
import { Hl7Decoder } from './hl7.decoder.ts';
import { Hl7Encoder } from './hl7.encoder.ts';
import { type Hl7Settings } from './hl7.message.ts';

export interface Hl7Options {
  /** `segments`: a file of messages, with or without batch headers. `mllp`: a frame a message. Default `segments`. */
  readonly framing?: 'segments' | 'mllp';
  /** Of a message whose MSH-18 is empty. Default `ascii`, as the standard says. */
  readonly characterSet?: CharacterSetName;
  /** Written; read are CR, LF and CRLF. Default CR. */
  readonly lineEnd?: '\r' | '\n' | '\r\n';
  readonly maxRecordBytes?: number;
}

/**
 * HL7 version 2, one record a message: its type is `ADT^A01`, its value `{ segments }`, where the index of a field is its number.
 * @see HL7 v2.5.1, chapter 2
 */
export function hl7(options: Hl7Options = {}): RecordCodec {
  const settings: Hl7Settings = { framing: 'segments', characterSet: 'ascii', lineEnd: '\r', maxRecordBytes: defaultMaxRecordBytes, ...options };
  return {
    name: 'HL7',
    decoder: () => new Hl7Decoder(settings),
    encoder: (control = {}) => new Hl7Encoder(settings, control),
    anatomy: hl7Anatomy,
    violations: (type, value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['a record is an object'];
      return refusals(() => new Hl7Encoder(settings, {}).record(type, value as RecordValue));
    },
  };
}
