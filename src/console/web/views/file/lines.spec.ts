import { describe, expect, it } from 'vitest';
import { type FileField, type FileInspection } from '../../../../transports/file/inspection.ts';
import { fieldAt, linesOf } from './lines.ts';

const field = (name: string, level: number, offset: number, length: number, value: string | null): FileField => ({
  name,
  level,
  offset,
  length,
  picture: '',
  value,
});
const fields = [
  field('id', 0, 0, 2, 'A1'),
  field('items[0]', 0, 2, 3, null),
  field('items[0].sku', 1, 2, 2, 'B2'),
  field('items[0].n', 1, 4, 1, '3'),
];

describe('a record', () => {
  it('is compared field by field, with values and bytes', () => {
    const view: FileInspection = {
      view: 'file',
      pieces: [
        {
          part: 0,
          role: 'dropped',
          codec: 'orders',
          codePage: null,
          size: 5,
          kept: 5,
          next: null,
          stopped: null,
          records: [{ number: 1, type: 'ORDER', offset: 0, length: 5, hex: '4131423233', left: 0, error: null, fields, value: null }],
        },
      ],
      batch: { seq: 4, state: 'answered', place: 2, calls: 7, dueMs: null, record: 3, offset: 24, unknown: null },
      steps: [{ atMs: 1, kind: 'received', said: { file: 'A.TXT' } }],
    };
    expect(linesOf(view)).toEqual([
      '── dropped, orders, 5 bytes',
      'record 1 ORDER',
      '  id = "A1"  [4131]',
      '  items[0]',
      '    items[0].sku = "B2"  [4232]',
      '    items[0].n = "3"  [33]',
      '── batch',
      'batch 4, answered: place 2 of 7',
      'begins with record 3 of the file, at byte 24',
      '── received',
      '{',
      '  "file": "A.TXT"',
      '}',
    ]);
  });

  it('knows the innermost field of a byte', () => {
    expect([0, 1, 2, 4, 5].map((byte) => fieldAt(fields, byte))).toEqual([0, 0, 2, 3, -1]);
  });
});
