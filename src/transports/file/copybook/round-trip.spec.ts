import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copybooks, valuesOf } from '../../../../test/support/copybooks.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { layoutCodec } from '../codecs/layout.codec.ts';
import { isBad } from '../codecs/record-codec.ts';
import { codePageNames } from '../code-pages/tables.ts';
import { compile } from '../layouts/plan.ts';
import { Misfit } from '../layouts/misfit.ts';
import { type RecordLayout } from '../layouts/record-layout.ts';
import { parseCopybook } from './copybook.ts';

const dialects = ['ibm', 'gnucobol', 'microfocus'] as const;
const only = (records: readonly RecordLayout[]): RecordLayout => records[0] as RecordLayout;

describe('records of any copybook', () => {
  it('what is encoded comes back as it was, and encoding it again gives the same bytes', () => {
    fc.assert(
      fc.property(copybooks, fc.constantFrom(...dialects), fc.constantFrom(...codePageNames), fc.gen(), (text, dialect, codePage, drawn) => {
        const layout = only(parseCopybook(text, { dialect }));
        const plan = compile(layout, { codePage });
        const value = valuesOf(layout.fields, drawn);
        const bytes = plan.encode(value);
        expect(plan.violations(value)).toEqual([]);
        const decoded = plan.decode(bytes);
        // Other descriptions of the same bytes may be there beside what was given.
        expect(decoded).toMatchObject(value);
        expect(plan.encode(JSON.parse(JSON.stringify(decoded))).toString('hex')).toBe(bytes.toString('hex'));
      }),
      { numRuns: 400, interruptAfterTimeLimit: 15_000 },
    );
  });

  it('whatever bytes can be read are written again as they were; all others are a misfit', () => {
    let read = 0;
    fc.assert(
      fc.property(
        copybooks,
        fc.constantFrom(...dialects),
        fc.constantFrom(...codePageNames),
        fc.constantFrom('refuse' as const, 'null' as const, 'zero' as const),
        fc.gen(),
        fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0x00, 0x40, 0x20, 0xff, 0xf0, 0xc1, 0xd1, 0x0f), fc.nat(255))), { maxLength: 12 }),
        (text, dialect, codePage, blankNumbers, drawn, changes) => {
          const layout = only(parseCopybook(text, { dialect }));
          const plan = compile(layout, { codePage, blankNumbers });
          const bytes = Buffer.from(plan.encode(valuesOf(layout.fields, drawn)));
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          let decoded;
          try {
            decoded = plan.decode(bytes);
          } catch (error) {
            if (error instanceof Misfit) return;
            throw error;
          }
          read += 1;
          expect(plan.encode(JSON.parse(JSON.stringify(decoded))).toString('hex')).toBe(bytes.toString('hex'));
        },
      ),
      { numRuns: 800, interruptAfterTimeLimit: 15_000 },
    );
    expect(read).toBeGreaterThan(200);
  });

  it('any bytes in any chunks give records or bad records that cover the file, and throw nothing but GatehouseError', () => {
    const layout = only(parseCopybook('       01 A.\n         05 B PIC S9(3) COMP-3.\n         05 C PIC X(4).'));
    const formats = [
      { kind: 'fixed' },
      { kind: 'line' },
      { kind: 'line', ends: 'crlf' },
      { kind: 'line', maxLineBytes: 9 },
      { kind: 'rdw' },
      { kind: 'rdw', blocks: true },
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...formats), fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 }), (format, chunks) => {
        const decoder = layoutCodec({ name: 'x', codePage: 'iso-8859-1', format, records: { A: layout } }).decoder();
        const found = chunks.flatMap((chunk) => decoder.push(chunk));
        let whole = true;
        try {
          found.push(...decoder.end());
        } catch (error) {
          if (!(error instanceof GatehouseError)) throw error;
          whole = false;
        }
        for (const each of found) if (isBad(each)) expect(each.error).toBeInstanceOf(GatehouseError);
        const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        const blocks = format.kind === 'rdw' && 'blocks' in format;
        if (whole && !blocks) expect(found.reduce((sum, { length }) => sum + length, 0)).toBe(total);
      }),
      { numRuns: 1_000, interruptAfterTimeLimit: 15_000 },
    );
  });

  it('any value at all is written or refused with CALL_REFUSED_ARGUMENTS, and violations agree', () => {
    fc.assert(
      fc.property(copybooks, fc.constantFrom(...codePageNames), fc.gen(), (text, codePage, drawn) => {
        const layout = only(parseCopybook(text));
        const codec = layoutCodec({ name: 'x', codePage, format: { kind: 'rdw' }, records: { A: layout } });
        const value: Record<string, never> = { ...(valuesOf(layout.fields, drawn) as Record<string, never>) };
        for (const key of Object.keys(value)) if (drawn(() => fc.boolean())) value[key] = drawn(() => fc.jsonValue()) as never;
        const violations = codec.violations('A', value);
        const encoder = codec.encoder();
        encoder.begin();
        try {
          encoder.record('A', value);
          expect(violations).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(GatehouseError);
          expect((error as GatehouseError).code).toBe('CALL_REFUSED_ARGUMENTS');
          expect(violations).not.toEqual([]);
        }
      }),
      { numRuns: 300, interruptAfterTimeLimit: 15_000 },
    );
  });
});
