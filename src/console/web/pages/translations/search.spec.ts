import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, searchNames as conditionNames } from '../../../search-conditions.ts';
import { addressTime, apiQuery, conditions, inputTime, searchNames, searchOf } from './search.ts';

const nowMs = Date.UTC(2026, 10, 21, 8);
const asked = (search: string): Record<string, string> => Object.fromEntries(apiQuery(new URLSearchParams(search), nowMs));

describe('the search in the address', () => {
  it('goes to the API under its names, empty fields left out', () => {
    expect(asked('text=SHP-4&state=parked,waiting&system=carrier&row=17&code=&inDoubt=1')).toEqual({
      text: 'SHP-4',
      state: 'parked,waiting',
      system: 'carrier',
      inDoubt: '1',
    });
  });

  it('has all that the API may be asked for, each in words', () => {
    const value = (name: string): string => (name === 'over' ? '90 s' : name === 'inDoubt' ? '1' : name);
    const address = new URLSearchParams(searchNames.filter((name) => name !== 'last').map((name): [string, string] => [name, value(name)]));
    expect([...apiQuery(address, nowMs).keys()].sort()).toEqual([...conditionNames].sort());
    expect(conditions(address).map(({ words }) => words)).not.toContain(undefined);
    expect(conditions(address)).toHaveLength(conditionNames.length);
  });

  it('a range that ends now begins so long ago', () => {
    expect(asked('last=1h')).toEqual({ from: '2026-11-21T07:00:00.000Z' });
  });

  it.each([
    ['500', 500],
    ['500 ms', 500],
    ['1.5s', 1_500],
    ['2 min', 120_000],
    ['1h', 3_600_000],
    ['3 d', 259_200_000],
    ['', null],
    ['soon', null],
    ['-1s', null],
    ['1 s 2', null],
  ])('a duration of %j is %s ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it('what is no range and no duration is passed on, so that the API says what is wrong', () => {
    for (const last of ['__proto__', 'constructor', 'toString']) expect(asked(`last=${last}`)).toEqual({ from: last });
    expect(asked('last=yesterday&over=long')).toEqual({ from: 'yesterday', overMs: 'long' });
  });

  it('is told apart from where in the list somebody is', () => {
    expect(searchOf(new URLSearchParams('row=4&text=a'))).toBe(searchOf(new URLSearchParams('text=a&row=99')));
  });

  it('is told one by one in words', () => {
    expect(conditions(new URLSearchParams('text=x&state=parked,waiting&last=24h&over=5s&inDoubt=1')).map(({ words }) => words)).toEqual([
      'text x',
      'state parked or waiting',
      'in doubt',
      'last 24 hours',
      'took over 5.0 s',
    ]);
  });

  it('a time goes into its input and comes back, to the minute', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('1971-01-01'), max: new Date('2999-01-01'), noInvalidDate: true }), (date) => {
        const back = Date.parse(addressTime(inputTime(date.toISOString())));
        // An hour that comes twice when clocks go back may be either.
        expect(Math.abs(back - date.getTime())).toBeLessThan(3_660_000);
      }),
    );
    expect(inputTime('nonsense')).toBe('');
    expect(addressTime('nonsense')).toBe('');
  });
});
