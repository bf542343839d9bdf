import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchMember } from '../../../contract/batch.ts';
import { type Json } from '../../../contract/json.ts';
import { isBad } from '../codecs/record-codec.ts';
import { constant, drop, fixedWidth, layoutCodec, reply, text, values, whole } from '../file.ts';
import { BatchPlan } from './batch.plan.ts';
import { type DropOptions } from './drop.ts';
import { DropPlan } from './drop.plan.ts';

const head = fixedWidth('HEAD', { kind: constant('H'), number: whole(6), date: text(8) });
const item = fixedWidth('ITEM', { kind: constant('I'), id: text(8), depot: text(3), grams: whole(6) });
const tail = fixedWidth('TAIL', { kind: constant('T'), items: whole(6), grams: whole(9) });
const codec = layoutCodec({
  name: 'items',
  codePage: 'ascii',
  format: { kind: 'line', ends: 'lf' },
  records: { head: { layout: head, when: { at: 0, text: 'H' } }, tail: { layout: tail, when: { at: 0, text: 'T' } }, item },
  control: {
    header: 'head',
    trailer: 'tail',
    counts: [{ field: 'items', of: 'item' }],
    totals: [{ field: 'grams', of: 'item', sum: 'grams' }],
  },
});
const options = {
  to: 'out',
  name: 'ITEMS_{date:yyyyMMdd}_{sequence:04}.TXT',
  marker: '{stem}.ok',
  codec,
  control: { header: { number: '{sequence:06}', date: '{date:yyyyMMdd}' } },
  batch: { close: { events: 10 } },
} as const;
const planOf = (more: Partial<DropOptions> = {}, replyBy: string | null = null): BatchPlan => {
  const plan = new DropPlan('Items', drop({ ...options, record: { item }, ...more } as never), replyBy);
  return new BatchPlan('Items', plan, plan.drop.batch ?? { close: {} }, replyBy);
};
const atMs = Date.parse('2026-11-20T12:00:00Z');
const valueOf = (id: string, grams: number, depot = 'D1'): Json => ({ kind: 'I', id, depot, grams });
async function* membersOf(args: readonly Json[]): AsyncIterable<BatchMember> {
  for (const [index, each] of args.entries()) {
    // Pages come when they come.
    if (index % 3 === 0) await Promise.resolve();
    yield { call: index + 1, args: each };
  }
}
const made = async (plan: BatchPlan, args: readonly Json[], sequence = 7) => plan.file(membersOf(args), { atMs, sequence });
async function fileOf(plan: BatchPlan, args: readonly Json[], sequence = 7) {
  const result = await made(plan, args, sequence);
  if (!('file' in result)) throw new Error('refused');
  return result.file;
}
const items = fc.array(fc.tuple(fc.stringMatching(/^[A-Z0-9]{1,8}$/), fc.integer({ min: 0, max: 999_999 })), { minLength: 1, maxLength: 40 });

describe('many events in one file', () => {
  it('the file is a function of its members in their order, their number and the recorded time: the records of each, once, between header and trailer', async () => {
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 9_999 }), async (all, sequence) => {
        const plan = planOf();
        const args = all.map(([id, grams]) => valueOf(id, grams));
        const [first, again] = [await fileOf(plan, args, sequence), await fileOf(planOf(), args, sequence)];
        expect(Buffer.from(again.bytes).equals(first.bytes)).toBe(true);
        expect([again.sha256, again.name(1), again.marker(again.name(1))]).toEqual([first.sha256, first.name(1), first.marker(first.name(1))]);
        const decoder = codec.decoder();
        const decoded = [...decoder.push(first.bytes), ...decoder.end()];
        expect(decoded.filter(isBad)).toEqual([]);
        const found = decoded.flatMap((each) => (isBad(each) || each.type !== 'item' ? [] : [[each.value['id'], each.value['grams']]]));
        expect(found).toEqual(all);
        const bytes = args.map((each) => plan.member(each, atMs).gathering.bytes).reduce((sum, each) => sum + each, 0);
        expect(first.size - bytes).toBe('H00000720261120\n'.length + 'T000001000000500\n'.length);
      }),
      { numRuns: 60 },
    );
  });

  it('members that do not fit any more are named, all of them, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), async (good) => {
        fc.pre(good.includes(false));
        const args = good.map((each, index) => valueOf(each ? `A${index}` : 'far too long for its field', 1));
        const result = await made(planOf(), args);
        expect('refused' in result && result.refused.map(({ call, error }) => [call, error.code])).toEqual(
          good.flatMap((each, index) => (each ? [] : [[index + 1, 'CALL_REFUSED_ARGUMENTS']])),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('an event is judged alone: its records, its group, its correlation', () => {
    const answers = reply({
      from: 'in',
      name: 'A_*.TXT',
      codec,
      records: { item: values<object>() },
      by: 'record',
      correlation: '{field:id}',
      complete: 'renamed',
    });
    const plan = planOf(
      {
        batch: { close: { bytes: 100 }, by: '{field:depot}' },
        name: '{field:depot}_{sequence}.TXT',
        reply: { from: answers, correlation: '{field:id}', withinHours: 1 },
      },
      'record',
    );
    expect(plan.member(valueOf('A-1', 5, 'D2'), atMs).gathering).toEqual({
      group: 'D2',
      bytes: 19,
      close: { events: 10_000, bytes: 100, afterMs: 3_600_000 },
      correlation: 'record:A-1',
    });
    for (const bad of [valueOf('A', 1_000_000), valueOf('A', 1, '../'), valueOf('', 1), null, [], { records: [] }])
      expect(() => plan.member(bad, atMs), JSON.stringify(bad)).toThrow(expect.objectContaining({ code: 'CALL_REFUSED_ARGUMENTS' }));
  });

  it.each([
    ['no limit', { batch: { close: {} } }, null, /never close/],
    ['a limit that is none', { batch: { close: { events: 0 } } }, null, /no whole number above 0/],
    ['more events than one commit is made for', { batch: { close: { events: 10_001 } } }, null, /10000 are possible/],
    ['a file too large to be made in memory', { batch: { close: { bytes: 100_000_001 } } }, null, /100000000 are possible/],
    ['numbered names', { ifExists: 'number' }, null, /numbered|number names/],
    ['a reply for the whole file', {}, 'name', /by 'record'/],
    ['a name made of one event', { name: 'X_{field:id}.TXT' }, null, /'id'/],
    ['a header made of one event', { control: { header: { date: '{field:id}' } } }, null, /'id'/],
    ['a correlation made of the file', { reply: { from: {}, correlation: '{stem}', withinHours: 1 } }, 'record', /made of the event/],
  ] as const)('a layout with %s is refused', (_what, more, replyBy, why) => {
    expect(() => planOf(more as never, replyBy)).toThrow(expect.objectContaining({ code: 'LAYOUT_MISSING', message: expect.stringMatching(why) }));
  });
});
