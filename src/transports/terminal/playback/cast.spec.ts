import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../../gateway/clock.ts';
import { Recording } from '../recording.ts';
import { readCast } from './cast.ts';
import { Projector } from './projector.ts';

const header = '{"version":2,"width":80,"height":24,"timestamp":1700000000,"env":{"TERM":"vt220"}}';
const film = (...events: unknown[]): string => [header, ...events.map((event) => JSON.stringify(event)), ''].join('\n');

describe('a film', () => {
  it('is what was recorded', async () => {
    const record = new Recording(new SystemClock(), 100_000);
    record.observe({ kind: 'opened', rows: 30, columns: 100, terminal: 'xterm' });
    record.observe({ kind: 'output', bytes: Buffer.from('MENU') });
    record.observe({ kind: 'typed', input: 'sku', value: 'A-1' });
    record.observe({ kind: 'resized', rows: 24, columns: 132 });
    const sealed = await record.seal();
    const read = readCast(sealed.kept ? sealed.cast : '');
    expect(read).toMatchObject({ rows: 30, columns: 100, terminal: 'xterm', unread: 0, tornAt: null });
    expect(read.events.map(({ kind, data }) => [kind, data])).toEqual([
      ['o', 'MENU'],
      ['i', 'A-1'],
      ['m', '{"typed":"sku"}'],
      ['r', '132x24'],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['another version', '{"version":3,"term":{"cols":80,"rows":24}}'],
    ['text', 'hello\n[0,"o","x"]'],
    ['a screen too large to be one', '{"version":2,"width":99999,"height":99999}'],
    ['a screen without size', '{"version":2}'],
  ])('%s is none', (_what, text) => {
    expect(() => readCast(text)).toThrow(expect.objectContaining({ code: 'NOT_POSSIBLE' }));
  });

  it('torn and foreign lines are counted and left out, times go forward, sizes stay within bounds', () => {
    const text = `${header}\n[1,"o","a"]\n[2,"o","b\nb"]\n[0.5,"o","c"]\n[3,"r","99999x99999"]\n[4,"x","d"]\n[1e9,"o","e"]\n{}\n[5,"r","132x27"]\n`;
    const { events, unread, tornAt } = readCast(text);
    expect(events).toEqual([
      { at: 1, kind: 'o', data: 'a' },
      { at: 1, kind: 'o', data: 'c' },
      { at: 5, kind: 'r', data: '132x27' },
    ]);
    expect([unread, tornAt]).toEqual([6, 1]);
  });

  it('is played forwards and back, over changes of size', async () => {
    const projector = new Projector(readCast(film([0, 'o', 'ONE'], [1, 'm', '{}'], [2, 'r', '132x27'], [3, 'o', '\x1b[2J\x1b[27;120HTWO'])));
    expect((await projector.show(2)).text().trimEnd()).toBe('ONE');
    const last = await projector.show(99);
    expect([last.rows, last.columns, last.find('TWO')]).toEqual([27, 132, { row: 27, column: 120 }]);
    const first = await projector.show(1);
    expect([first.rows, first.columns, first.text().trimEnd(), projector.shown]).toEqual([24, 80, 'ONE', 1]);
    projector.dispose();
  });

  it('no film whatever makes reader or projector fail with anything but a refusal', async () => {
    const data = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        '\x1b[2147483647b',
        'x\x1b[99999999b',
        '\x1b[8;9999;9999t',
        '\x1b]0;x',
        '\x1bP',
        '\x1b[?3h',
        '\x1b[99999999@',
        '\x1b[99999999L',
      ),
    );
    const event = fc.oneof(fc.tuple(fc.double(), fc.constantFrom('o', 'i', 'm', 'r', 'z'), data), fc.json({ maxDepth: 1 }));
    let played = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 10 }), fc.oneof(fc.constant(header), fc.string({ maxLength: 10 })), async (events, first) => {
        let read;
        try {
          read = readCast([first, ...events.map((each) => JSON.stringify(each))].join('\n'));
        } catch (error) {
          expect(error).toMatchObject({ code: 'NOT_POSSIBLE' });
          return;
        }
        const projector = new Projector(read);
        const screen = await projector.show(read.events.length);
        projector.dispose();
        expect(screen.rows).toBeLessThanOrEqual(255);
        played += 1;
      }),
      { numRuns: 300 },
    );
    expect(played).toBeGreaterThan(50);
  });
});
