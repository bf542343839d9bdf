import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const gatehouse = join(root, 'dist/gatehouse.js');
const shop = join(root, 'test/fixtures/wsdl/shop.wsdl');
const stock = join(root, 'test/fixtures/wsdl/stock/stock.wsdl');
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gatehouse-types-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function types(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [gatehouse, 'types', ...args],
      { env: { ...process.env, NO_COLOR: '1' }, cwd: folder, timeout: 60_000 },
      (error, out, err) => done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
  });
}

const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

describe('gatehouse types', () => {
  it('says the types of a WSDL on standard output, and nothing else', async () => {
    const { code, out, err } = await types(stock, '--port', 'ChangePort', '--operations', 'StoreItem');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^\/\*\*\n \* Made from a WSDL by `npx gatehouse types`: stock\.wsdl\.\n/);
    expect(out).toContain(`npx gatehouse types ${stock} --port ChangePort --operations StoreItem\n`);
    expect(out).toContain("import { type Call } from '../../src/contract/index.ts';");
    expect(out).toContain('export interface ChangePort {\n  StoreItem: Call<StoreItemArguments, StoreItemAnswer>;\n}\n');
  });

  it('writes a file, makes it again, and keeps its hands off one that is not its own', async () => {
    expect(await types(shop, '--out', 'adapters/shop/made/shop.types.ts')).toMatchObject({
      code: 0,
      out: 'adapters/shop/made/shop.types.ts written\n',
    });
    const first = read('adapters/shop/made/shop.types.ts');
    expect(first).toContain("from '../../../src/contract/index.ts';");
    expect((await types(shop, '--out', 'adapters/shop/made/shop.types.ts')).code).toBe(0);
    expect(read('adapters/shop/made/shop.types.ts')).toBe(first);
    writeFileSync(join(folder, 'mine.ts'), 'mine');
    expect(await types(shop, '--out', 'mine.ts')).toMatchObject({
      code: 1,
      err: expect.stringContaining('mine.ts would be written over: say --force'),
    });
    expect(read('mine.ts')).toBe('mine');
    expect((await types(shop, '--out', 'mine.ts', '--force')).code).toBe(0);
    expect(read('mine.ts')).toContain('export interface ShopPort');
  });

  it('writes an adapter and says what to do next; a second time nothing is touched', async () => {
    const { code, out } = await types(stock, '--adapter', 'stock');
    expect(code).toBe(0);
    expect(out).toContain('adapters/stock/wsdl/schemas/places.xsd written\n');
    expect(out).toContain("3. adapters/index.ts: list StockAdapter from './stock/stock.adapter.ts'\n");
    expect(read('adapters/stock/stock.types.ts')).toContain('--out adapters/stock/stock.types.ts');
    writeFileSync(join(folder, 'adapters/stock/events.ts'), 'mine');
    expect(await types(stock, '--adapter', 'stock')).toMatchObject({ code: 1, out: '' });
    expect(read('adapters/stock/events.ts')).toBe('mine');
  });

  it.each([
    ['a file that is missing', ['gone.wsdl'], 3, 'NOT_FOUND  gone.wsdl cannot be read (ENOENT)'],
    ['an operation that is not there', [shop, '--operations', 'Nope'], 3, "has no operation 'Nope', but PlaceOrder, Ping, get-Odd"],
    ['a name that no system may have', [shop, '--adapter', '../x'], 1, "NOT_POSSIBLE  '../x' is no name of a system"],
    ['both places to write to', [shop, '--adapter', 'x', '--out', 'y'], 2, 'say one of --out <file>, --adapter <system>'],
    ['nothing', [], 2, "missing required argument 'file'"],
  ])('refuses %s', async (_what, args, code, message) => {
    expect(await types(...args)).toMatchObject({ code, out: '', err: expect.stringContaining(message) });
  });

  it('a broken WSDL and a copybook are told apart', async () => {
    writeFileSync(join(folder, 'broken.wsdl'), '\ufeff<definitions xmlns="http://schemas.xmlsoap.org/wsdl/">\n<types>');
    expect(await types('broken.wsdl')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^LAYOUT_MISSING {2}the WSDL cannot be used: broken\.wsdl:2:\d+: /),
    });
    writeFileSync(join(folder, 'order.cpy'), '       01  ORDER-RECORD.\n           05  SKU PIC X(8).\n');
    expect(await types('order.cpy')).toMatchObject({ code: 0, out: expect.stringContaining('readonly sku: string;') });
    expect(await types('order.cpy', '--adapter', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('--adapter is for a WSDL') });
  });
});
