import { beforeAll, describe, expect, it } from 'vitest';
import { adapters } from '../adapters/index.ts';
import { adapterOf } from '../src/contract/adapter.ts';
import { operationNameOf } from '../src/contract/operation.ts';
import { agrees, allCases, expectedOf, runCase, waysOf } from '../src/practice/cases.ts';
import { need } from './support/needs.ts';

const cases = allCases();

describe('every case of every adapter', () => {
  beforeAll(() => void need('s3270', 's3270'));

  it('every adapter has cases', () => {
    for (const adapter of adapters) expect(cases.map(({ system }) => system)).toContain(adapterOf(adapter).system);
  });

  it('every operation and every source of every adapter has a case', () => {
    const told = new Set(cases.map(({ system, name }) => `${system}/${name.slice(system.length + 1).split('--')[0]}`));
    for (const { system, operations, sources = [] } of adapters.map(adapterOf))
      for (const name of [...operations.map(operationNameOf), ...sources.map((source) => source.name)]) expect(told).toContain(`${system}/${name}`);
  });

  it.each(cases.filter((each) => waysOf(each).includes('live')))('$name, live against the practice system', async (each) => {
    expect(await runCase(each, 'live')).toEqual(expectedOf(each));
  });

  it.each(cases)('$name, from the recording: the same', async (each) => {
    const expected = expectedOf(each);
    const recorded = await runCase(each, 'recorded');
    if (!('calls' in recorded) || !('calls' in expected)) return expect(recorded).toEqual(expected);
    // What a probe asked only live is no part of what the operation asks of the recording.
    expect(recorded.replies).toEqual(expected.replies);
    expect(expected.calls).toEqual(expect.arrayContaining([...recorded.calls]));
    return expect(agrees(recorded, expected, 'recorded')).toBe(true);
  });
});
