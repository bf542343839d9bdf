import { describe, expect, it } from 'vitest';
import { Masking } from '../../contract/masking.ts';
import { type RecordedBatch, type RecordedExchange } from '../../contract/transport.ts';
import { inspectFiles } from './file.inspect.ts';
import { constant, fixedWidth, layoutCodec, text } from './file.ts';
import { type FileBatch } from './inspection.ts';

type Recorded = RecordedExchange['parts'][number];

const codec = layoutCodec({
  name: 'items',
  codePage: 'ascii',
  format: { kind: 'line', ends: 'lf' },
  records: {
    head: { layout: fixedWidth('HEAD', { kind: constant('H'), id: text(4) }), when: { at: 0, text: 'H' } },
    item: fixedWidth('ITEM', { kind: constant('I'), id: text(4) }),
  },
  control: { header: 'head' },
});
const part = (kind: Recorded['kind'], bytes: Buffer, more: Partial<Recorded> = {}): Recorded => ({
  kind,
  atMs: 1,
  media: 'application/octet-stream',
  bytes,
  size: bytes.byteLength,
  clipped: false,
  ...more,
});
const file = Buffer.from('HA   \nI1   \nI2   \nI3   \nI2   \n');
const left: Partial<RecordedBatch> = { state: 'answered', place: 2, parts: [part('sent', file)] };

async function placeOf(own: string, batch: Partial<RecordedBatch> = left, more: Partial<Recorded> = {}): Promise<FileBatch | null> {
  const whole: RecordedBatch = { seq: 5, state: 'open', place: null, calls: 4, dueMs: 9, parts: [], ...batch };
  const exchange = { call: 'C', args: {}, answer: null, parts: [part('note', Buffer.from(own), more)], from: 0, masking: Masking.none, batch: whole };
  return (await inspectFiles(exchange, { drop: codec, reply: null })).batch;
}

describe('the place of a call in the file of its batch', () => {
  it('is the record and the offset at which its own bytes stand', async () => {
    expect(await placeOf('I3   \n')).toEqual({ seq: 5, state: 'answered', place: 2, calls: 4, dueMs: 9, record: 4, offset: 18, unknown: null });
    expect(await placeOf('I1   \nI2   \n')).toMatchObject({ record: 2, offset: 6 });
  });

  it.each([
    ['the batch has not left', 'I1   \n', {}, {}, /when the batch closes/],
    ['others are equal to it', 'I2   \n', left, {}, /equal begin at 3, 5$/],
    ['the format writes records anew', 'I9   \n', left, {}, /writes them anew/],
    ['bytes are alike only across records', '   \nI2', left, {}, /writes them anew/],
    [
      'it is in the part of the file that is not kept',
      'I9   \n',
      { ...left, parts: [part('sent', file, { clipped: true, size: 900 })] },
      {},
      /first 15 of the 900/,
    ],
    ['the file is no longer kept', 'I1   \n', { ...left, parts: [part('sent', file, { bytes: null })] }, {}, /no longer kept/],
    ['its own records are clipped', 'I1   \n', left, { clipped: true }, /not kept whole/],
  ] as [string, string, Partial<RecordedBatch>, Partial<Recorded>, RegExp][])(
    'is not known, and says why, when %s',
    async (_when, own, batch, more, why) => {
      const found = await placeOf(own, batch, more);
      expect(found).toMatchObject({ record: null, offset: null });
      expect(found?.unknown).toMatch(why);
    },
  );

  it('is nothing of a call that goes out alone', async () => {
    const exchange = { call: 'C', args: {}, answer: null, parts: [part('sent', file)], from: 0, masking: Masking.none };
    expect((await inspectFiles(exchange, { drop: codec, reply: null })).batch).toBeNull();
  });

  it('what became of the file is told as steps, and nothing of what others have in it', async () => {
    const done = part('received', Buffer.from('{"file":"ITEMS.TXT"}'), { media: 'application/json' });
    const exchange = { call: 'C', args: {}, answer: null, parts: [part('note', Buffer.from('I1   \n'))], from: 0, masking: Masking.none };
    const batch: RecordedBatch = { seq: 5, state: 'answered', place: 1, calls: 4, dueMs: null, parts: [part('sent', file), done] };
    const told = await inspectFiles({ ...exchange, batch }, { drop: codec, reply: null });
    expect(told.steps).toMatchObject([{ kind: 'received', said: { file: 'ITEMS.TXT' } }]);
    expect(told.pieces).toHaveLength(1);
    expect(JSON.stringify(told)).not.toContain(Buffer.from('I3').toString('hex'));
  });
});
