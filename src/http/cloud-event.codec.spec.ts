import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { membersOf, writeStructured } from '../contract/cloud-event-format.ts';
import { GatehouseError } from '../contract/errors.ts';
import { readRequest } from './cloud-event.codec.ts';

const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const base = { specversion: '1.0', id: '1', source: '/shop', type: 'com.acme.x.v1' };
const read = (value: unknown) => readRequest(structured, Buffer.from(JSON.stringify(value)));
const reason = (call: () => unknown): string => {
  try {
    call();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    return `${error.code}: ${error.message}`;
  }
};

describe('the CloudEvents HTTP binding', () => {
  it('what is written structured is read back the same', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }).filter((value) => value.isWellFormed() && !/\p{Cc}/u.test(value));
    const names = fc
      .stringMatching(/^[a-z0-9]{1,20}$/)
      .filter((name) => !['specversion', 'id', 'source', 'type', 'time', 'data', 'datacontenttype'].includes(name));
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.dictionary(names, text, { maxKeys: 5, noNullPrototype: true }),
        fc.jsonValue(),
        (id, source, type, more, data) => {
          const event = {
            attributes: { ...more, specversion: '1.0' as const, id, source, type, datacontenttype: 'application/json' },
            data: Buffer.from(JSON.stringify(data)),
          };
          const [again] = readRequest(structured, Buffer.from(writeStructured(event)));
          expect(again?.attributes).toEqual(event.attributes);
          expect(JSON.parse(Buffer.from(again?.data ?? []).toString())).toEqual(JSON.parse(event.data.toString()));
        },
      ),
    );
  });

  it('no bytes and no headers make it throw anything but its own error', () => {
    const header = fc.oneof(
      fc.string(),
      fc.constantFrom('application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json', '%ff', '%41'),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.dictionary(fc.constantFrom('content-type', 'ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'ce-x'), header),
        (body, headers) => {
          expect(reason(() => readRequest(headers, body))).toMatch(/^(?:accepted|NOT_AN_EVENT|EVENT_TOO_LARGE)/);
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(reason(() => read(value))).toMatch(/^(?:accepted|NOT_AN_EVENT)/);
        expect(reason(() => read({ ...base, ...(value as object) }))).toMatch(/^(?:accepted|NOT_AN_EVENT)/);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['not JSON', Buffer.from('{'), 'is no JSON'],
    ['XML', Buffer.from('<event/>'), 'is no JSON'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'is not UTF-8'],
    ['a bomb of brackets', Buffer.from('['.repeat(100_000)), 'nested deeper than 64'],
    ['a list', Buffer.from('[]'), 'is a JSON object'],
    ['no id', Buffer.from(JSON.stringify({ ...base, id: undefined })), "'id' is missing"],
    ['an empty source', Buffer.from(JSON.stringify({ ...base, source: '' })), "'source' is missing"],
    ['another version', Buffer.from(JSON.stringify({ ...base, specversion: '0.3' })), 'must be 1.0'],
    ['a number as type', Buffer.from(JSON.stringify({ ...base, type: 1.5 })), "'type' is neither"],
    ['a nested attribute', Buffer.from(JSON.stringify({ ...base, x: {} })), "'x' is neither"],
    ['a control character', Buffer.from(JSON.stringify({ ...base, id: 'a\nb' })), 'control characters'],
    ['half a surrogate pair', Buffer.from(JSON.stringify({ ...base, id: 'a\ud800' })), 'half a surrogate pair'],
    ['no time', Buffer.from(JSON.stringify({ ...base, time: 'yesterday' })), 'no RFC 3339 time'],
    ['a prototype key', Buffer.from('{"specversion":"1.0","id":"1","source":"/s","type":"t","__proto__":{"polluted":1}}'), 'no attribute name'],
    ['both kinds of data', Buffer.from(JSON.stringify({ ...base, data: 1, data_base64: 'AA==' })), 'not both'],
    ['broken Base64', Buffer.from(JSON.stringify({ ...base, data_base64: 'A' })), 'no Base64'],
  ])('%s is refused with its reason', (_name, body, expected) => {
    expect(reason(() => readRequest(structured, body))).toContain(expected);
  });

  it('data keeps the exact characters it was written with', () => {
    const data = '{ "n": 12345678901234567890, "price": 1.10, "s": "a\\u0041\\"},{" , "list": [1,2 ] }';
    const text = `{"specversion":"1.0", "data" : ${data} ,"id":"1","source":"/s","type":"t"}`;
    expect(Buffer.from(readRequest(structured, Buffer.from(text))[0]?.data ?? []).toString()).toBe(data.trim());
    const [, second] = readRequest({ 'content-type': 'application/cloudevents-batch+json' }, Buffer.from(`[${text}, ${text}]`));
    expect(Buffer.from(second?.data ?? []).toString()).toBe(data.trim());
  });

  it('the members of any JSON object and the items of any list are its own texts', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
        fc.array(fc.jsonValue()),
        fc.constantFrom(undefined, 2),
        (object, list, space) => {
          const safe = Object.fromEntries(Object.entries(object).filter(([name]) => name !== '__proto__'));
          const members = membersOf(JSON.stringify(safe, null, space));
          expect([...members].map(([name, text]) => [name, JSON.parse(text)])).toEqual(Object.entries(JSON.parse(JSON.stringify(safe)) as object));
          expect([...membersOf(JSON.stringify(list, null, space)).values()].map((text) => JSON.parse(text) as unknown)).toEqual(
            JSON.parse(JSON.stringify(list)),
          );
        },
      ),
    );
  });

  it('binary mode: attributes from percent-encoded headers, the data as it is', () => {
    const [event] = readRequest(
      { 'ce-id': 'A%20%C3%A4', 'ce-source': '/s', 'ce-type': 't', 'ce-specversion': '1.0', 'content-type': 'text/plain' },
      Buffer.from([0, 255]),
    );
    expect(event?.attributes).toEqual({ specversion: '1.0', id: 'A ä', source: '/s', type: 't', datacontenttype: 'text/plain' });
    expect([...(event?.data ?? [])]).toEqual([0, 255]);
  });

  it('batch mode: every event, or the number of the one that is none', () => {
    const batch = { 'content-type': 'application/cloudevents-batch+json' };
    expect(readRequest(batch, Buffer.from(JSON.stringify([base, { ...base, id: '2' }]))).map(({ attributes }) => attributes.id)).toEqual(['1', '2']);
    expect(reason(() => readRequest(batch, Buffer.from(JSON.stringify([base, {}]))))).toContain('event 1 of the batch');
  });
});
