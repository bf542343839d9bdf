/**
 * Text from outside as a terminal may show it: control characters, escape sequences and marks that turn the direction of writing become
 * visible escapes. Line breaks stay where `lines` is set.
 */
export function safeText(text: string, lines = false): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    if (lines && (character === '\n' || character === '\t')) return character;
    if (lines && character === '\r') return '';
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
