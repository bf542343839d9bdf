import { describe, expect, it } from 'vitest';
import { adapters } from '../adapters/index.ts';
import { adapterOf } from '../src/contract/adapter.ts';
import { agrees, allCases, expectedOf, runCase } from '../src/practice/cases.ts';

const cases = allCases();

describe('every case of every adapter', () => {
  it('every adapter has cases', () => {
    for (const adapter of adapters) expect(cases.map(({ system }) => system)).toContain(adapterOf(adapter).system);
  });

  it.each(cases)('$name, live against the practice system', async (each) => {
    expect(await runCase(each, 'live')).toEqual(expectedOf(each));
  });

  it.each(cases)('$name, from the recording: the same calls and replies', async (each) => {
    // What a probe asked only live is no part of what the operation asks of the recording.
    const expected = expectedOf(each);
    const recorded = await runCase(each, 'recorded');
    expect(recorded.replies).toEqual(expected.replies);
    expect(expected.calls).toEqual(expect.arrayContaining([...recorded.calls]));
    expect(agrees(recorded, expected, 'recorded')).toBe(true);
  });
});
