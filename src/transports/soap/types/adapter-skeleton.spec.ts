import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as prettier from 'prettier';
import { mistakesOf } from '../../../../test/support/compile.ts';
import { SoapCodec } from '../soap.codec.ts';
import { type Skeleton, adapterSkeleton, isRead } from './adapter-skeleton.ts';

const root = resolve(import.meta.dirname, '../../../..');
const fixture = (name: string): URL => pathToFileURL(join(root, 'test/fixtures/wsdl', name));

const skeletons: readonly (readonly [string, Skeleton])[] = [
  ['shop', adapterSkeleton(fixture('shop.wsdl'), { system: 'shop' })],
  ['shop-ping', adapterSkeleton(fixture('shop.wsdl'), { system: 'shop-ping', operations: ['Ping'] })],
  ['class', adapterSkeleton(fixture('legacy.wsdl'), { system: 'class' })],
  ['stock', adapterSkeleton(fixture('stock/stock.wsdl'), { system: 'stock' })],
];

const code = ({ files }: Skeleton): [string, string][] => [...files].filter((file): file is [string, string] => typeof file[1] === 'string');

describe('an adapter made from a WSDL', () => {
  it('compiles as it is', () => {
    const files = new Map(
      skeletons
        .flatMap(([system, skeleton]) => code(skeleton).map(([path, text]) => [`adapters/${system}/${path}`, text] as const))
        .filter(([path]) => path.endsWith('.ts')),
    );
    expect(files.size).toBe(20);
    expect(mistakesOf(files)).toEqual([]);
  });

  it('passes prettier and oxlint', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-skeleton-'));
    try {
      const options = await prettier.resolveConfig(join(root, 'src/main.ts'));
      for (const [system, skeleton] of skeletons)
        for (const [path, text] of code(skeleton).filter(([name]) => name.endsWith('.ts'))) {
          expect(await prettier.format(text, { ...options, parser: 'typescript' }), path).toBe(text);
          const file = join(folder, 'adapters', system, path);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, text);
        }
      writeFileSync(join(folder, '.oxlintrc.json'), readFileSync(join(root, '.oxlintrc.json')));
      const said = execFileSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), 'adapters'], { cwd: folder, encoding: 'utf8' });
      expect(said).toMatch(/0 warnings and 0 errors[^]*on 20 files/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has a line for every declared fault, and the effect of every call', () => {
    const layout = new Map(code(skeletons[0]?.[1] as Skeleton)).get('shop.layout.ts');
    expect(layout).toContain("    // { element: 'OrderRejected', means: { refusal: 'ORDER_REJECTED' } },\n");
    expect(layout).toContain("  PlaceOrder: once(),\n  Ping: once(),\n  'get-Odd': read(),\n");
  });

  it.each(['shop', 'stock'])('brings the WSDL of %s with all that it imports, as it is', (name) => {
    const skeleton = skeletons.find(([system]) => system === name)?.[1] as Skeleton;
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-skeleton-'));
    try {
      for (const [path, content] of skeleton.files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
      }
      const location = /new URL\('([^']+)'/.exec(new Map(code(skeleton)).get(`${name}.layout.ts`) ?? '')?.[1] ?? '';
      const wsdl = new URL(location, pathToFileURL(join(folder, `${name}.layout.ts`)));
      expect(SoapCodec.load(name, { wsdl }).port.operations.size).toBeGreaterThan(0);
      expect([...skeleton.files.keys()].filter((path) => /\.(?:wsdl|xsd)$/.test(path))).toEqual(
        name === 'shop' ? ['shop.wsdl'] : ['wsdl/stock.wsdl', 'wsdl/schemas/stock.xsd', 'wsdl/schemas/places.xsd', 'wsdl/schemas/measures.xsd'],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('of hostile names still compiles, and stays in its folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-skeleton-'));
    try {
      const evil = "*/ '); process.exit(1); //&#x2028;`|../../x";
      const text = readFileSync(fixture('shop.wsdl'), 'utf8')
        .replaceAll('"PlaceOrder"', `"${evil}"`)
        .replaceAll('"ShopPort"', `"${evil}"`)
        .replaceAll('"OrderRejected"', `"${evil}R"`);
      writeFileSync(join(folder, 'x.wsdl'), text.replaceAll('s:PlaceOrder"', `s:${evil}"`).replaceAll('s:OrderRejected"', `s:${evil}R"`));
      const skeleton = adapterSkeleton(pathToFileURL(join(folder, 'x.wsdl')), { system: 'evil' });
      expect([...skeleton.files.keys()].filter((path) => !/^(?:operations\/)?[a-z0-9-]+(?:\.[a-z]+)*$/i.test(path))).toEqual([]);
      const files = new Map(
        code(skeleton)
          .filter(([path]) => path.endsWith('.ts'))
          .map(([path, content]) => [`adapters/evil/${path}`, content]),
      );
      expect(mistakesOf(files)).toEqual([]);
      expect(code(skeleton).filter(([, content]) => /^[^'"/*`|]*process\.exit/m.test(content))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['Shop', '../x', 'a b', ''])("refuses '%s' as the name of a system", (system) => {
    expect(() => adapterSkeleton(fixture('shop.wsdl'), { system })).toThrow(expect.objectContaining({ code: 'NOT_POSSIBLE' }));
  });

  it('takes for reading only what begins with a whole word for it', () => {
    expect(['getOrder', 'GetOrder', 'GET_ORDER', 'find', 'List-All', 'query2'].filter((name) => !isRead(name))).toEqual([]);
    expect(['getaway', 'Listen', 'readmit', 'checkOut', 'PlaceOrder', 'getorder', 'GETORDER'].filter(isRead)).toEqual([]);
  });
});
