import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstMark, isBefore, nextMark } from './marks.ts';

const record = fc.record({
  correlation_display: fc.oneof(fc.constant(''), fc.string({ maxLength: 100 }), fc.uuid().map(firstMark)),
  sys_mod_count: fc.nat().map(String),
});

describe('the mark of a write', () => {
  it('fits the column, and says of the record it was made for that the write is not there yet', () => {
    fc.assert(
      fc.property(fc.uuid(), record, (id, incident) => {
        const mark = nextMark(id, incident);
        expect(mark.length).toBeLessThanOrEqual(100);
        expect(isBefore(mark, incident)).toBe(true);
      }),
    );
  });

  it('says of a record that has it, or a later one, that nothing can be told from it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 2 }), record, ([own = '', other = ''], incident) => {
        const mark = nextMark(own, incident);
        const written = { correlation_display: mark, sys_mod_count: String(Number(incident.sys_mod_count) + 1) };
        expect(isBefore(mark, written)).toBe(false);
        expect(isBefore(mark, { ...written, correlation_display: nextMark(other, written) })).toBe(false);
        // Both looked at the same record, and the other wrote last.
        expect(isBefore(mark, { ...written, correlation_display: nextMark(other, incident) })).toBe(false);
      }),
    );
  });

  it('on a record that was marked before, an edit by somebody else changes nothing; on one that never was, it leaves the matter open', () => {
    const [id, earlier] = ['0b1d6f6e-4a52-4d53-9d6a-1f2c8a3e5b70', '7c9e6679-7425-40de-944b-e07fc1f90ae7'];
    const marked = { correlation_display: firstMark(earlier), sys_mod_count: '3' };
    expect(isBefore(nextMark(id, marked), { ...marked, sys_mod_count: '4' })).toBe(true);
    const plain = { correlation_display: '', sys_mod_count: '3' };
    expect(isBefore(nextMark(id, plain), { ...plain, sys_mod_count: '4' })).toBe(false);
  });

  it('proves nothing where the instance hides the modification count', () => {
    expect(isBefore(nextMark('id', {}), {})).toBe(false);
    expect(isBefore(undefined, { sys_mod_count: '1' })).toBe(false);
  });
});
