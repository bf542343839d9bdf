import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CustomerFile, type MainframeEntry } from '../mainframe/customers.ts';
import { Ledger } from './ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the ledger', () => {
  it('with a file is there again after the host has died', () => {
    const file = join(folder, 'plain');
    const first = new Ledger<{ n: number }>(file);
    first.add({ n: 1 });
    // On the disk at once, not at close.
    expect(readFileSync(file, 'utf8')).toBe('{"n":1}\n');
    const second = new Ledger<{ n: number }>(file);
    second.add({ n: 2 });
    expect(second.entries).toEqual([{ n: 1 }, { n: 2 }]);
    first.close();
    second.close();
  });

  it('what was saved before is what the customer file says when the mainframe starts', () => {
    const file = join(folder, 'mainframe');
    const before = new Ledger<MainframeEntry>(file);
    before.add({ kind: 'update', number: 'U000001', ref: 'R', customer: '00010001', changes: { name: 'NEW' }, user: 'u', atMs: 1 });
    before.close();
    const after = new Ledger<MainframeEntry>(file);
    expect(new CustomerFile(after.entries).find('10001')).toMatchObject({ name: 'NEW', street: '1 HIGH STREET' });
    after.close();
  });
});
