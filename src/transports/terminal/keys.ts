/** What a key is called, whatever the terminal; which of them a terminal has, its driver says. */
export const namedKeys = [
  'enter',
  'tab',
  'backtab',
  'escape',
  'backspace',
  'delete',
  'insert',
  'home',
  'end',
  'page-up',
  'page-down',
  'up',
  'down',
  'left',
  'right',
  ...(['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8', 'f9', 'f10', 'f11', 'f12', 'f13', 'f14', 'f15', 'f16', 'f17', 'f18'] as const),
  ...(['f19', 'f20', 'f21', 'f22', 'f23', 'f24'] as const),
  ...(['pa1', 'pa2', 'pa3', 'clear', 'reset', 'attention', 'system-request', 'erase-field', 'erase-input'] as const),
] as const;

type Split<Text extends string> = Text extends `${infer First}${infer Rest}` ? First | Split<Rest> : never;
type Small = Split<'abcdefghijklmnopqrstuvwxyz'>;

/** A key by its name; `ctrl-c`; or, on VT, the key of one letter, digit or sign of ASCII: a hot key of a menu, never data. */
export type Key =
  (typeof namedKeys)[number] | `ctrl-${Small}` | Small | Uppercase<Small> | Split<'0123456789'> | Split<' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'>;
