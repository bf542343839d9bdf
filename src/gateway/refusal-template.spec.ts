import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type Story } from '../contract/journal-reader.ts';
import { checkTemplate, completed } from './refusal-template.ts';

function storyOf(payload: Json | Uint8Array | null): Story {
  const bytes = payload instanceof Uint8Array || payload === null ? payload : Buffer.from(JSON.stringify(payload));
  return {
    translation: { id: 'a1', businessKey: 'order-7', key: null, eventId: 'e7', correlation: 'c7', failure: { code: 'DEFECT', message: 'x' } },
    event: { attributes: {}, data: { size: 0, sha256: null, clipped: false, bytes } },
  } as unknown as Story;
}

const fill = (template: Json, payload: Json | Uint8Array | null = {}): Json => {
  checkTemplate(template, 'crm book');
  return completed(template, { story: storyOf(payload), reason: 'no stock' });
};

describe('the data of a refusal', () => {
  it('a text that is a place becomes the value with its type; in other words it becomes text', () => {
    const payload = { order: { id: 42, lines: [{ sku: 'A' }] }, name: 'Ann' };
    expect(
      fill(
        { id: '{{event.order.id}}', lines: ['{{ event.order.lines }}'], why: '{{reason}}: {{event.order.id}} of {{event.name}}', fixed: 3 },
        payload,
      ),
    ).toEqual({ id: 42, lines: [[{ sku: 'A' }]], why: 'no stock: 42 of Ann', fixed: 3 });
    expect(fill(['{{businessKey}}', '{{eventId}}', '{{correlation}}', '{{translation}}', '{{code}}'])).toEqual([
      'order-7',
      'e7',
      'c7',
      'a1',
      'DEFECT',
    ]);
    expect(fill('{{event.order.lines.0.sku}}', payload)).toBe('A');
  });

  it('a payload brings no places of its own, and nothing that is not in it', () => {
    expect(fill('<{{event.a}}>', { a: '{{reason}} $& $1' })).toBe('<{{reason}} $& $1>');
    for (const path of ['event.constructor', 'event.__proto__', 'event.a.length', 'event.b', 'key'])
      expect(() => fill(`{{${path}}}`, { a: 'x' }), path).toThrow(expect.objectContaining({ code: 'REPLY_INVALID' }) as Error);
  });

  it('a name that is none is refused before anything is done', () => {
    for (const name of ['reasn', 'event', 'event.', 'event..a', '', 'constructor', '__proto__'])
      expect(() => checkTemplate({ a: [`x {{${name}}}`] }, 'crm book'), name).toThrow(expect.objectContaining({ code: 'NOT_POSSIBLE' }) as Error);
    let deep: Json = 'x';
    for (let n = 0; n < 10_000; n += 1) deep = [deep];
    expect(() => checkTemplate(deep, 'crm book')).toThrow(expect.objectContaining({ code: 'NOT_POSSIBLE' }) as Error);
  });

  it('an event that is gone or no JSON says so', () => {
    for (const payload of [null, Buffer.from([0xff]), Buffer.from('{')])
      expect(() => fill('{{event.a}}', payload)).toThrow(expect.objectContaining({ code: 'REPLY_INVALID' }) as Error);
    expect(fill('{{businessKey}}', null)).toBe('order-7');
  });

  it('without places it is what it was, and whatever it is, only our error comes of it', () => {
    const plain = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('{{'));
    fc.assert(
      fc.property(plain, (value) => void expect(fill(value as Json)).toEqual(value)),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, payload) => {
        try {
          fill({ a: `{{${text}}}`, b: [text] }, payload as Json);
        } catch (error) {
          expect(error).toBeInstanceOf(GatehouseError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the size of a refusal', () => {
  it('has a bound that is told with the operation and what to do', () => {
    expect(() => checkTemplate({ text: 'x'.repeat(65_000) }, 'crm book')).not.toThrow();
    expect(() => checkTemplate({ text: 'x'.repeat(65_536) }, 'crm book')).toThrow(/^crm book: .* 65547 bytes; at most 65536 are allowed: say less/);
  });

  it('has one when its places are filled, however often they name a large value', () => {
    const large = storyOf({ a: 'x'.repeat(100_000) });
    const named = (times: number): string[] => Array.from({ length: times }, () => '{{event.a}}');
    expect(completed(named(10), { story: large, reason: 'r' })).toHaveLength(10);
    expect(() => completed(named(11), { story: large, reason: 'r' })).toThrow(
      expect.objectContaining({ code: 'REPLY_INVALID', message: expect.stringContaining('more than 1048576 characters') }) as Error,
    );
  });
});
