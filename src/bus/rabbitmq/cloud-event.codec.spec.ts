import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../contract/errors.ts';
import { type CloudEvent } from '../../contract/event.ts';
import { type AmqpMessage, readMessage, writeMessage } from './cloud-event.codec.ts';
import { BindingSettings, RabbitmqSettings } from './rabbitmq.settings.ts';

const message = (given: Partial<Omit<AmqpMessage, 'content'>> & { content?: string | Uint8Array }): AmqpMessage => ({
  exchange: 'orders',
  routingKey: 'order.placed',
  headers: {},
  ...given,
  content: typeof given.content === 'string' || given.content === undefined ? Buffer.from(given.content ?? '{"n":1}') : given.content,
});
const rules = (given: Partial<BindingSettings> = {}): BindingSettings => Object.assign(new BindingSettings(), { system: 'depot' }, given);
const attributes = (prefix: string, more: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ specversion: '1.0', id: '7', source: '/s', type: 'a.b', ...more }).map(([name, value]) => [prefix + name, value]),
  );
const structured = '{"specversion":"1.0","id":"7","source":"/s","type":"a.b","data":{"n":1}}';

/** What a reader of the table sees, and the message that shows it. */
interface Row {
  readonly given: string;
  readonly read: string;
  readonly message: AmqpMessage;
  readonly rules?: BindingSettings;
  /** Attributes the event must have, or what the refusal must say. */
  readonly expect: Record<string, string> | { readonly refused: RegExp } | { readonly ignored: RegExp };
  readonly data?: string;
}

