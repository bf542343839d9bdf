import fc from 'fast-check';
import { expect, it } from 'vitest';
import { piecesOf } from './pieces.ts';

it('a text in pieces is the text, no piece is long, and no character is cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000, minLength: 1 }), (text) => {
      const pieces = piecesOf(text);
      expect(pieces.join('')).toBe(text.replaceAll(/[\r\n]/g, ''));
      expect(pieces.every((piece) => piece.length <= 501 && (piece.isWellFormed() || !text.isWellFormed()))).toBe(true);
    }),
  );
});
