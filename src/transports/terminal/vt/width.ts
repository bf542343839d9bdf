type Ranges = readonly (readonly [from: number, to: number])[];

/** Blocks of characters two cells wide: Hangul, Chinese, Japanese, full-width forms. @see Unicode, EastAsianWidth.txt (W and F) */
const wide: Ranges = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];

/** Marks that every terminal puts on the cell before: Latin, Hebrew, Arabic, Thai. Of younger ones each has an idea of its own. */
const marks: Ranges = [
  [0x0300, 0x036f],
  [0x0591, 0x05bd],
  [0x064b, 0x065e],
  [0x0e31, 0x0e4e],
];

/** Spacing or not, wide or not: not even tables of Unicode agree. */
const unsure: Ranges = [
  [0x06de, 0x06de],
  [0x1160, 0x11ff],
  [0x1734, 0x1734],
  [0x302e, 0x302f],
];

/** Cells that a text takes on a VT screen; null when it holds what terminals disagree about: emoji, joiners, directions, rare marks. */
export function cellsOf(text: string): number | null {
  let cells = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (/[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}\p{Emoji_Presentation}]/u.test(character)) return null;
    if ((code > 0xffff && code < 0x20000) || isIn(unsure, code)) return null;
    if (!/[\p{Mn}\p{Me}]/u.test(character)) cells += isIn(wide, code) ? 2 : 1;
    else if (!isIn(marks, code)) return null;
  }
  return cells;
}

const isIn = (ranges: Ranges, code: number): boolean => ranges.some(([from, to]) => code >= from && code <= to);