const rows: readonly Row[] = [
  {
    given: 'content type `application/cloudevents+json`',
    read: 'structured: the body is the event',
    message: message({ contentType: 'application/cloudevents+json; charset=utf-8', content: structured }),
    expect: { id: '7', type: 'a.b', datacontenttype: 'application/json' },
    data: '{"n":1}',
  },
  {
    given: 'content type of another CloudEvents format, or a batch',
    read: 'parked: NOT_AN_EVENT',
    message: message({ contentType: 'application/cloudevents-batch+json', content: `[${structured}]` }),
    expect: { refused: /format 'application\/cloudevents-batch\+json' is not read/ },
  },
  ...['cloudEvents:', 'cloudEvents_', 'ce-'].map((prefix) => ({
    given: `headers \`${prefix}specversion\`, \`${prefix}id\` and so on`,
    read: `binary: the body is the data, its content type is datacontenttype${prefix === 'ce-' ? '; values are percent-decoded' : ''}`,
    message: message({ contentType: 'application/json', headers: attributes(prefix, { subject: prefix === 'ce-' ? 'caf%C3%A9' : 'café' }) }),
    expect: { id: '7', type: 'a.b', datacontenttype: 'application/json', subject: 'café' },
    data: '{"n":1}',
  })),
  {
    given: 'binary, attributes as AMQP numbers, booleans and timestamps',
    read: 'their canonical text',
    message: message({ headers: attributes('cloudEvents:', { time: { '!': 'timestamp', value: 1_700_000_000 }, count: 7, flag: true }) }),
    expect: { time: '2023-11-14T22:13:20.000Z', count: '7', flag: 'true' },
  },
  {
    given: 'binary, an attribute missing or malformed',
    read: 'parked: NOT_AN_EVENT',
    message: message({ headers: { 'cloudEvents:specversion': '1.0', 'cloudEvents:id': '7' } }),
    expect: { refused: /'source' is missing/ },
  },
  {
    given: 'no content type, no headers, a JSON body with specversion, source and type',
    read: 'structured (connectors forget the content type)',
    message: message({ content: structured }),
    expect: { id: '7', type: 'a.b' },
    data: '{"n":1}',
  },
  {
    given: 'content encoding other than UTF-8 or identity',
    read: 'parked: NOT_AN_EVENT',
    message: message({ contentEncoding: 'gzip' }),
    rules: rules(),
    expect: { refused: /content encoding 'gzip'/ },
  },
  {
    given: 'plain message, no binding for its exchange and routing key',
    read: 'parked: NOT_AN_EVENT',
    message: message({ messageId: 'm1' }),
    expect: { refused: /no binding that says how to read plain messages/ },
  },
  {
    given: 'plain message by a binding, JSON body, with or without content type',
    read: 'type and source from the binding, id from the first of `id`',
    message: message({ messageId: 'm1' }),
    rules: rules({ type: 'com.acme.{routingKey}' }),
    expect: { id: 'm1', type: 'com.acme.order.placed', source: '/rabbitmq/orders', datacontenttype: 'application/json' },
    data: '{"n":1}',
  },
  {
    given: '`id: [header:NAME]`',
    read: 'text or number of the header',
    message: message({ headers: { 'x-id': 42 } }),
    rules: rules({ id: ['message-id', 'header:x-id'] }),
    expect: { id: '42' },
  },
  {
    given: '`id: [field:PATH]`',
    read: 'text or number of the payload, exactly as written',
    message: message({ content: '{"after":{"id":12345678901234567890}}' }),
    rules: rules({ id: ['field:after.id'] }),
    expect: { id: '12345678901234567890' },
  },
  {
    given: 'no id, the binding says nothing',
    read: 'parked: NOT_AN_EVENT',
    message: message({}),
    rules: rules(),
    expect: { refused: /neither withoutId: hash nor each/ },
  },
  {
    given: 'no id, `withoutId: hash`',
    read: 'id is the SHA-256 of type and body: equal bodies are one event',
    message: message({}),
    rules: rules({ withoutId: 'hash' }),
    expect: { id: 'cb2aaf14f9401764a25817f855abab2f52dbe42d3ddd195129efe6409d960c02' },
  },
  {
    given: 'no id, `withoutId: each`',
    read: 'a new id: every delivery is an event, also a redelivered one',
    message: message({}),
    rules: rules({ withoutId: 'each' }),
    expect: { type: 'order.placed' },
  },
  {
    given: 'body that is no JSON, `notJson: park`',
    read: 'parked: NOT_AN_EVENT',
    message: message({ content: 'default', messageId: 'm1' }),
    rules: rules(),
    expect: { refused: /is no JSON/ },
  },
  {
    given: 'body that is no JSON, `notJson: ignore` (tombstones of Debezium: the text `default`)',
    read: 'counted, not stored',
    message: message({ content: 'default' }),
    rules: rules({ notJson: 'ignore' }),
    expect: { ignored: /no JSON by orders/ },
  },
  {
    given: 'body that is no JSON, `notJson: wrap`',
    read: 'data is `{"body": text}`, or `{"bodyBase64": bytes}` when it is no UTF-8',
    message: message({ content: 'H|0001|ACME', messageId: 'm1' }),
    rules: rules({ notJson: 'wrap' }),
    expect: { id: 'm1', datacontenttype: 'application/json' },
    data: '{"body":"H|0001|ACME"}',
  },
];

