import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsString, MaxLength, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { EventType } from '../contract/event.ts';
import { type Json } from '../contract/json.ts';
import { instanceOf, payloadOf, valueAt } from './payload.ts';

class Line {
  @IsString()
  @MaxLength(20)
  sku: string;

  @IsInt()
  quantity: number;
}

@EventType('com.acme.order.placed.v1')
class OrderPlaced {
  @IsString()
  orderId: string;

  @IsArray()
  @ArrayMaxSize(10_000)
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines: Line[];
}

const event = (data: Uint8Array | string) => ({
  attributes: { specversion: '1.0', id: '1', source: '/s', type: 'com.acme.order.placed.v1' } as const,
  data: typeof data === 'string' ? Buffer.from(data) : data,
});

describe('payloads', () => {
  it('what breaks the contract is named by path and rule, never by value', async () => {
    const payload = { orderId: 'CANARY-1', lines: [{ sku: 'CANARY-2'.repeat(9), quantity: 'CANARY-3' }], extra: 'CANARY-4' };
    const error = await instanceOf(OrderPlaced, payload, 'EVENT_INVALID').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'EVENT_INVALID',
      message: expect.stringMatching(/extra breaks whitelistValidation.*lines\.0\.sku breaks maxLength.*lines\.0\.quantity breaks isInt/),
    });
    expect(String(error)).not.toContain('CANARY');
  });

  it('a valid payload becomes an instance with its nested classes', async () => {
    const order = await instanceOf(OrderPlaced, { orderId: 'A', lines: [{ sku: 'B', quantity: 2 }] }, 'EVENT_INVALID');
    expect(order).toBeInstanceOf(OrderPlaced);
    expect(order.lines[0]).toBeInstanceOf(Line);
  });

  it('prototype keys change nothing and are refused', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const payload = JSON.parse(`{"orderId":"A","lines":[],"${key}":{"polluted":true}}`) as Json;
      await instanceOf(OrderPlaced, payload, 'EVENT_INVALID').catch(() => undefined);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    }
    expect(valueAt(JSON.parse('{"a":{}}') as Json, 'a.constructor.name')).toBeNull();
    expect(valueAt({ a: 1 }, '__proto__.toString')).toBeNull();
  });

  it('a list of 10,000 elements is read, one more is refused', async () => {
    const line = { sku: 'B', quantity: 1 };
    await expect(
      instanceOf(OrderPlaced, { orderId: 'A', lines: Array.from({ length: 10_000 }, () => line) }, 'EVENT_INVALID'),
    ).resolves.toBeInstanceOf(OrderPlaced);
    await expect(instanceOf(OrderPlaced, { orderId: 'A', lines: Array.from({ length: 10_001 }, () => line) }, 'EVENT_INVALID')).rejects.toMatchObject(
      { code: 'EVENT_INVALID' },
    );
  });

  it('no JSON, no UTF-8 and no object are EVENT_INVALID', async () => {
    for (const data of ['', '{', '<order/>', '{"a":1}x', new Uint8Array([0x22, 0xff, 0x22])])
      await expect(payloadOf(event(data))).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    for (const data of ['1', 'null', '[]', '"text"'])
      await expect(payloadOf(event(data)).then((json) => instanceOf(OrderPlaced, json, 'EVENT_INVALID'))).rejects.toMatchObject({
        code: 'EVENT_INVALID',
      });
  });

  it('rule 6: a body over 1 MB is parsed off this thread, with the same result', async () => {
    const text = JSON.stringify({ orderId: 'x'.repeat(1_100_000), lines: [] });
    expect(await payloadOf(event(text))).toEqual(JSON.parse(text));
    await expect(payloadOf(event(`${text}}`))).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  });

  it('rule 17: a key is text or a number at a path of own properties', () => {
    const payload = { customer: { id: 'C1', n: 7, empty: '', list: ['x'] } };
    expect(valueAt(payload, 'customer.id')).toBe('C1');
    expect(valueAt(payload, 'customer.n')).toBe('7');
    for (const path of ['customer', 'customer.empty', 'customer.list', 'customer.list.0', 'missing', 'customer.id.length'])
      expect(valueAt(payload, path)).toBeNull();
  });
});
