import { describe, expect, it } from 'vitest';
import { plain, type Style } from './screen/style.ts';
import { type Lock, Screen } from './screen/screen.ts';
import { type Anchor, type Condition, Waiting } from './wait.ts';

function screen(
  lines: readonly string[],
  { lock = 'unlocked', cursor = { row: 1, column: 1 } }: { lock?: Lock; cursor?: { row: number; column: number } } = {},
): Screen {
  const texts = [...Array(4).keys()].flatMap((row) => [...(lines[row] ?? '').padEnd(20)]);
  return new Screen({ rows: 4, columns: 20, texts, styles: texts.map(() => plain), cursor, lock });
}
const menu: Condition = { name: 'menu', anchors: [{ text: 'MENU', at: { row: 1, column: 1 } }] };

describe('a wait', () => {
  it('takes the first condition that is met', () => {
    const error: Condition = { name: 'error', anchors: [{ text: 'ERR', within: { row: 4, column: 1 } }] };
    const waiting = new Waiting([menu, error], 0, 100, screen([]));
    expect(waiting.look(screen([]), 1, null)).toEqual({ againMs: 100 });
    expect(waiting.look(screen(['', '', '', '   ERR 12']), 7, null)).toMatchObject({ end: 'met', condition: 'error', afterMs: 7 });
  });

  it.each<[string, Partial<Condition>, Screen, string]>([
    ['an anchor stands elsewhere', {}, screen([' MENU']), "'MENU' is not at row 1, column 1"],
    [
      'an anti-anchor stands',
      { absent: [{ text: 'BUSY', within: { row: 2, column: 1, height: 3 } }] },
      screen(['MENU', '', 'BUSY']),
      "'BUSY' is in rows 2 to 4",
    ],
    ['the cursor is elsewhere', { cursor: { row: 2, column: 2 } }, screen(['MENU']), 'the cursor is at row 1, column 1, not at row 2, column 2'],
    ['the keyboard is locked', {}, screen(['MENU'], { lock: 'waiting' }), 'the keyboard is locked, the host is at work'],
    ['an operator error', {}, screen(['MENU'], { lock: 'operator-error' }), 'the keyboard is locked by an operator error'],
  ])('is not met when %s, and says so', (_when, more, seen, why) => {
    const waiting = new Waiting({ ...menu, ...more }, 0, 100, seen);
    expect(waiting.look(seen, 100, null)).toMatchObject({ end: 'timeout', why: `not met within 100 ms: 'menu': ${why}`, hash: seen.hash() });
  });

  it('after a key only a screen that has changed outside the volatile regions meets', () => {
    const before = screen(['MENU     12:00']);
    const changed: Condition = { ...menu, changedFrom: before, volatile: [{ row: 1, column: 10, width: 5 }] };
    const waiting = new Waiting(changed, 0, 100, before);
    expect(waiting.look(screen(['MENU     12:01']), 1, null)).toEqual({ againMs: 100 });
    expect(waiting.look(screen(['MENU     12:01', 'NO SUCH CHOICE']), 2, null)).toMatchObject({ end: 'met' });
    expect(new Waiting(changed, 0, 100, before).look(before, 100, null)).toMatchObject({
      why: expect.stringContaining('nothing has changed since the key'),
    });
  });

  it('an anchor with a style stands only where each of its cells looks like that', () => {
    const styled = (style: Partial<Style>): Screen => {
      const texts = [...'ERR ERR '.padEnd(20)];
      const styles = texts.map((_, at): Style => (at >= 4 && at < 7 ? { ...plain, ...style } : plain));
      return new Screen({ rows: 1, columns: 20, texts, styles, cursor: { row: 1, column: 1 }, lock: 'unlocked' });
    };
    const bright = (where: Anchor): Condition => ({ name: 'error', anchors: [{ ...where, style: { intensity: 'bright' } }] });
    const end = (where: Anchor, seen: Screen): string => (new Waiting(bright(where), 0, 0, seen).look(seen, 0, null) as { end: string }).end;
    const lit = styled({ intensity: 'bright' });
    expect(end({ text: 'ERR', at: { row: 1, column: 5 } }, lit)).toBe('met');
    expect(end({ text: 'ERR', at: { row: 1, column: 1 } }, lit)).toBe('timeout');
    expect(end({ text: 'ERR', within: { row: 1, column: 1 } }, lit)).toBe('met');
    expect(end({ text: 'ERR', within: { row: 1, column: 1, width: 6 } }, lit)).toBe('timeout');
    expect(end({ text: 'ERR', within: { row: 1, column: 1 } }, styled({ underline: true }))).toBe('timeout');
  });

  it('settles from the last change on, volatile regions apart', () => {
    const settled: Condition = { ...menu, settledMs: 50, volatile: [{ row: 1, column: 10, width: 5 }] };
    const waiting = new Waiting(settled, 0, 1_000, screen([]));
    expect(waiting.look(screen(['MENU', 'part']), 10, null)).toEqual({ againMs: 60 });
    expect(waiting.look(screen(['MENU', 'parts']), 40, null)).toEqual({ againMs: 90 });
    expect(waiting.look(screen(['MENU     12:00', 'parts']), 70, null)).toEqual({ againMs: 90 });
    expect(waiting.look(screen(['OTHER']), 80, null)).toEqual({ againMs: 1_000 });
    expect(waiting.look(screen(['MENU', 'parts']), 85, null)).toEqual({ againMs: 135 });
    expect(waiting.look(screen(['MENU     12:01', 'parts']), 135, null)).toMatchObject({ end: 'met', afterMs: 135 });
  });

  it('the end of a session ends it, whatever shows', () => {
    expect(new Waiting(menu, 0, 100, screen([])).look(screen(['MENU']), 3, 'gone')).toMatchObject({ end: 'disconnected', why: 'gone' });
    expect(new Waiting(menu, 0, 100, screen([])).look(screen(['MENU'], { lock: 'disconnected' }), 3, null)).toMatchObject({ end: 'disconnected' });
  });

  it.each<[string, Condition | Condition[]]>([
    ['without a condition', []],
    ['for quiet alone', { name: 'quiet', anchors: [] as never, settledMs: 100 }],
    ['for a blank', { name: 'blank', anchors: [{ text: '  ', at: { row: 1, column: 1 } }] }],
    ['for what is not on the screen', { name: 'far', anchors: [{ text: 'A', at: { row: 5, column: 1 } }] }],
    ['for a cursor that cannot be', { ...menu, cursor: { row: 1, column: 21 } }],
    ['for no number of milliseconds', { ...menu, settledMs: Number.NaN }],
  ])('a wait %s is refused', (_what, until) => {
    expect(() => new Waiting(until, 0, 100, screen([]))).toThrow(expect.objectContaining({ code: 'CALL_REFUSED_ARGUMENTS' }));
  });
});