describe('CloudEvents on AMQP 0-9-1, read', () => {
  it.each(rows)('$given → $read', (row) => {
    if ('refused' in row.expect) {
      expect(() => readMessage(row.message, row.rules ?? null)).toThrow(row.expect.refused as RegExp);
      return;
    }
    const read = readMessage(row.message, row.rules ?? null);
    if ('ignored' in row.expect) {
      expect(read).toEqual({ ignored: expect.stringMatching(row.expect.ignored as RegExp) });
      return;
    }
    if (!('event' in read)) throw new Error('ignored');
    expect(read.event.attributes).toMatchObject(row.expect);
    if (row.data !== undefined) expect(Buffer.from(read.event.data).toString()).toBe(row.data);
  });

  it('the table of the README is this one', () => {
    const table = ['| message | read as |', '|---|---|', ...rows.map(({ given, read }) => `| ${given} | ${read} |`)].join('\n');
    expect(readFileSync(new URL('README.md', import.meta.url), 'utf8')).toContain(table);
  });

  it('rule 13: what a binding adds to the identity makes two events of one id, and a missing field is refused', () => {
    const read = (content: string) => {
      const got = readMessage(message({ content, messageId: 'm1' }), rules({ identityAdds: ['type', 'field:line'] }));
      return 'event' in got ? got.identity : null;
    };
    expect(read('{"line":1}')).toBe('["m1","order.placed","1"]');
    expect(read('{"line":2}')).not.toBe(read('{"line":1}'));
    expect(() => read('{}')).toThrow(/'field:line', which belongs to its identity/);
  });

  it('rule 14: two deliveries are one event with hash and two with each', () => {
    const idOf = (withoutId: 'hash' | 'each'): string => {
      const read = readMessage(message({}), rules({ withoutId }));
      return 'event' in read ? read.event.attributes.id : '';
    };
    expect(idOf('hash')).toBe(idOf('hash'));
    expect(idOf('each')).not.toBe(idOf('each'));
  });

  it('no bytes, headers or properties make it throw anything but NOT_AN_EVENT', () => {
    const header = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.constant({ '!': 'timestamp', value: 1e15 }),
      fc.dictionary(fc.string(), fc.string()),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        fc.dictionary(
          fc.oneof(fc.string(), fc.constantFrom('cloudEvents:specversion', 'ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'cloudEvents_time')),
          header,
        ),
        fc.option(fc.oneof(fc.string(), fc.constantFrom('application/cloudevents+json', 'text/plain')), { nil: undefined }),
        fc.constantFrom(null, rules(), rules({ withoutId: 'each', notJson: 'wrap', identityAdds: ['field:a.b'], id: ['field:x.y', 'header:h'] })),
        (content, headers, contentType, given) => {
          try {
            readMessage(message({ content, headers, contentType }), given);
          } catch (error) {
            expect(error).toBeInstanceOf(GatehouseError);
            expect((error as GatehouseError).code).toBe('NOT_AN_EVENT');
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('CloudEvents on AMQP 0-9-1, written', () => {
  const names = fc
    .stringMatching(/^[a-z][a-z0-9]{0,19}$/)
    .filter((name) => !['data', 'specversion', 'id', 'source', 'type', 'time', 'datacontenttype'].includes(name));
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((value) => !/\p{Cc}/u.test(value) && value.isWellFormed());
  const events: fc.Arbitrary<CloudEvent> = fc
    .record({ id: text, source: text, type: fc.stringMatching(/^[a-z][a-z0-9.]{0,40}$/), more: fc.dictionary(names, text), data: fc.jsonValue() })
    .map(({ id, source, type, more, data }) => ({
      attributes: { ...more, specversion: '1.0', id, source, type, datacontenttype: 'application/json' },
      data: Buffer.from(JSON.stringify(data)),
    }));

  it.each(['cloudEvents:', 'cloudEvents_', 'ce-'] as const)('binary with %s: what is written is read back the same', (attributePrefix) => {
    fc.assert(
      fc.property(events, (event) => {
        const written = writeMessage(event, { mode: 'binary', attributePrefix });
        expect(readMessage(message({ ...written, content: written.content }), null)).toEqual({ event });
      }),
    );
  });

  it('structured: what is written is read back the same', () => {
    fc.assert(
      fc.property(events, (event) => {
        const written = writeMessage(event, { mode: 'structured', attributePrefix: 'cloudEvents:' });
        const read = readMessage(message({ ...written, content: written.content }), null);
        if (!('event' in read)) throw new Error('ignored');
        expect(read.event.attributes).toEqual(event.attributes);
        expect(JSON.parse(Buffer.from(read.event.data).toString())).toEqual(JSON.parse(Buffer.from(event.data).toString()));
      }),
    );
  });

  it('an id that is longer than an AMQP short string stays an attribute and is no message id', () => {
    const event: CloudEvent = { attributes: { specversion: '1.0', id: 'x'.repeat(300), source: '/s', type: 'a' }, data: new Uint8Array() };
    expect(writeMessage(event, new RabbitmqSettings())).not.toHaveProperty('messageId');
    expect(writeMessage(event, new RabbitmqSettings()).headers['cloudEvents:id']).toBe('x'.repeat(300));
  });
});
