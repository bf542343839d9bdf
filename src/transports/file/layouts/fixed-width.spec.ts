import { describe, expect, expectTypeOf, it } from 'vitest';
import { constant, decimal, edited, filler, fixedWidth, group, list, type RecordOf, text, whole } from './fixed-width.ts';
import { compile } from './plan.ts';

const order = fixedWidth('ORDER', {
  type: constant('D1'),
  id: text(10),
  quantity: whole(5),
  account: whole(12),
  price: decimal(9, 2, { signed: true, as: 'packed' }),
  count: whole(2, { as: 'binary' }),
  gap: filler(3),
  lines: list({ min: 0, max: 3, by: 'count' }, group({ sku: text(4), net: decimal(5, 2, { signed: true, signAt: 'leading' }) })),
  tags: list(2, text(2)),
  shown: edited('Z(4)9.99-'),
});

describe('a hand-written layout', () => {
  it('has the type of its values', () => {
    expectTypeOf<RecordOf<typeof order>>().toEqualTypeOf<{
      type: string;
      id: string;
      quantity: number;
      account: string;
      price: string;
      count: number;
      lines: { sku: string; net: string }[];
      tags: string[];
      shown: string;
    }>();
  });

  it('stands one field after the other, and comes back as it was', () => {
    expect(order.fields.map(({ key, offset, length }) => [key, offset, length])).toEqual([
      ['type', 0, 2],
      ['id', 2, 10],
      ['quantity', 12, 5],
      ['account', 17, 12],
      ['price', 29, 5],
      ['count', 34, 2],
      ['gap', 36, 3],
      ['lines', 39, 10],
      ['tags', 69, 2],
      ['shown', 73, 9],
    ]);
    expect([order.minLength, order.length]).toEqual([52, 82]);
    const value: RecordOf<typeof order> = {
      type: 'D1',
      id: 'A-1',
      quantity: 5,
      account: '123456789012',
      price: '-19.90',
      count: 1,
      lines: [{ sku: 'X', net: '-1.00' }],
      tags: ['a', 'b'],
      shown: '-19.90',
    };
    const plan = compile(order, { codePage: 'ascii' });
    expect(plan.encode(value).toString('latin1')).toBe('D1A-1       00005123456789012\0\0\x01\x99\x0d\0\x01   X   -00100a b    19.90-');
    expect(plan.decode(plan.encode(value))).toEqual(value);
  });

  it.each([
    ['a name that is none', () => fixedWidth('X', { '1': text(1) }), "'1' is no name"],
    ['the name __proto__', () => fixedWidth('X', JSON.parse('{"__proto__": 1}') as never), 'is no name'],
    ['no fields', () => fixedWidth('X', {}), 'has no fields'],
    ['a text of no length', () => text(0), 'must be a whole number between 1'],
    ['too many digits', () => whole(39), 'between 1 and 38'],
    ['more places than digits', () => decimal(2, 3), 'between 0 and 2'],
    ['a picture that is none', () => edited('ABC'), 'is no edited picture'],
    ['a list of lists', () => list(2, list(2, text(1))), 'a list of lists'],
  ])('%s is refused', (_name, make, message) => {
    expect(make).toThrow(message);
  });
});
