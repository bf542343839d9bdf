import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { type Json } from '../../src/contract/json.ts';
import { SoapCodec } from '../../src/transports/soap/soap.codec.ts';
import { schemaJudge } from '../support/xmllint.ts';
import { generatedSchemas } from './generated-schema.ts';

const plain = { attach: false, headers: {}, headerXml: null };

/** The same value with its properties in the opposite order. */
function backwards(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(backwards);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, backwards(inner)]),
  );
}

async function withWsdl<T>(wsdl: string, work: (path: string, codec: SoapCodec) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-wsdl-'));
  try {
    const path = join(folder, 'echo.wsdl');
    writeFileSync(path, wsdl);
    return await work(path, SoapCodec.load('acme', { wsdl: pathToFileURL(path) }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const runs = Number(process.env['ROUND_TRIPS'] ?? 60);

describe('any schema, any value', () => {
  it('what goes in comes out exactly, and xmllint finds every envelope valid, whatever order the adapter wrote', async () => {
    let judged = 0;
    await fc.assert(
      fc.asyncProperty(generatedSchemas, ({ wsdl, values }) =>
        withWsdl(wsdl, async (path, codec) => {
          const envelopes = values.flatMap((value) => [value, backwards(value)]).map((value) => codec.encode('echo', value, plain).xml);
          envelopes.forEach((xml, index) => expect(codec.decode('echo', xml)).toEqual({ answer: values[index >> 1], notes: [] }));
          const judge = schemaJudge(path);
          try {
            expect(await judge.validate(envelopes)).toEqual(envelopes.map(() => []));
          } finally {
            judge.close();
          }
          for (const value of values) expect(codec.violations('echo', value)).toEqual([]);
          judged += envelopes.length;
        }),
      ),
      { numRuns: runs, endOnFailure: runs < 100 },
    );
    expect(judged).toBeGreaterThan(runs);
  }, 300_000);

  it('values that do not fit are refused with a path, and answers never throw anything but our error', async () => {
    await fc.assert(
      fc.asyncProperty(
        generatedSchemas,
        fc.jsonValue(),
        fc.array(
          fc.tuple(
            fc.double({ min: 0, max: 0.999 }),
            fc.constantFrom('', '<', '>', '&', '/', '"', 'xsi:nil="true"', '\0', '</echo>', '&#x0;', '<!DOCTYPE x>', '<![CDATA[', 'é'),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        ({ wsdl, values }, anything, bites) =>
          withWsdl(wsdl, async (_path, codec) => {
            try {
              codec.encode('echo', anything as Json, plain);
            } catch (error) {
              expect(error).toBeInstanceOf(GatehouseError);
              expect(error).toMatchObject({ code: 'CALL_REFUSED_ARGUMENTS', message: expect.stringMatching(/^echo|\$headers/) });
            }
            for (const value of values) {
              let xml = codec.encode('echo', value, plain).xml;
              for (const [where, what] of bites) {
                const at = Math.floor(where * xml.length);
                xml = xml.slice(0, at) + what + xml.slice(at + (what === '' ? 5 : 1));
              }
              try {
                codec.decode('echo', xml);
              } catch (error) {
                expect(error, String((error as Error).stack)).toBeInstanceOf(GatehouseError);
              }
            }
          }),
      ),
      { numRuns: runs * 4 },
    );
  }, 300_000);
});
