import { type Json } from '../../../../contract/json.ts';
import { type Acknowledged, isBad, type RecordValue } from '../../codecs/record-codec.ts';
import { clipped, misfit } from '../record-fault.ts';
import { EnvelopeFault } from '../segments/envelope.fault.ts';
import { type Segment, type Simple, textAt } from '../segments/segment.ts';

/** What is wrong with an element. @see X12 data element 723 for `code` */
export interface X12ElementError {
  /** Its number in the segment. */
  readonly position: number;
  readonly component?: number;
  /** Its number in the dictionary. @see AK402 */
  readonly reference?: string;
  readonly code: string;
  readonly copy?: string;
}

/** What is wrong with a segment. @see X12 data element 720 for `code` */
export interface X12SegmentError {
  readonly tag: string;
  /** In the set; ST is 1. */
  readonly position: number;
  readonly loop?: string;
  readonly code?: string;
  readonly elements?: readonly X12ElementError[];
}

interface SetReport {
  readonly type: string;
  readonly controlNumber: string;
  readonly accepted: boolean;
  /** @see X12 data element 718 */
  readonly codes: readonly string[];
  readonly segments: readonly X12SegmentError[];
}

export interface X12GroupReport {
  /** Of the group that is acknowledged: GS01 and GS06. */
  readonly functionalId: string;
  readonly controlNumber: string;
  readonly status: 'accepted' | 'partly accepted' | 'rejected';
  readonly included: number;
  readonly received: number;
  readonly acceptedSets: number;
  /** @see X12 data element 716 */
  readonly codes: readonly string[];
  readonly sets: readonly SetReport[];
}

/** Data element 718 by what the decoder found. */
const setCodes = { 'no trailer': '2', reference: '3', count: '4', content: '5', 'no header': '6' } as const;
/** Data element 716. */
const groupCodes = { 'no trailer': '3', reference: '4', count: '5', content: '6', 'no header': '6' } as const;

interface Gathered {
  readonly header: Segment;
  readonly sets: SetReport[];
  codes: string[];
}

/** Gathers what a decoder gives, group by group, and makes the 997s of it. */
export class X12Acknowledger {
  readonly #groups = new Map<string, Gathered>();

  /** `errors`: what a reader of the set found in it; with any, or when the record is bad, the set is rejected. */
  add(record: Acknowledged, errors: readonly X12SegmentError[] = []): void {
    if (!isBad(record)) {
      const group = record.value['group'];
      const report = { type: record.type, controlNumber: textAt(record.value['header'] as Segment, 2), accepted: errors.length === 0 };
      this.#gathered(group as Segment).sets.push({ ...report, codes: errors.length === 0 ? [] : ['5'], segments: errors });
      return;
    }
    const { error } = record;
    if (!(error instanceof EnvelopeFault) || error.within.group === null) return;
    const group = this.#gathered(error.within.group);
    if (error.level === 'group') group.codes.push(groupCodes[error.breach]);
    if (error.level !== 'message' || error.within.message === null) return;
    const { message } = error.within;
    const place: readonly X12SegmentError[] =
      error.place === null ? errors : [{ ...error.place, code: error.place.tag === '' ? '1' : '8' }, ...errors];
    group.sets.push({
      type: textAt(message, 1),
      controlNumber: textAt(message, 2),
      accepted: false,
      codes: [setCodes[error.breach]],
      segments: place,
    });
  }

  /** One record of type 997 a group, in the order of the file, for the encoder, whose control gives the envelope of the way back. */
  values(): RecordValue[] {
    return [...this.#groups.values()].map((group, index) => ({
      header: ['ST', '997', String(index + 1).padStart(4, '0')],
      segments: segmentsOf(group),
    }));
  }

  #gathered(header: Segment): Gathered {
    const key = JSON.stringify(header);
    const known = this.#groups.get(key) ?? { header, sets: [], codes: [] };
    this.#groups.set(key, known);
    return known;
  }
}

