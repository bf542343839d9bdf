import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeText } from './safe-text.ts';

describe('text on a terminal', () => {
  it('escape sequences, control characters and turned writing are shown, not obeyed', () => {
    expect(safeText('\u001b[2J\u0007a\u202eb\u009b1m')).toBe('\\x1b[2J\\x07a\\u{202e}b\\x9b1m');
  });

  it('no text brings a control character through', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(safeText(text))));
  });
});
