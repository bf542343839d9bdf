import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { Catalogue } from '../contract/catalogue.ts';
import { eventTypeOf } from '../contract/event.ts';
import { type Class, type Json } from '../contract/json.ts';
import { instanceOf } from '../gateway/payload.ts';
import { DepotAdapter } from '../practice/line/depot.adapter.ts';
import { payloadSchema } from './asyncapi.ts';
import { exampleOf } from './example.ts';
import { matchingText } from './matching-text.ts';

const catalogue = new Catalogue([...adapters, DepotAdapter]);
const payloads = new Map<string, Class<object>>([
  ...catalogue.operations().flatMap(({ accepts, acceptsType, replies }): [string, Class<object>][] => [[acceptsType, accepts], ...replies]),
  ...catalogue.sources().flatMap(({ declaration }) => declaration.produces.map((each): [string, Class<object>] => [eventTypeOf(each), each])),
]);

describe('an example of a payload', () => {
  it('there are payloads to make examples of', () => expect(payloads.size).toBeGreaterThan(20));

  it.each([...payloads])('%s: it keeps every rule of its class', async (_type, payload) => {
    await expect(instanceOf(payload, exampleOf(payloadSchema(payload)), 'EVENT_INVALID')).resolves.toBeInstanceOf(payload);
  });

  it('a schema that nests itself comes to an end', () => {
    const schema: { [key: string]: Json } = {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, inside: { $ref: '#/$defs/Part' } },
      $defs: { Part: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, inside: { $ref: '#/$defs/Part' } } } },
    };
    expect(exampleOf(schema)).toEqual({ name: 'name', inside: { name: 'name', inside: { name: 'name', inside: { name: 'name' } } } });
  });
});

describe('a text for a pattern', () => {
  it.each([
    '^[A-Za-z0-9-]{1,20}$',
    '^\\d{10}$',
    '^(?=.*[1-9])(?:0|[1-9]\\d{0,12})(?:\\.\\d{1,2})?$',
    '^20\\d\\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])$',
    '^\\P{Cc}*$',
    '^INC\\d{7,}$',
    '^[0-9a-f]{32}$',
    '^(?:SKU|BIN)-\\d{4}(?:/[A-Z]+)?$',
    '^[^\\^=@]+$',
    '^(?:(?:(?:(?:a+)+)b+)+c?)+$',
  ])('%s', (pattern) => {
    const text = matchingText(pattern, { min: 1 });
    expect(text).not.toBeNull();
    expect(text ?? '').toMatch(new RegExp(pattern, 'u'));
  });

  it('it has the length that is asked for', () => {
    expect(matchingText('^\\d+$', { min: 8, max: 12 })).toMatch(/^\d{8,12}$/);
    expect(matchingText('^a+$', { max: 0 })).toBeNull();
  });

  it('no pattern makes it fail or run on', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('(', ')', '[', ']', '{', '}', '1', ',', '*', '+', '?', '|', '\\', 'd', '^', '$', 'a', '-'),
          maxLength: 24,
        }),
        (text) => {
          let pattern = text;
          try {
            RegExp(pattern, 'u');
          } catch {
            pattern = text.replaceAll(/[^a-z0-9]/g, '');
          }
          const found = matchingText(pattern);
          if (found !== null) expect(found).toMatch(new RegExp(pattern, 'u'));
        },
      ),
    );
  });
});
