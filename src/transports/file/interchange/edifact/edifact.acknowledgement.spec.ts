import { describe, expect, it } from 'vitest';
import { isBad } from '../../codecs/record-codec.ts';
import { decodeIn } from '../chunked.fixture.ts';
import { EdifactAcknowledger, type EdifactSegmentError, readEdifactAcknowledgement } from './edifact.acknowledgement.ts';
import { edifact } from './edifact.codec.ts';

const message = (reference: string): string => `UNH+${reference}+ORDERS:D:96A:UN'BGM+220+PO-1'UNT+3+${reference}'`;
const file = `UNB+UNOA:3+SUPPLIER:14+BUYER:14+240131:1253+ICR77'${message('1')}${message('2')}UNZ+2+ICR77'`;

function acknowledged(text: string, errors: readonly EdifactSegmentError[] = []): string {
  const acknowledger = new EdifactAcknowledger();
  for (const [index, record] of decodeIn(edifact(), text).entries()) acknowledger.add(record, index === 1 ? errors : []);
  const encoder = edifact().encoder({
    interchange: { header: ['UNB', ['UNOA', '3'], ['BUYER', '14'], ['SUPPLIER', '14'], ['240131', '1301'], '31'] },
  });
  return Buffer.concat([...acknowledger.values().map((value) => encoder.record('CONTRL', value)), encoder.end()]).toString();
}

const inner = (text: string): string => text.slice(text.indexOf('UCI'), text.indexOf('UNT'));

describe('the EDIFACT acknowledgement CONTRL', () => {
  it.each<[string, string, string]>([
    ['accepts what could be read', file, "UCI+ICR77+SUPPLIER:14+BUYER:14+7'UCM+1+ORDERS:D:96A:UN+7'UCM+2+ORDERS:D:96A:UN+7'"],
    [
      'rejects a message with a wrong count',
      file.replace('UNT+3+2', 'UNT+9+2'),
      "UCI+ICR77+SUPPLIER:14+BUYER:14+7'UCM+1+ORDERS:D:96A:UN+7'UCM+2+ORDERS:D:96A:UN+4+29'",
    ],
    [
      'rejects a message with another reference',
      file.replace('UNT+3+2', 'UNT+3+4'),
      "UCI+ICR77+SUPPLIER:14+BUYER:14+7'UCM+1+ORDERS:D:96A:UN+7'UCM+2+ORDERS:D:96A:UN+4+28'",
    ],
    [
      'names a segment that cannot be read',
      file.replace('BGM+220+PO-1', 'BGM+220+po-1'),
      "UCI+ICR77+SUPPLIER:14+BUYER:14+7'UCM+1+ORDERS:D:96A:UN+4+12'UCS+2+12'UCM+2+ORDERS:D:96A:UN+7'",
    ],
    ['rejects an interchange with a wrong count', file.replace('UNZ+2', 'UNZ+3'), "UCI+ICR77+SUPPLIER:14+BUYER:14+4+29'"],
  ])('%s', (_, text, said) => {
    expect(inner(acknowledged(text))).toBe(said);
  });

  it('tells the segment and the element that a reader rejects, and is read back', () => {
    const errors = [{ position: 2, code: '12', elements: [{ position: 2, component: 1, code: '37' }] }];
    const [record] = decodeIn(edifact(), acknowledged(file, errors));
    if (record === undefined || isBad(record)) throw new Error('the acknowledgement is bad');
    expect(readEdifactAcknowledgement(record.value)).toEqual({
      reference: 'ICR77',
      status: 'acknowledged',
      code: '',
      messages: [
        { type: 'ORDERS', reference: '1', accepted: true, code: '', segments: [] },
        { type: 'ORDERS', reference: '2', accepted: false, code: '12', segments: errors },
      ],
    });
    expect(() => readEdifactAcknowledgement({ header: ['UNH', '1', 'ORDERS'], segments: [] })).toThrow('is no CONTRL');
  });
});
