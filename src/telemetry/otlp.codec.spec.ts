import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Span, readHeaders, readRejected, writeRequest } from './otlp.codec.ts';

const span: Span = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentId: 'b7ad6b7169203331',
  remoteParent: true,
  name: 'call depot Reserve',
  kind: 'client',
  startMs: 1_795_256_180_391.5,
  endMs: 1_795_256_180_392.25,
  attributes: { text: 'x', number: 1, flag: true, absent: undefined },
  events: [{ name: 'left', atMs: 1_795_256_180_390 }],
  linkTo: 'aaaaaaaaaaaaaaaa',
  error: 'NO_ANSWER',
};

describe('OTLP', () => {
  it('a span is written as the JSON encoding of the protocol says', () => {
    expect(JSON.parse(writeRequest({ 'service.name': 'gatehouse' }, { name: 'gatehouse', version: '1' }, [span]))).toEqual({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'gatehouse' } }] },
          scopeSpans: [
            {
              scope: { name: 'gatehouse', version: '1' },
              spans: [
                {
                  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
                  spanId: '00f067aa0ba902b7',
                  parentSpanId: 'b7ad6b7169203331',
                  flags: 0x301,
                  name: 'call depot Reserve',
                  kind: 3,
                  startTimeUnixNano: '1795256180391500000',
                  endTimeUnixNano: '1795256180392250000',
                  attributes: [
                    { key: 'text', value: { stringValue: 'x' } },
                    { key: 'number', value: { intValue: '1' } },
                    { key: 'flag', value: { boolValue: true } },
                    { key: 'error.type', value: { stringValue: 'NO_ANSWER' } },
                  ],
                  // It cannot have happened before the span began.
                  events: [{ timeUnixNano: '1795256180391500000', name: 'left' }],
                  links: [{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: 'aaaaaaaaaaaaaaaa', flags: 0x101 }],
                  status: { code: 2, message: 'NO_ANSWER' },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('no span ends before it began', () => {
    const text = writeRequest({}, { name: 'gatehouse', version: '1' }, [{ ...span, endMs: 0 }]);
    expect(text).toContain('"endTimeUnixNano":"1795256180391500000"');
  });

  it.each([
    ['authorization=Basic%20YTpi,x-tenant = t ', { authorization: 'Basic YTpi', 'x-tenant': 't' }],
    ['Authorization=Basic YTpi==', { authorization: 'Basic YTpi==' }],
    ['nothing', null],
    ['', null],
    ['a=%0Ab', null],
    ['a b=c', null],
    ['a=%', null],
  ])('the headers %j are read as %j', (text, headers) => {
    expect(readHeaders(text)).toEqual(headers);
  });

  it('an answer of any kind is a number of rejected spans', () => {
    expect(readRejected('{"partialSuccess":{"rejectedSpans":"3","errorMessage":"full"}}')).toBe(3);
    expect(readRejected('{}')).toBe(0);
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => readRejected(text) >= 0));
  });
});
