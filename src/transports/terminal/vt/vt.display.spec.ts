import fc from 'fast-check';
import { expect, it } from 'vitest';
import { VtDisplay } from './vt.display.ts';

/** What a host may send that hides nothing. */
const pieces = fc.constantFrom(
  'SKU-1001',
  '  ',
  '漢字',
  'e\u0301',
  '\r\n',
  '\t',
  '\b',
  '\x1b[7m',
  '\x1b[m',
  '\x1b[2;70H',
  '\x1b[K',
  '\x1b[2J',
  '\x1b(0qqx\x1b(B',
  '\x1b[3P',
  '\x1b[2L',
);

it('the text of a display is that of its snapshot', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 40 }), async (sent) => {
      const display = new VtDisplay(6, 80, () => undefined);
      try {
        await new Promise<void>((resolve) => display.feed(sent.join(''), resolve));
        expect(display.text()).toBe(display.snapshot().text());
      } finally {
        display.dispose();
      }
    }),
    { numRuns: 150 },
  );
});

it('what a host conceals stands in the text, and not in the snapshot', async () => {
  const display = new VtDisplay(2, 40, () => undefined);
  await new Promise<void>((resolve) => display.feed('\x1b[8mhunter22\x1b[m', resolve));
  expect([display.text(), display.snapshot().text()]).toEqual(['hunter22\n', '\n']);
  display.dispose();
});
