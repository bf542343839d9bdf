import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from './gatehouse.ts';
import { typesOfCopybookFile } from './layout-command.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-layout-'));
  writeFileSync(
    join(folder, 'order.cpy'),
    `       01  ORDER-REC.
           05  KIND            PIC X.
               88  IS-ORDER    VALUE 'O'.
               88  ODD         VALUE '*/' THRU 'Z'.
           05  COPY-OF.
           COPY INNER.
           05  AMOUNT          PIC S9(5)V99 COMP-3.
           05  FILLER          PIC X.
       01  TRAILER-REC.
           05  KIND            PIC X.
           05  TOTAL           PIC 9(7).
`,
  );
  writeFileSync(join(folder, 'inner.cpy'), '           10  SKU   PIC X(3).\n           10  QTY   PIC 9(2) OCCURS 2.\n');
});
afterEach(() => {
  process.exitCode = 0;
  vi.restoreAllMocks();
  process.stdout.removeAllListeners('error');
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (lines: string[]) => (text: unknown) => lines.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(into(out) as never);
  vi.spyOn(process.stderr, 'write').mockImplementation(into(err) as never);
  const code = await main(args);
  vi.restoreAllMocks();
  // oxlint-disable-next-line no-control-regex -- colours
  const plain = (lines: string[]): string => lines.join('').replaceAll(/\u001b\[\d+m/g, '');
  return { code, out: plain(out), err: plain(err) };
}

describe('gatehouse layout', () => {
  it('shows offsets, lengths and types of every record', async () => {
    const { code, out } = await run('layout', join(folder, 'order.cpy'));
    expect(code).toBe(0);
    expect(out).toContain('ORDER-REC: 13 bytes');
    expect(out).toMatch(/^ {5}0 {6}1 {2}kind +text +X +IS-ORDER; ODD$/m);
    expect(out).toMatch(/^ {5}4 {6}2 {4}qty +zoned +9\(2\) +2 times$/m);
    expect(out).toMatch(/^ {5}8 {6}4 {2}amount +packed +S9\(5\)V99 COMP-3$/m);
    expect(out).toContain('TRAILER-REC: 8 bytes');
  });

  it('as JSON too', async () => {
    const { out } = await run('--json', 'layout', join(folder, 'order.cpy'), '--names', 'verbatim');
    expect(JSON.parse(out)).toMatchObject({
      records: [
        { name: 'ORDER-REC', length: 13, fields: [{ path: 'KIND' }, { path: 'COPY-OF' }, { path: 'COPY-OF.SKU', offset: 1 }, {}, {}, {}] },
        {},
      ],
    });
  });

  it('shows the records of a file, bad ones in their place, and ends with 1 then', async () => {
    const data = join(folder, 'data.bin');
    const order = Buffer.from('d6c1c2c3f0f1f0f21234567d40', 'hex');
    const bad = Buffer.from('d6c1c2c3f0f1f0f2123456ff40', 'hex');
    const trailer = Buffer.from('e3f0f0f0f0f0f0f24040404040', 'hex');
    writeFileSync(data, Buffer.concat([order, bad, trailer]));
    const args = ['layout', join(folder, 'order.cpy'), data, '--when', 'ORDER-REC@0=O', '--when', 'TRAILER-REC@0=T'];
    const { code, out } = await run(...args);
    expect(out.split('\n')[0]).toBe('1 at 0  ORDER-REC  {"kind":"O","copyOf":{"sku":"ABC","qty":[1,2]},"amount":"-12345.67"}');
    expect(out.split('\n')[1]).toContain('data.bin: record 2 (ORDER-REC) at byte 13: field amount');
    expect(out.split('\n')[2]).toContain('TRAILER-REC  {"kind":"T","total":2}');
    expect(code).toBe(1);
    process.exitCode = 0;
    const first = await run('--json', ...args, '--limit', '1');
    expect(JSON.parse(first.out)).toMatchObject({ number: 1, offset: 0, length: 13, type: 'ORDER-REC', value: { kind: 'O' } });
    expect(first.err).toContain('the first 1 records');
    expect(first.code).toBe(0);
  });

  it('asks about format and code page when nothing fits', async () => {
    writeFileSync(join(folder, 'varies.cpy'), '       01 V.\n           05 N PIC 9.\n           05 T PIC X(4) OCCURS 0 TO 9 DEPENDING ON N.\n');
    writeFileSync(join(folder, 'varies.bin'), Buffer.from('00090000f1c1c2c3c4', 'hex'));
    const args = ['layout', join(folder, 'varies.cpy'), join(folder, 'varies.bin')];
    expect((await run(...args)).err).toContain('are --format (v, vb or line where records differ in length) and --code-page 1047 those of the file?');
    process.exitCode = 0;
    expect(await run(...args, '--format', 'v')).toMatchObject({ code: 0, out: '1 at 0  V  {"n":1,"t":["ABCD"]}\n', err: '' });
  });

  it('reads lines in another code page', async () => {
    writeFileSync(join(folder, 't.cpy'), '01 T.\n 05 A PIC X(3).\n 05 B PIC S99.\n');
    writeFileSync(join(folder, 't.txt'), 'ä  1q\r\nb  02\n', 'latin1');
    const { out } = await run(
      'layout',
      join(folder, 't.cpy'),
      join(folder, 't.txt'),
      '--source',
      'free',
      '--format',
      'line',
      '--code-page',
      'iso-8859-1',
    );
    expect(out).toBe('1 at 0  T  {"a":"ä","b":-11}\n2 at 7  T  {"a":"b","b":2}\n');
  });

  it.each([
    [['layout', 'nowhere.cpy'], 3, 'there is no file nowhere.cpy'],
    [['layout', '{}/order.cpy', '{}/nowhere.bin'], 3, 'there is no file'],
    [['layout', '{}'], 3, 'is a directory; a file is needed'],
    [['layout', '{}/order.cpy', '{}'], 3, 'is a directory; a file is needed'],
    [['layout', '{}/order.cpy', '{}/order.cpy'], 1, 'record ORDER-REC needs a rule'],
    [['layout', '{}/order.cpy', '{}/order.cpy', '--when', 'NOPE@0=X'], 1, '--when names NOPE'],
    [['layout', '{}/order.cpy', '--when', 'x'], 2, 'RECORD@offset=text'],
    [['layout', '{}/order.cpy', '--format', 'x'], 2, 'fixed:<bytes>'],
    [['layout', '{}/order.cpy', '--code-page', 'x'], 2, 'Allowed choices are 037'],
  ])('%j is refused with exit code %i', async (args, code, message) => {
    const found = await run(...args.map((arg) => arg.replace('{}', folder)));
    expect(found.err).toContain(message);
    expect(found.code).toBe(code);
  });
});

describe('types of a copybook', () => {
  it('are TypeScript that compiles and fits the values', () => {
    const text = typesOfCopybookFile(join(folder, 'order.cpy'));
    expect(text).toContain('export interface OrderRec {');
    expect(text).toContain(`readonly kind: "O" | (string & {});`);
    expect(text).toContain('readonly qty: readonly number[];');
    expect(text).toContain('readonly amount: string;');
    expect(text).toContain(String.raw`ODD: '*\/' to 'Z'`);
    const source = `${text}\nexport const value: OrderRec = { kind: 'O', copyOf: { sku: 'A', qty: [1] }, amount: '1.00' };\n// @ts-expect-error\nexport const wrong: TrailerRec = { kind: 'T', total: '1' };\n`;
    const file = join(folder, 'types.ts');
    writeFileSync(file, source);
    const program = ts.createProgram([file], { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, types: [] });
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([]);
  });
});
