import { describe, expect, it } from 'vitest';
import { type ParkedGroup } from '../../../../contract/groups.ts';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { belongs, bySeverity, filterOf, groupingOf, isSearchable, orderOf, valuesIn } from './group-query.ts';

const group = (count: number, inDoubt = 0, lastMs = 0): ParkedGroup => ({ by: {}, count, inDoubt, firstMs: 0, lastMs, spark: [], note: null });

describe('a group in an address', () => {
  it('is what it was', () => expect(valuesIn(JSON.stringify({ code: 'DEFECT', native: null }))).toEqual({ code: 'DEFECT', native: null }));
  it.each([null, '', '{', '[]', '{}', '7', 'null', '{"code":1}', '{"nothing":"x"}'])('%s is none', (text) => expect(valuesIn(text)).toBeNull());
  it('is grouped as usual where nothing known is asked for', () => {
    expect(groupingOf('nothing')).toEqual(['code', 'system', 'operation']);
    expect(groupingOf('day,code,nothing')).toEqual(['code', 'day']);
  });
});

describe('the members of a group', () => {
  it('are a search where a search can say it', () => {
    const by = { code: 'DEFECT', system: 'depot', day: '2026-02-28' };
    expect(filterOf(by)).toEqual({
      state: 'parked',
      code: 'DEFECT',
      system: 'depot',
      from: '2026-02-28T00:00:00.000Z',
      to: '2026-03-01T00:00:00.000Z',
    });
    expect(isSearchable(by)).toBe(true);
    expect(isSearchable({ code: 'DEFECT', native: 'E7' })).toBe(false);
    expect(isSearchable({ code: null })).toBe(false);
  });

  it('are told one by one where it cannot', () => {
    const row = { state: 'parked', source: '/shop', failure: { code: 'DEFECT', message: '' }, receivedMs: Date.UTC(2026, 1, 28) } as TranslationRow;
    expect(belongs(row, { source: '/shop', native: null, day: '2026-02-28' })).toBe(true);
    expect(belongs(row, { source: '/till' })).toBe(false);
    expect(belongs({ ...row, state: 'discarded' }, { source: '/shop' })).toBe(false);
  });
});

describe('the order of groups', () => {
  it('has those in doubt first, then the largest, then the newest', () => {
    const [doubtful, large, newer, older] = [group(1, 1), group(9), group(2, 0, 5), group(2, 0, 4)];
    expect([older, large, newer, doubtful].sort(bySeverity)).toEqual([doubtful, large, newer, older]);
  });

  it('keeps its places while somebody points at it, with the new ones behind', () => {
    expect(orderOf(['a', 'b'], ['c', 'b', 'a'], true)).toEqual(['a', 'b', 'c']);
    expect(orderOf(['a', 'b'], ['c', 'b'], false)).toEqual(['c', 'b']);
  });
});
