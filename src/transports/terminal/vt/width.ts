/** Blocks of characters two cells wide: Hangul, Chinese, Japanese, full-width forms. @see Unicode, EastAsianWidth.txt (W and F) */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];

/** Cells that a text takes on a VT screen; null when it holds what terminals disagree about: emoji, joiners, directions. */
export function cellsOf(text: string): number | null {
  let cells = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (/[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/u.test(character)) return null;
    if (/\p{Emoji_Presentation}/u.test(character) || (code > 0xffff && code < 0x20000)) return null;
    if (/[\p{Mn}\p{Me}]/u.test(character)) continue;
    cells += wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
  }
  return cells;
}
