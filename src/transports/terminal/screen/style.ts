/** `null` is the terminal's own colour, a number is of the palette of 256, `#rrggbb` is a colour of its own. */
export type Colour = number | `#${string}` | null;

/** How a cell looks and what may be done to it. VT bold and 3270 intensified are both `bright`. */
export interface Style {
  readonly intensity: 'dim' | 'normal' | 'bright';
  readonly reverse: boolean;
  readonly underline: boolean;
  readonly blink: boolean;
  /** The host asked that nothing be shown here: the cell is blank, whatever it holds. */
  readonly hidden: boolean;
  /** 3270: cannot be typed into. Always false on VT, where the terminal does not know. */
  readonly protected: boolean;
  readonly foreground: Colour;
  readonly background: Colour;
}

export const plain: Style = Object.freeze({
  intensity: 'normal',
  reverse: false,
  underline: false,
  blink: false,
  hidden: false,
  protected: false,
  foreground: null,
  background: null,
});

export function sameStyle(one: Style, other: Style): boolean {
  if (one === other) return true;
  return (
    one.intensity === other.intensity &&
    one.reverse === other.reverse &&
    one.underline === other.underline &&
    one.blink === other.blink &&
    one.hidden === other.hidden &&
    one.protected === other.protected &&
    one.foreground === other.foreground &&
    one.background === other.background
  );
}

/** The style in a word, the same in every process: `bright reverse 2/4`. Empty when it is plain. */
export function styleKey(style: Style): string {
  if (style === plain) return '';
  const words: string[] = [];
  if (style.intensity !== 'normal') words.push(style.intensity);
  if (style.reverse) words.push('reverse');
  if (style.underline) words.push('underline');
  if (style.blink) words.push('blink');
  if (style.hidden) words.push('hidden');
  if (style.protected) words.push('protected');
  if (style.foreground !== null || style.background !== null) words.push(`${style.foreground ?? ''}/${style.background ?? ''}`);
  return words.join(' ');
}
