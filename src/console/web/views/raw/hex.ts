import { type CodePageName, noCharacter, unicodeByByte } from '../../../../transports/file/code-pages/tables.ts';

/** One character a byte for a dump; ' ' stands for a space, '·' for what has no shape, '' for a byte that belongs to the character before it. */
export function charactersOf(bytes: Uint8Array, page: CodePageName): string[] {
  if (page === 'utf-8') return utf8Characters(bytes);
  const table = unicodeByByte(page);
  return Array.from(bytes, (byte) => shape(table[byte] ?? noCharacter));
}

function utf8Characters(bytes: Uint8Array): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const shown: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    let character: string | null = null;
    try {
      if (length > 0 && at + length <= bytes.length) character = decoder.decode(bytes.subarray(at, at + length));
    } catch {
      // No character begins here.
    }
    if (character === null || character === '') {
      shown.push('·');
      at += 1;
      continue;
    }
    shown.push(shape(character.codePointAt(0) ?? 0), ...Array.from({ length: length - 1 }, () => ''));
    at += length;
  }
  return shown;
}

/** What draws nothing, turns the direction or joins with others would shift the columns, or lie. */
function shape(codePoint: number): string {
  if (codePoint === noCharacter) return '·';
  const character = String.fromCodePoint(codePoint);
  return /^[\p{C}\p{Zl}\p{Zp}\p{M}]$/u.test(character) || (/^\p{Z}$/u.test(character) && character !== ' ') ? '·' : character;
}

/** The text of bytes, what is no character of the page as U+FFFD. */
export function textIn(bytes: Uint8Array, page: CodePageName): string {
  if (page === 'utf-8') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const table = unicodeByByte(page);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(
      ...Array.from(bytes.subarray(at, at + 8_192), (byte) => (table[byte] === noCharacter ? 0xfffd : (table[byte] ?? 0xfffd))),
    );
  return text;
}

/** Bytes of two digits each; those that are masked are null. */
export const bytesOf = (hex: string): (number | null)[] =>
  Array.from({ length: Math.floor(hex.length / 2) }, (_, at) => {
    const digits = hex.slice(2 * at, 2 * at + 2);
    return digits === 'xx' ? null : Number.parseInt(digits, 16);
  });

export const twoDigits = (byte: number): string => byte.toString(16).padStart(2, '0');

export const offsetText = (offset: number): string => offset.toString(16).padStart(6, '0');

/** Bytes of a line of a dump. */
export const perLine = 16;

/** One line of a dump: its offset, its bytes, and what they are as `characters`. */
export function hexLine(bytes: Uint8Array, characters: readonly string[], index: number): readonly [offset: string, hex: string, text: string] {
  const from = index * perLine;
  const hex = Array.from(bytes.subarray(from, from + perLine), twoDigits).join(' ');
  return [offsetText(from), hex.padEnd(3 * perLine), characters.slice(from, from + perLine).join('')];
}
