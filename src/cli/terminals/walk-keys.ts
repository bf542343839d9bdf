import { GatehouseError } from '../../contract/errors.ts';
import { type Key, namedKeys } from '../../transports/terminal/keys.ts';
import { type TerminalSettings } from '../../transports/terminal/terminal.settings.ts';
import { type Stroke } from './key-reader.ts';

/** What a 3270 keyboard has and others have not, by Ctrl and a letter. */
const byControl: Readonly<Partial<Record<Key, Key>>> = {
  'ctrl-c': 'clear',
  'ctrl-r': 'reset',
  'ctrl-a': 'attention',
  'ctrl-s': 'system-request',
  'ctrl-e': 'erase-field',
  'ctrl-u': 'erase-input',
  'page-up': 'f7',
  'page-down': 'f8',
};

/** By Escape, or Alt, and a character. */
const byEscape: Readonly<Record<string, Key>> = {
  ...Object.fromEntries([...'1234567890-='].map((character, at) => [character, `f${at + 1}` as Key])),
  a: 'pa1',
  b: 'pa2',
  c: 'pa3',
};

/** Keys that move or change on the screen, and that hosts of a 3270 never hear of. */
const local3270 = /^(?:tab|backtab|home|end|up|down|left|right|backspace|delete|insert|erase-field|erase-input|reset)$/;
/** Keys within a form of VT: the screen stays what it is. */
const localVt = /^(?:tab|backtab|home|end|up|down|left|right|backspace|delete|insert)$/;

export const helpOf = (protocol: TerminalSettings['protocol']): string =>
  protocol === 'tn3270'
    ? 'F1-F24: function keys (Shift: +12), or Esc and 1-9 0 - =   Ctrl-C Clear  Esc a/b/c PA1-3  Ctrl-R Reset  Ctrl-\\ more'
    : 'all keys go to the host; Ctrl-\\ and: secret password, name <screen>, key <name>, quit';

/** The key that a stroke means on a 3270; null for a character to type. `escaped`: an Escape came before it. */
export function key3270(stroke: Stroke, escaped: boolean): Key | null {
  if (stroke.kind === 'alt' || (stroke.kind === 'text' && escaped)) return byEscape[stroke.text] ?? null;
  return stroke.kind === 'key' ? (byControl[stroke.key] ?? stroke.key) : null;
}

/** Whether the host answers to a key with a screen, as far as can be told. */
export const leavesScreen = (key: Key, protocol: TerminalSettings['protocol']): boolean => !(protocol === 'tn3270' ? local3270 : localVt).test(key);

/** A key by its name. @throws GatehouseError NOT_POSSIBLE */
export function keyNamed(name: string): Key {
  const key = [...namedKeys, ...Array.from('abcdefghijklmnopqrstuvwxyz', (letter) => `ctrl-${letter}` as Key)].find((each) => each === name);
  if (key === undefined)
    throw new GatehouseError('NOT_POSSIBLE', `there is no key of this name; there are ${namedKeys.join(' ')} and ctrl-a to ctrl-z`);
  return key;
}
