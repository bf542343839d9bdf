import { describe, expect, it } from 'vitest';
import { type Json } from '../../../contract/json.ts';
import { delimited, reply, values } from '../file.ts';
import { FilePath } from '../places/file-path.ts';
import { claimAt, claimOf } from './claim.ts';
import { ReplyPlan } from './reply.plan.ts';

const codec = delimited({ columns: ['id', 'state'] });
const common = { from: 'in', codec, records: { row: values<{ id: string; state: string }>() }, complete: 'renamed' } as const;
const byRecord = new ReplyPlan('acks', reply({ ...common, name: 'ACK_*.CSV', by: 'record', correlation: '{field:id}' }));
const byName = new ReplyPlan('receipts', reply({ ...common, name: 'R_{correlation}.CSV', by: 'name' }));
const record = (value: Record<string, string>) => ({ number: 1, offset: 0, length: 1, bytes: new Uint8Array(), type: 'row', value });

describe('what a reply file replies to', () => {
  it('a record tells by its fields, under the name of the kind; spaces around do not count', () => {
    expect(byRecord.correlationOfRecord(record({ id: ' A/1 ' }))).toBe('acks:A/1');
    expect(['', ' ', 'x'.repeat(401)].map((id) => byRecord.correlationOfRecord(record({ id })))).toEqual([null, null, null]);
    expect(byRecord.correlationOfRecord(record({}))).toBeNull();
  });

  it('a name tells by what stands in its place; one that is no text tells nothing', () => {
    expect(byName.correlationOfName(Buffer.from('R_M-17.CSV'))).toBe('receipts:M-17');
    expect([Buffer.from('R_.CSV'), Buffer.from([0x52, 0x5f, 0xff, ...Buffer.from('.CSV')])].map((name) => byName.correlationOfName(name))).toEqual([
      null,
      null,
    ]);
    expect([byName.pattern.matches(Buffer.from('R_M-17.CSV')), byName.pattern.matches(Buffer.from('R_M-17.TXT'))]).toEqual([true, false]);
  });

  it('an answer of a person is held against the layout', () => {
    const value = { id: 'A', state: 'OK' };
    expect(byRecord.violations({ file: 'ACK_1.CSV', record: 'row', value })).toEqual([]);
    expect(byName.violations({ file: 'R_1.CSV', records: [{ record: 'row', value }] })).toEqual([]);
    for (const wrong of [
      null,
      7,
      { record: 'row', value },
      { file: 'x', record: 'other', value },
      { file: 'x', record: 'row', value, more: 1 },
    ] as Json[])
      expect(byRecord.violations(wrong).length, JSON.stringify(wrong)).toBeGreaterThan(0);
    for (const wrong of [{ file: 'x' }, { file: 'x', records: [7] }, { file: 'x', records: [], more: 1 }] as Json[])
      expect(byName.violations(wrong).length, JSON.stringify(wrong)).toBeGreaterThan(0);
  });

  it.each([
    ['a name without a place for the correlation', { ...common, name: 'R_*.CSV', by: 'name' as const }],
    ['a wild card beside it', { ...common, name: 'R_{correlation}*.CSV', by: 'name' as const }],
    ['a place for it where a record tells', { ...common, name: 'R_{correlation}.CSV', by: 'record' as const, correlation: '{field:id}' }],
    ['no correlation', { ...common, name: 'R_*.CSV', by: 'record' as const }],
    ['no record that has it', { ...common, name: 'R_*.CSV', by: 'field' as const, correlation: '{field:id}' }],
  ])('%s is a missing layout', (_what, options) => {
    expect(() => new ReplyPlan('r', options)).toThrow(expect.objectContaining({ code: 'LAYOUT_MISSING' }));
  });
});

describe('claims', () => {
  const directory = FilePath.parse('claims/gate-1/acks');

  it('a claim is read back from its name, with the bytes it came with', () => {
    const name = Buffer.from([0x41, 0xff, 0x0a, 0x42]);
    const claim = claimOf(FilePath.parse('in').listed(name), directory, Date.parse('2026-11-20T12:00:00Z'));
    expect(claim.token).toMatch(/^20261120T120000Z-[0-9a-f]{8}$/);
    const back = claimAt(claim.path);
    expect([back?.token, back?.name.equals(name), back?.shownName]).toEqual([claim.token, true, claim.shownName]);
    expect(claimAt(directory.listed(Buffer.from('CONF_1.TXT')))).toBeNull();
  });

  it('two claims of one name differ, and a name without room for a token is refused', () => {
    const file = FilePath.parse('in/A');
    expect(claimOf(file, directory, 0).token).not.toBe(claimOf(file, directory, 0).token);
    const long = FilePath.parse('in').listed(Buffer.alloc(231, 'x'));
    expect(() => claimOf(long, directory, 0)).toThrow(expect.objectContaining({ code: 'FILE_DENIED' }));
  });
});
