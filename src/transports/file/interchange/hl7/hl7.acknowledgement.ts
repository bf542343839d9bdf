import { type Json } from '../../../../contract/json.ts';
import { type RecordValue } from '../../codecs/record-codec.ts';
import { misfit } from '../record-fault.ts';
import { type Segment, textAt } from './hl7.text.ts';

/** @see HL7 table 0008: A for the original mode, C for commit */
export type Hl7AcknowledgementCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR';

export interface Hl7Answer {
  readonly code: Hl7AcknowledgementCode;
  /** MSH-10 of the acknowledgement. */
  readonly controlId: string;
  /** MSH-7: `YYYYMMDDHHMMSS` with an offset if you like. */
  readonly at: string;
  readonly text?: string;
  /** ERR of version 2.5 and later. */
  readonly error?: { readonly segment: string; readonly position: number; readonly field?: number; readonly code: string };
}

export interface Hl7Acknowledgement {
  readonly code: string;
  readonly accepted: boolean;
  /** Of the message that is acknowledged. */
  readonly controlId: string;
  readonly text: string;
}

/**
 * The ACK of a message, with sender and receiver changed over.
 * @throws RECORD_INVALID when the message has no MSH
 * @see HL7 v2, chapter 2, ACK general acknowledgement
 */
export function hl7Acknowledgement(
  { segments }: RecordValue,
  { code, controlId, at, text = '', error }: Hl7Answer,
): { type: string; value: RecordValue } {
  const msh = Array.isArray(segments) ? (segments[0] as Segment) : [];
  if (textAt(msh, 0) !== 'MSH') throw misfit('', 'has no MSH that could be acknowledged');
  const [event, version] = [textAt(msh, 9, 1), textAt(msh, 12) || '2.5'];
  const field = (number: number): Json => (msh[number] ?? '') as Json;
  const kind: Json = event === '' ? 'ACK' : version >= '2.3.1' ? ['ACK', event, 'ACK'] : ['ACK', event];
  const header: Json[] = ['MSH', field(1), field(2), field(5), field(6), field(3), field(4), at, '', kind, controlId, field(11), field(12)];
  // What the message says of its characters holds for what is taken over from it.
  if (textAt(msh, 18) !== '') header.push('', '', '', '', '', field(18));
  const lines: Json[] = [header, ['MSA', code, field(10), ...(text === '' ? [] : [text])]];
  if (error !== undefined) {
    const { segment, position, field: number } = error;
    lines.push([
      'ERR',
      '',
      [segment, String(position), ...(number === undefined ? [] : [String(number)])],
      error.code,
      code.endsWith('A') ? 'I' : 'E',
    ]);
  }
  return { type: event === '' ? 'ACK' : `ACK^${event}`, value: { segments: lines } };
}

/** @throws RECORD_INVALID when there is no MSA */
export function readHl7Acknowledgement({ segments }: RecordValue): Hl7Acknowledgement {
  const msa = Array.isArray(segments) ? segments.find((segment) => textAt(segment as Segment, 0) === 'MSA') : undefined;
  if (msa === undefined) throw misfit('', 'has no MSA');
  const code = textAt(msa as Segment, 1);
  return { code, accepted: code === 'AA' || code === 'CA', controlId: textAt(msa as Segment, 2), text: textAt(msa as Segment, 3) };
}
