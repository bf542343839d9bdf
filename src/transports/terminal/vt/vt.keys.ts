import { type Key } from '../keys.ts';

const tilde = (code: number): string => `\x1b[${code}~`;

/** @see the terminfo entries vt220 and xterm of ncurses, against which the tests hold this table */
const editing: Readonly<Partial<Record<Key, string>>> = {
  enter: '\r',
  tab: '\t',
  escape: '\x1b',
  insert: tilde(2),
  delete: tilde(3),
  'page-up': tilde(5),
  'page-down': tilde(6),
  f1: '\x1bOP',
  f2: '\x1bOQ',
  f3: '\x1bOR',
  f4: '\x1bOS',
};

const functionCodes: Readonly<Partial<Record<Key, number>>> = { f5: 15, f6: 17, f7: 18, f8: 19, f9: 20, f10: 21, f11: 23, f12: 24 };
const upperCodes: Readonly<Partial<Record<Key, number>>> = { f13: 25, f14: 26, f15: 28, f16: 29, f17: 31, f18: 32, f19: 33, f20: 34 };

const ofXterm: Readonly<Partial<Record<Key, string>>> = {
  backtab: '\x1b[Z',
  backspace: '\x7f',
  f13: '\x1b[1;2P',
  f14: '\x1b[1;2Q',
  f15: '\x1b[1;2R',
  f16: '\x1b[1;2S',
  f17: '\x1b[15;2~',
  f18: '\x1b[17;2~',
  f19: '\x1b[18;2~',
  f20: '\x1b[19;2~',
  f21: '\x1b[20;2~',
  f22: '\x1b[21;2~',
  f23: '\x1b[23;2~',
  f24: '\x1b[24;2~',
};

const cursorKeys: Readonly<Partial<Record<Key, string>>> = { up: 'A', down: 'B', right: 'C', left: 'D' };
const edges: Readonly<Partial<Record<Key, string>>> = { home: 'H', end: 'F' };

/** The bytes of a key on a terminal; null when it has no such key. */
export function bytesOf(key: Key, terminal: string, applicationCursorKeys: boolean): string | null {
  const isXterm = terminal.startsWith('xterm');
  const lead = applicationCursorKeys ? '\x1bO' : '\x1b[';
  if (/^ctrl-[a-z]$/.test(key)) return String.fromCharCode(key.charCodeAt(5) - 0x60);
  if (key.length === 1) return /^[ -~]$/.test(key) ? key : null;
  const cursor = cursorKeys[key];
  if (cursor !== undefined) return lead + cursor;
  const edge = edges[key];
  if (edge !== undefined) return isXterm ? lead + edge : terminal === 'vt220' ? tilde(key === 'home' ? 1 : 4) : null;
  if (isXterm && ofXterm[key] !== undefined) return ofXterm[key];
  if (key === 'backspace') return '\x08';
  const code = functionCodes[key] ?? (terminal === 'vt220' ? upperCodes[key] : undefined);
  if (terminal === 'vt100') return vt100[key] ?? null;
  return code === undefined ? (editing[key] ?? null) : tilde(code);
}

/** Four function keys above a numeric pad, and no editing keys at all. */
const vt100: Readonly<Partial<Record<Key, string>>> = Object.fromEntries(
  (['enter', 'tab', 'escape', 'f1', 'f2', 'f3', 'f4'] as const).map((key) => [key, editing[key]]),
);
