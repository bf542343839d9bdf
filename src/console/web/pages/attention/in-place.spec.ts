import { describe, expect, it } from 'vitest';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { merged } from './in-place.ts';

const row = (seq: number, version = 1): TranslationRow => ({ seq, id: `t${seq}`, version }) as TranslationRow;
const shown = [3, 2, 1].map((seq) => ({ row: row(seq), gone: false }));
const told = ({ members, fresh }: ReturnType<typeof merged>): string =>
  `${members.map(({ row: { seq, version }, gone }) => `${seq}.${version}${gone ? '-' : ''}`).join(' ')} +${fresh}`;

describe('the members that are shown', () => {
  it('keep their places, as they are now, and say who is gone and how many came', () =>
    expect(told(merged(shown, [row(4), row(3, 2), row(1)], true))).toBe('3.2 2.1- 1.1 +1'));
  it('are not gone only because as many newer ones came', () => expect(told(merged(shown, [row(5), row(4), row(3)], false))).toBe('3.1 2.1 1.1 +2'));
  it('are back when they are back', () => expect(told(merged([{ row: row(3), gone: true }], [row(3, 2)], true))).toBe('3.2 +0'));
});
