import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readValue, valueViolation, type ValueType } from './value.ts';

describe('a value on a screen', () => {
  it.each<[ValueType, string, string | number | null]>([
    [{}, '  LINDEN CLINIC  ', 'LINDEN CLINIC'],
    [{ required: false }, '   ', null],
    [{ type: 'whole' }, ' 0042 ', 42],
    [{ type: 'whole' }, '42-', -42],
    [{ type: 'whole' }, '- 42', -42],
    [{ type: 'whole' }, '-0', 0],
    [{ type: 'decimal' }, '1,234,567.50-', '-1234567.50'],
    [{ type: 'decimal' }, '000.10', '0.10'],
    [{ type: 'decimal' }, '-0.00', '0.00'],
    [{ type: 'decimal', comma: true }, '1.234,50', '1234.50'],
    [{ type: 'date', format: 'DD.MM.YYYY' }, '29.02.2028', '2028-02-29'],
    [{ type: 'date', format: 'YYYYMMDD' }, '20261121', '2026-11-21'],
  ])('%o: %j is %j', (type, text, value) => {
    expect(readValue(type, text)).toEqual({ value });
  });

  it.each<[ValueType, string, string]>([
    [{}, '   ', 'is blank'],
    [{ type: 'whole' }, '12.5', 'is no whole number'],
    [{ type: 'whole' }, '-12-', 'is no whole number'],
    [{ type: 'whole' }, '9007199254740993', 'is no whole number'],
    [{ type: 'decimal' }, '1.234,50', 'is no decimal number'],
    [{ type: 'decimal' }, '1,23', 'is no decimal number'],
    [{ type: 'decimal' }, '12.', 'is no decimal number'],
    [{ type: 'date', format: 'DD.MM.YYYY' }, '29.02.2027', 'is a date that there is not'],
    [{ type: 'date', format: 'DD.MM.YYYY' }, '1.2.2027', 'is no date like DD.MM.YYYY'],
  ])('%o: %j %s', (type, text, wrong) => {
    expect(readValue(type, text)).toEqual({ wrong });
  });

  it('that was read is a value of its type, whatever the screen shows, and the mistake never tells it', () => {
    const types: fc.Arbitrary<ValueType> = fc.constantFrom<ValueType>(
      {},
      { required: false },
      { type: 'whole' },
      { type: 'decimal' },
      { type: 'decimal', comma: true },
      { type: 'date', format: 'DD/MM/YYYY' },
    );
    const shown = fc.oneof(fc.string(), fc.stringMatching(/^ *[-+]?[0-9.,]{0,12}[-+]? *$/), fc.stringMatching(/^\d\d\/\d\d\/\d{4}$/));
    fc.assert(
      fc.property(types, shown, (type, text) => {
        const read = readValue(type, text);
        if ('value' in read) expect(valueViolation(type, read.value)).toBeNull();
        else expect(text.trim().length < 3 || !read.wrong.includes(text.trim())).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that is a whole number is read as it was edited', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.boolean(), (number, behind) => {
        const text = behind && number < 0 ? `${-number}-` : String(number);
        expect(readValue({ type: 'whole' }, text)).toEqual({ value: number === 0 ? 0 : number });
      }),
    );
  });
});
