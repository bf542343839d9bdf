import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { type Json } from '../../src/contract/json.ts';
import { SoapCodec } from '../../src/transports/soap/soap.codec.ts';
import { wsdlTypes } from '../../src/transports/soap/types/contract.ts';
import { mistakesOf } from '../support/compile.ts';
import { generatedSchemas } from './generated-schema.ts';

/** The value without one of its properties, with one too many, or with another kind of thing in one place. */
function* changed(value: Json): Generator<Json> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) for (const each of changed(item)) yield value.with(index, each);
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, noneOfThese: 1 };
    for (const [key, inner] of Object.entries(value)) {
      // What only a derived type has, without saying which it is, the compiler does not mind everywhere.
      if (key !== '$type') yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== key));
      for (const each of changed(inner)) yield { ...value, [key]: each };
    }
  } else yield { noneOfThese: 1 };
}

const mostChanged = 20;
const runs = Number(process.env['ROUND_TRIPS'] ?? 60);

it('of any schema, the compiler takes the values that the writer takes, and refuses those it refuses', () => {
  const seed = Math.trunc(Math.random() * 2 ** 31);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-types-'));
  const files = new Map<string, string>();
  const refused = new Map<string, string>();
  let taken = 0;
  try {
    fc.sample(generatedSchemas, { numRuns: runs, seed }).forEach(({ wsdl, values }, number) => {
      const path = join(folder, `${number}.wsdl`);
      writeFileSync(path, wsdl);
      const codec = SoapCodec.load('acme', { wsdl: pathToFileURL(path) });
      files.set(`adapters/acme-${number}/acme.types.ts`, wsdlTypes(pathToFileURL(path)));
      const tried = values.flatMap((value) => [value, ...[...changed(value)].slice(0, mostChanged)]);
      const lines = tried.map((value, index) => {
        try {
          codec.encode('echo', value, { attach: false, headers: {}, headerXml: null });
          taken += 1;
        } catch (error) {
          refused.set(`adapters/acme-${number}/tried.ts:${index + 1}`, (error as Error).message);
        }
        const type = index % 2 === 0 ? 'EchoArguments' : 'EchoAnswer';
        return `export const tried${index}: import('./acme.types.ts').${type} = ${JSON.stringify(value)};`;
      });
      files.set(`adapters/acme-${number}/tried.ts`, lines.join('\n'));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const mistakes = new Map(mistakesOf(files).map((mistake) => [mistake.slice(0, mistake.indexOf(' ')), mistake]));
  expect(
    [...mistakes].filter(([place]) => !refused.has(place)),
    `seed ${seed}`,
  ).toEqual([]);
  expect(
    [...refused].filter(([place]) => !mistakes.has(place)),
    `seed ${seed}`,
  ).toEqual([]);
  expect(Math.min(taken, refused.size)).toBeGreaterThan(runs);
});
