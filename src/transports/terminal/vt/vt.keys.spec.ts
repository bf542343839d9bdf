import { execFileSync } from 'node:child_process';
import headless from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { type Key } from '../keys.ts';
import { bytesOf } from './vt.keys.ts';
import { cellsOf } from './width.ts';

/** What ncurses calls the keys. @see terminfo(5) */
const names: Readonly<Record<string, Key>> = {
  kcuu1: 'up',
  kcud1: 'down',
  kcuf1: 'right',
  kcub1: 'left',
  kdch1: 'delete',
  kich1: 'insert',
  knp: 'page-down',
  kpp: 'page-up',
  khome: 'home',
  kend: 'end',
  kcbt: 'backtab',
  ...Object.fromEntries(Array.from({ length: 24 }, (_, at) => [`kf${at + 1}`, `f${at + 1}` as Key])),
};

describe('keys of VT terminals', () => {
  // xterm is described in application mode, vt220 in the normal one.
  it.each([
    ['vt220', false, 20],
    ['xterm', true, 34],
    ['xterm-256color', true, 34],
  ])('%s: the bytes are those of terminfo', (terminal, application, atLeast) => {
    const described = execFileSync('infocmp', ['-1', '-x', terminal], { encoding: 'utf8' });
    let compared = 0;
    for (const [, name = '', value = ''] of described.matchAll(/\t(k\w+)=(.+),/g)) {
      const key = names[name];
      if (key === undefined) continue;
      compared += 1;
      expect([key, bytesOf(key, terminal, application)]).toEqual([key, value.replaceAll(String.raw`\E`, '\x1b')]);
    }
    expect(compared).toBeGreaterThanOrEqual(atLeast);
  });

  it('control keys and hot keys are themselves, what is no key of a terminal is none', () => {
    expect(bytesOf('ctrl-c', 'vt220', false)).toBe('\x03');
    expect(bytesOf('q', 'vt220', false)).toBe('q');
    expect(bytesOf('enter', 'vt100', false)).toBe('\r');
    expect(bytesOf('f5', 'vt100', false)).toBeNull();
    expect(bytesOf('pa1', 'xterm', false)).toBeNull();
    expect(bytesOf('reset', 'vt220', false)).toBeNull();
    expect(bytesOf('\x1b' as Key, 'vt220', false)).toBeNull();
  });
});

describe('the width of text', () => {
  it('is what the display makes of it, for every character that is sure', async () => {
    const terminal = new headless.Terminal({ rows: 4, cols: 10, scrollback: 0, allowProposedApi: true });
    const wrong: string[] = [];
    let sure = 0;
    for (let code = 0x20; code < 0x30000; code += 1) {
      const character = String.fromCodePoint(code);
      const cells = cellsOf(`a${character}`);
      if (cells === null) continue;
      sure += 1;
      terminal.input('', true);
      await new Promise<void>((resolve) => terminal.write(`\x1b[H\x1b[2Ka${character}`, resolve));
      if (terminal.buffer.active.cursorX !== cells) wrong.push(code.toString(16));
    }
    terminal.dispose();
    expect(sure).toBeGreaterThan(90_000);
    expect(wrong).toEqual([]);
    expect(['Zoë', 'e\u0301', '日本', 'ที่', '👍', 'a\u200db', '\u202eabc'].map(cellsOf)).toEqual([3, 1, 4, 1, null, null, null]);
  });
});
