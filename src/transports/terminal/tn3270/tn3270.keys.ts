import { type Key } from '../keys.ts';

/** Keys that go to the host and lock the keyboard, and those that only move in the screen. */
export interface Action {
  readonly action: string;
  /** Whether the host gets it, and the keyboard is locked until it has answered. */
  readonly toHost: boolean;
  /** Whether the key is taken while the keyboard is locked. */
  readonly whileLocked: boolean;
}

const named: Readonly<Partial<Record<Key, string>>> = {
  enter: 'Enter()',
  clear: 'Clear()',
  tab: 'Tab()',
  backtab: 'BackTab()',
  home: 'Home()',
  end: 'FieldEnd()',
  up: 'Up()',
  down: 'Down()',
  left: 'Left()',
  right: 'Right()',
  backspace: 'BackSpace()',
  delete: 'Delete()',
  'erase-field': 'EraseEOF()',
  'erase-input': 'EraseInput()',
};
const always: Readonly<Partial<Record<Key, string>>> = { reset: 'Reset()', attention: 'Attn()', 'system-request': 'SysReq()' };

/** What s3270 calls a key; null when a 3270 has none. */
export function actionOf(key: Key): Action | null {
  const program = /^f(\d+)$/.exec(key)?.[1];
  const attention = /^pa(\d)$/.exec(key)?.[1];
  const action = program !== undefined ? `PF(${program})` : attention !== undefined ? `PA(${attention})` : (named[key] ?? always[key]);
  return action === undefined ? null : { action, toHost: /^(?:PF|PA|Enter|Clear)\(/.test(action), whileLocked: always[key] !== undefined };
}
