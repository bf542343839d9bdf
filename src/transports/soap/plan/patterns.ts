/** Longest text that is held against a pattern: what it costs may grow with the square of the length. */
const maxLength = 2_000;

/**
 * A pattern of XML Schema as a test; null when it is left to the system: a construct that JavaScript lacks (subtraction, blocks, `\i`, `\c`),
 * or more repetitions, one beside or inside the other, than two, which a hostile value could make slow. Longer texts than 2,000 characters always pass.
 * @see https://www.w3.org/TR/xmlschema-2/#regexs
 */
export function patternCheck(pattern: string): ((text: string) => boolean) | null {
  if ((pattern.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gs, 'x').match(/[*+?]|\{\d+,\d*\}/g)?.length ?? 0) > 2) return null;
  if (/\)(?:[*+]|\{)/.test(pattern) || /\\[icIC]|-\[|\\p\{Is|\\P\{Is/.test(pattern)) return null;
  // There `^` and `$` are characters like others, and `.` is everything but line ends.
  const translated = pattern.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]|[\^$]|\./gs, (token) =>
    token === '.' ? '[^\\n\\r]' : token === '^' || token === '$' ? `\\${token}` : token,
  );
  try {
    const expression = new RegExp(
      `^(?:${translated.replaceAll(/\\([-&~#%@!"',:;<>=` ])/g, (all, character: string) => (character === '-' ? all : character))})$`,
      'u',
    );
    return (text) => text.length > maxLength || expression.test(text);
  } catch {
    return null;
  }
}
