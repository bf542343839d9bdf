import { Type } from 'class-transformer';
import { IsArray, IsOptional, IsString, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { Catalogue } from '../contract/catalogue.ts';
import { Sensitive } from '../contract/event.ts';
import { asyncApi, payloadSchema } from './asyncapi.ts';

class Part {
  @IsString()
  @Sensitive()
  serial: string;

  @IsOptional()
  @ValidateNested()
  @Type(() => Part)
  inside?: Part;
}

class Parcel {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Part)
  parts: Part[];
}

describe('the AsyncAPI document', () => {
  const catalogue = new Catalogue(adapters);
  const document = JSON.parse(JSON.stringify(asyncApi(catalogue, '1.2.3'))) as {
    channels: Record<string, { address: string }>;
    operations: object;
    components: { messages: Record<string, { payload: { properties: Record<string, object>; required: string[] } }> };
  };

  it('every reference leads to something in it', () => {
    const references: string[] = [];
    JSON.stringify(document, (key, value: unknown) => {
      if (key === '$ref') references.push(String(value));
      return value;
    });
    expect(references.length).toBeGreaterThan(5);
    for (const reference of references) {
      const found = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((here, name) => (here as Record<string, unknown> | undefined)?.[name], document);
      expect(found, reference).toBeDefined();
    }
  });

  it('every event that an operation takes or publishes has a channel with its schema', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    for (const operation of catalogue.operations())
      expect(addresses).toEqual(expect.arrayContaining([operation.acceptsType, ...operation.replies.keys()]));
    const { payload } = document.components.messages['com_acme_service_requested_v1'] ?? { payload: { properties: {}, required: [] } };
    expect(payload.required).toEqual(expect.arrayContaining(['requestId', 'callerId', 'summary']));
    expect(payload.properties['callerPhone']).toMatchObject({ 'x-sensitive': true, maxLength: 40 });
    expect(payload.properties['urgency']).toMatchObject({ enum: ['low', 'medium', 'high'] });
  });

  it('a nested class, also one that nests itself, is defined beside the payload, with its marks', () => {
    expect(payloadSchema(Parcel)).toEqual({
      type: 'object',
      additionalProperties: false,
      required: ['parts'],
      properties: { parts: { type: 'array', items: { $ref: '#/$defs/Part' } } },
      $defs: {
        Part: {
          type: 'object',
          additionalProperties: false,
          required: ['serial'],
          properties: { serial: { type: 'string', 'x-sensitive': true }, inside: { $ref: '#/$defs/Part' } },
        },
      },
    });
  });
});
