import { describe, expect, it } from 'vitest';
import { isBad } from '../../codecs/record-codec.ts';
import { decodeIn } from '../chunked.fixture.ts';
import { readX12Acknowledgement, X12Acknowledger, type X12SegmentError } from './x12.acknowledgement.ts';
import { x12 } from './x12.codec.ts';

const header = ['ISA', '00', '', '00', '', 'ZZ', 'NORTHMILL', '01', '0048123760001', '240131', '1253', '^', '00501', '000000905', '0', 'T', ':'];
const back = ['ISA', '00', '', '00', '', '01', '0048123760001', 'ZZ', 'NORTHMILL', '240131', '1301', '^', '00501', '000000031', '0', 'T', ':'];

/** Two orders of group 17, changed on their way. */
function file(change: (text: string) => string = (text) => text): string {
  const encoder = x12().encoder({ interchange: { header }, group: ['GS', 'PO', 'NORTHMILL', '0048', '20240131', '1253', '17', 'X', '005010'] });
  const order = {
    header: ['ST', '850'],
    segments: [
      ['BEG', '00', 'SA', 'PO-7781', '', '20240131'],
      ['CTT', '1'],
    ],
  };
  return change(Buffer.concat([encoder.record('850', order), encoder.record('850', order), encoder.end()]).toString());
}

function acknowledged(text: string, errors: readonly X12SegmentError[] = []): string {
  const acknowledger = new X12Acknowledger();
  for (const [index, record] of decodeIn(x12(), text).entries()) acknowledger.add(record, index === 1 ? errors : []);
  const encoder = x12().encoder({ interchange: { header: back }, group: ['GS', 'FA', '0048', 'NORTHMILL', '20240131', '1301', '31', 'X', '005010'] });
  return Buffer.concat([...acknowledger.values().map((value) => encoder.record('997', value)), encoder.end()]).toString();
}

const inner = (text: string): string => text.slice(text.indexOf('ST*'), text.indexOf('GE*'));

describe('the X12 functional acknowledgement', () => {
  it('accepts what could be read', () => {
    expect(inner(acknowledged(file()))).toBe('ST*997*0001~AK1*PO*17~AK2*850*0001~AK5*A~AK2*850*0002~AK5*A~AK9*A*2*2*2~SE*8*0001~');
  });

  it.each<[string, (text: string) => string, string]>([
    ['a wrong segment count', (t) => t.replace('SE*4*0002', 'SE*9*0002'), 'AK2*850*0001~AK5*A~AK2*850*0002~AK5*R*4~AK9*P*2*2*1~'],
    ['a wrong control number', (t) => t.replace('SE*4*0002', 'SE*4*0003'), 'AK2*850*0001~AK5*A~AK2*850*0002~AK5*R*3~AK9*P*2*2*1~'],
    ['a missing SE', (t) => t.replace('SE*4*0001~', ''), 'AK2*850*0001~AK5*R*2~AK2*850*0002~AK5*A~AK9*P*2*2*1~'],
    ['a segment that is none', (t) => t.replace('BEG*', 'B!*'), 'AK2*850*0001~AK3*B!*2**8~AK5*R*5~AK2*850*0002~AK5*A~AK9*P*2*2*1~'],
    ['a group with a wrong count, as a whole', (t) => t.replace('GE*2', 'GE*3'), 'AK2*850*0001~AK5*A~AK2*850*0002~AK5*A~AK9*R*2*2*0*5~'],
  ])('rejects %s', (_, change, said) => {
    expect(inner(acknowledged(file(change)))).toContain(said);
  });

  it('tells the segment and the element that a reader rejects, and is read back', () => {
    const errors: X12SegmentError[] = [
      { tag: 'BEG', position: 2, code: '8', elements: [{ position: 5, component: 1, reference: '373', code: '8', copy: '20243131' }] },
    ];
    const text = acknowledged(file(), errors);
    expect(inner(text)).toContain('AK2*850*0002~AK3*BEG*2**8~AK4*5:1*373*8*20243131~AK5*R*5~AK9*P*2*2*1~');
    const [record] = decodeIn(x12(), text);
    if (record === undefined || isBad(record)) throw new Error('the acknowledgement is bad');
    expect(readX12Acknowledgement(record.value)).toEqual({
      functionalId: 'PO',
      controlNumber: '17',
      status: 'partly accepted',
      included: 2,
      received: 2,
      acceptedSets: 1,
      codes: [],
      sets: [
        { type: '850', controlNumber: '0001', accepted: true, codes: [], segments: [] },
        { type: '850', controlNumber: '0002', accepted: false, codes: ['5'], segments: [{ ...errors[0], loop: '' }] },
      ],
    });
    expect(() => readX12Acknowledgement({ header: ['ST', '850', '1'], segments: [] })).toThrow('is no 997');
  });
});
