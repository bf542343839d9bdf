import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copybook } from './copybook-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-copybook-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, text: string): URL {
  writeFileSync(join(folder, name), text);
  return pathToFileURL(join(folder, name));
}

describe('the copybook beside an adapter', () => {
  it('gives its records by name', () => {
    const file = written('two.cpy', '       01  HEAD.\n           05  KIND PIC X.\n       01  LINE.\n           05  AMOUNT PIC S9(5)V99 COMP-3.\n');
    expect(copybook(file).record('LINE').length).toBe(4);
    expect(() => copybook(file).record('TAIL')).toThrow(/two\.cpy has no record TAIL; it has HEAD, LINE/);
  });

  it('is a layout that is missing when it is not there or cannot be read', () => {
    expect(() => copybook(pathToFileURL(join(folder, 'none.cpy')))).toThrow(expect.objectContaining({ code: 'LAYOUT_MISSING' }) as Error);
    expect(() => copybook(written('bad.cpy', '       01  HEAD.\n           05  KIND PIC Q.\n'))).toThrow(/bad\.cpy.*2/s);
  });
});