function segmentsOf({ header, sets, codes }: Gathered): Json[] {
  const accepted = sets.filter((set) => set.accepted).length;
  const status = codes.length > 0 || accepted === 0 ? 'R' : accepted === sets.length ? 'A' : 'P';
  const included = String(sets.length);
  return [
    ['AK1', textAt(header, 1), textAt(header, 6)],
    ...sets.flatMap((set) => [
      ['AK2', set.type, set.controlNumber],
      ...set.segments.flatMap(errorSegments),
      ['AK5', set.accepted ? 'A' : 'R', ...set.codes],
    ]),
    ['AK9', status, included, included, String(status === 'R' ? 0 : accepted), ...codes.slice(0, 5)],
  ];
}

function errorSegments({ tag, position, loop = '', code, elements = [] }: X12SegmentError): Json[] {
  return [
    ['AK3', clipped(tag), String(position), loop, code ?? '8'],
    ...elements.map(({ position: at, component, reference = '', code: why, copy }) => {
      const place: Simple = component === undefined ? String(at) : [String(at), String(component)];
      return ['AK4', place, reference, why, ...(copy === undefined ? [] : [clipped(copy)])];
    }),
  ];
}

/** What a 997 that came in says. @throws RECORD_INVALID when it is none */
export function readX12Acknowledgement({ header, segments }: RecordValue): X12GroupReport {
  if (!Array.isArray(header) || header[1] !== '997' || !Array.isArray(segments)) throw misfit('', 'is no 997');
  const lines = segments as Segment[];
  const [first, last] = [lines[0], lines.at(-1)];
  if (textAt(first ?? [], 0) !== 'AK1' || textAt(last ?? [], 0) !== 'AK9') throw misfit('', 'is no 997 of AK1 to AK9');
  const sets: SetReport[] = [];
  let errors: (X12SegmentError & { elements: X12ElementError[] })[] = [];
  let set: Segment | null = null;
  for (const line of lines.slice(1, -1)) {
    const tag = textAt(line, 0);
    if (tag === 'AK2') [set, errors] = [line, []];
    else if (tag === 'AK3')
      errors.push({ tag: textAt(line, 1), position: Number(textAt(line, 2)), loop: textAt(line, 3), code: textAt(line, 4), elements: [] });
    else if (tag === 'AK4') errors.at(-1)?.elements.push(elementError(line));
    else if (tag === 'AK5') {
      // E: accepted, errors noted. @see X12 data element 717
      const accepted = ['A', 'E'].includes(textAt(line, 1));
      sets.push({ type: textAt(set, 1), controlNumber: textAt(set, 2), accepted, codes: rest(line, 2), segments: errors });
    } else throw misfit('', 'is no segment of a 997', tag);
  }
  const status = textAt(last ?? null, 1);
  return {
    functionalId: textAt(first ?? null, 1),
    controlNumber: textAt(first ?? null, 2),
    status: ['A', 'E'].includes(status) ? 'accepted' : status === 'P' ? 'partly accepted' : 'rejected',
    included: Number(textAt(last ?? null, 2)),
    received: Number(textAt(last ?? null, 3)),
    acceptedSets: Number(textAt(last ?? null, 4)),
    codes: rest(last ?? [], 5),
    sets,
  };
}

function elementError(line: Segment): X12ElementError {
  const [component, reference, copy] = [textAt(line, 1, 1), textAt(line, 2), textAt(line, 4)];
  return {
    position: Number(textAt(line, 1)),
    ...(component === '' ? {} : { component: Number(component) }),
    ...(reference === '' ? {} : { reference }),
    code: textAt(line, 3),
    ...(copy === '' ? {} : { copy }),
  };
}

const rest = (line: Segment, from: number): string[] => line.slice(from).filter((each) => typeof each === 'string' && each !== '') as string[];
