import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TerminalFrame } from '../../../../transports/terminal/inspection.ts';
import { standsMs, stretchesOf } from './cells.ts';

const frame = (more: Partial<TerminalFrame> = {}): TerminalFrame => ({
  atMs: 0,
  rows: 2,
  columns: 12,
  cursor: { row: 1, column: 7 },
  map: 'form',
  lines: [
    [
      ['NAME: ', 0],
      ['全A', 1],
    ],
  ],
  anchors: [{ row: 1, column: 1, length: 5 }],
  fields: [{ name: 'name', kind: 'input', row: 1, column: 7, length: 4, height: 1, value: '全A' }],
  before: [],
  wait: null,
  notes: [],
  ...more,
});

describe('a row of a screen', () => {
  it('is cut where its looks, its fields, its anchors and the cursor begin and end', () => {
    expect(stretchesOf(frame(), 1, true)).toEqual([
      { text: 'NAME:', style: 0, marks: ['anchor'], field: -1 },
      { text: ' ', style: 0, marks: [], field: -1 },
      { text: '全', style: 1, marks: ['input', 'cursor'], field: 0 },
      { text: 'A', style: 1, marks: ['input'], field: 0 },
      { text: ' ', style: 0, marks: ['input'], field: 0 },
      { text: '  ', style: 0, marks: [], field: -1 },
    ]);
  });

  it('without marks has its looks and the cursor', () => {
    expect(stretchesOf(frame(), 1, false).map(({ text, marks }) => [text, marks.join()])).toEqual([
      ['NAME: ', ''],
      ['全', 'cursor'],
      ['A', ''],
      ['   ', ''],
    ]);
    expect(stretchesOf(frame(), 2, false)).toEqual([{ text: ' '.repeat(12), style: 0, marks: [], field: -1 }]);
  });

  it('is never wider than the screen, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.nat(3))), (runs) => {
        const stretches = stretchesOf(frame({ lines: [runs] }), 1, true);
        expect([...new Intl.Segmenter().segment(stretches.map(({ text }) => text).join(''))].length).toBeLessThanOrEqual(12);
      }),
    );
  });
});

it('a frame stands as long as it did, within what a person can follow', () => {
  const frames = [0, 10, 60_000].map((atMs) => frame({ atMs }));
  expect([0, 1, 2].map((index) => standsMs(frames, index, 1))).toEqual([250, 2_000, 0]);
  expect(standsMs(frames, 1, 4)).toBe(500);
});
