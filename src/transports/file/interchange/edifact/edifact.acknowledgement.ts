import { type Json } from '../../../../contract/json.ts';
import { type Acknowledged, isBad, type RecordValue } from '../../codecs/record-codec.ts';
import { misfit } from '../record-fault.ts';
import { EnvelopeFault } from '../segments/envelope.fault.ts';
import { type Element, type Segment, textAt } from '../segments/segment.ts';

/** What is wrong with an element. @see data element 0085 for `code`, S011 for the position */
export interface EdifactElementError {
  readonly position: number;
  readonly component?: number;
  readonly code: string;
}

export interface EdifactSegmentError {
  /** In the message; UNH is 1. */
  readonly position: number;
  readonly code?: string;
  readonly elements?: readonly EdifactElementError[];
}

export interface EdifactMessageReport {
  readonly type: string;
  readonly reference: string;
  readonly accepted: boolean;
  readonly code: string;
  readonly segments: readonly EdifactSegmentError[];
}

export interface EdifactReport {
  /** UNB 0020 of the interchange that is acknowledged. */
  readonly reference: string;
  readonly status: 'acknowledged' | 'received' | 'rejected';
  readonly code: string;
  readonly messages: readonly EdifactMessageReport[];
}

/** Data element 0085 by what the decoder found: references differ, counts differ, missing, and more. */
const codes = { reference: '28', count: '29', 'no trailer': '13', 'no header': '13', content: '12' } as const;
/** Data element 0083. */
const [acknowledged, rejected, received] = ['7', '4', '8'];

interface Reported {
  readonly identifier: Element;
  readonly reference: string;
  readonly code: string;
  readonly segments: readonly EdifactSegmentError[];
}

interface Gathered {
  readonly header: Segment;
  readonly messages: Reported[];
  code: string;
}

/** Gathers what a decoder gives and makes the CONTRL of every interchange. */
export class EdifactAcknowledger {
  readonly #interchanges = new Map<string, Gathered>();

  /** `errors`: what a reader of the message found in it; with any, or when the record is bad, the message is rejected. */
  add(record: Acknowledged, errors: readonly EdifactSegmentError[] = []): void {
    if (!isBad(record)) {
      const { header } = record.value['interchange'] as { header: Segment };
      this.#gathered(header).messages.push(reportOf(record.value['header'] as Segment, errors.length === 0 ? '' : codes.content, errors));
      return;
    }
    const { error } = record;
    if (!(error instanceof EnvelopeFault) || error.within.interchange === null) return;
    const interchange = this.#gathered(error.within.interchange);
    if (error.level !== 'message' || error.within.message === null) {
      interchange.code = codes[error.breach];
      return;
    }
    const place = error.place === null ? errors : [{ position: error.place.position, code: codes.content }, ...errors];
    interchange.messages.push(reportOf(error.within.message, codes[error.breach], place));
  }

  /** One record of type CONTRL an interchange, for the encoder, whose control gives the envelope of the way back. */
  values(): RecordValue[] {
    return [...this.#interchanges.values()].map(({ header, messages, code }, index) => ({
      header: ['UNH', String(index + 1), ['CONTRL', 'D', '3', 'UN']],
      segments: [
        ['UCI', textAt(header, 5), header[2] ?? '', header[3] ?? '', code === '' ? acknowledged : rejected, ...(code === '' ? [] : [code])] as Json,
        // A rejected interchange is rejected with all that is in it. @see UN/EDIFACT CONTRL, 0083 code 4
        ...(code === '' ? messages.flatMap(messageSegments) : []),
      ],
    }));
  }

  #gathered(header: Segment): Gathered {
    const key = JSON.stringify(header);
    const known = this.#interchanges.get(key) ?? { header, messages: [], code: '' };
    this.#interchanges.set(key, known);
    return known;
  }
}

const reportOf = (header: Segment, code: string, segments: readonly EdifactSegmentError[]): Reported => ({
  identifier: header[2] ?? '',
  reference: textAt(header, 1),
  code,
  segments,
});

function messageSegments({ identifier, reference, code, segments }: Reported): Json[] {
  return [
    ['UCM', reference, identifier, code === '' ? acknowledged : rejected, ...(code === '' ? [] : [code])] as Json,
    ...segments.flatMap(({ position, code: why, elements = [] }) => [
      ['UCS', String(position), ...(why === undefined ? [] : [why])],
      ...elements.map((element) => [
        'UCD',
        element.code,
        element.component === undefined ? String(element.position) : [String(element.position), String(element.component)],
      ]),
    ]),
  ];
}

/** What a CONTRL that came in says. @throws RECORD_INVALID when it is none */
export function readEdifactAcknowledgement({ header, segments }: RecordValue): EdifactReport {
  if (!Array.isArray(header) || textAt(header, 2) !== 'CONTRL' || !Array.isArray(segments)) throw misfit('', 'is no CONTRL');
  const [first, ...lines] = segments as Segment[];
  if (first === undefined || textAt(first, 0) !== 'UCI') throw misfit('', 'is no CONTRL that begins with UCI');
  const messages: (Omit<EdifactMessageReport, 'segments'> & { segments: (EdifactSegmentError & { elements: EdifactElementError[] })[] })[] = [];
  for (const line of lines) {
    const tag = textAt(line, 0);
    const [message] = messages.slice(-1);
    if (tag === 'UCM')
      messages.push({
        type: textAt(line, 2),
        reference: textAt(line, 1),
        accepted: textAt(line, 3) !== rejected,
        code: textAt(line, 4),
        segments: [],
      });
    else if (tag === 'UCS') message?.segments.push({ position: Number(textAt(line, 1)), code: textAt(line, 2), elements: [] });
    else if (tag === 'UCD') message?.segments.at(-1)?.elements.push(elementError(line));
    else if (tag !== 'UCF') throw misfit('', 'is no segment of a CONTRL that is read', tag);
  }
  const action = textAt(first, 4);
  const status = action === rejected ? 'rejected' : action === received ? 'received' : 'acknowledged';
  return { reference: textAt(first, 1), status, code: textAt(first, 5), messages };
}

function elementError(line: Segment): EdifactElementError {
  const component = textAt(line, 2, 1);
  return { position: Number(textAt(line, 2)), ...(component === '' ? {} : { component: Number(component) }), code: textAt(line, 1) };
}
