import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../../../contract/errors.ts';
import { isBad } from '../../codecs/record-codec.ts';
import { decodeIn, encodeAll, plainly, values } from '../chunked.fixture.ts';
import { jsonLines } from './json-lines.codec.ts';

describe('JSON lines', () => {
  it('a line is a record with its exact place; a byte order mark, blank lines and a missing last line end are no records', () => {
    const file = Buffer.from('\uFEFF{"a":1}\r\n\n{"a":"é"}\n{"a":null}');
    const found = decodeIn(jsonLines(), file);
    expect(values(found)).toEqual([{ a: 1 }, { a: 'é' }, { a: null }]);
    expect(found.map(({ number, offset, length }) => [number, offset, length])).toEqual([
      [1, 0, 12],
      [2, 13, 11],
      [3, 24, 10],
    ]);
  });

  it('what is no object, no JSON, named twice, too deep or no UTF-8 is a bad record', () => {
    const file = Buffer.concat([Buffer.from('[1]\n{"a":}\n{"a":1,"\\u0061":2}\n{"a":[[[1]]]}\n'), Buffer.from('{"a":"\xff"}\n{"ok":1}', 'latin1')]);
    expect(values(decodeIn(jsonLines({ maxDepth: 3 }), file))).toEqual([
      "JSON lines record 1: '[1]' is no JSON object",
      `JSON lines record 2: '{"a":}' is no JSON`,
      `JSON lines record 3: '"a"' is there twice in one object`,
      'JSON lines record 4: is nested deeper than maxDepth (3)',
      'JSON lines record 5: byte 7 begins no UTF-8 character',
      { ok: 1 },
    ]);
  });

  it('a line nested half a million deep is refused and breaks nothing', () => {
    for (const codec of [jsonLines(), jsonLines({ exactNumbers: ['a'] })])
      expect(values(decodeIn(codec, `{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}\n`))).toEqual([
        'JSON lines record 1: is nested deeper than maxDepth (100)',
      ]);
  });

  it('numbers that a double does not hold, and those of exact members, are strings; exact members come back as they were', () => {
    const line = '{"id":12345678901234567890,"sum":10.50,"rate":0.1,"big":1e400,"n":5,"x":1.50}\n';
    expect(values(decodeIn(jsonLines({ exactNumbers: ['sum', 'id'] }), line))).toEqual([
      { id: '12345678901234567890', sum: '10.50', rate: 0.1, big: '1e400', n: 5, x: 1.5 },
    ]);
    const exact = '{"id":12345678901234567890,"lines":[{"sum":10.50},{"sum":-1E+2}]}\n';
    const codec = jsonLines({ exactNumbers: ['sum', 'id'] });
    expect(encodeAll(codec, decodeIn(codec, exact)).toString()).toBe(exact);
    expect(values(decodeIn(codec, '{"sum":"10.50"}\n'))).toEqual([
      "JSON lines record 1: sum: '10.50' is a text, and exactNumbers has it as a number",
    ]);
    expect(codec.violations('line', { sum: '1,5' })).toEqual(["JSON lines record 'line': sum: '1,5' is no number"]);
  });

  it('a member can say the type', () => {
    const codec = jsonLines({ typeField: 'kind' });
    expect(decodeIn(codec, '{"kind":"order"}\n')[0]).toMatchObject({ type: 'order' });
    expect(codec.violations('bill', { kind: 'order' })).toEqual(["JSON lines record 'bill': kind: 'order' is not the type of the record, bill"]);
  });

  it('what is written is read back the same, in the same bytes, in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }))),
        fc.array(fc.nat(500), { maxLength: 5 }),
        (rows, cuts) => {
          const codec = jsonLines();
          const encoder = codec.encoder();
          const file = Buffer.concat(rows.map((row) => encoder.record('line', row as never)));
          const found = decodeIn(codec, file, cuts);
          expect(plainly(found)).toEqual(plainly(decodeIn(codec, file)));
          expect(values(found)).toEqual(JSON.parse(JSON.stringify(rows)));
          expect(encodeAll(codec, found)).toEqual(file);
        },
      ),
    );
  });

  it('no bytes make it throw', () => {
    const soup = fc.string({ unit: fc.constantFrom('{', '}', '"a"', ':', ',', '[', ']', '1', '1.50', '\\', '\n', '\r', 'é', ' '), maxLength: 40 });
    fc.assert(
      fc.property(soup, fc.array(fc.nat(100), { maxLength: 4 }), (file, cuts) => {
        const codec = jsonLines({ maxRecordBytes: 20, maxDepth: 3 });
        const found = decodeIn(codec, file, cuts);
        expect(plainly(found)).toEqual(plainly(decodeIn(codec, file)));
        for (const record of found) if (isBad(record)) expect(record.error).toBeInstanceOf(GatehouseError);
      }),
      { numRuns: 1_000 },
    );
  });
});
