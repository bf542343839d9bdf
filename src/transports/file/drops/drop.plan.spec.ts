import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Call } from '../../../contract/calls.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import {
  type CallsOf,
  type Dropped,
  type RecordsOf,
  constant,
  delimited,
  drop,
  file,
  fixedWidth,
  layoutCodec,
  parseCopybook,
  reply,
  text,
  values,
  whole,
} from '../file.ts';
import { type RecordValue } from '../codecs/record-codec.ts';
import { unsafeBecause } from '../places/safe-name.ts';
import { DropPlan } from './drop.plan.ts';

const atMs = Date.parse('2026-12-24T23:30:00Z');
const head = fixedWidth('HEAD', { kind: constant('H'), number: text(6), day: text(8), name: text(30), sender: text(5) });
const line = fixedWidth('LINE', { kind: constant('L'), id: text(10), quantity: whole(4) });
const [copied] = parseCopybook('       01 COPIED.\n          05 ID PIC X(4).\n');
if (copied === undefined) throw new Error('the copybook has no record');
const codec = layoutCodec({
  name: 'lines',
  codePage: 'ascii',
  format: { kind: 'line' },
  records: { head: { layout: head, when: { at: 0, text: 'H' } }, line },
  control: { header: 'head' },
});
const rows = delimited({ columns: ['id', 'amount'] });
const answers = reply({
  from: 'in',
  name: 'A_*',
  codec: rows,
  records: { row: values<{ id: string }>() },
  by: 'record',
  correlation: '{field:id}',
  complete: 'renamed',
});

const layout = file({
  drops: {
    One: drop({ to: 'out', name: 'ONE_{field:id}.CSV', codec: rows, record: { row: values<{ id: string; amount: string }>() } }),
    Copy: drop({ to: 'out', name: 'COPY', codec: rows, record: { copied } }),
    Many: drop({
      to: 'out',
      name: 'MANY_{date:yyyyMMdd}_{sequence:04}_{field:carrier}.TXT',
      zone: 'Europe/Berlin',
      codec,
      records: { line },
      control: { header: { number: '{sequence:06}', day: '{date:yyyyMMdd}', name: '{stem}' } },
      marker: '{stem}.ok',
      reply: { from: answers, correlation: '{stem}', withinHours: 1 },
    }),
  },
  replies: { answers },
});
const many = new DropPlan('Many', layout.drops.Many, 'answers');
const lines = (more: object = {}): Json => ({
  records: [{ type: 'line', value: { kind: 'L', id: 'A', quantity: 3 } }],
  control: { header: { sender: 'ACME', number: 'forged' } },
  fields: { carrier: 'DHL' },
  ...more,
});

describe('what a drop is made of', () => {
  it('a call has the types of its layouts', () => {
    type Calls = CallsOf<typeof layout>;
    expectTypeOf<Calls['One']>().toEqualTypeOf<Call<{ id: string; amount: string }, Dropped>>();
    expectTypeOf<Calls['Copy']>().toEqualTypeOf<Call<RecordValue, Dropped>>();
    expectTypeOf<Calls['Many']['arguments']>().toEqualTypeOf<RecordsOf<{ line: typeof line }>>();
    expectTypeOf<Calls['Many']['answer']>().toEqualTypeOf<{ readonly record: 'row'; readonly value: { id: string } } & { readonly file: string }>();
  });

  it('name, header, marker and correlation are of the number, the recorded time in the zone of the drop, and the arguments', () => {
    const made = many.file(lines(), { atMs, sequence: 17 });
    expect(Buffer.from(made.bytes).toString()).toBe(`H00001720261225${'MANY_20261225_0017_DHL'.padEnd(30)}ACME \nLA         0003\n`);
    const name = made.name(1);
    expect([name, made.name(2), made.marker(name), made.correlation(name), many.counter]).toEqual([
      'MANY_20261225_0017_DHL.TXT',
      'MANY_20261225_0017_DHL_2.TXT',
      'MANY_20261225_0017_DHL.ok',
      'answers:MANY_20261225_0017_DHL',
      'Many',
    ]);
  });

  it.each([
    ['no list', { records: 'x' }, 'records is no list'],
    ['a type that the drop does not write', { records: [{ type: 'head', value: {} }] }, 'record 1 is no { type, value } with a type of line'],
    ['a value that does not fit', { records: [{ type: 'line', value: { kind: 'L', id: 'far too long for it', quantity: 1 } }] }, 'record 2 (line)'],
    ['a number that does not fit', { records: [{ type: 'line', value: { kind: 'L', id: 'A', quantity: 12_345 } }] }, 'quantity'],
    ['something else', { bogus: 1 }, "'bogus' is not known"],
    ['a missing field', { fields: {} }, "the field 'carrier'"],
    ['a hostile field', { fields: { carrier: '../..' } }, 'not safe in a file name'],
  ])('%s is refused, and says where', (_what, more, why) => {
    expect(() => many.draft(lines(more), atMs)).toThrow(
      expect.objectContaining({ code: 'CALL_REFUSED_ARGUMENTS', message: expect.stringContaining(why) }),
    );
  });

  it('the same arguments, number and time give the same bytes, and every name is safe, whatever the arguments', () => {
    const one = new DropPlan('One', layout.drops.One, null);
    let made = 0;
    fc.assert(
      fc.property(
        fc.record({
          id: fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.stringMatching(/^[A-Za-z0-9 .~-]{1,30}$/)),
          amount: fc.string({ maxLength: 10 }),
        }),
        (args) => {
          try {
            const [first, second] = [one.file(args, { atMs, sequence: null }), one.file(structuredClone(args), { atMs, sequence: null })];
            expect([second.sha256, second.name(1)]).toEqual([first.sha256, first.name(1)]);
            for (const n of [1, 2, 1_000]) expect(unsafeBecause(first.name(n))).toBeNull();
            made += 1;
          } catch (error) {
            expect(error).toBeInstanceOf(GatehouseError);
            expect((error as GatehouseError).code).toBe('CALL_REFUSED_ARGUMENTS');
          }
        },
      ),
    );
    expect(made).toBeGreaterThan(10);
  });

  it('any JSON as arguments is a file or refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (args) => {
        try {
          many.draft(args as Json, atMs);
        } catch (error) {
          expect((error as GatehouseError).code).toBe('CALL_REFUSED_ARGUMENTS');
        }
      }),
    );
  });

  it.each([
    [
      'a template that cannot be read',
      () => new DropPlan('X', drop({ to: 'out', name: '{what}', codec: rows, record: { row: values<{ id: string }>() } }), null),
    ],
    [
      'one record of two types',
      () =>
        new DropPlan('X', drop({ to: 'out', name: 'x', codec: rows, record: { a: values<{ id: string }>(), b: values<{ id: string }>() } }), null),
    ],
  ])('%s is a missing layout', (_what, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'LAYOUT_MISSING' }));
  });
});
