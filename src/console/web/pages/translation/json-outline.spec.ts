import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf, indented, isHolder, isJson, isList, itemsOf, startOf } from './json-outline.ts';

/** Reads a value back out of its outline, a few items at a time. */
function read(text: string, start: number): unknown {
  if (!isHolder(text, start)) return JSON.parse(text.slice(start, endOf(text, start)));
  const items = [];
  for (let at: number | null = null, place = 0; ;) {
    const piece = itemsOf(text, start, 3, at, place);
    items.push(...piece.items);
    if (piece.next === null) break;
    at = piece.next;
    place += piece.items.length;
  }
  expect(items.map((item) => item.place)).toEqual(items.map((_item, index) => index));
  if (isList(text, start)) return items.map((item) => read(text, item.start));
  return Object.fromEntries(items.map((item) => [JSON.parse(item.name ?? '') as string, read(text, item.start)]));
}

describe('the outline of a JSON text', () => {
  it('has every item of every value, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = ` ${JSON.stringify(value, null, space)}\n`;
        expect(read(text, startOf(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is the same value when it is indented', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(indented(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('keeps the digits of numbers and the members that are there twice', () => {
    expect(indented('{"a":12345678901234567890,"a":1.10}')).toBe('{\n  "a": 12345678901234567890,\n  "a": 1.10\n}');
    expect(itemsOf('{"a":1,"a":2}', 0, 10).items.map(({ name }) => name)).toEqual(['"a"', '"a"']);
  });

  it('ends with every text, JSON or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', ' ', 'a', '1') }), (text) => {
        indented(text);
        const at = startOf(text);
        if (at < text.length && isHolder(text, at)) itemsOf(text, at, 5);
        expect(endOf(text, at)).toBeGreaterThanOrEqual(Math.min(at, text.length));
      }),
    );
  });

  it('knows what is no JSON', () => {
    expect(isJson('{"a":1')).toBe(false);
    expect(isJson('['.repeat(100_000) + ']'.repeat(100_000))).toBe(true);
  });
});
