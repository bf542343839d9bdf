import { describe, expect, it } from 'vitest';
import { type DeclaredReply } from '../../../choices.view.ts';
import { dataOf, prefilled } from './reply-form.ts';

const reply: DeclaredReply = {
  type: 'com.acme.order.rejected.v1',
  fields: [
    { name: 'orderId', kind: 'text', required: true, oneOf: [] },
    { name: 'count', kind: 'number', required: false, oneOf: [] },
    { name: 'final', kind: 'yes or no', required: true, oneOf: [] },
    { name: 'level', kind: 'one of', required: true, oneOf: [1, 2] },
    { name: 'lines', kind: 'json', required: false, oneOf: [] },
  ],
};

describe('the form of a declared reply', () => {
  it('begins with what the event says under the same name', () => {
    expect(prefilled(reply, '{"orderId":"O-1","count":3,"lines":[{"a":1}],"constructor":"x"}')).toEqual({
      orderId: 'O-1',
      count: '3',
      final: '',
      level: '',
      lines: '[{"a":1}]',
    });
    for (const event of [undefined, 'no JSON', 'null', '[]', '"text"']) expect(prefilled(reply, event)['orderId']).toBe('');
  });

  it('says each field in its kind, and leaves out what is empty and need not be there', () => {
    expect(dataOf(reply, { orderId: 'O-1', count: '', final: 'true', level: '2', lines: '' })).toEqual({ orderId: 'O-1', final: true, level: 2 });
    expect(dataOf(reply, { orderId: '007', count: '7', final: 'false', level: '1', lines: '[1]' })).toEqual({
      orderId: '007',
      count: 7,
      final: false,
      level: 1,
      lines: [1],
    });
  });

  it('tells which field is wrong', () => {
    expect(() => dataOf(reply, { count: 'seven' })).toThrow('count is a number.');
    expect(() => dataOf(reply, { lines: '[' })).toThrow(/^lines: This is no JSON/);
  });
});
